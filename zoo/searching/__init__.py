"""A search for the backbone of a user's images, within a budget of time."""

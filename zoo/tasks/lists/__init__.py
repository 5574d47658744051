"""Tasks from a list: a line for each image, with its path and label."""

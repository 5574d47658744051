"""What the classes of a head are called, and in which order they stand."""

"""Records from files of other programs."""

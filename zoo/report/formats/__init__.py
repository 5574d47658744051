"""Ways to show the blocks of a report."""

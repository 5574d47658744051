"""A report as one file to explore in a browser, without a network."""

"""Linear classifiers on features."""

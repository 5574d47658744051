"""From specs and files of weights to modules."""

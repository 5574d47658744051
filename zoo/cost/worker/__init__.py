"""The process that holds one model and times its calls."""

"""The public functions: one module each."""

"""Trials, records, the store that keeps them, and views of them."""

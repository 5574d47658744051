"""Pieces of work that run in one place."""

"""Somebody else's package: one part of each kind, each in one file."""

"""Suites: what they ask, and how they are read from files."""

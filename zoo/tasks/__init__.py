"""Labelled image tasks and their splits."""

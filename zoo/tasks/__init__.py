"""Labelled image tasks and their splits; knows nothing of models."""

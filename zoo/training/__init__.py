"""Gradient steps: what is trained, by which recipe, at which rate."""

"""Benchmarks of the models and of the harness; `pytest benchmarks` runs them."""

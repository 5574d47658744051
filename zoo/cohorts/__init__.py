"""Cohorts: models measured in interleaved rounds, and their processes."""

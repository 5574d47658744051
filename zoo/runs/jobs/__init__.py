"""Pieces of work that run in one place: a cohort, a training, an evaluation."""

"""Pieces of work that run in one place.

A cohort, a training, a pretraining, an evaluation.
"""

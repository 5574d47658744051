"""Figures of a report, one Altair description each."""

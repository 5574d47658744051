"""Trials, records, the store that keeps them, and the machine they were made on."""

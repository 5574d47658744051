"""Verified tensors into modules; nothing is ever unpickled freely."""

"""Tensors of files into modules, of which nothing is unpickled freely."""

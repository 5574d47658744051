"""Modules to files that other runtimes read: ONNX, in fp32 or eight bits."""

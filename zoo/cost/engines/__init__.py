"""How a model is run while it is measured, one module an engine."""

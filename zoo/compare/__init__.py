"""Two runs, or two models, held together."""

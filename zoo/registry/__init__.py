"""Names, what is known of each model, and how to build it; knows nothing of measuring."""

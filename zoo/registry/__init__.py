"""Names of models, and what is known of each without measuring it."""

"""What others publish, to the models that are worth measuring here."""

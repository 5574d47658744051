"""Child processes that are bounded, end with their parent, and answer with an outcome."""

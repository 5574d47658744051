"""Child processes that are bounded and end with their parent."""

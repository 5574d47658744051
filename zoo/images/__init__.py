"""Image files: what they hold, and their pixels at any size."""

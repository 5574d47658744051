"""Records and limits in, a backbone and its reasons out."""

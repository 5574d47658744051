"""From weights tags to verified files in the libraries' caches."""

"""From weights tags to verified files: caches, downloads, bundles, inventory."""

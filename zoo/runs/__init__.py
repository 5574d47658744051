"""From a suite file to trials, and from trials to records."""

"""From a plan to jobs, and from jobs to records."""

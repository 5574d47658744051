"""Records to candidates: what each model costs, and what it reached."""

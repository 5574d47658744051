"""What accuracy a model reaches on a task under each transfer regime."""

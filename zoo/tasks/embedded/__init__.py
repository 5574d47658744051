"""The embedded tasks: drawn or cut here from what the dependencies ship."""

"""The database that keeps every record."""

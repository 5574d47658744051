"""What people bring: files and folders as they have them."""

"""The computer and its devices, and what else happens on them."""

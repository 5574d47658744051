"""What rules of thumb say of each cell, and what was found there."""

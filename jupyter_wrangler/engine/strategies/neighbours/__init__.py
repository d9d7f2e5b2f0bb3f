"""Values from the most similar rows."""

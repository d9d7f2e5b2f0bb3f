"""Which values are missing, why, and how to delete values by a known mechanism."""

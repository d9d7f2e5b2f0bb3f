"""A look at a frame: its columns, its missing values, and sentinel values."""

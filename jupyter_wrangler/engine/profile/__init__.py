"""A look at a frame: its columns, its holes, and values that stand for holes."""

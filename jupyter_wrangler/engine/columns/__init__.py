"""One column of a frame: its measurement level, its codes and its own dtype."""

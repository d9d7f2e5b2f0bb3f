"""How each kind of method imputes a frame and transforms later rows."""

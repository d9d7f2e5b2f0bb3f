"""One file of routes per noun; each route parses, makes one call, answers."""

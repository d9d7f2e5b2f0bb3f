"""The verbs of the application, and the workers that carry them out."""

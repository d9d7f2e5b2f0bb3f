"""One model of all columns at once."""

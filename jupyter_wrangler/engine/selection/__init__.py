"""The choice of a method for each column by validation on masked cells."""

"""One value for a column, or one for each row by the rows around it."""

"""Methods held against one another on cells whose values are known."""

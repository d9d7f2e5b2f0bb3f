"""Objects as text and static HTML."""

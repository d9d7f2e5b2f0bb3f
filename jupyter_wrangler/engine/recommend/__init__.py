"""Which method for which column, and why: from facts that are measured."""

"""Rows, bytes and progress: the only room that speaks SQL or Redis."""

"""Regressions, distances and distributions, on arrays."""

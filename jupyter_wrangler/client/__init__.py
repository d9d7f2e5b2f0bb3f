"""Finds the service, speaks to it, and gives you a Job."""

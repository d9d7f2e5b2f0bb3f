"""Chained equations: one column after another, iteration after iteration."""

"""Pooling over completed data sets: Rubin's rules, tests, R squared, convergence."""

"""How columns go together: one measure for each pair, by what the columns are.

One measure per file; `run` puts them together, block by block of columns.
"""

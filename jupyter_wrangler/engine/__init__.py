"""The statistics of missing data: arrays inside, DataFrames at the edge.

Nothing in this room reads a file, a clock, a socket or a global random state.
"""

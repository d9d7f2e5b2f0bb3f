"""Small tables as text."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd


def printed(table: pd.DataFrame, left: Collection[str]) -> str:
    """Print a table without its index, words to the left and numbers to the right.

    Parameters
    ----------
    table : pandas.DataFrame
        Few rows.
    left : collection of str
        Columns of words.

    Examples
    --------
    >>> print(printed(pd.DataFrame({"x": ["a", "bcd"], "n": [10, 2]}), ["x"]))
    x    n
    a   10
    bcd  2
    """
    made = table.copy()
    for name in left:
        cells = table[name].map(str)
        width = max([len(name), *cells.map(len)])
        made[name] = cells.str.ljust(width)
        made = made.rename(columns={name: name.ljust(width)})
    lines = made.to_string(index=False).splitlines()
    return "\n".join(line.rstrip() for line in lines)

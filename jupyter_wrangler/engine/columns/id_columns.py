"""Whole numbers that name rows rather than measure them.

A running number, or a column called `patient_id`, says nothing about the other
columns, but as a predictor it costs degrees of freedom and makes rows near that
merely stand near each other.
"""

from __future__ import annotations

import re

import pandas as pd

#: Shorter columns run from 1 to n too easily by chance.
ROWS = 20
#: The same for columns that are called ids.
NAMED_ROWS = 3
#: First or last word of the name of an id.
_WORDS = frozenset({"id", "ids", "uid", "identifier", "key", "pk"})
#: Words of a name: in snake, kebab and camel case.
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def is_row_id(series: pd.Series) -> bool:
    """Tell whether whole numbers name the rows.

    Parameters
    ----------
    series : Series of shape (n,)
        A column, with its name.

    Returns
    -------
    bool
        True only for integers without missing values that all differ, and that either
        run from 0 or 1 without a gap, in any order (20 rows or more), or have a name
        whose first or last word is id, uid, identifier, key or pk.

    Notes
    -----
    Measurements that happen to be different whole numbers (incomes, years) are none.
    Costs two passes, and one of hashing where they say yes.

    Examples
    --------
    >>> numbers = pd.Series(range(1, 31))
    >>> is_row_id(numbers), is_row_id(3 * numbers)
    (True, False)
    >>> is_row_id((3 * numbers).rename("PatientID")), is_row_id(3.0 * numbers)
    (True, False)
    """
    n = len(series)
    if series.dtype.kind not in "iu" or series.hasnans or n < NAMED_ROWS:
        return False
    low, high = int(series.min()), int(series.max())
    runs = low in {0, 1} and high - low == n - 1 and n >= ROWS
    return (runs or _called_id(str(series.name))) and bool(series.is_unique)


def _called_id(name: str) -> bool:
    words = [word.lower() for word in _WORD.findall(name)]
    return bool(words) and not _WORDS.isdisjoint({words[0], words[-1]})

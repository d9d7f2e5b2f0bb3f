"""Words that sentences of all rooms are made of."""

from __future__ import annotations


def count(number: int, thing: str) -> str:
    """Say a number of things, in the plural where it is not one.

    Examples
    --------
    >>> count(1, "row"), count(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{number:,} {thing}{'' if number == 1 else 's'}"

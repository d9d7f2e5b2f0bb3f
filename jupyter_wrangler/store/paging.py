"""Pages of a list: one row more is fetched than shown, to see whether more follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def next_key(items: Sequence[Any], fetched: Sequence[Any], *, key: str) -> str | None:
    """Return the key from which the next page goes on, None after the last page.

    Parameters
    ----------
    items : sequence
        What the page shows.
    fetched : sequence
        The rows it was made of, one more where more follow.
    key : str
        Attribute of an item by which the list is continued.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rows = [SimpleNamespace(n=1), SimpleNamespace(n=2), SimpleNamespace(n=3)]
    >>> next_key(rows[:2], rows, key="n"), next_key(rows, rows, key="n")
    ('2', None)
    """
    return str(getattr(items[-1], key)) if len(fetched) > len(items) else None

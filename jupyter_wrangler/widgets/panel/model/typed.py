"""What is typed into the panel's fields: names, numbers, whole numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from jupyter_wrangler.errors import InvalidSpec


def split_names(given: str) -> list[str]:
    """Read names separated by commas; a name that holds one stands in double quotes.

    Examples
    --------
    >>> split_names('age, "last, first", sex')
    ['age', 'last, first', 'sex']
    """
    rows = list(csv.reader([given], skipinitialspace=True))
    return [name.strip() for name in (rows[0] if rows else []) if name.strip()]


def join_names(names: Iterable[str]) -> str:
    """Write names as `split_names` reads them.

    Examples
    --------
    >>> join_names(["age", "last, first"])
    'age, "last, first"'
    """
    out = io.StringIO()
    for name in names:
        row = io.StringIO()
        csv.writer(row, lineterminator="").writerow([name])
        out.write(f"{', ' if out.tell() else ''}{row.getvalue()}")
    return out.getvalue()


def number(given: str, what: str) -> float:
    """Read a finite number.

    Raises
    ------
    InvalidSpec
        If it is none; names `what` is wrong.

    Examples
    --------
    >>> number("0.5", "The bound")
    0.5
    """
    try:
        value = float(given)
    except ValueError:
        value = float("nan")
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124  nan
        raise InvalidSpec(f"{what} is {given!r}, and a number is wanted.")
    return value


def whole(given: Any, what: str, least: int, most: int) -> int:
    """Read a whole number from `least` to `most`.

    Raises
    ------
    InvalidSpec
        If it is none; names `what` is wrong.

    Examples
    --------
    >>> whole("20", "The number of imputations", 1, 1000)
    20
    """
    try:
        value = int(str(given).strip())
    except ValueError:
        value = least - 1
    if not least <= value <= most:
        raise InvalidSpec(
            f"{what} is {given!r}, and a whole number from {least} to {most:,} is "
            "wanted."
        )
    return value

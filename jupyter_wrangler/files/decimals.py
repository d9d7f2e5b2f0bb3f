"""Numbers with decimal commas: which cells are, or might be, such numbers."""

from __future__ import annotations

import re

_COMMA = re.compile(r"\s*[+-]?(\d+|\d{1,3}(\.\d{3})+)?,\d+([eE][+-]?\d+)?\s*")
_WHOLE = re.compile(r"\s*[+-]?\d+([eE][+-]?\d+)?\s*")
_GROUPED = re.compile(r"\s*[+-]?\d{1,3}(\.\d{3})+\s*")
#: 1,234 is a thousand to some and one and a bit to others; 0,234 is not.
_THOUSANDS = re.compile(r"\s*[+-]?[1-9]\d{0,2}(,\d{3})+\s*")


def is_comma_number(cell: str) -> bool:
    """Whether a cell is a number with a decimal comma.

    Examples
    --------
    >>> is_comma_number("1.234,5"), is_comma_number("1.5")
    (True, False)
    """
    return _COMMA.fullmatch(cell) is not None


def has_decimal_commas(cells: list[str]) -> bool:
    """Whether all cells are numbers, and one at least has a decimal comma.

    Examples
    --------
    >>> has_decimal_commas(["1,5", "2"]), has_decimal_commas(["1,234"])
    (True, False)
    """
    return might_have_decimal_commas(cells) and not all(
        _THOUSANDS.fullmatch(c) or _WHOLE.fullmatch(c) for c in cells
    )


def might_have_decimal_commas(cells: list[str]) -> bool:
    """Whether all cells are numbers if commas are decimal marks, and one has one.

    Examples
    --------
    >>> might_have_decimal_commas(["1,234"]), might_have_decimal_commas(["a", "1,5"])
    (True, False)
    """
    return any(map(_COMMA.fullmatch, cells)) and are_comma_numbers(cells)


def are_comma_numbers(cells: list[str]) -> bool:
    """Whether all cells are numbers if commas are decimal marks.

    Examples
    --------
    >>> are_comma_numbers(["1.234", "2"]), are_comma_numbers(["1.23"])
    (True, False)
    """
    return all(
        _COMMA.fullmatch(c) or _WHOLE.fullmatch(c) or _GROUPED.fullmatch(c)
        for c in cells
    )


def are_grouped(cells: list[str]) -> bool:
    """Whether all cells are 1.234 or the like, a thousand in a file with commas.

    Examples
    --------
    >>> are_grouped(["1.234", "12.345"]), are_grouped(["1.234", "1.5"])
    (True, False)
    """
    return bool(cells) and all(map(_GROUPED.fullmatch, cells))


def comma_number(cell: str) -> float:
    """Read a number with a decimal comma, and points between thousands if any.

    Examples
    --------
    >>> comma_number("1.234,5"), comma_number(" -0,25 ")
    (1234.5, -0.25)
    """
    return float(cell.replace(".", "").replace(",", "."))

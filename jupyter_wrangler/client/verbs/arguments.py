"""How arguments of the public functions are written for the contract."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

import numpy as np

from jupyter_wrangler.errors import InvalidSpec


def column_names(columns: Iterable[Hashable] | Hashable) -> tuple[str, ...] | None:
    """Return columns as a tuple of text; a single label is one column.

    Examples
    --------
    >>> column_names("age"), column_names([0, 1]), column_names(None)
    (('age',), ('0', '1'), None)
    """
    if columns is None:
        return None
    # one name, as people write it; its letters are not meant
    if isinstance(columns, str) or not isinstance(columns, Iterable):
        return (str(columns),)
    return tuple(map(str, columns))


def column_name(column: Hashable | None) -> str | None:
    """Return one column as text.

    Examples
    --------
    >>> column_name(0), column_name(None)
    ('0', None)
    """
    return None if column is None else str(column)


def text_keys(given: Any) -> Any:
    """Return a mapping with text as keys, and anything else as it is.

    Examples
    --------
    >>> text_keys({0: 1.5}), text_keys(1.5)
    ({'0': 1.5}, 1.5)
    """
    if isinstance(given, Mapping):
        return {str(label): value for label, value in given.items()}
    return given


def convert_values(given: Any, convert: Callable[[Any], Any]) -> Any:
    """Return a mapping by column with each value converted.

    What is not a mapping stays as it is: the contract refuses it.

    Examples
    --------
    >>> convert_values({0: "age"}, column_names), convert_values(None, column_names)
    ({'0': ('age',)}, {})
    """
    if isinstance(given, Mapping):
        return {name: convert(value) for name, value in text_keys(given).items()}
    return {} if given is None else given


def override(planned: Mapping[str, Any] | None, given: Any) -> Any:
    """Return what a plan says by column, replaced by what the caller gives.

    Parameters
    ----------
    planned : mapping of column to value, or None
        From the plan.
    given : object
        A mapping replaces single columns; anything else but None replaces all.

    Examples
    --------
    >>> override({"age": 0.0, "dose": 1.0}, {"age": 18.0})
    {'age': 18.0, 'dose': 1.0}
    >>> override({"age": 0.0}, 18.0), override(None, None)
    (18.0, None)
    """
    if planned and (given is None or isinstance(given, Mapping)):
        return {**planned, **(text_keys(given) or {})}
    return text_keys(given)


def recorded_seed(random_state: int | None) -> int:
    """Return the seed to record; None draws one.

    Raises
    ------
    InvalidSpec
        If it is not a whole number.
    """
    if random_state is None:
        return secrets.randbits(32)
    if isinstance(random_state, bool) or not isinstance(random_state, int | np.integer):
        raise InvalidSpec(
            f"random_state is a {type(random_state).__name__}, and a whole number or "
            "None is wanted: it is recorded, so that the run can be repeated. Pass "
            "for example random_state=0."
        )
    return int(random_state)

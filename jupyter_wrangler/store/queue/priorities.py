"""Priorities as rows have them: a number from 0 to 9, of which three have a name."""

from __future__ import annotations

from jupyter_wrangler.contract import PRIORITIES, Priority
from jupyter_wrangler.errors import InvalidSpec

_LEVELS: dict[str, int] = dict(zip(PRIORITIES, (2, 5, 8), strict=True))


def level_of(priority: str) -> int:
    """Return the number of a priority.

    Raises
    ------
    InvalidSpec
        If there is no such priority.

    Examples
    --------
    >>> level_of("normal"), level_of("high")
    (5, 8)
    """
    if priority not in _LEVELS:
        raise InvalidSpec(
            f"The priority is {priority!r}; it is one of {', '.join(PRIORITIES)}."
        )
    return _LEVELS[priority]


def name_of(level: int) -> Priority:
    """Return the name of the priority that is nearest to a number.

    Examples
    --------
    >>> name_of(0), name_of(5), name_of(9)
    ('low', 'normal', 'high')
    """
    return min(PRIORITIES, key=lambda name: abs(_LEVELS[name] - level))

"""The words of the sentences: counts, shares, numbers and names."""

from __future__ import annotations

import math
from collections.abc import Sequence


def percent(share: float) -> str:
    """Tell a share; what is not nothing does not become 0 %, nor nearly all 100 %.

    Examples
    --------
    >>> percent(0.5), percent(0.0004), percent(0.9999), percent(0.0)
    ('50 %', 'below 1 %', 'over 99 %', '0 %')
    """
    if math.isnan(share):
        return "an unknown share"
    if 0 < share < 0.005:
        return "below 1 %"
    if 0.995 < share < 1:
        return "over 99 %"
    return f"{100 * share:.0f} %"


def number(value: float) -> str:
    """Tell a number to 3 digits, whole ones of any size in full.

    Examples
    --------
    >>> number(12.3456), number(12345.6), number(0.00012), number(float("nan"))
    ('12.3', '12,346', '0.00012', 'nothing')
    """
    if math.isnan(value):
        return "nothing"
    if abs(value) >= 100:
        return f"{value:,.0f}" if abs(value) < 1e15 else f"{value:.3g}"
    return f"{value:.3g}"


def listed(names: Sequence[str], most: int = 3) -> str:
    """Quote names, the first of many.

    Examples
    --------
    >>> listed(["a"]), listed(["a", "b", "c"]), listed(["a", "b", "c", "d", "e"])
    ("'a'", "'a', 'b' and 'c'", "'a', 'b', 'c' and 2 more")
    """
    quoted = [repr(short(name, 40)) for name in names[:most]]
    if len(names) > most:
        return f"{', '.join(quoted)} and {len(names) - most:,} more"
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if quoted[1:] else quoted)


def short(name: str, most: int) -> str:
    """Leave out the middle of a long name.

    Examples
    --------
    >>> short("systolic_blood_pressure_at_visit_2", 16)
    'systolic…visit_2'
    """
    name = " ".join(name.split())
    if len(name) <= most:
        return name
    return name[: most // 2] + "…" + name[len(name) - (most - most // 2 - 1) :]

"""Numbers and dates that stand for missing ones: -999, 255, 0, 1900-01-01, spikes.

Known codes are not enough: 99 is a fine age and 0 a fine count.  What makes one
suspicious is its place, far from all other values in the scale of their middle half,
and how often it occurs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.contract import Disguised
from jupyter_wrangler.engine.columns.levels import DATES
from jupyter_wrangler.engine.profile.describe import Described
from jupyter_wrangler.engine.profile.shape import moment_text

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

_SIGNS = (1, -1)
#: Numbers that stand for missing values in many data sets: repeated nines, eights and
#: sevens, what does not fit a byte or a word any more, and codes of statistics
#: programs.
_CODES = np.unique(
    [
        *(
            float(sign * int(d * n))
            for d in "987"
            for n in range(2, 11)
            for sign in _SIGNS
        ),
        *(9, -1, -7, -8, -9, 97, 98, -97, -98, 997, 998, -997, -998, 9996, 9997, 9998),
        *(-9998, 255, -128, 32767, -32768, 65535, 2**31 - 1, -(2**31), 2**32 - 1),
        *(1e20, -1e20, 1e30, -1e30, 9.96920996838687e36, -3.4028234663852886e38),
    ]
)
#: Days on which programs begin to count, or end.
_DAYS = np.array(
    [
        np.datetime64(day, "s").astype(np.int64)
        for day in (
            *("0001-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01"),
            *("1901-01-01", "1904-01-01", "1960-01-01", "1970-01-01", "2099-12-31"),
            *("2100-01-01", "2199-12-31", "2200-01-01", "2999-12-31", "9999-12-31"),
        )
    ],
    dtype=np.float64,
)
#: Whole numbers below are shown with all their digits.
_PLAIN = 1e16
#: Other values, and different ones among them, that a verdict needs.
VALUES, DIFFERENT = 10, 4
#: A lone value is this many times farther away than the others spread.
FAR = 3.0
#: A code is apart that is so far away, as a share of how far the others spread.
APART = 0.1
#: A spike has so many values, and so many times those of its neighbours, of which so
#: many are looked at on each side.
SPIKE, TIMES, BESIDE = 10, 10, 10
#: What is more frequent than this is what many have, such as a count of nothing.
RARE = 0.1


@dataclass(frozen=True, kw_only=True)
class Values:
    """The different finite values of a column, ascending."""

    own: NDArray[Any]
    #: As numbers; moments in seconds.
    x: Floats
    counts: Rows
    #: Observed values of the column.
    total: int
    dates: bool


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a value stands among the others of its column."""

    #: Next other value, as its position, and how far away it is.
    next: int
    gap: float
    #: Spread of the others: of their middle half, and of all.
    middle: float
    width: float
    #: 1 above all others, -1 below, 0 between.
    side: int
    #: How often the most frequent one of the nearest others occurs.
    usual: int


def sentinel_values(found: Described) -> list[Disguised]:
    """Find the numbers or moments of a column that stand for missing values.

    Parameters
    ----------
    found : Described
        A column of numbers or moments.

    Examples
    --------
    >>> import pandas as pd
    >>> from jupyter_wrangler.engine.profile.describe import describe
    >>> rates = pd.Series([*range(60, 110), 255, 255], dtype="float64")
    >>> for hit in sentinel_values(describe("heart_rate", rates)):
    ...     print(hit.value, hit.n, hit.sure, hit.evidence)
    255.0 2 True 255 occurs 2 times, 146 above the next value, 109.
    """
    if found.counts is None or found.level == "timedelta":
        return []
    # Differences of the largest numbers are infinite, and so is how far they are apart.
    with np.errstate(over="ignore", invalid="ignore"):
        finite, hits = _finite_values(found)
        return hits + _sentinels_among(found.name, finite)


def _sentinels_among(name: str, finite: Values) -> list[Disguised]:
    if len(finite.x) <= DIFFERENT:
        return []
    known = _common_codes(finite)
    plain = np.ones(len(finite.x), dtype=bool)
    plain[known] = False
    hits = []
    for k in (*known, *_suspect_positions(finite, plain)):
        place = _place_of(k, finite, plain)
        if place is None:
            continue
        if not plain[k]:
            sure = _judge_code(k, finite, place)
        elif finite.x[k] == 0 and not finite.dates:
            sure = _judge_zero(k, finite, place)
        else:
            sure = _judge_end(k, finite, place)
        if sure is not None:
            hits.append(_disguised(name, k, finite, place, sure=sure))
    return hits


def _finite_values(found: Described) -> tuple[Values, list[Disguised]]:
    """Take the finite values, and tell of the others."""
    own, counts = found.distinct, found.counts
    total = int(counts.sum())  # type: ignore[union-attr]
    dates = found.level in DATES
    x = (own.astype("datetime64[s]").astype(np.int64) if dates else own).astype(float)
    finite = np.isfinite(x)
    hits = []
    for k in np.flatnonzero(~finite):
        n = int(counts[k])  # type: ignore[index]
        hits.append(
            Disguised(
                column=found.name,
                value="inf" if x[k] > 0 else "-inf",
                n=n,
                share=n / total,
                sure=True,
                evidence=f"An infinite number occurs {_times_text(n)}, which no method "
                "can use.",
            )
        )
    if hits:
        own, x, counts = own[finite], x[finite], counts[finite]  # type: ignore[index]
    return Values(own=own, x=x, counts=counts, total=total, dates=dates), hits  # type: ignore[arg-type]


def _common_codes(values: Values) -> NDArray[np.intp]:
    """Positions of the values that are codes in many data sets."""
    codes = _DAYS if values.dates else _CODES
    at = np.searchsorted(values.x, codes)
    at = at[at < len(values.x)]
    return np.unique(at[np.isin(values.x[at], codes)])


def _suspect_positions(values: Values, plain: NDArray[np.bool_]) -> list[int]:
    """Positions of zero, and of ends that are far off or spikes."""
    x, counts, last = values.x, values.counts, len(values.x) - 1
    found = []
    zero = int(np.searchsorted(x, 0.0))
    if not values.dates and zero <= last and x[zero] == 0:
        found.append(zero)
    if plain[0] and 0 not in found:
        lone = x[1] - x[0] > FAR * (x[-1] - x[1])
        spike = counts[0] >= max(SPIKE, TIMES * counts[1 : BESIDE + 1].max())
        found += [0] if lone or spike else []
    if plain[last] and last not in found:
        lone = x[-1] - x[-2] > FAR * (x[-2] - x[0])
        spike = counts[-1] >= max(SPIKE, TIMES * counts[-BESIDE - 1 : -1].max())
        found += [last] if lone or spike else []
    return found


def _place_of(k: int, values: Values, plain: NDArray[np.bool_]) -> Place | None:
    others = np.flatnonzero(plain)
    others = others[others != k]
    x, counts = values.x[others], values.counts[others]
    if len(others) < DIFFERENT or counts.sum() < VALUES:
        return None
    value = values.x[k]
    at = int(np.searchsorted(x, value))
    near = min(
        (j for j in (at - 1, at) if 0 <= j < len(x)), key=lambda j: abs(x[j] - value)
    )
    ends = np.cumsum(counts)
    quarter, rest = np.searchsorted(ends, [ends[-1] * 0.25, ends[-1] * 0.75])
    width = float(x[-1] - x[0])
    middle = float(x[min(rest, len(x) - 1)] - x[quarter])
    return Place(
        next=int(others[near]),
        gap=float(abs(x[near] - value)),
        # Where most values are equal their middle half has no spread.
        middle=middle if middle > 0 else width,
        width=width,
        side=1 if at == len(x) else -1 if at == 0 else 0,
        usual=int(counts[max(0, at - BESIDE) : at + BESIDE].max()),
    )


# Each verdict is True for sure, False for perhaps, and None for no.


def _judge_code(k: int, values: Values, place: Place) -> bool | None:
    n = int(values.counts[k])
    spike = n >= max(SPIKE, TIMES * place.usual)
    if not place.side:
        return False if spike else None
    apart = place.gap >= APART * place.width
    # A single one may be what it says, unless it is out of all proportion.
    beyond = place.gap > place.width
    if not values.dates and values.x[k] < 0 <= values.x[place.next]:
        return beyond or (n > 1 and (apart or n > place.usual))
    if place.gap >= place.middle:
        return beyond or n > 1
    return apart if spike else None


def _judge_zero(k: int, values: Values, place: Place) -> bool | None:
    n = int(values.counts[k])
    if place.side >= 0:
        return None
    if place.gap >= place.middle and n > 1 and n <= RARE * values.total:
        return True
    spike = n >= max(SPIKE, TIMES * place.usual)
    return False if spike and n <= 0.5 * values.total else None


def _judge_end(k: int, values: Values, place: Place) -> bool | None:
    n = int(values.counts[k])
    if place.gap > FAR * place.width:
        return 2 < n <= RARE * values.total if n > 1 else None
    return False if place.gap >= place.middle else None


def _disguised(
    name: str, k: int, values: Values, place: Place, *, sure: bool
) -> Disguised:
    n = int(values.counts[k])
    evidence = f"{_value_text(values, k)} occurs {_times_text(n)}"
    if place.side:
        away = (
            f"{place.gap / 86_400:,.0f} days" if values.dates else f"{place.gap:,.6g}"
        )
        side = "above" if place.side > 0 else "below"
        evidence += f", {away} {side} the next value, {_value_text(values, place.next)}"
    else:
        evidence += (
            "; none of the values next to it occurs more often than "
            f"{_times_text(place.usual)}"
        )
    own = values.own[k]
    return Disguised(
        column=name,
        value=pd.Timestamp(own).isoformat() if values.dates else own.item(),
        n=n,
        share=n / values.total,
        sure=sure,
        evidence=f"{evidence}." if sure else f"{evidence}; it may be a value too.",
    )


def _value_text(values: Values, k: int) -> str:
    if values.dates:
        return moment_text(values.own[k])
    return number_text(values.own[k].item())


def number_text(value: float) -> str:
    """Show a number so that, typed back, it is the same one.

    Examples
    --------
    >>> number_text(9_999_999.0), number_text(-1e30), number_text(0.1), number_text(255)
    ('9999999', '-1e+30', '0.1', '255')
    """
    whole = isinstance(value, float) and value.is_integer() and abs(value) < _PLAIN
    return str(int(value)) if whole else repr(value)


def _times_text(n: int) -> str:
    return "once" if n == 1 else f"{n:,} times"

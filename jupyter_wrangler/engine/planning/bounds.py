"""What is done to imputed numbers before they count: shifted, squeezed, checked.

A shift or a factor says what could be if values are missing because of what they
are (delta adjustment; of classes `log_odds` are shifted); bounds and functions of the
analyst keep imputations possible.  All of it happens at every visit, so that other
columns are imputed from the adjusted numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.contract import ImputationSpec, Level
from jupyter_wrangler.engine.columns.column import Column
from jupyter_wrangler.engine.columns.levels import NUMERIC
from jupyter_wrangler.engine.planning.delta import check_kind
from jupyter_wrangler.engine.types import Post
from jupyter_wrangler.errors import InvalidSpec

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Adjustment:
    """The changes of one column, in the order of the fields.

    References
    ----------
    .. [1] S. van Buuren (2018), Flexible Imputation of Missing Data, sections 3.8
       and 9.2.

    Examples
    --------
    >>> change = Adjustment(factor=2.0, delta=-1.0, low=0.0, high=4.0)
    >>> change(np.array([0.0, 1.5, 9.0]))
    array([0., 2., 4.])
    """

    factor: float = 1.0
    delta: float = 0.0
    post: Post | None = None
    low: float = -np.inf
    high: float = np.inf
    #: Of the column, for messages.
    name: str = field(default="", compare=False)

    def __call__(self, imputed: Floats) -> Floats:
        """Change imputed numbers."""
        changed = self.factor * imputed + self.delta
        if self.post is not None:
            changed = _posted(self.post(changed), len(imputed), self.name)
        return np.clip(changed, self.low, self.high)


def check_adjusted(
    name: str, level: Level, spec: ImputationSpec, *, needed: bool = True
) -> None:
    """Refuse shifts, factors and bounds that make no sense for a column.

    Whole numbers have to lie between its bounds only where some are `needed`.
    """
    if name in spec.delta:
        check_kind(name, level, spec.delta[name])
    if level not in NUMERIC:
        named = (spec.min_value, spec.max_value, spec.factor)
        if any(isinstance(given, dict) and name in given for given in named):
            raise InvalidSpec(
                f"Bounds and factor are for numbers, but column {name!r} is {level}; "
                "leave it out of them."
            )
        return
    change = adjustment_of(name, spec)
    if change is not None and change.low > change.high:
        raise InvalidSpec(
            f"min_value {change.low:g} is above max_value {change.high:g} for column "
            f"{name!r}; give bounds with room between them."
        )
    if change is None or level != "integer" or not needed:
        return
    if np.ceil(change.low) > np.floor(change.high):
        raise InvalidSpec(
            f"No whole number lies between min_value {change.low:g} and max_value "
            f"{change.high:g}, and column {name!r} holds whole numbers; give it "
            f"wider bounds, for example max_value={{{name!r}: ...}}, or convert "
            "it with .astype(float)."
        )


def adjustment_of(
    name: str,
    spec: ImputationSpec,
    post: Mapping[str, Post] | None = None,
    *,
    whole: bool = False,
) -> Adjustment | None:
    """Tell what is done to one numeric column, if anything.

    Imputed numbers of a column of `whole` numbers are rounded after they are
    squeezed, so its bounds are the whole numbers within those that were given.

    Examples
    --------
    >>> spec = ImputationSpec(min_value=0.5, max_value=3.7)
    >>> change = adjustment_of("n", spec, whole=True)
    >>> change.low, change.high
    (1.0, 3.0)
    """
    bounded = spec.min_value is not None or spec.max_value is not None
    if not (bounded or spec.factor or spec.delta or post):
        return None
    low = _bound(spec.min_value, name, -np.inf)
    high = _bound(spec.max_value, name, np.inf)
    change = Adjustment(
        factor=spec.factor.get(name, 1.0),
        delta=cast("float", spec.delta.get(name, 0.0)),
        post=(post or {}).get(name),
        name=name,
        low=float(np.ceil(low)) if whole else low,
        high=float(np.floor(high)) if whole else high,
    )
    return None if change == Adjustment() else change


def moments_changed(column: Column, post: Post) -> Adjustment:
    """Let a function of the analyst change imputed moments or spans, as such.

    Examples
    --------
    >>> import pandas as pd
    >>> from jupyter_wrangler.engine.columns.column import column_of
    >>> days = pd.Series(pd.to_datetime(["2020-01-01", "2020-01-03", None]))
    >>> column = column_of("day", days, "datetime")
    >>> change = moments_changed(column, lambda day: day + np.timedelta64(1, "D"))
    >>> column.decode(change(np.array([0.0])))[0]
    Timestamp('2020-01-03 00:00:00')
    """

    def changed(numbers: Floats) -> Floats:
        found = post(column.decode(numbers))
        try:
            moments = pd.Series(found).astype(column.series.dtype)
            return column.floats(moments)
        except (ValueError, TypeError):
            raise InvalidSpec(
                f"post of column {column.name!r} gave back {found!r:.60}; as many "
                f"values of {column.series.dtype} as it was given are wanted."
            ) from None

    return Adjustment(post=changed, name=column.name)


def _posted(found: Any, n: int, name: str) -> Floats:
    """Refuse what a function of the analyst gave back unless it is n finite numbers."""
    try:
        changed = np.asarray(found, dtype=np.float64)
    except (ValueError, TypeError):
        raise InvalidSpec(
            f"post of column {name!r} gave back {found!r:.60}; an array of {n} numbers "
            "is wanted."
        ) from None
    if changed.shape != (n,):
        raise InvalidSpec(
            f"post of column {name!r} was given {n} numbers and gave back an array of "
            f"shape {changed.shape}; as many numbers are wanted."
        )
    if not np.isfinite(changed).all():
        lost = int((~np.isfinite(changed)).sum())
        raise InvalidSpec(
            f"post of column {name!r} gave back {lost} values that are missing or "
            "infinite; finite ones are wanted, for nothing imputes them again."
        )
    return changed


def _bound(
    given: float | Mapping[str, float] | None, name: str, default: float
) -> float:
    found = given.get(name) if isinstance(given, Mapping) else given
    return default if found is None else float(found)

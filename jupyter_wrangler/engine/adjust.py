"""What is done to imputed numbers before they count: shifted, squeezed, checked.

A shift or a factor says what could be if values are missing because of what they
are (delta adjustment; of classes `log_odds` are shifted); bounds and functions of the
analyst keep imputations possible.  All of it happens at every visit, so that other
columns are imputed from the adjusted numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.levels import NUMERIC, Level
from jupyter_wrangler.engine.log_odds import check_kind
from jupyter_wrangler.errors import InvalidSpec

Floats = NDArray[np.float64]
#: Takes imputed numbers and gives as many back.
Post = Callable[[Floats], Any]


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

    def __call__(self, imputed: Floats) -> Floats:
        """Change imputed numbers."""
        changed = self.factor * imputed + self.delta
        if self.post is not None:
            changed = np.asarray(self.post(changed), dtype=np.float64)
            if changed.shape != imputed.shape:
                raise ValueError(
                    f"post was given {imputed.shape[0]} numbers and gave back an array "
                    f"of shape {changed.shape}; as many numbers are wanted."
                )
        return np.clip(changed, self.low, self.high)


def check_adjusted(name: str, level: Level, spec: ImputationSpec) -> None:
    """Refuse shifts, factors and bounds that make no sense for a column."""
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


def adjustment_of(
    name: str, spec: ImputationSpec, post: Mapping[str, Post] | None = None
) -> Adjustment | None:
    """Tell what is done to one numeric column, if anything."""
    bounded = spec.min_value is not None or spec.max_value is not None
    if not (bounded or spec.factor or spec.delta or post):
        return None
    change = Adjustment(
        factor=spec.factor.get(name, 1.0),
        delta=cast("float", spec.delta.get(name, 0.0)),
        post=(post or {}).get(name),
        low=_bound(spec.min_value, name, -np.inf),
        high=_bound(spec.max_value, name, np.inf),
    )
    return None if change == Adjustment() else change


def _bound(
    given: float | Mapping[str, float] | None, name: str, default: float
) -> float:
    found = given.get(name) if isinstance(given, Mapping) else given
    return default if found is None else float(found)

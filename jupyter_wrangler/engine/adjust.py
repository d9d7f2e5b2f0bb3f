"""What is done to imputed numbers before they count: shifted, squeezed, checked.

A shift or a factor says what could be if values are missing because of what they
are (delta adjustment); bounds and functions of the analyst keep imputations
possible.  All of it happens at every visit, so that other columns are imputed from
the adjusted numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.contract import ImputationSpec

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
        delta=spec.delta.get(name, 0.0),
        post=(post or {}).get(name),
        low=float(np.ceil(low)) if whole else low,
        high=float(np.floor(high)) if whole else high,
    )
    return None if change == Adjustment() else change


def _bound(
    given: float | Mapping[str, float] | None, name: str, default: float
) -> float:
    found = given.get(name) if isinstance(given, Mapping) else given
    return default if found is None else float(found)

"""Auto: whichever of a simple rule, a regression or neighbours errs least.

In a frame the choice is made for all columns, see `engine.selection.best_guess`; here,
for one target, a fifth of its observed values is hidden once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.methods import knn, linear, median, most_frequent

Floats = NDArray[np.float64]
Univariate = Callable[..., NDArray[Any]]

#: Share of the observed values that is hidden.
HIDDEN = 0.2


def impute(
    y: NDArray[Any],
    ry: NDArray[np.bool_],
    x: Floats,
    wy: NDArray[np.bool_],
    *,
    rng: np.random.Generator,
    classes: int = 0,
    ordered: bool = False,
    **_: Any,
) -> NDArray[Any]:
    """Fill by the method that erred least in values that were hidden.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Target: numbers, or codes with `classes`.
    ry : ndarray of bool of shape (n,)
        Where `y` is observed.
    x : ndarray of shape (n, p)
        Predictors, complete.
    wy : ndarray of bool of shape (n,)
        Where to impute.
    rng : Generator
        Draws the values that are hidden.
    classes : int, default=0
        Number of classes of a target of codes.
    ordered : bool, default=False
        Whether the classes are ranks.

    Returns
    -------
    ndarray of shape (wy.sum(),)
        Numbers or codes.

    Examples
    --------
    >>> x = np.arange(40.0)[:, None]
    >>> y = np.where(x[:, 0] == 20.0, np.nan, 3 * x[:, 0])
    >>> impute(y, ~np.isnan(y), x, np.isnan(y), rng=np.random.default_rng(0)).round(2)
    array([60.])
    """
    rows = np.flatnonzero(ry)
    hidden = np.zeros(len(y), dtype=bool)
    hidden[rng.choice(rows, int(HIDDEN * len(rows)), replace=False)] = True
    simple: Univariate = most_frequent.impute if classes else median.impute
    rivals: tuple[Univariate, ...] = (simple, linear.impute, knn.impute)
    best, least = simple, np.inf
    words: dict[str, Any] = {"rng": rng, "classes": classes, "ordered": ordered}
    for method in rivals:
        guess = method(y, ry & ~hidden, x, hidden, **words)
        apart = guess != y[hidden] if classes else (guess - y[hidden]) ** 2
        error = float(np.sum(apart))
        if error < least:
            best, least = method, error
    return best(y, ry, x, wy, **words)

"""Sufficient statistics of a linear regression: count, means, cross-products.

`gram` is centred: the sum over rows of (z - mean)(z - mean)'.  Every linear model
of the chained equations is fitted from these numbers, whatever the number of rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Moments:
    """Means and centred cross-products of predictors `x` and targets `y`."""

    n: int
    x_mean: Floats
    y_mean: Floats
    #: x'x, shape (p, p).
    xx: Floats
    #: x'y, shape (p, d).
    xy: Floats
    #: y'y, shape (d, d).
    yy: Floats
    #: The rows themselves, for the cases in which the moments lose too many digits.
    rows: Callable[[], tuple[Floats, Floats]]
    #: Of weights of one target, shape (p,), and its place: x'(y - x b) over the centred
    #: rows, shape (p,), which the moments give with too few digits where predictors
    #: are nearly collinear.
    slope: Callable[[Floats, int], Floats]
    #: Sums of squares from which those of x'x were got by subtraction, shape (p,): a
    #: predictor that keeps next to nothing of its own is constant up to rounding.
    whole: Floats | None = None


def moments_of(x: Floats, y: Floats) -> Moments:
    """Moments of n rows.

    Examples
    --------
    >>> found = moments_of(np.array([[0.0], [2.0]]), np.array([[1.0], [5.0]]))
    >>> found.xx, found.xy
    (array([[2.]]), array([[4.]]))
    """
    x_mean, y_mean = x.mean(axis=0), y.mean(axis=0)
    xc, yc = x - x_mean, y - y_mean
    return Moments(
        n=len(x),
        x_mean=x_mean,
        y_mean=y_mean,
        xx=xc.T @ xc,
        xy=xc.T @ yc,
        yy=yc.T @ yc,
        rows=lambda: (x, y),
        slope=lambda coef, k: xc.T @ (yc[:, k] - xc @ coef),
    )

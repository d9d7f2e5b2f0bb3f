"""A smooth curve for the distribution of numbers."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_BINS = 1_024


def bandwidth(x: Floats) -> float:
    """Width of the kernel by Silverman's rule; 0 where nothing varies.

    References
    ----------
    .. [1] B. W. Silverman (1986), Density Estimation for Statistics and Data
       Analysis, eq. 3.31.

    Examples
    --------
    >>> round(bandwidth(np.arange(10.0)), 3)
    1.719
    """
    if len(x) < 2:
        return 0.0
    quarter, three = np.quantile(x, [0.25, 0.75])
    spread = float(x.std(ddof=1))
    middle = float(three - quarter) / 1.34
    return 0.9 * min(spread, middle or spread) / math.pow(len(x), 0.2)


def density(x: Floats, grid: Floats, width: float) -> Floats:
    """Estimate the density of numbers at the points of a grid.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Finite numbers, one or more.
    grid : ndarray of shape (g,)
        Ascending points.
    width : float
        Standard deviation of the normal kernel.

    Returns
    -------
    ndarray of shape (g,)
        Per unit of x.

    Notes
    -----
    More numbers than bins are counted in bins first, so that it costs n + 1024 g.

    Examples
    --------
    >>> grid = np.linspace(-4, 4, 81)
    >>> y = density(np.array([0.0]), grid, 1.0)
    >>> round(float(y.max()), 4), round(float(y.sum() * 0.1), 3)
    (0.3989, 1.0)
    """
    low, high = float(x.min()), float(x.max())
    weights = np.full(len(x), 1.0 / len(x))
    if len(x) > _BINS and high > low:
        counts, edges = np.histogram(x, bins=_BINS, range=(low, high))
        x, weights = (edges[1:] + edges[:-1]) / 2, counts / counts.sum()
    z = (grid[:, None] - x) / width
    kernel = np.exp(-0.5 * z**2) / (width * np.sqrt(2 * np.pi))
    found: Floats = kernel @ weights
    return found


def common_grid(pieces: list[Floats], points: int) -> tuple[Floats, list[float]]:
    """Choose a grid for several curves, and a width for each.

    A piece too small or too even to have a width takes the largest of the others.

    Examples
    --------
    >>> grid, widths = common_grid([np.array([1.0, 2.0, 4.0]), np.array([3.0])], 5)
    >>> widths[0] == widths[1]
    True
    """
    every = np.concatenate(pieces)
    low, high = float(every.min()), float(every.max())
    widths = [bandwidth(piece) if len(piece) > 4 else 0.0 for piece in pieces]
    spare = (
        max(widths) or bandwidth(every) or max(abs(low) * 0.05, 1e-9, (low == 0) * 1)
    )
    widths = [width or spare for width in widths]
    # Curves end where values end: beyond, they would tell of values never seen.
    reach = 0.0 if high > low else 3.0 * max(widths)
    return np.linspace(low - reach, high + reach, points), widths

"""How likely rows are to lose values, by their sum scores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from jupyter_wrangler.errors import InvalidSpec

Floats = NDArray[np.float64]
Type = Literal["RIGHT", "LEFT", "MID", "TAIL"]

#: Logit of a standardised score, before it is shifted to give the share wanted.
SHAPES: dict[str, Callable[[Floats], Floats]] = {
    "RIGHT": lambda z: z,
    "LEFT": lambda z: -z,
    "MID": lambda z: 0.75 - np.abs(z),
    "TAIL": lambda z: np.abs(z) - 0.75,
}


def probabilities(scores: ArrayLike, prop: float, shape: Type = "RIGHT") -> Floats:
    """Turn sum scores into probabilities whose mean is `prop`.

    Parameters
    ----------
    scores : array-like of shape (n,)
        Weighted sum scores; equal ones give equal probabilities.
    prop : float
        Mean wanted, from 0 to 1.
    shape : {"RIGHT", "LEFT", "MID", "TAIL"}, default="RIGHT"
        Which scores are likely.

    Returns
    -------
    ndarray of shape (n,)

    Notes
    -----
    The shift is found by 60 bisections.

    Examples
    --------
    >>> probabilities([-1.0, 0.0, 1.0], 0.3).round(2)
    array([0.09, 0.26, 0.55])
    """
    s = np.asarray(scores, dtype=np.float64)
    spread = float(s.std()) if len(s) else 0.0
    if prop in {0, 1} or not spread > 1e-12 * float(np.abs(s).max(initial=0.0)):
        return np.full(len(s), float(prop))
    logit = SHAPES[shape]((s - s.mean()) / spread)
    low, high = -50.0 - float(logit.max()), 50.0 - float(logit.min())
    for _ in range(60):
        middle = (low + high) / 2
        if float(expit(logit + middle).mean()) < prop:
            low = middle
        else:
            high = middle
    found: Floats = expit(logit + (low + high) / 2)
    return found


def grouped(scores: ArrayLike, prop: float, odds: ArrayLike) -> Floats:
    """Give groups of scores of equal size probabilities in proportion to their odds.

    Parameters
    ----------
    scores : array-like of shape (n,)
        Weighted sum scores; equal ones fall into one group, the lowest they reach.
    prop : float
        Mean wanted, from 0 to 1.
    odds : array-like of shape (g,)
        One for each group, that of the lowest scores first.

    Returns
    -------
    ndarray of shape (n,)

    Raises
    ------
    InvalidSpec
        If a group would need a probability above 1.

    Examples
    --------
    >>> grouped([-1.0, 0.0, 1.0, 2.0], 0.3, [1, 5]).round(2)
    array([0.1, 0.1, 0.5, 0.5])
    """
    s, line = np.asarray(scores, np.float64), np.asarray(odds, np.float64)
    each = prop * len(line) * line / line.sum()
    if each.max() > 1 + 1e-12:
        raise InvalidSpec(
            f"prop={prop:g} with odds {line.tolist()} asks for a probability of "
            f"{each.max():.3g} in one group; lower prop, or give odds nearer to one "
            "another."
        )
    place = np.searchsorted(np.sort(s), s) * len(line) // max(len(s), 1)
    found: Floats = each[place]
    return found

"""How near imputed values come to the hidden ones, in the column's own unit.

`truth` are the hidden values, `drawn` what each of m imputations put in their place.
The best guess of a method that draws is the mean of its draws, or the class that most
of them name: an error is that of a guess.  Distributions are those of all draws.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.contract import DrawLosses, Scores
from jupyter_wrangler.engine.selection.proper_scores import brier, crps, log_loss

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

#: Coverage that the intervals aim at.
LEVEL = 0.9
#: With so many draws the ends of an interval are their quantiles.
QUANTILES = 40


def of_numbers(truth: Floats, drawn: Floats, *, draws: bool) -> Scores:
    """Score imputed numbers.

    Parameters
    ----------
    truth : ndarray of shape (n,)
        Hidden numbers.
    drawn : ndarray of shape (m, n)
        What m imputations put there.
    draws : bool
        Whether imputations differ, so that they say how sure they are.

    Returns
    -------
    Scores
        In the unit of the numbers; intervals only for draws, and two or more of them.

    Notes
    -----
    The energy distance is 2 E|X-Y| - E|X-X'| - E|Y-Y'|, twice the integral of the
    squared difference of the distribution functions, and so in the unit of the column
    too; the Wasserstein distance is the integral of the difference.  An interval is
    mean +- t sd sqrt(1 + 1/m) on m - 1 degrees of freedom, as for a new draw of a
    normal, and from 40 draws on the quantiles.

    References
    ----------
    .. [1] G. J. Szekely and M. L. Rizzo (2013), Energy statistics, Journal of
       Statistical Planning and Inference 143(8), 1249-1272.

    Examples
    --------
    >>> found = of_numbers(np.array([1.0, 2.0]), np.array([[2.0, 5.0]]), draws=False)
    >>> found.mae, found.bias, found.rmse, found.wasserstein, found.coverage
    (2.0, 2.0, 2.23606797749979, 2.0, None)
    """
    with np.errstate(over="ignore", invalid="ignore"):
        error = drawn.mean(axis=0) - truth
        wasserstein, energy = _distances(truth, drawn.ravel())
        scores: dict[str, float | None] = {
            "mae": float(np.abs(error).mean()),
            "rmse": math.sqrt(float((error**2).mean())),
            "bias": float(error.mean()),
            "single": float(np.abs(drawn - truth).mean()),
            "wasserstein": wasserstein,
            "energy": energy,
        }
        if draws and len(drawn) > 1:
            low, high = interval(drawn)
            # rounding must not exclude a value that all draws have hit
            slack = 1e-9 * np.maximum(np.abs(low), np.abs(high))
            inside = (low - slack <= truth) & (truth <= high + slack)
            scores |= {
                "coverage": float(inside.mean()),
                "width": float((high - low).mean()),
                "crps": float(crps(truth, drawn).mean()),
            }
    return Scores(**{name: _finite_or_none(value) for name, value in scores.items()})


def of_classes(truth: Codes, drawn: Codes, classes: int = 0) -> Scores:
    """Score imputed classes.

    Parameters
    ----------
    truth : ndarray of shape (n,)
        Codes of the hidden classes.
    drawn : ndarray of shape (m, n)
        Codes that m imputations put there, -1 for a class that was never observed.
    classes : int, default=0
        Number of classes that were observed; the log score of draws wants it.

    Returns
    -------
    Scores
        Shares.  Two classes are at distance 1, so that the Wasserstein distance is
        half the sum of the differences of the shares of the classes, and the energy
        distance the sum of their squares.

    Examples
    --------
    >>> found = of_classes(np.array([0, 0, 0, 1]), np.array([[0, 0, 0, 0]]))
    >>> found.right, found.balanced, found.wasserstein, found.energy
    (0.75, 0.5, 0.25, 0.125)
    """
    hit = guess(drawn) == truth
    counts = np.bincount(truth)
    there = counts > 0
    recall = np.bincount(truth, weights=hit)[there] / counts[there]
    size = int(max(truth.max(), drawn.max())) + 2
    apart = (
        np.bincount(drawn.ravel() + 1, minlength=size) / drawn.size
        - np.bincount(truth + 1, minlength=size) / truth.size
    )
    return Scores(
        right=float(hit.mean()),
        balanced=float(recall.mean()),
        single=float((drawn != truth).mean()),
        wasserstein=float(np.abs(apart).sum()) / 2,
        energy=float((apart**2).sum()),
        log_loss=(
            float(log_loss(truth, drawn, classes).mean())
            if classes and len(drawn) > 1
            else None
        ),
    )


def losses_of(
    rows: NDArray[np.intp],
    truth: NDArray[Any],
    drawn: NDArray[Any],
    *,
    classes: int,
    blocks: int,
) -> DrawLosses:
    """Sum the losses of draws by blocks of rows, so that methods can be paired.

    Parameters
    ----------
    rows : ndarray of shape (n,)
        Rows of the hidden cells; row r belongs to block r modulo `blocks`, in every
        repeat.
    truth, drawn : ndarray of shape (n,) and (m, n)
        Numbers, or codes of classes.
    classes : int
        Number of classes; 0 for numbers.
    blocks : int
        Number of blocks.

    Examples
    --------
    >>> rows, truth = np.array([0, 1, 4]), np.array([1.0, 2.0, 3.0])
    >>> drawn = np.stack([truth, truth + 1, truth - 1])
    >>> losses_of(rows, truth, drawn, classes=0, blocks=2).cells
    (2, 1)
    """
    each = log_loss(truth, drawn, classes) if classes else crps(truth, drawn)
    at = rows % blocks
    cells = np.bincount(at, minlength=blocks)
    sums = np.bincount(at, weights=each, minlength=blocks)
    return DrawLosses(
        cells=tuple(cells.tolist()),
        loss=tuple(sums.tolist()),
        brier=float(brier(truth, drawn).sum()) if classes else None,
    )


def guess(drawn: NDArray[Any]) -> NDArray[Any]:
    """Class that most draws name for each cell; the first one named where equal.

    Examples
    --------
    >>> guess(np.array([[0, 1, 2], [1, 1, 0], [1, 0, 1]]))
    array([1, 1, 2])
    """
    votes = np.stack([(drawn == one).sum(axis=0) for one in drawn])
    named: NDArray[Any] = drawn[votes.argmax(axis=0), np.arange(drawn.shape[1])]
    return named


def interval(drawn: Floats) -> tuple[Floats, Floats]:
    """Give the ends of the intervals that hold 90 % of further draws, shape (n,)."""
    from scipy.special import stdtrit  # noqa: PLC0415  loads slowly, used rarely

    m = len(drawn)
    if m >= QUANTILES:
        # those order statistics between which a further draw falls that often
        ends = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
        low, high = np.quantile(drawn, ends, axis=0, method="weibull")
        return low, high
    reach = float(stdtrit(m - 1, (1 + LEVEL) / 2)) * math.sqrt(1 + 1 / m)
    spread = reach * drawn.std(axis=0, ddof=1)
    mean = drawn.mean(axis=0)
    return mean - spread, mean + spread


def _distances(x: Floats, y: Floats) -> tuple[float, float]:
    """Wasserstein and energy distance of two samples of numbers."""
    x, y = np.sort(x), np.sort(y)
    ends = np.sort(np.concatenate([x, y]))
    gaps = np.diff(ends)
    below = [np.searchsorted(z, ends[:-1], side="right") / len(z) for z in (x, y)]
    apart = below[0] - below[1]
    # sums rather than dot products, whose last digit depends on where memory lies
    return float((np.abs(apart) * gaps).sum()), 2 * float((apart**2 * gaps).sum())


def _finite_or_none(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None

"""Cart: the value of a row in the same leaf of a regression or classification tree.

Interactions and bends of the relations need not be named beforehand.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.models.forest import Forest, grow

#: Fewest rows in a leaf, and least share of the spread that a split must explain.
LEAF, GAIN = 5, 1e-4


def fit(
    y: NDArray[Any],
    x: NDArray[np.float64],
    rng: np.random.Generator,
    *,
    classes: int = 0,
    sample_posterior: bool = True,
    **_: Any,
) -> Forest:
    """Grow one tree."""
    shares = np.bincount(y, minlength=classes) / len(y) if classes else np.empty(0)
    spread = 1.0 - float(shares @ shares) if classes else float(np.var(y))
    return grow(
        y,
        x,
        rng,
        trees=1,
        classes=classes,
        sample=sample_posterior,
        min_samples_leaf=LEAF,
        min_impurity_decrease=GAIN * spread,
    )


def impute(
    y: NDArray[Any],
    ry: NDArray[np.bool_],
    x: NDArray[np.float64],
    wy: NDArray[np.bool_],
    *,
    rng: np.random.Generator,
    classes: int = 0,
    sample_posterior: bool = True,
    **_: Any,
) -> NDArray[Any]:
    """Fill with values drawn from the leaves of a tree.

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
        Source of the draws.
    classes : int, default=0
        Number of classes of a target of codes.
    sample_posterior : bool, default=True
        False gives the mean, or the most frequent class, of the leaf.

    Returns
    -------
    ndarray of shape (wy.sum(),)
        Observed numbers or codes; without sampling, predicted ones.

    Notes
    -----
    Steps: draw a bootstrap sample of the observed rows; grow a tree on it, with five
    rows in a leaf at least; drop the rows to impute down the tree; draw one of the
    rows in the same leaf.  The bootstrap makes imputations differ as much as trees
    on other data would.  Costs n p log n.

    References
    ----------
    .. [1] L. L. Doove, S. van Buuren, E. Dusseldorp (2014), Recursive partitioning
       for missing data imputation, CSDA 72, 92-104.
    .. [2] S. van Buuren (2018), Flexible Imputation of Missing Data, algorithm 3.5.

    Examples
    --------
    >>> x = np.repeat([0.0, 1.0], 10)[:, None]
    >>> y = np.repeat([3.0, 8.0], 10)
    >>> wy = np.arange(20) % 5 == 0
    >>> impute(y, ~wy, x, wy, rng=np.random.default_rng(0))
    array([3., 3., 8., 8.])
    """
    observed = y[ry]
    model = fit(
        observed, x[ry], rng, classes=classes, sample_posterior=sample_posterior
    )
    drawn = model.draw(x[wy], rng)
    return observed[drawn] if model.donates else drawn

"""Rf: the value of a row that shares a leaf in one of the trees of a random forest."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.models.forest import Forest, grow

#: Fewest rows in a leaf.
LEAF = 5


def fit(
    y: NDArray[Any],
    x: NDArray[np.float64],
    rng: np.random.Generator,
    *,
    classes: int = 0,
    n_estimators: int = 10,
    sample_posterior: bool = True,
    **_: Any,
) -> Forest:
    """Grow a forest; each split looks at a third of the predictors."""
    return grow(
        y,
        x,
        rng,
        trees=n_estimators,
        classes=classes,
        sample=sample_posterior,
        min_samples_leaf=LEAF,
        max_features=max(1, -(-x.shape[1] // 3)),
    )


def impute(
    y: NDArray[Any],
    ry: NDArray[np.bool_],
    x: NDArray[np.float64],
    wy: NDArray[np.bool_],
    *,
    rng: np.random.Generator,
    classes: int = 0,
    n_estimators: int = 10,
    sample_posterior: bool = True,
    **_: Any,
) -> NDArray[Any]:
    """Fill with values drawn from the leaves of a random forest.

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
    n_estimators : int, default=10
        Trees; 10 are enough to draw from, 100 for a steady prediction.
    sample_posterior : bool, default=True
        False gives the mean prediction of the trees, as missForest does.

    Returns
    -------
    ndarray of shape (wy.sum(),)
        Observed numbers or codes; without sampling, predicted ones.

    Notes
    -----
    Steps: draw a bootstrap of the observed rows; grow each tree on a bootstrap sample
    of it, with five rows in a leaf at least; drop the rows to impute down all trees;
    draw one of all the rows in their leaves.  Without the first step the samples of the
    trees would together be the observed rows, and imputations would differ too little.
    Costs n p log n for each tree.

    References
    ----------
    .. [1] L. L. Doove, S. van Buuren, E. Dusseldorp (2014), Recursive partitioning
       for missing data imputation, CSDA 72, 92-104.
    .. [2] D. J. Stekhoven, P. Bühlmann (2012), MissForest, Bioinformatics 28(1),
       112-118.

    Examples
    --------
    >>> x = np.repeat([0.0, 1.0], 40)[:, None]
    >>> y = np.repeat([3.0, 8.0], 40)
    >>> wy = np.arange(80) % 20 == 0
    >>> impute(y, ~wy, x, wy, rng=np.random.default_rng(0))
    array([3., 3., 8., 8.])
    """
    observed = y[ry]
    model = fit(
        observed,
        x[ry],
        rng,
        classes=classes,
        n_estimators=n_estimators,
        sample_posterior=sample_posterior,
    )
    drawn = model.draw(x[wy], rng)
    return observed[drawn] if model.donates else drawn

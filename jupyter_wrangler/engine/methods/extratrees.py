"""Extratrees: the mean of trees whose splits are drawn at random.

A deterministic method: best guesses for one completed data set.  The average of many
rough trees is smooth, which on few rows is nearer than a forest of careful ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.models.forest import Forest, grow

#: Trees, fewest rows in a leaf, and predictors that a split looks at, at most.
TREES, LEAF, LOOKED = 20, 3, 10


def fit(
    y: NDArray[Any],
    x: NDArray[np.float64],
    rng: np.random.Generator,
    *,
    classes: int = 0,
    **_: Any,
) -> Forest:
    """Grow trees; each split takes the best of one random threshold by predictor."""
    # The same seed every time: the trees must not depend on the imputation.
    del rng
    return grow(
        y,
        x,
        np.random.default_rng(0),
        trees=TREES,
        classes=classes,
        sample=False,
        splitter="random",
        min_samples_leaf=LEAF,
        max_features=max(1, min(x.shape[1], LOOKED)),
    )


def impute(
    y: NDArray[Any],
    ry: NDArray[np.bool_],
    x: NDArray[np.float64],
    wy: NDArray[np.bool_],
    *,
    rng: np.random.Generator,
    classes: int = 0,
    **_: Any,
) -> NDArray[Any]:
    """Fill with the mean prediction of trees with random splits.

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
        Not used: the splits are always drawn from the same seed, so that all
        imputations are the same.
    classes : int, default=0
        Number of classes of a target of codes.

    Returns
    -------
    ndarray of shape (wy.sum(),)
        Numbers within the observed range, or codes.

    Notes
    -----
    Steps: grow each of 20 trees on a bootstrap sample, with three rows in a leaf at
    least; at each node draw one threshold for each of 10 predictors at most and split
    by the best of them; average the means, or the shares of the classes, of the leaves.
    Costs n p log n for each tree.

    References
    ----------
    .. [1] P. Geurts, D. Ernst and L. Wehenkel (2006), Extremely randomized trees,
       Machine Learning 63, 3-42.

    Examples
    --------
    >>> x = np.repeat([0.0, 1.0], 40)[:, None]
    >>> y = np.repeat([3.0, 8.0], 40)
    >>> wy = np.arange(80) % 20 == 0
    >>> impute(y, ~wy, x, wy, rng=np.random.default_rng(0))
    array([3., 3., 8., 8.])
    """
    return fit(y[ry], x[ry], rng, classes=classes).draw(x[wy], rng)

"""Extratrees: the mean of trees whose splits are drawn at random.

A deterministic method: best guesses for one completed data set.  The average of many
rough trees is smooth, which on few rows is nearer than a forest of careful ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.levels import PREDICTORS
from jupyter_wrangler.engine.methods.protocol import AutoTrial, RowRegression
from jupyter_wrangler.engine.methods.signatures import FitOptions
from jupyter_wrangler.engine.models.costs.advice import SAMPLE_ROWS
from jupyter_wrangler.engine.models.forest import Forest, grow

#: Trees, fewest rows in a leaf, and predictors that a split looks at, at most.
TREES, LEAF, LOOKED = 20, 3, 10


def fit(
    y: NDArray[Any],
    x: NDArray[np.float64],
    options: FitOptions,
    rng: np.random.Generator,
) -> Forest:
    """Grow trees; each split takes the best of one random threshold by predictor.

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
    """
    # The same seed every time: the trees must not depend on the imputation.
    del rng
    return grow(
        y,
        x,
        np.random.default_rng(0),
        trees=TREES,
        classes=options.classes,
        sample=False,
        splitter="random",
        min_samples_leaf=LEAF,
        max_features=max(1, min(x.shape[1], LOOKED)),
    )


METHOD = RowRegression(
    name="extratrees",
    title="extremely randomised trees",
    source=(
        "Geurts P, Ernst D, Wehenkel L (2006). Extremely randomized trees. Machine "
        "Learning 63, 3-42."
    ),
    levels=PREDICTORS,
    steps=True,
    shorten=f"lower max_iter, or {SAMPLE_ROWS}",
    trial=AutoTrial(guess=6, most_rows=1_000),
    fit=fit,
)

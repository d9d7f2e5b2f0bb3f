"""Rf: the value of a row that shares a leaf in one of the trees of a random forest."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.levels import PREDICTORS
from jupyter_wrangler.engine.methods.protocol import AutoTrial, RowRegression
from jupyter_wrangler.engine.methods.signatures import FitOptions
from jupyter_wrangler.engine.models.costs.advice import SAMPLE_ROWS
from jupyter_wrangler.engine.models.forest import Forest, grow

#: Fewest rows in a leaf.
LEAF = 5


def fit(
    y: NDArray[Any],
    x: NDArray[np.float64],
    options: FitOptions,
    rng: np.random.Generator,
) -> Forest:
    """Grow a forest; each split looks at a third of the predictors.

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
    """
    return grow(
        y,
        x,
        rng,
        trees=options.n_estimators,
        classes=options.classes,
        sample=options.sample_posterior,
        min_samples_leaf=LEAF,
        max_features=max(1, -(-x.shape[1] // 3)),
    )


METHOD = RowRegression(
    name="rf",
    title="random forests",
    source=(
        "Doove LL, van Buuren S, Dusseldorp E (2014). Recursive partitioning for "
        "missing data imputation in the presence of interaction effects. CSDA 72, "
        "92-104."
    ),
    levels=PREDICTORS,
    donates=True,
    draws=True,
    proper=True,
    standard_order=8,
    predicts=True,
    steps=True,
    shorten=f"lower max_iter or n_estimators, or {SAMPLE_ROWS}",
    trial=AutoTrial(rival=4, after="cart"),
    fit=fit,
)

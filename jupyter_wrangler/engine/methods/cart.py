"""Cart: the value of a row in the same leaf of a regression or classification tree.

Interactions and bends of the relations need not be named beforehand.
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

#: Fewest rows in a leaf, and least share of the spread that a split must explain.
LEAF, GAIN = 5, 1e-4


def fit(
    y: NDArray[Any],
    x: NDArray[np.float64],
    options: FitOptions,
    rng: np.random.Generator,
) -> Forest:
    """Grow one tree.

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
    """
    classes = options.classes
    shares = np.bincount(y, minlength=classes) / len(y) if classes else np.empty(0)
    spread = 1.0 - float(shares @ shares) if classes else float(np.var(y))
    return grow(
        y,
        x,
        rng,
        trees=1,
        classes=classes,
        sample=options.sample_posterior,
        min_samples_leaf=LEAF,
        min_impurity_decrease=GAIN * spread,
    )


METHOD = RowRegression(
    name="cart",
    title="classification and regression trees",
    source=(
        "Burgette LF, Reiter JP (2010). Multiple imputation for missing data via "
        "sequential regression trees. American Journal of Epidemiology 172(9), "
        "1070-1076."
    ),
    levels=PREDICTORS,
    donates=True,
    draws=True,
    proper=True,
    standard_order=9,
    predicts=True,
    steps=True,
    shorten=f"lower max_iter, or {SAMPLE_ROWS}",
    trial=AutoTrial(rival=3),
    fit=fit,
)

"""Boosting: matching on the predictions of gradient boosted trees.

Nominal predictors are split as sets of classes.  Donors are the rows that the trees
have not seen, so that their predictions are as honest as those of the missing values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.levels import PREDICTORS
from jupyter_wrangler.engine.methods.protocol import AutoTrial, RowRegression
from jupyter_wrangler.engine.methods.signatures import FitOptions
from jupyter_wrangler.engine.models.boosted import Boosted, boost
from jupyter_wrangler.engine.models.costs.advice import SAMPLE_ROWS
from jupyter_wrangler.engine.models.matching import Donors, VectorDonors

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

#: Trees, the share of each that counts, leaves of each, and rows in a leaf at most.
#: With 15 leaves instead of scikit-learn's 31 the errors of `tests/benchmarks/peers.py
#: missforest` are smaller, in half the time.
TREES, RATE, LEAVES, LEAF = 100, 0.1, 15, 20
#: Intervals into which predictors are cut before they are split.  With the 255 of
#: scikit-learn a fit takes a fifth longer, and the errors are no smaller.
BINS = 63
#: Trees for each of three classes or more, and the share of each that counts: fewer
#: make probabilities that are less certain of themselves, at a third of the cost.
TREES_BY_CLASS, RATE_BY_CLASS = 25, 0.2


@dataclass(frozen=True, kw_only=True)
class BoostingModel:
    """Boosted trees, and the donors placed by them."""

    #: None where only one class was seen, so that there is nothing to tell apart.
    boosted: Boosted | None
    #: Classes that the scores are of.
    seen: Rows
    classes: int
    #: Without it the prediction is given.
    pool: Donors | VectorDonors | None = None
    #: Positions of the donors among the observed rows.
    rows: Rows | None = None
    donors: int = 0

    @property
    def donates(self) -> bool:
        """Whether `draw` gives positions among the observed rows."""
        return self.pool is not None

    def draw(self, x: Floats, rng: np.random.Generator) -> NDArray[Any]:
        """Draw a donor for each row, or predict."""
        predicted = self.predict(x)
        if self.pool is None or self.rows is None:
            best: Rows = predicted.argmax(axis=1)
            return best if self.classes else predicted[:, 0]
        if isinstance(self.pool, Donors):
            return self.rows[self.pool.draw(predicted[:, -1], self.donors, rng)]
        return self.rows[self.pool.draw(predicted, self.donors, rng)]

    def predict(self, x: Floats) -> Floats:
        """Predicted numbers, shape (n, 1), or probabilities, shape (n, K)."""
        if self.boosted is None:
            certain = np.zeros((len(x), self.classes))
            certain[:, self.seen] = 1.0
            return certain
        scores = self.boosted.scores(x)
        if not self.classes:
            return scores
        if len(self.seen) == 2:
            scores = np.column_stack([np.zeros(len(x)), scores])
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares = np.zeros((len(x), self.classes))
        shares[:, self.seen] = odds / odds.sum(axis=1, keepdims=True)
        return shares


def fit(
    y: NDArray[Any], x: Floats, options: FitOptions, rng: np.random.Generator
) -> BoostingModel:
    """Grow trees and place the donors.

    Notes
    -----
    Steps: draw a bootstrap sample of the observed rows; grow 100 trees of 15 leaves on
    it (25 for each of three classes or more), one on the errors of the others; predict
    the observed rows that are not in the sample, and those to impute; draw one of the
    `donors` nearest.  Classes are matched on their probabilities.  Costs about n p for
    each tree.

    References
    ----------
    .. [1] J. H. Friedman (2001), Greedy function approximation, Annals of Statistics
       29(5), 1189-1232.
    .. [2] R. J. A. Little (1988), Missing-Data Adjustments in Large Surveys, JBES
       6(3), 287-296.
    """
    n, classes = len(y), options.classes
    everyone = np.arange(n)
    rows = rng.integers(n, size=n) if options.sample_posterior else everyone
    seen = np.unique(y[rows])
    boosted = None
    if not classes or len(seen) > 1:
        many = classes and len(seen) > 2
        boosted, seen = boost(
            y[rows],
            x[rows],
            options.nominal,
            classes=bool(classes),
            seed=int(rng.integers(2**31 - 1)),
            max_iter=TREES_BY_CLASS if many else TREES,
            learning_rate=RATE_BY_CLASS if many else RATE,
            max_leaf_nodes=LEAVES,
            max_bins=BINS,
            min_samples_leaf=max(2, min(LEAF, n // 20)),
        )
    model = BoostingModel(
        boosted=boosted,
        seen=seen.astype(np.intp) if classes else seen[:0].astype(np.intp),
        classes=classes,
    )
    if not options.sample_posterior:
        return model
    aside = np.setdiff1d(everyone, rows)
    if len(aside) < options.donors:
        aside = everyone
    predicted = model.predict(x[aside])
    flat = predicted.shape[1] <= 2
    return BoostingModel(
        boosted=boosted,
        seen=model.seen,
        classes=classes,
        pool=Donors(predicted[:, -1]) if flat else VectorDonors(predicted),
        rows=aside,
        donors=min(options.donors, len(aside)),
    )


METHOD = RowRegression(
    name="boosting",
    title="gradient-boosted trees with predictive mean matching",
    source=(
        "Friedman JH (2001). Greedy function approximation: a gradient boosting "
        "machine. Annals of Statistics 29(5), 1189-1232."
    ),
    levels=PREDICTORS,
    donates=True,
    draws=True,
    predicts=True,
    steps=True,
    shorten=f"lower max_iter, or {SAMPLE_ROWS}",
    trial=AutoTrial(guess=7, least_observed=500, most_classes=10),
    fit=fit,
)

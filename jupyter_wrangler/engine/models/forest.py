"""Trees as arrays: who falls into which leaf, and whose values lie there.

scikit-learn grows the trees; here they are walked, drawn from and kept, so that a
fitted forest is nothing but numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

_LARGEST = float(np.finfo(np.float32).max)
#: Standard deviation beyond which numbers leave single precision.
_WIDE = 1e30
#: Power of two beyond which a factor would be infinite.
_FURTHEST = 1000


@dataclass(frozen=True, kw_only=True)
class Forest:
    """T trees over p coordinates, and the observed rows in their leaves."""

    #: Coordinate that a node splits, shape (nodes,); -1 for a leaf.
    feature: Rows
    threshold: Floats
    left: Rows
    right: Rows
    #: Root of each tree, shape (T,).
    roots: Rows
    #: The rows of leaf k are rows[start[k] : start[k] + count[k]].
    start: Rows
    count: Rows
    rows: Rows
    #: Mean number, or shares of the classes, in each node, shape (nodes, 1 or K).
    value: Floats
    classes: int
    #: Factors of the coordinates, shape (p,); None where all are 1.
    scale: Floats | None = None
    #: False predicts instead of drawing a donor.
    sample: bool = True

    @property
    def donates(self) -> bool:
        """Whether `draw` gives positions among the observed rows."""
        return self.sample

    def draw(self, x: Floats, rng: np.random.Generator) -> NDArray[Any]:
        """Draw one of the rows that share a leaf, or predict."""
        leaves = self.leaves(x)
        if not self.sample:
            predicted: Floats = self.value[leaves].mean(axis=1)
            best: Rows = predicted.argmax(axis=1)
            return best if self.classes else predicted[:, 0]
        # All rows in the leaves of all trees are one pool.
        reach = np.cumsum(self.count[leaves], axis=1)
        pick = rng.integers(reach[:, -1])
        tree = (reach <= pick[:, None]).sum(axis=1)
        everyone = np.arange(len(x))
        leaf = leaves[everyone, tree]
        within = pick - (reach[everyone, tree] - self.count[leaf])
        donors: Rows = self.rows[self.start[leaf] + within]
        return donors

    def leaves(self, x: Floats) -> Rows:
        """Find the leaf of each row in each tree, shape (n, T)."""
        single = narrow(x, self.scale)
        node = np.tile(self.roots, (len(x), 1))
        row = np.arange(len(x))[:, None]
        while True:
            feature = self.feature[node]
            if (feature < 0).all():
                return node
            below = single[row, feature] <= self.threshold[node]
            further = np.where(below, self.left[node], self.right[node])
            node = np.where(feature < 0, node, further)


def narrow(x: Floats, scale: Floats | None = None) -> NDArray[np.float32]:
    """Round to the single precision in which scikit-learn's trees see the data."""
    if not x.shape[1]:
        return np.zeros((len(x), 1), dtype=np.float32)
    if scale is not None:
        x = x * scale
    return np.clip(x, -_LARGEST, _LARGEST).astype(np.float32)


def factors(x: NDArray[Any]) -> Floats:
    """Powers of two that bring standard deviations into reach of scikit-learn's trees.

    These take values that differ by less than 1e-7 for equal, and numbers with a
    variance of less than 2e-16 for constant, whatever their unit.

    Parameters
    ----------
    x : ndarray of shape (n,) or (n, p)
        Numbers.

    Returns
    -------
    ndarray of shape () or (p,)
        1 where the standard deviation lies between 1 and 1e30, or is 0.

    Examples
    --------
    >>> factors(np.array([[0.0, 0.0, 0.0], [2e-9, 3.0, 7.0]]))
    array([1.07374182e+09, 1.00000000e+00, 1.00000000e+00])
    """
    spread = np.asarray(x.std(axis=0), dtype=np.float64)
    reach = (spread == 0) | ((spread >= 1.0) & (spread < _WIDE))
    _, exponent = np.frexp(np.where(reach, 1.0, spread))
    return np.where(reach, 1.0, np.ldexp(1.0, np.minimum(1 - exponent, _FURTHEST)))


def grow(
    y: NDArray[Any],
    x: Floats,
    rng: np.random.Generator,
    *,
    trees: int,
    classes: int,
    sample: bool,
    **settings: Any,
) -> Forest:
    """Grow trees, each on a bootstrap sample of the rows.

    Several trees to draw from have samples of one bootstrap of the rows.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Numbers, or codes with `classes`.
    x : ndarray of shape (n, p)
        Predictors.
    rng : Generator
        Source of the samples and splits.
    trees : int
        Number of trees.
    classes : int
        Number of classes; 0 for numbers.
    sample : bool
        Whether the forest draws donors; a single tree that does not is grown on all
        rows as they are.
    **settings : dict
        Of scikit-learn's decision trees.
    """
    from sklearn import config_context  # noqa: PLC0415  loads slowly, used rarely
    from sklearn.tree import (  # noqa: PLC0415  the same
        DecisionTreeClassifier,
        DecisionTreeRegressor,
    )

    kind = DecisionTreeClassifier if classes else DecisionTreeRegressor
    scale: Floats | None = factors(x)
    if scale is not None and (scale == 1.0).all():
        scale = None
    single, n = narrow(x, scale), len(y)
    target = _in_reach(y, classes, settings)
    grown: list[dict[str, NDArray[Any]]] = []
    roots, nodes = [], 0
    everyone = np.arange(n)
    # The bootstrap samples of many trees together hold the rows as they are; to draw
    # from them as if other rows had been observed, they come from one bootstrap.
    base = rng.integers(n, size=n) if sample and trees > 1 else everyone
    for _ in range(trees):
        alone = trees == 1 and not sample
        rows = everyone if alone else base[rng.integers(n, size=n)]
        state = int(rng.integers(2**31 - 1))
        times = np.bincount(rows, minlength=n)
        once = np.flatnonzero(times)
        seen = single[once]
        # what is handed over is ours: on few rows the checks take as long as the tree
        with config_context(assume_finite=True, skip_parameter_validation=True):
            fitted = kind(random_state=state, **_by_weight(settings, n))
            weights = times[once].astype(np.float64)
            fitted.fit(seen, target[once], sample_weight=weights, check_input=False)
            tree = fitted.tree_
        leaf = np.empty(n, dtype=np.intp)
        leaf[once] = tree.apply(seen)
        roots.append(nodes)
        grown.append(_arrays(tree, leaf[rows], rows, y, classes, nodes))
        nodes += tree.node_count
    joined = {name: np.concatenate([one[name] for one in grown]) for name in grown[0]}
    start = np.cumsum(joined["count"]) - joined["count"]
    return Forest(
        roots=np.array(roots, dtype=np.intp),
        scale=scale,
        start=start,
        classes=classes,
        sample=sample,
        feature=joined["feature"].astype(np.intp),
        **{name: joined[name] for name in joined if name != "feature"},
    )


def _by_weight(settings: dict[str, Any], n: int) -> dict[str, Any]:
    """Count the rows of leaves by weight: a row that was drawn twice counts as two.

    Half the rows of a sample are drawn more than once, and to sort each of them once
    takes half the time.  Weights are whole, so half a row less means the same.
    """
    leaf = settings.get("min_samples_leaf", 1)
    return settings | {
        "min_samples_leaf": 1,
        "min_weight_fraction_leaf": (leaf - 0.5) / n,
    }


def _in_reach(y: NDArray[Any], classes: int, settings: dict[str, Any]) -> NDArray[Any]:
    """Bring a target of numbers into the reach of the trees, and their settings too.

    That is what they are grown on, not what is drawn: no unit may decide what counts.
    """
    factor = 1.0 if classes else float(factors(y))
    if factor == 1.0:
        return y
    if "min_impurity_decrease" in settings:
        settings["min_impurity_decrease"] *= factor * factor
    return np.asarray(y * factor)


def _arrays(
    tree: Any, leaf: Rows, rows: Rows, y: NDArray[Any], classes: int, nodes: int
) -> dict[str, NDArray[Any]]:
    """Take a fitted tree apart; its nodes are numbered from `nodes`."""
    below = tree.children_left >= 0
    count = np.bincount(leaf, minlength=tree.node_count)
    return {
        "feature": np.where(below, tree.feature, -1),
        "threshold": tree.threshold,
        "left": np.where(below, tree.children_left + nodes, 0),
        "right": np.where(below, tree.children_right + nodes, 0),
        "rows": rows[np.argsort(leaf, kind="stable")],
        "count": count,
        "value": _values(y[rows], leaf, count, classes),
    }


def _values(y: NDArray[Any], leaf: Rows, count: Rows, classes: int) -> Floats:
    """Mean, or shares of classes, of the rows in each leaf."""
    many = np.maximum(count, 1)[:, None]
    if not classes:
        sums = np.bincount(leaf, weights=y, minlength=len(count)).astype(np.float64)
        return sums[:, None] / many
    cells = np.bincount(leaf * classes + y, minlength=len(count) * classes)
    shares: Floats = cells.reshape(-1, classes) / many
    return shares

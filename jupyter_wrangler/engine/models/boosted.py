"""Gradient boosted trees as arrays, so that a fitted model is nothing but numbers.

scikit-learn's histogram gradient boosting grows the trees; nominal predictors enter
as codes, which a node splits into two sets of classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.models.threads import controller

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

#: Rows times trees that are looked at together: what they need fits into the cache.
BLOCK = 2**14


@dataclass(frozen=True, kw_only=True)
class Native:
    """Coordinates of the design as numbers and codes of nominal columns."""

    #: Coordinates that stay numbers.
    plain: Rows
    #: Coordinates of the dummies of each nominal column, and the values halfway
    #: between their two.
    nominal: tuple[Rows, ...]
    middle: tuple[Floats, ...]
    #: Codes of each nominal column that the fit saw, ascending.
    known: tuple[Rows, ...] = ()

    def codes(self, x: Floats) -> list[Rows]:
        """Codes of the nominal columns: 0 for the reference, k for dummy k."""
        found = []
        for block, middle in zip(self.nominal, self.middle, strict=True):
            on = x[:, block] > middle
            found.append(np.where(on.any(axis=1), on.argmax(axis=1) + 1, 0))
        return found

    def read(self, x: Floats) -> Floats:
        """Give codes, counted from 0 among those known (NaN for others), and numbers.

        The codes come first, as scikit-learn orders them.
        """
        columns: list[Floats] = []
        for code, known in zip(self.codes(x), self.known, strict=True):
            place = np.minimum(np.searchsorted(known, code), len(known) - 1)
            columns.append(np.where(known[place] == code, place, np.nan))
        return np.column_stack([*columns, x[:, self.plain], np.zeros((len(x), 0))])


def native_of(x: Floats, nominal: tuple[Rows, ...]) -> Native:
    """Learn from rows how their dummies read."""
    taken = np.concatenate([np.empty(0, dtype=np.intp), *nominal])
    first = Native(
        plain=np.setdiff1d(np.arange(x.shape[1]), taken),
        nominal=nominal,
        middle=tuple(
            (x[:, block].max(axis=0) + x[:, block].min(axis=0)) / 2 for block in nominal
        ),
    )
    return Native(
        plain=first.plain,
        nominal=first.nominal,
        middle=first.middle,
        known=tuple(np.unique(code) for code in first.codes(x)),
    )


@dataclass(frozen=True, kw_only=True)
class Boosted:
    """Trees whose leaf values add up to scores, shape (n, S)."""

    native: Native
    feature: Rows
    threshold: Floats
    left: Rows
    right: Rows
    leaf: NDArray[np.bool_]
    #: Whether NaN, and classes that were not seen, go left.
    unknown_left: NDArray[np.bool_]
    #: Row of `bits` of a node that splits classes; -1 for one that splits numbers.
    split: Rows
    #: Classes that go left, 32 to a word.
    bits: NDArray[np.uint32]
    value: Floats
    roots: Rows
    #: Score to which each tree adds, shape (trees,).
    adds_to: Rows
    baseline: Floats

    def scores(self, x: Floats) -> Floats:
        """Sum up the leaves of each row, shape (n, S)."""
        seen = self.native.read(x)
        if not seen.shape[1]:
            seen = np.zeros((len(x), 1))
        total = np.tile(self.baseline, (len(x), 1))
        leaves = np.empty((len(x), len(self.roots)))
        block = max(1, BLOCK // max(1, len(self.roots)))
        for start in range(0, len(x), block):
            here = slice(start, start + block)
            leaves[here] = self.value[self._leaves(seen[here])]
        for k in range(total.shape[1]):
            total[:, k] += leaves[:, self.adds_to == k].sum(axis=1)
        return total

    def _leaves(self, seen: Floats) -> Rows:
        """Find the leaf of each row in each tree, shape (n, trees)."""
        at = np.arange(len(seen))[:, None] * seen.shape[1]
        flat = seen.ravel()
        node = np.tile(self.roots, (len(seen), 1))
        lost = np.isnan(flat).any()
        for _ in range(self._depth):
            value = flat.take(at + self.feature.take(node))
            left = value <= self.threshold.take(node)
            if len(self.bits) > 1:
                left = self._of_classes(node, value, left)
            if lost:
                left = np.where(np.isnan(value), self.unknown_left.take(node), left)
            # of a leaf both are the leaf itself
            node = self._next.take(2 * node + left)
        return node

    def _of_classes(
        self, node: Rows, value: Floats, left: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Correct which way rows go at nodes that split classes."""
        split = self.split.take(node)
        classes = split >= 0
        code = np.where(np.isnan(value) | ~classes, 0, value).astype(np.int64)
        word = self.bits[np.maximum(split, 0), code // 32]
        goes = ((word >> (code % 32).astype(np.uint32)) & 1).astype(bool)
        return np.where(classes, goes, left)

    @cached_property
    def _next(self) -> Rows:
        """Node to the right, and to the left, of each node."""
        own = np.arange(len(self.leaf))
        right = np.where(self.leaf, own, self.right)
        left = np.where(self.leaf, own, self.left)
        return np.stack([right, left], axis=1).ravel()

    @cached_property
    def _depth(self) -> int:
        """Steps from a root to the leaf that is farthest from it."""
        node, steps = self.roots, 0
        while not self.leaf[node].all():
            inner = node[~self.leaf[node]]
            node = np.concatenate([self.left[inner], self.right[inner]])
            steps += 1
        return steps


def boost(
    y: NDArray[Any],
    x: Floats,
    nominal: tuple[Rows, ...],
    *,
    classes: bool,
    seed: int,
    **settings: Any,
) -> tuple[Boosted, Rows]:
    """Grow trees on these rows; give them and the classes that the scores are of.

    Scores are numbers, or log odds: of the last of two classes, or of all of more.
    """
    from sklearn.ensemble import (  # noqa: PLC0415  loads slowly, used rarely
        HistGradientBoostingClassifier,
        HistGradientBoostingRegressor,
    )

    native = native_of(x, nominal)
    seen = native.read(x)
    kind = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
    grown = kind(
        categorical_features=list(range(len(nominal))) or None,
        early_stopping=False,
        random_state=seed,
        **settings,
    )
    # scikit-learn counts errors in floats of four bytes; a power of two is exact.
    power = 0 if classes else int(np.frexp(np.abs(y).max(initial=0.0))[1])
    if power:
        y = np.ldexp(y, -power)
    # Threads that wait for one another in many small loops cost more than they give,
    # all the more where other imputations run beside this one.
    with controller().limit(limits=1, user_api="openmp"):
        grown.fit(seen if seen.shape[1] else np.zeros((len(x), 1)), y)
    return _arrays(grown, native, power), (
        grown.classes_ if classes else np.empty(0, dtype=np.intp)
    )


def _arrays(grown: Any, native: Native, power: int) -> Boosted:
    nodes, bits, roots, adds_to, size, splits = [], [], [], [], 0, 0
    offsets = []
    for trees in grown._predictors:  # noqa: SLF001  scikit-learn tells them nowhere else
        for k, tree in enumerate(trees):
            roots.append(size)
            adds_to.append(k)
            nodes.append(tree.nodes)
            bits.append(tree.raw_left_cat_bitsets)
            offsets += [(size, splits)] * len(tree.nodes)
            size += len(tree.nodes)
            splits += len(tree.raw_left_cat_bitsets)
    every = np.concatenate(nodes)
    before = np.array(offsets, dtype=np.intp)
    categorical = every["is_categorical"].astype(bool)
    return Boosted(
        native=native,
        feature=every["feature_idx"].astype(np.intp),
        threshold=every["num_threshold"].astype(np.float64),
        left=every["left"].astype(np.intp) + before[:, 0],
        right=every["right"].astype(np.intp) + before[:, 0],
        leaf=every["is_leaf"].astype(bool),
        unknown_left=every["missing_go_to_left"].astype(bool),
        split=np.where(categorical, every["bitset_idx"] + before[:, 1], -1),
        bits=np.concatenate([*bits, np.zeros((1, 8), dtype=np.uint32)]),
        value=np.ldexp(every["value"].astype(np.float64), power),
        roots=np.array(roots, dtype=np.intp),
        adds_to=np.array(adds_to, dtype=np.intp),
        baseline=np.ldexp(np.ravel(grown._baseline_prediction), power),  # noqa: SLF001  the same
    )

"""One block of columns, correlated with itself and with all columns after it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.contract import BLOCK, CorrelationSpec, Measure
from jupyter_wrangler.engine.correlate.choice import MEASURES, UNMEASURED, measure_of
from jupyter_wrangler.engine.correlate.columns import Table
from jupyter_wrangler.engine.correlate.correlation_ratio import correlation_ratio
from jupyter_wrangler.engine.correlate.cramers_v import cramers_v
from jupyter_wrangler.engine.correlate.distance import distance
from jupyter_wrangler.engine.correlate.information import mutual_info
from jupyter_wrangler.engine.correlate.kendall import kendall
from jupyter_wrangler.engine.correlate.likelihood import STEPS, likeliest
from jupyter_wrangler.engine.correlate.missing import phi
from jupyter_wrangler.engine.correlate.pair import (
    CONSTANT,
    EMPTY,
    FEW,
    FINE,
    LEAST,
    UNFIT,
    Found,
    as_json,
    symmetric,
    undefined,
)
from jupyter_wrangler.engine.correlate.pearson import (
    directly,
    p_values,
    product_moment,
)
from jupyter_wrangler.engine.correlate.spearman import Ranks
from jupyter_wrangler.engine.correlate.theils_u import theils_u
from jupyter_wrangler.engine.types import Step

Floats = NDArray[np.float64]


@dataclass(kw_only=True)
class _Pairs:
    """What is found of b columns with all q from the first of them on."""

    r: Floats
    back: Floats
    p: Floats
    n: Floats
    #: Positions in `MEASURES` and `REASONS`.
    measure: NDArray[np.intp]
    reason: NDArray[np.intp]

    @classmethod
    def none(cls) -> _Pairs:
        """No columns, so no pairs."""
        numbers, codes = np.empty((0, 0)), np.empty((0, 0), dtype=np.intp)
        return cls(
            r=numbers, back=numbers, p=numbers, n=numbers, measure=codes, reason=codes
        )

    def put(self, where: Any, found: Found) -> None:
        """Note what was found of one pair."""
        self.r[where], self.p[where], self.back[where] = found[:3]
        self.reason[where] = found.reason

    def upper(self, name: str) -> NDArray[Any]:
        """Numbers of the pairs of each column with those after it, in a row."""
        matrix = getattr(self, name)
        return np.concatenate(
            [line[i + 1 :] for i, line in enumerate(matrix)] or [np.empty(0)]
        )

    def as_json(self) -> dict[str, list[Any]]:
        """All numbers of the pairs."""
        numbers = {name: as_json(self.upper(name)) for name in ("r", "back", "p")}
        whole = {
            name: self.upper(name).astype(int).tolist()
            for name in ("n", "measure", "reason")
        }
        return numbers | whole


def part(
    table: Table, spec: CorrelationSpec, k: int
) -> Generator[Step, None, dict[str, Any]]:
    """Correlate block `k` of a table; see `engine.correlate.run.block`."""
    names = _block_names(table, spec, k)
    mine = [i for i, column in enumerate(table.columns) if column.name in names]
    pairs, converged = _Pairs.none(), True
    if mine:
        start = mine[0]
        yield Step(done=0.0, total=len(mine) + 1.0, message="counting the rows")
        pairs = _first_pairs(table, spec, start, len(mine))
        if spec.use == "em":
            converged = yield from _by_likelihood(table, pairs)
        yield from _by_pair(table, spec, start, pairs)
    incomplete = [i for i, name in enumerate(table.incomplete) if name in names]
    return {
        "n_rows": table.n_rows,
        "n_sampled": None if table.sample is None else len(table.sample),
        "columns": [
            {"name": c.name, "level": c.level, "n_observed": int(c.ry.sum())}
            for c in table.columns
        ],
        "left_out": [one.model_dump() for one in table.left_out],
        "incomplete": list(table.incomplete),
        "converged": converged,
        "phi": [float(v) for line in phi(table.missing, incomplete) for v in line],
        **pairs.as_json(),
    }


def _block_names(table: Table, spec: CorrelationSpec, k: int) -> frozenset[str]:
    """Names of the columns of a block."""
    if spec.use == "em":
        return frozenset(table.names)
    return frozenset(table.names[k * BLOCK : (k + 1) * BLOCK])


def _first_pairs(table: Table, spec: CorrelationSpec, start: int, b: int) -> _Pairs:
    """Count rows, choose measures, and find Pearson's correlations."""
    columns = table.columns[start:]
    q = len(columns)
    tail = slice(start, None)
    r, n = product_moment(table.lines[tail], table.centre[tail], table.scale[tail], b)
    chosen = {
        (a, c): measure_of(a, c, spec.method)
        for a in {column.level for column in columns}
        for c in {column.level for column in columns}
    }
    position = {measure: i for i, measure in enumerate(MEASURES)}
    measure = np.array(
        [
            [
                UNMEASURED if (m := chosen[a.level, c.level]) is None else position[m]
                for c in columns
            ]
            for a in columns[:b]
        ],
        dtype=np.intp,
    )
    constant = table.scale[tail] == 0
    empty = np.array([not column.ry.any() for column in columns])
    reason = np.full((b, q), FINE)
    reason[constant[:b, None] | constant] = CONSTANT
    reason[measure == UNMEASURED] = UNFIT
    reason[n < LEAST] = FEW
    reason[empty[:b, None] | empty] = EMPTY
    straight = (measure == position["pearson"]) & (reason == FINE)
    reason[straight & np.isnan(r)] = CONSTANT
    r = np.where(straight, r, np.nan)
    return _Pairs(
        r=r,
        back=r.copy(),
        p=p_values(r, n),
        n=n,
        measure=measure,
        reason=reason,
    )


def _by_likelihood(table: Table, pairs: _Pairs) -> Generator[Step, None, bool]:
    """Put maximum likelihood in the place of Pearson's pairwise correlations.

    The p-values are those of the rows that have both: cautious, as the rows that have
    one of them tell something too.
    """
    straight = pairs.measure == MEASURES.index("pearson")
    varied = np.flatnonzero((table.scale > 0) & straight.diagonal())
    if len(varied) < 2:
        return True
    steps = likeliest(np.stack([table.lines[i] for i in varied]))
    while True:
        try:
            done = next(steps)
        except StopIteration as stop:
            r, converged = stop.value
            break
        yield Step(done=done, total=STEPS, message=f"EM, step {done}")
    at = np.ix_(varied, varied)
    # Without a row that has both, the likelihood knows nothing of a pair.
    pairs.r[at] = np.where(pairs.n[at] >= LEAST, r, np.nan)
    pairs.back[at] = pairs.r[at]
    pairs.p[at] = p_values(pairs.r[at], pairs.n[at])
    pairs.reason[at] = np.where(pairs.n[at] >= LEAST, FINE, FEW)
    return bool(converged)


def _by_pair(
    table: Table, spec: CorrelationSpec, start: int, pairs: _Pairs
) -> Generator[Step, None, None]:
    """Find what takes the rows of each pair by themselves."""
    b, q = pairs.r.shape
    pearson, spearman = map(MEASURES.index, ("pearson", "spearman"))
    x, has = table.lines[start:], table.has[start:]
    done = pairs.measure == pearson
    if spec.method == "spearman":
        done |= _correlate_same_rows(table, start, pairs)
    for i in range(b):
        name = table.columns[start + i].name
        words = f"correlating column {name!r}"
        yield Step(done=i + 1.0, total=b + 1.0, message=words, column=name)
        for j in range(i + 1, q):
            measure = pairs.measure[i, j]
            if pairs.reason[i, j] != FINE or done[i, j]:
                continue
            if measure == spearman:
                found = _rank_correlation(table.ranks, start + i, start + j)
            else:
                both = has[i] & has[j]
                levels = (
                    table.columns[start + i].numeric,
                    table.columns[start + j].numeric,
                )
                found = _measure_pair(
                    MEASURES[measure],
                    x[i][both],
                    x[j][both],
                    numeric=levels,
                    seed=spec.random_state,
                )
            pairs.put((i, j), found)


def _correlate_same_rows(table: Table, start: int, pairs: _Pairs) -> NDArray[np.bool_]:
    """Correlate at once the ranks of all pairs of columns with the same missing values.

    Their ranks among the rows that have both are those of each by itself.
    """
    count = table.ranks.count(start)
    r, n = product_moment(
        table.ranks.own(start), (count + 1) / 2.0, count / 2.0, len(pairs.r)
    )
    same: NDArray[np.bool_] = pairs.reason == FINE
    same &= (n == count) & (n == count[: len(r), None])
    pairs.reason[same & np.isnan(r)] = CONSTANT
    pairs.r[same] = pairs.back[same] = r[same]
    pairs.p[same] = p_values(r[same], n[same])
    return same


def _rank_correlation(ranks: Ranks, i: int, j: int) -> Found:
    """Correlate the ranks of two columns among the rows that have both."""
    a, b = ranks.among(i, j), ranks.among(j, i)
    r = directly(a, b)
    if np.isnan(r):
        return undefined(CONSTANT)
    n = float((~np.isnan(a) & ~np.isnan(b)).sum())
    return symmetric(r, float(p_values(np.array(r), np.array(n))))


def _measure_pair(
    measure: Measure, x: Floats, y: Floats, *, numeric: tuple[bool, bool], seed: int
) -> Found:
    """Measure two columns in the rows that have both."""
    if x.min() == x.max() or y.min() == y.max():
        return undefined(CONSTANT)
    if measure == "kendall":
        return kendall(x, y)
    if measure == "distance":
        return distance(x, y)
    if measure == "mutual_info":
        return mutual_info(x, y, classes=(not numeric[0], not numeric[1]), seed=seed)
    if measure == "correlation_ratio":
        classes, numbers = (y, x) if numeric[0] else (x, y)
        return correlation_ratio(classes.astype(np.intp), numbers)
    of_classes = cramers_v if measure == "cramers_v" else theils_u
    return of_classes(x.astype(np.intp), y.astype(np.intp))

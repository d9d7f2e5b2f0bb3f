"""Correlate the columns of a frame, block by block, and put the blocks together.

The engine yields and the caller pulls: each `Step` says how far the work is, and to
cancel is to stop pulling.  A block of columns is correlated with itself and all columns
after it, so that blocks can be computed side by side, and their pairs, one block after
the other, are those of the upper triangle of a matrix.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.contract import BLOCK, CorrelationSpec
from jupyter_wrangler.contract.correlation import (
    CorrelatedColumn,
    CorrelationDocument,
    Measure,
    MissingCorrelation,
)
from jupyter_wrangler.engine.correlate.adjust import adjusted
from jupyter_wrangler.engine.correlate.choice import MEASURES, measure_of
from jupyter_wrangler.engine.correlate.clustering import clustered
from jupyter_wrangler.engine.correlate.columns import Table, table_of
from jupyter_wrangler.engine.correlate.correlation_ratio import correlation_ratio
from jupyter_wrangler.engine.correlate.cramers_v import cramers_v
from jupyter_wrangler.engine.correlate.distance import distance
from jupyter_wrangler.engine.correlate.findings import findings, strengths
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
    REASONS,
    UNFIT,
    Found,
    undefined,
)
from jupyter_wrangler.engine.correlate.pearson import (
    directly,
    p_values,
    product_moment,
)
from jupyter_wrangler.engine.correlate.spearman import Ranking, ranking
from jupyter_wrangler.engine.correlate.theils_u import theils_u
from jupyter_wrangler.engine.run import Step

Floats = NDArray[np.float64]

#: Measure of a pair that none fits.
_NONE = -1


def block(
    df: pd.DataFrame, spec: CorrelationSpec, k: int
) -> Generator[Step, None, dict[str, Any]]:
    """Correlate block `k` of the columns with itself and all that come after.

    Parameters
    ----------
    df : DataFrame of shape (n, p)
        The data; not changed.
    spec : CorrelationSpec
        What is asked for; it makes ``spec.n_parts(p)`` blocks.
    k : int
        Which block, from 0.

    Yields
    ------
    Step
        At least one for each column.

    Returns
    -------
    dict
        Numbers of the pairs as JSON values, for `combine`.

    Raises
    ------
    InvalidData, InvalidSpec
        As `engine.correlate.columns.table_of` does.

    Notes
    -----
    Pearson's correlations of a whole frame cost 6 n p^2 flops; Spearman's the same
    without holes, and n for each pair whose holes differ.  Kendall's cost n log n a
    pair; "distance" and "mutual_info" look at 2 000 rows.  EM costs as
    `engine.normal.em`.

    Examples
    --------
    >>> df = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "y": [1.0, 2.0, 3.0, 5.0]})
    >>> steps = block(df, CorrelationSpec(), 0)
    >>> while True:
    ...     try:
    ...         step = next(steps)
    ...     except StopIteration as stop:
    ...         found = stop.value
    ...         break
    >>> [round(r, 4) for r in found["r"]]
    [0.9827]
    """
    return (yield from _part(table_of(df, spec), spec, k))


def correlate(
    df: pd.DataFrame, spec: CorrelationSpec
) -> Generator[Step, None, CorrelationDocument]:
    """Correlate all columns of a frame: every block, and all of them together.

    See `block` for the parameters and costs.
    """
    table = table_of(df, spec)
    n_parts = spec.n_parts(df.shape[1])
    parts = []
    for k in range(n_parts):
        steps = _part(table, spec, k)
        while True:
            try:
                step = next(steps)
            except StopIteration as stop:
                parts.append(stop.value)
                break
            done = (k + step.done / max(step.total, 1.0)) / n_parts
            yield Step(done=done, total=1.0, message=step.message, column=step.column)
    return combine(df, spec, parts)


def combine(
    df: pd.DataFrame | None, spec: CorrelationSpec, parts: Sequence[dict[str, Any]]
) -> CorrelationDocument:
    """Put the blocks of a correlation together.

    Parameters
    ----------
    df : DataFrame or None
        Not needed: the parts tell all of it.
    spec : CorrelationSpec
        What was asked for.
    parts : sequence of dict
        Of `block`, for each k in order.

    Returns
    -------
    CorrelationDocument
        Pairs with corrected p-values, an order of the columns, and findings.
    """
    del df
    head = parts[0]
    columns = tuple(CorrelatedColumn(**column) for column in head["columns"])
    found: dict[str, list[Any]] = {
        name: [value for part in parts for value in part[name]]
        for name in ("r", "back", "n", "p", "measure", "reason", "phi")
    }
    p = np.array(found["p"], dtype=np.float64)
    used = sorted({m for m in found["measure"] if m != _NONE})
    reasons = sorted({r for r in found["reason"] if r != FINE})
    measures: tuple[Measure, ...] = tuple(MEASURES[m] for m in used)
    document = CorrelationDocument(
        n_rows=head["n_rows"],
        n_sampled=head["n_sampled"],
        method=spec.method,
        use=spec.use,
        adjust=spec.adjust,
        columns=columns,
        left_out=tuple(head["left_out"]),
        measures=measures,
        measure=tuple(used.index(m) if m != _NONE else _NONE for m in found["measure"]),
        r=tuple(found["r"]),
        back=tuple(found["back"]) if "theils_u" in measures else (),
        n=tuple(found["n"]),
        p=tuple(found["p"]),
        p_adjusted=tuple(_numbers(adjusted(p, spec.adjust))),
        reasons=tuple(REASONS[r] for r in reasons),
        reason=tuple(reasons.index(r) if r != FINE else FINE for r in found["reason"]),
        missing=_together(tuple(head["holed"]), found["phi"], head["n_rows"], spec),
    )
    order = clustered(strengths(document), len(columns))
    said = findings(document, converged=all(part["converged"] for part in parts))
    return document.model_copy(update={"order": order, "findings": said})


def _together(
    columns: tuple[str, ...], r: Sequence[float], n: int, spec: CorrelationSpec
) -> MissingCorrelation:
    # Imported when needed, as everywhere in what kernels load.
    from scipy.special import chdtrc  # noqa: PLC0415

    values = np.array(r, dtype=np.float64)
    p = np.asarray(chdtrc(1, n * values**2), dtype=np.float64)
    return MissingCorrelation(
        columns=columns,
        r=tuple(r),
        p=tuple(_numbers(p)),
        p_adjusted=tuple(_numbers(adjusted(p, spec.adjust))),
    )


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


def _part(
    table: Table, spec: CorrelationSpec, k: int
) -> Generator[Step, None, dict[str, Any]]:
    kept = _names(table, spec, k)
    mine = [i for i, column in enumerate(table.columns) if column.name in kept]
    pairs, converged = None, True
    if mine:
        start = mine[0]
        yield Step(done=0.0, total=len(mine) + 1.0, message="counting the rows")
        pairs = _begin(table, spec, start, len(mine))
        if spec.use == "em":
            converged = yield from _by_likelihood(table, pairs)
        yield from _by_pair(table, spec, start, pairs)
    holed = [i for i, name in enumerate(table.holed) if name in kept]
    return {
        "n_rows": table.n_rows,
        "n_sampled": None if table.sample is None else len(table.sample),
        "columns": [
            {"name": c.name, "level": c.level, "n_observed": int(c.ry.sum())}
            for c in table.columns
        ],
        "left_out": [one.model_dump() for one in table.left_out],
        "holed": list(table.holed),
        "converged": converged,
        "phi": [float(v) for line in phi(table.missing, holed) for v in line],
        **{
            name: _numbers(pairs.upper(name)) if pairs else []
            for name in ("r", "back", "p")
        },
        **{
            name: pairs.upper(name).astype(int).tolist() if pairs else []
            for name in ("n", "measure", "reason")
        },
    }


def _names(table: Table, spec: CorrelationSpec, k: int) -> frozenset[str]:
    """Names of the columns of a block."""
    if spec.use == "em":
        return frozenset(table.names)
    return frozenset(table.names[k * BLOCK : (k + 1) * BLOCK])


def _begin(table: Table, spec: CorrelationSpec, start: int, b: int) -> _Pairs:
    """Count rows, choose measures, and find Pearson's correlations."""
    columns = table.columns[start:]
    q = len(columns)
    tail = slice(start, None)
    r, n = product_moment(table.x[tail], table.centre[tail], table.scale[tail], b)
    chosen = {
        (a, c): measure_of(a, c, spec.method)
        for a in {column.level for column in columns}
        for c in {column.level for column in columns}
    }
    position = {measure: i for i, measure in enumerate(MEASURES)}
    measure = np.array(
        [
            [
                _NONE if (m := chosen[a.level, c.level]) is None else position[m]
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
    reason[measure == _NONE] = UNFIT
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
    steps = likeliest(table.x[varied])
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
    x = table.x[start:]
    ranks = _Ranks(x)
    done = pairs.measure == pearson
    if spec.method == "spearman":
        done |= ranks.put(pairs)
    for i in range(b):
        name = table.columns[start + i].name
        words = f"correlating column {name!r}"
        yield Step(done=i + 1.0, total=b + 1.0, message=words, column=name)
        for j in range(i + 1, q):
            measure = pairs.measure[i, j]
            if pairs.reason[i, j] != FINE or done[i, j]:
                continue
            if measure == spearman:
                found = ranks.correlate(i, j)
            else:
                both = ~np.isnan(x[i]) & ~np.isnan(x[j])
                levels = (
                    table.columns[start + i].numeric,
                    table.columns[start + j].numeric,
                )
                found = _pair(
                    MEASURES[measure],
                    x[i][both],
                    x[j][both],
                    numeric=levels,
                    seed=spec.random_state,
                )
            pairs.put((i, j), found)


class _Ranks:
    """Ranks of columns, sorted when first needed."""

    def __init__(self, x: Floats) -> None:
        self._x = x
        self._has = ~np.isnan(x)
        self._sorted: dict[int, Ranking] = {}
        self._own: dict[int, Floats] = {}

    def put(self, pairs: _Pairs) -> NDArray[np.bool_]:
        """Correlate at once all pairs of columns with the same holes.

        Their ranks among the rows that have both are those of each by itself.
        """
        q = len(self._x)
        x = np.stack([self._among(i, i) for i in range(q)])
        count = self._has.sum(axis=1).astype(np.float64)
        r, n = product_moment(x, (count + 1) / 2.0, count / 2.0, len(pairs.r))
        same: NDArray[np.bool_] = pairs.reason == FINE
        same &= (n == count) & (n == count[: len(r), None])
        pairs.reason[same & np.isnan(r)] = CONSTANT
        pairs.r[same] = pairs.back[same] = r[same]
        pairs.p[same] = p_values(r[same], n[same])
        return same

    def correlate(self, i: int, j: int) -> Found:
        """Correlate the ranks of two columns among the rows that have both."""
        a, c = self._among(i, j), self._among(j, i)
        r = directly(a, c)
        if np.isnan(r):
            return undefined(CONSTANT)
        n = float((self._has[i] & self._has[j]).sum())
        return Found(r, float(p_values(np.array(r), np.array(n))), r)

    def _among(self, i: int, j: int) -> Floats:
        if i not in self._sorted:
            self._sorted[i] = ranking(self._x[i])
        if (self._has[j] | ~self._has[i]).all():
            if i not in self._own:
                self._own[i] = self._sorted[i].among(self._has[i])
            return self._own[i]
        return self._sorted[i].among(self._has[j])


def _pair(
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


def _numbers(values: NDArray[Any]) -> list[float | None]:
    """JSON has no NaN."""
    return [None if v != v else v for v in values.tolist()]  # noqa: PLR0124  is NaN

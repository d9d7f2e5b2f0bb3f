"""Correlate the columns of a frame, block by block, and put the blocks together.

The engine yields and the caller pulls: each `Step` says how far the work is, and to
cancel is to stop pulling.  A block of columns is correlated with itself and all columns
after it, so that blocks can be computed side by side, and their pairs, one block after
the other, are those of the upper triangle of a matrix.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from jupyter_wrangler.contract import (
    CorrelatedColumn,
    CorrelationDocument,
    CorrelationSpec,
    Measure,
    MissingCorrelation,
)
from jupyter_wrangler.engine.correlate.adjust import adjusted
from jupyter_wrangler.engine.correlate.blocks import part
from jupyter_wrangler.engine.correlate.choice import MEASURES, UNMEASURED
from jupyter_wrangler.engine.correlate.clustering import clustered
from jupyter_wrangler.engine.correlate.columns import table_of
from jupyter_wrangler.engine.correlate.findings import findings, strengths
from jupyter_wrangler.engine.correlate.pair import FINE, REASONS, as_json
from jupyter_wrangler.engine.types import Step


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
    without missing values, and n for each pair whose missing values differ.  Kendall's
    cost n log n a pair; "distance" and "mutual_info" look at 2 000 rows.  EM costs as
    `engine.models.normal_fit.em`.

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
    return (yield from part(table_of(df, spec), spec, k))


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
        steps = part(table, spec, k)
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
    pairs: dict[str, list[Any]] = {
        name: [value for one in parts for value in one[name]]
        for name in ("r", "back", "n", "p", "measure", "reason", "phi")
    }
    p = np.array(pairs["p"], dtype=np.float64)
    used, measure = _renumbered(pairs["measure"], UNMEASURED)
    measures: tuple[Measure, ...] = tuple(MEASURES[m] for m in used)
    reasons, reason = _renumbered(pairs["reason"], FINE)
    document = CorrelationDocument(
        n_rows=head["n_rows"],
        n_sampled=head["n_sampled"],
        method=spec.method,
        use=spec.use,
        adjust=spec.adjust,
        columns=columns,
        left_out=tuple(head["left_out"]),
        measures=measures,
        measure=measure,
        r=tuple(pairs["r"]),
        back=tuple(pairs["back"]) if "theils_u" in measures else (),
        n=tuple(pairs["n"]),
        p=tuple(pairs["p"]),
        p_adjusted=tuple(as_json(adjusted(p, spec.adjust))),
        reasons=tuple(REASONS[r] for r in reasons),
        reason=reason,
        missing=_missing_together(
            tuple(head["incomplete"]), pairs["phi"], head["n_rows"], spec
        ),
    )
    order = clustered(strengths(document), len(columns))
    sentences = findings(document, converged=all(one["converged"] for one in parts))
    return document.model_copy(update={"order": order, "findings": sentences})


def _renumbered(codes: Sequence[int], none: int) -> tuple[list[int], tuple[int, ...]]:
    """Give the codes that occur, and each as its position among them; `none` stays.

    Examples
    --------
    >>> _renumbered([3, -1, 5, 3], -1)
    ([3, 5], (0, -1, 1, 0))
    """
    used = sorted(set(codes) - {none})
    position = {code: k for k, code in enumerate(used)} | {none: none}
    return used, tuple(position[code] for code in codes)


def _missing_together(
    columns: tuple[str, ...], r: Sequence[float], n: int, spec: CorrelationSpec
) -> MissingCorrelation:
    # Imported when needed, as everywhere in what kernels load.
    from scipy.special import chdtrc  # noqa: PLC0415

    values = np.array(r, dtype=np.float64)
    p = np.asarray(chdtrc(1, n * values**2), dtype=np.float64)
    return MissingCorrelation(
        columns=columns,
        r=tuple(r),
        p=tuple(as_json(p)),
        p_adjusted=tuple(as_json(adjusted(p, spec.adjust))),
    )

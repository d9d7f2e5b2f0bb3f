"""The verb `correlate`: how columns go together, here or as a job."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any, Literal, overload

from jupyter_wrangler import contract, frames
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects.correlation import Correlation
from jupyter_wrangler.client.objects.job import Job
from jupyter_wrangler.client.session import Client
from jupyter_wrangler.client.verbs.arguments import column_names
from jupyter_wrangler.client.verbs.connect import default_client
from jupyter_wrangler.contract.validation import build_request
from jupyter_wrangler.engine.correlate.run import correlate as correlate_steps
from jupyter_wrangler.engine.estimator.run_steps import finish


@overload
def correlate(
    df: Any,
    method: str = ...,
    *,
    columns: Iterable[Hashable] | str | None = ...,
    use: Literal["pairwise", "em"] = ...,
    adjust: Literal["holm", "bonferroni", "fdr_bh", "none"] = ...,
    random_state: int = ...,
    local: Literal[True] = ...,
    name: str | None = ...,
    priority: contract.Priority = ...,
    force: bool = ...,
    client: Client | None = ...,
) -> Correlation: ...
@overload
def correlate(
    df: Any,
    method: str = ...,
    *,
    columns: Iterable[Hashable] | str | None = ...,
    use: Literal["pairwise", "em"] = ...,
    adjust: Literal["holm", "bonferroni", "fdr_bh", "none"] = ...,
    random_state: int = ...,
    local: Literal[False],
    name: str | None = ...,
    priority: contract.Priority = ...,
    force: bool = ...,
    client: Client | None = ...,
) -> Job: ...
@public
def correlate(
    df: Any,
    method: str = "auto",
    *,
    columns: Iterable[Hashable] | str | None = None,
    use: Literal["pairwise", "em"] = "pairwise",
    adjust: Literal["holm", "bonferroni", "fdr_bh", "none"] = "holm",
    random_state: int = 0,
    local: bool = True,
    name: str | None = None,
    priority: contract.Priority = "normal",
    force: bool = False,
    client: Client | None = None,
) -> Correlation | Job:
    """Correlate the columns of a frame, here and now or in the background.

    Parameters
    ----------
    df : pandas.DataFrame or polars.DataFrame
        The data; never changed.
    method : str, default="auto"
        Measure of all pairs: ``"pearson"``, ``"spearman"``, ``"kendall"``,
        ``"distance"``, ``"mutual_info"``, ``"cramers_v"``, ``"theils_u"`` or
        ``"correlation_ratio"``; ``"auto"`` chooses by the levels of both columns.
    columns : iterable of labels, optional
        Columns to correlate; None means all.
    use : {"pairwise", "em"}, default="pairwise"
        Rows used for Pearson's correlation: those that have both columns, or all rows
        by maximum likelihood.
    adjust : {"holm", "bonferroni", "fdr_bh", "none"}, default="holm"
        Correction of the p-values for their number.
    random_state : int, default=0
        Seed of samples and noise; see Notes.
    local : bool, default=True
        False computes it in the background and gives a `Job`, whose ``result()`` is
        the same.
    name, priority, force, client
        Of that job, as in `impute`.

    Returns
    -------
    Correlation or Job
        Pairs, matrix, order, and what stands out.

    Raises
    ------
    InvalidData
        If the data cannot be read as columns of one type, or has more than 1 000.
    InvalidSpec
        If there is no such measure or column.

    Notes
    -----
    Texts and keys are left out, see `left_out`.  ``"distance"`` and
    ``"mutual_info"`` look at a sample of 2 000 rows of longer data.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"x": [1.0, 2, 3, 4, 5], "y": [1.0, 2, 4, 4, None]})
    >>> found = correlate(df)
    >>> found.to_frame().round(3)
           x      y
    x  1.000  0.947
    y  0.947  1.000
    """
    spec = build_request(
        contract.CorrelationSpec,
        method=method,
        columns=column_names(columns),
        use=use,
        adjust=adjust,
        random_state=random_state,
    )
    if not local:
        return (client or default_client()).submit(
            df, spec, name=name, priority=priority, force=force
        )
    frame = frames.as_pandas(df)
    return Correlation(finish(correlate_steps(frame, spec), frame.size))

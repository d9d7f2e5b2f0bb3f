"""What an imputation did, in numbers small enough to keep and to show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.contract import (
    ColumnSummary,
    Convergence,
    ImputationSpec,
    ImputationSummary,
    LoggedEvent,
    Preview,
)
from jupyter_wrangler.engine.columns.dates import showable
from jupyter_wrangler.engine.columns.levels import NUMERIC
from jupyter_wrangler.engine.columns.values import Values, lent_floats
from jupyter_wrangler.engine.estimator.chains import chains_of
from jupyter_wrangler.engine.planning.check import check
from jupyter_wrangler.engine.planning.frame import named
from jupyter_wrangler.engine.pooling.convergence import autocorrelation, rhat
from jupyter_wrangler.engine.selection import best_guess
from jupyter_wrangler.engine.types import ColumnPlan, Imputation

#: Points of the traces that are kept, over all columns; R-hat is kept of all.
TRACED = 20_000
#: Size of the preview, and letters of one of its cells.
PREVIEW_ROWS, PREVIEW_COLUMNS, CELL = 10, 12, 24

Statistics = dict[str, float | str | None]


def summarise(
    df: pd.DataFrame,
    spec: ImputationSpec,
    imputations: Sequence[Imputation],
    *,
    plans: Sequence[ColumnPlan] | None = None,
    most: int = TRACED,
) -> ImputationSummary:
    """Sum up the imputations of one frame.

    Parameters
    ----------
    df : DataFrame
        The data that were imputed.
    spec : ImputationSpec
        What was asked for.
    imputations : sequence of Imputation
        One or more, in their order.
    plans : sequence of ColumnPlan, optional
        What was done to each column; default: what the spec asks for.
    most : int, optional
        Points of the traces of all columns at most; more are left out.

    Returns
    -------
    ImputationSummary
        By column the observed and the imputed values, what was logged (once, where
        all imputations logged the same), and the first rows that had missing values.

    Examples
    --------
    >>> from jupyter_wrangler.engine.types import Imputation
    >>> df = pd.DataFrame({"x": [1.0, 3.0, None]})
    >>> one = Imputation(
    ...     values={"x": np.array([2.0])},
    ...     rows={"x": np.array([2])},
    ...     events=(),
    ...     n_iter=0,
    ... )
    >>> found = summarise(df, ImputationSpec(method="mean"), [one])
    >>> found.n_imputed, found.columns[0].observed["mean"], found.preview.cells
    (1, 2.0, (('2',),))
    """
    frame = named(df)
    chains = chains_of(imputations)
    traced = sum(len(chain) * chain.shape[1] for chain in chains.values()) <= most
    columns = tuple(
        _column(
            frame[plan.name],
            plan,
            imputations,
            _convergence(chains.get(plan.name), traced=traced),
        )
        for plan in (check(df, spec) if plans is None else plans)
    )
    return ImputationSummary(
        n_rows=len(frame),
        n_columns=frame.shape[1],
        n_missing=sum(column.n_missing for column in columns),
        n_imputed=sum(column.n_imputed for column in columns),
        columns=columns,
        events=_events(imputations),
        preview=_preview(frame, imputations),
    )


def _column(
    series: pd.Series,
    plan: ColumnPlan,
    imputations: Sequence[Imputation],
    convergence: Convergence | None,
) -> ColumnSummary:
    drawn = [_values(one)[plan.name] for one in imputations if plan.name in one.rows]
    filled = len(drawn[0]) if drawn else 0
    every = [pd.Series(one, copy=False) for one in drawn] or [series.iloc[:0]]
    imputed = every[0] if len(every) == 1 else pd.concat(every, ignore_index=True)
    return ColumnSummary(
        name=plan.name,
        level=plan.level,
        method=_method(plan, imputations) if filled else "",
        n_missing=plan.n_missing,
        n_imputed=filled,
        observed=_statistics(series, plan),
        imputed=_statistics(imputed, plan),
        convergence=convergence,
    )


def _convergence(
    chains: NDArray[np.float64] | None, *, traced: bool
) -> Convergence | None:
    """Sum up the chains of one column, shape (m, rounds, 2)."""
    if chains is None:
        return None
    mean, var = chains[:, :, 0], chains[:, :, 1]
    return Convergence(
        rounds=chains.shape[1],
        rhat=_finite(rhat(mean)),
        autocorrelation=_finite(autocorrelation(mean)),
        chain_mean=_trace(mean) if traced else (),
        chain_var=_trace(var) if traced else (),
    )


def _trace(chains: NDArray[np.float64]) -> tuple[tuple[float | None, ...], ...]:
    return tuple(tuple(map(_finite, one)) for one in chains.tolist())


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _method(plan: ColumnPlan, imputations: Sequence[Imputation]) -> str:
    """Name the method that filled a column, also where `auto` chose it."""
    if plan.method != "auto":
        return plan.method
    return best_guess.chosen(imputations[0].events).get(plan.name, plan.method)


def _statistics(values: pd.Series, plan: ColumnPlan) -> Statistics:
    """Describe what is there of a column; missing values do not count."""
    if plan.level in NUMERIC:
        return _of_numbers(values)
    values = showable(values.dropna())
    if not len(values):
        return {}
    if plan.level in {"datetime", "timedelta"}:
        ordered = values.sort_values()
        middle = ordered.iloc[(len(ordered) - 1) // 2]
        return {
            "median": text(middle),
            "min": text(ordered.iloc[0]),
            "max": text(ordered.iloc[-1]),
        }
    counts = values.astype(object).value_counts()
    return {"top": text(counts.index[0]), "share": float(counts.iloc[0] / len(values))}


def _of_numbers(values: pd.Series) -> Statistics:
    """Describe numbers, with one copy of those that are there."""
    y = lent_floats(values)
    y = y[~np.isnan(y)]
    if not len(y):
        return {}
    mean = y.mean(keepdims=True)
    found: Statistics = {
        "mean": float(mean[0]),
        "sd": float(y.std(ddof=1, mean=mean)) if len(y) > 1 else None,
    }
    # the copy is ours: to look for the middle may change its order
    return found | {
        "median": float(np.median(y, overwrite_input=True)),
        "min": float(y.min()),
        "max": float(y.max()),
    }


def _events(imputations: Sequence[Imputation]) -> tuple[LoggedEvent, ...]:
    """Events of all imputations; those that all share belong to none of them."""
    seen: dict[LoggedEvent, list[LoggedEvent]] = {}
    for one in imputations:
        for event in one.events:
            shared = event.model_copy(update={"imputation": None})
            seen.setdefault(shared, []).append(event)
    merged: list[LoggedEvent] = []
    for shared, events in seen.items():
        merged += [shared] if len(events) == len(imputations) else events
    return tuple(merged)


def _preview(frame: pd.DataFrame, imputations: Sequence[Imputation]) -> Preview | None:
    if not imputations or not imputations[0].rows:
        return None
    first = imputations[0]
    # rows ascend, so the first ones of all are among the first ones of each column
    heads = np.concatenate([rows[:PREVIEW_ROWS] for rows in first.rows.values()])
    rows = np.unique(heads)[:PREVIEW_ROWS]
    names = _preview_columns([str(name) for name in frame.columns], first, rows)
    seen = frame.iloc[rows]
    columns = [_preview_cells(seen[name], first, rows) for name in names]
    return Preview(
        index=tuple(text(label) for label in frame.index[rows]),
        columns=tuple(names),
        cells=tuple(zip(*(cells for cells, _ in columns), strict=True)),
        imputed=tuple(zip(*(marks for _, marks in columns), strict=True)),
    )


def _preview_columns(
    names: list[str], first: Imputation, rows: NDArray[np.intp]
) -> list[str]:
    """Those with imputed cells in these rows come before those without."""
    filled = [name for name in names if _among(_rows(first, name), rows)[0].any()]
    shown = set([*filled, *(n for n in names if n not in filled)][:PREVIEW_COLUMNS])
    return [name for name in names if name in shown]


def _preview_cells(
    series: pd.Series, first: Imputation, rows: NDArray[np.intp]
) -> tuple[list[str], list[bool]]:
    """Cells of one column as text, and which of them are imputed."""
    name = str(series.name)
    column = showable(series).astype(object).to_numpy(copy=True)
    marked, places = _among(_rows(first, name), rows)
    if marked.any():
        # these few only: a million imputed cells as objects take a while
        picked = pd.Series(_values(first)[name][places])
        column[marked] = showable(picked).astype(object).to_numpy()
    return [text(value) for value in column], marked.tolist()


def _among(
    own: NDArray[np.intp], rows: NDArray[np.intp]
) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """Which of a few rows a column has filled, and where these stand in its own."""
    places = np.searchsorted(own, rows)
    found = places < len(own)
    found[found] = own[places[found]] == rows[found]
    return found, places[found]


def _values(one: Imputation) -> dict[str, Values]:
    return one.values  # noqa: PD011  no pandas object


def _rows(one: Imputation, name: str) -> NDArray[np.intp]:
    return one.rows.get(name, np.empty(0, dtype=np.intp))


def _moment(value: pd.Timestamp) -> str:
    shown = str(value)
    day, _, clock = shown.partition(" ")
    midnight = clock[:8] == "00:00:00" and clock[8:9] in {"", "+", "-"}
    return day if midnight else shown


def text(value: Any) -> str:
    """Show one value in few letters; a missing value is the empty string.

    Examples
    --------
    >>> text(3.0), text(0.1 + 0.2), text(pd.NA), text(pd.Timestamp("2020-01-31"))
    ('3', '0.3', '', '2020-01-31')
    """
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return ""
    if isinstance(value, float | np.floating):
        shown = f"{value:.6g}"
    elif isinstance(value, pd.Timestamp):
        shown = _moment(value)
    else:
        shown = str(value)
    return shown if len(shown) <= CELL else shown[: CELL - 1] + "…"

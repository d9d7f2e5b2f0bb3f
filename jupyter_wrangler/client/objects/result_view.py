"""What a result shows of itself in a cell, computed once and from few bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_wrangler import contract
from jupyter_wrangler.client.views.result import DRAWN, ResultView, worst_first

if TYPE_CHECKING:
    from jupyter_wrangler.engine.estimator.imputations import Imputations
    from jupyter_wrangler.engine.estimator.judgement.shapes import Shape

#: Bytes of cells, and cells of the data, above which a view looks at the summary alone.
MOST_BYTES, MOST_CELLS = 32 * 2**20, 20_000_000
#: Columns whose distributions are compared for a view, at most.
MOST_COMPARED = 60


def summary_of(
    found: Imputations, spec: contract.ImputationSpec
) -> contract.ImputationSummary:
    """Sum up imputations of which the service keeps no summary."""
    from jupyter_wrangler.engine.estimator.summary import summarise  # noqa: PLC0415  at first use

    return summarise(found.data, spec, found.imputations)


def verdict_of(
    summary: contract.ImputationSummary,
    spec: contract.ImputationSpec | None,
    n_imputations: int,
    found: Imputations | None,
    most: int | None = None,
) -> contract.Verdict:
    """Judge a result, from its summary and, where they are here, its cells.

    Parameters
    ----------
    summary, spec, n_imputations
        What is known of the job.
    found : Imputations, optional
        The cells; without them nothing is said of distributions.
    most : int, optional
        Columns to compare at most: those whose means differ most come first.
    """
    from jupyter_wrangler.engine.estimator.judgement.differences import (  # noqa: PLC0415  at first use
        differences,
    )
    from jupyter_wrangler.engine.estimator.judgement.verdict import verdict  # noqa: PLC0415  the same

    by_column: dict[str, Any] = {}
    if found is not None:
        filled = [column for column in summary.columns if column.n_imputed]
        filled.sort(key=_apart, reverse=True)
        by_column = differences(found, [column.name for column in filled[:most]])
    return verdict(
        summary, n_imputations=n_imputations, spec=spec, differences=by_column
    )


def _apart(column: contract.ColumnSummary) -> float:
    """Give the difference of the means over all rows, in standard deviations."""
    seen, made = column.observed.get("mean"), column.imputed.get("mean")
    sd = column.observed.get("sd")
    numbers = [one for one in (seen, made, sd) if isinstance(one, int | float)]
    if len(numbers) < 3 or not numbers[2]:
        return 0.0
    return abs(numbers[0] - numbers[1]) / numbers[2]


def view_of(
    head: str,
    summary: contract.ImputationSummary,
    verdict: contract.Verdict,
    found: Imputations | None,
) -> ResultView:
    """Gather what is shown: shapes of the worst columns, and the first rows."""
    if found is None:
        note = (
            "The imputed cells are many, so that they were not fetched for this view: "
            "distributions were not compared. .verdict does all of it."
        )
        return ResultView(head=head, verdict=verdict, summary=summary, notes=(note,))
    from jupyter_wrangler.engine.estimator.judgement.grid import grid  # noqa: PLC0415  at first use
    from jupyter_wrangler.engine.estimator.judgement.shapes import shape_of  # noqa: PLC0415  the same

    names = [column.name for column in summary.columns if column.n_imputed]
    shapes: dict[str, Shape] = {}
    for name in worst_first(verdict, names):
        shape = shape_of(found, name) if len(shapes) < DRAWN else None
        if shape is not None:
            shapes[name] = shape
    return ResultView(
        head=head,
        verdict=verdict,
        summary=summary,
        shapes=shapes,
        n_not_drawn=len(names) - len(shapes),
        grid=grid(found, summary),
    )


def chosen_cells(data: Any, cells: Any) -> dict[str, list[int]] | None:
    """Give the imputed cells by column, if observed ones are among them.

    Only then were they chosen by hand.
    """
    names = list(map(str, data.columns))
    over = any(
        data.iloc[rows, names.index(name)].notna().any()
        for name, rows in cells.rows.items()
        if len(rows)
    )
    if not over:
        return None
    return {name: rows.tolist() for name, rows in cells.rows.items() if len(rows)}

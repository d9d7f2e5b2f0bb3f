"""Step 4, Judge and keep: what was imputed, the completed rows, and a name for them."""

from __future__ import annotations

from typing import Any

from jupyter_wrangler import contract
from jupyter_wrangler.client.views import formatting
from jupyter_wrangler.client.views.html import short
from jupyter_wrangler.widgets.panel.grid import cell_text
from jupyter_wrangler.widgets.panel.model import PanelModel

_COLUMNS, _REMARKS = 40, 6


def view(model: PanelModel) -> dict[str, Any]:
    """Return what the step shows, as JSON."""
    job = model.job
    if job is None or not isinstance(job.summary, contract.ImputationSummary):
        return {"ready": False}
    found = job.summary
    touched = [one for one in found.columns if one.n_missing]
    return {
        "ready": True,
        "verdict": formatting.imputed_cells(found),
        "n_imputations": getattr(job.spec, "n_imputations", 1),
        "columns": [_column(one, found.n_rows) for one in touched[:_COLUMNS]],
        "more": max(0, len(touched) - _COLUMNS),
        "remarks": [
            short(f"{e.column}: {e.message}" if e.column else e.message, 300)
            for e in found.events[:_REMARKS]
        ],
    }


def _column(one: contract.ColumnSummary, n_rows: int) -> dict[str, Any]:
    return {
        "name": one.name,
        "missing": f"{one.n_missing:,} ({one.n_missing / n_rows:.1%})",
        "imputed": f"{one.n_imputed:,}",
        "method": one.method or "left alone",
        "observed": _statistic(one.observed),
        "values": _statistic(one.imputed),
    }


def _statistic(found: Any) -> str:
    mean, top, share = found.get("mean"), found.get("top"), found.get("share")
    if isinstance(mean, int | float):
        return f"mean {mean:,.4g}"
    if top is not None:
        of = f" ({share:.0%})" if isinstance(share, int | float) else ""
        return f"top {short(str(top), 30)}{of}"
    median = found.get("median")
    return "" if median is None else f"median {median}"


def why(result: Any, row: int, column: int, name: str) -> str:
    """Say what an imputed cell was given, in each of the imputations."""
    del column
    draws = []
    for k in range(result.n_imputations):
        cells = result.cells(k)
        at = cells.rows[name].searchsorted(row)
        draws.append(cell_text(cells.values[name][at]))
    if len(draws) == 1:
        return f"{name}, row {row}: imputed as {draws[0]}."
    return f"{name}, row {row}: the {len(draws)} imputations are {', '.join(draws)}."

"""Step 2, Plan: a method for each column with its reason, and the comparison."""

from __future__ import annotations

from typing import Any

from jupyter_wrangler.client.views.formatting import status_line
from jupyter_wrangler.client.views.html import short
from jupyter_wrangler.contract import LeaderboardDocument, PlannedColumn, RankedMethod
from jupyter_wrangler.engine.columns.levels import NUMERIC
from jupyter_wrangler.widgets.panel.listing import page_of
from jupyter_wrangler.widgets.panel.model import PanelModel
from jupyter_wrangler.widgets.panel.model.typed import join_names
from jupyter_wrangler.wording import count

_WARNINGS = 6
_SORTS = {
    "name": lambda one: one.name.casefold(),
    "missing": lambda one: one.n_missing,
    "method": lambda one: one.method,
}


def view(model: PanelModel) -> dict[str, Any]:
    """Return what the step shows, as JSON."""
    if model.plan.base is None:
        return {"ready": False}
    columns = model.plan.columns
    listed = [one for one in columns if one.n_missing or one.missing_values]
    lines, table = page_of(
        listed,
        model.plan.listing,
        _SORTS,
        name=lambda one: one.name,
        lacks=lambda _: True,
    )
    n_rows = model.plan.base.n_rows
    return {
        "ready": True,
        "recommended": model.plan.is_recommended,
        "table": table,
        "whole": len(columns) - len(listed),
        "columns": [_column(model, one, n_rows) for one in lines],
        "warnings": [short(w, 400) for w in model.plan.base.warnings[:_WARNINGS]],
        "n_imputations": model.draft.n_imputations,
        "seed": model.draft.random_state,
        "budget": model.draft.budget_min,
        "why_not_run": model.plan.why_not_run,
        "compare": _comparison(model),
    }


def _column(model: PanelModel, one: PlannedColumn, n_rows: int) -> dict[str, Any]:
    predictors = one.predictors
    return {
        "name": one.name,
        "type": one.level,
        "missing": f"{one.n_missing / n_rows:.1%}" if n_rows else "",
        "method": one.method,
        "options": model.plan.options(one),
        "reason": short(one.reason, 500),
        "edited": one.name in model.draft.edits,
        "numeric": one.level in NUMERIC,
        "min": one.min_value,
        "max": one.max_value,
        "predictors": "" if predictors is None else join_names(predictors),
    }


def _comparison(model: PanelModel) -> dict[str, Any]:
    job, board = model.plan.board_job, model.plan.board
    return {
        "methods": model.plan.rivals,
        "state": "" if job is None else job.state,
        "status": "" if job is None else status_line(job),
        "final": job is not None and job.final,
        "share": job.progress.fraction if job and job.progress else None,
        "board": None if board is None else _board(board),
    }


def _board(board: LeaderboardDocument) -> dict[str, Any]:
    return {
        "findings": [short(s, 300) for s in board.findings[:3]],
        "lines": [_ranked(one) for one in board.methods],
        "note": (
            f"{board.n_done} of {count(board.n_trials, 'trial')}; the error is a share "
            "of that of the baseline (median, or most frequent class): less is better."
        ),
        "ready": any(one.rank is not None for one in board.methods),
    }


def _ranked(one: RankedMethod) -> dict[str, Any]:
    return {
        "method": one.method,
        "rank": "" if one.rank is None else str(one.rank),
        "error": "" if one.ratio is None else f"{one.ratio:.0%}",
        "share": one.ratio,
        "worse": one.worse,
        "coverage": "" if one.coverage is None else f"{one.coverage:.0%}",
        "seconds": "" if one.seconds is None else f"{one.seconds:.2g} s",
        "why": short(one.error or "", 300),
    }

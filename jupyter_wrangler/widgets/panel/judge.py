"""Step 4, Judge and keep: what was imputed, the completed rows, and a name for them."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from jupyter_wrangler import contract
from jupyter_wrangler.client.objects.result import Result
from jupyter_wrangler.client.views import formatting
from jupyter_wrangler.client.views.html import short
from jupyter_wrangler.errors import UnknownRow
from jupyter_wrangler.widgets.panel.grid import cell_text
from jupyter_wrangler.widgets.panel.model import PanelModel

_COLUMNS, _REMARKS, _DRAWS = 40, 6, 10
_MARKS = {"ok": "good", "look": "look", "problem": "problem", "unknown": "not known"}


def view(model: PanelModel) -> dict[str, Any]:
    """Return what the step shows, as JSON."""
    job = model.job
    if job is None or not isinstance(job.summary, contract.ImputationSummary):
        return {"ready": False}
    found = job.summary
    touched = [one for one in found.columns if one.n_missing]
    return {
        "ready": True,
        "sentence": formatting.imputed_cells(found),
        "verdict": _verdict(model.verdict),
        # fewer than were asked for where it was finished early, and of "auto" more
        "n_imputations": job.n_finished,
        "columns": [_column(one, found.n_rows) for one in touched[:_COLUMNS]],
        "more": max(0, len(touched) - _COLUMNS),
        "remarks": [
            short(f"{e.column}: {e.message}" if e.column else e.message, 300)
            for e in found.events[:_REMARKS]
        ],
    }


def _verdict(found: contract.Verdict | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "mark": found.mark,
        "sentence": found.sentence,
        "checks": [
            {
                "mark": one.mark,
                "word": _MARKS[one.mark],
                "title": one.title,
                "sentence": short(one.sentence, 400),
                "action": short(one.action, 400),
            }
            for one in found.checks
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


def why(result: Result, row: int, label: Any, name: str) -> str:
    """Say why an imputed cell, by position and label of its row, has its value."""
    # two rows may have the same label
    with contextlib.suppress(UnknownRow):
        return _why_words(result.why(label, name).document)
    draws = []
    for k in result.numbers:
        cells = result.cells(k)
        at = int(cells.rows[name].searchsorted(row))
        draws.append(cell_text(cells.values[name][at]))
    return f"{name}, row {row}: {_draws(draws)}."


def _why_words(found: contract.WhyDocument) -> str:
    """Say it in a few sentences."""
    words = [f"{found.column}, row {found.row}: {found.value}, by {found.method}."]
    if found.low is not None:
        words.append(f"In 90 % of the draws it lies from {found.low} to {found.high}.")
    if len(found.draws) > 1:
        words.append(f"In all, {_draws(found.draws)}.")
    words += found.reasons[:2]
    if found.donors:
        near = ", ".join(dict.fromkeys(f"row {d.row}" for d in found.donors[:3]))
        words.append(f"Donors: {near}.")
    if found.influences:
        strong = ", ".join(f"{i.column} = {i.value}" for i in found.influences[:3])
        words.append(f"Strongest: {strong}.")
    return " ".join(words)


def _draws(draws: Sequence[str]) -> str:
    if len(draws) == 1:
        return f"imputed as {draws[0]}"
    more = "" if len(draws) <= _DRAWS else f" and {len(draws) - _DRAWS} more"
    return f"the {len(draws)} imputations are {', '.join(draws[:_DRAWS])}{more}"

"""Step 1, Look: the columns, what stands for missing values, and the patterns."""

from __future__ import annotations

from typing import Any

from jupyter_wrangler.client.views.html import short
from jupyter_wrangler.contract import ColumnProfile, Disguised, MissingPatterns
from jupyter_wrangler.errors import shown
from jupyter_wrangler.widgets.panel.listing import page_of
from jupyter_wrangler.widgets.panel.model import PanelModel
from jupyter_wrangler.wording import count

#: Patterns, names in a pattern, and findings at most.
_PATTERNS, _NAMES, _FINDINGS = 12, 6, 8
_SORTS = {
    "name": lambda one: one.name.casefold(),
    "type": lambda one: one.level,
    "missing": lambda one: one.n_missing + one.n_codes,
    "distinct": lambda one: one.n_distinct or 0,
}


def view(model: PanelModel) -> dict[str, Any]:
    """Return what the step shows, as JSON."""
    found = model.look.profile
    if found is None:
        return {"ready": False}
    hits: dict[str, list[tuple[int, Disguised]]] = {}
    for i, hit in enumerate(found.disguised):
        hits.setdefault(hit.column, []).append((i, hit))
    lines, table = page_of(
        found.columns,
        model.look.listing,
        _SORTS,
        name=lambda one: one.name,
        lacks=lambda one: bool(one.n_missing or one.name in hits),
    )
    return {
        "ready": True,
        "findings": [short(s, 400) for s in found.sentences[:_FINDINGS]],
        "notes": [short(s, 400) for s in found.notes[:_FINDINGS]],
        "table": table,
        "columns": [
            _column(model, one, found.n_rows, hits.get(one.name, [])) for one in lines
        ],
        "patterns": _patterns(found.patterns, found.n_rows),
    }


def _column(
    model: PanelModel,
    one: ColumnProfile,
    n_rows: int,
    hits: list[tuple[int, Disguised]],
) -> dict[str, Any]:
    marked = sum(hit.n for i, hit in hits if i in model.draft.marks)
    lacking = one.n_missing + marked
    share = lacking / n_rows if n_rows else 0.0
    return {
        "name": one.name,
        "type": one.level,
        "dtype": one.dtype,
        "n_missing": one.n_missing,
        "share": share,
        "missing": f"{share:.1%}" if lacking else "none",
        "bars": _bars(one.histogram),
        "shape": _shape(one),
        "codes": [
            {
                "id": i,
                "value": short(shown(hit.value), 30),
                "n": hit.n,
                "marked": i in model.draft.marks,
                "evidence": short(hit.evidence, 300),
            }
            for i, hit in hits
        ],
        "note": short(" ".join(filter(None, (one.note, one.advice))), 300),
    }


def _bars(histogram: tuple[int, ...]) -> list[float]:
    most = max(histogram, default=0)
    return [round(n / most, 3) for n in histogram] if most else []


def _shape(one: ColumnProfile) -> str:
    """Say how the values are distributed, for those who do not see the bars."""
    low, middle, high = (one.quantiles.get(k) for k in ("min", "median", "max"))
    if low is not None and high is not None:
        return f"{_number(low)} to {_number(high)}, median {_number(middle)}"
    if one.top:
        top = one.top[0]
        of = f" of {one.n_distinct:,}" if one.n_distinct is not None else ""
        return f"most frequent{of}: {short(top.value, 24)} ({top.n:,})"
    return "no observed value"


def _number(value: float | str | None) -> str:
    if not isinstance(value, int | float):
        return str(value)
    # years and the like without a comma
    return f"{value:.6g}" if abs(value) < 1e4 else f"{value:,.6g}"


def _patterns(found: MissingPatterns, n_rows: int) -> dict[str, Any]:
    """List the patterns by their number of rows."""
    lacking = [one for one in found.listed if one.missing]
    lacking.sort(key=lambda one: -one.n_rows)
    complete = sum(one.n_rows for one in found.listed if not one.missing)
    more = found.n_patterns - len(found.listed) + max(0, len(lacking) - _PATTERNS)
    return {
        "complete": f"{complete:,} of {count(n_rows, 'row')} are complete",
        "lines": [
            {
                "columns": [found.columns[k] for k in one.missing[:_NAMES]],
                "more": max(0, len(one.missing) - _NAMES),
                "n": one.n_rows,
                "share": one.n_rows / n_rows if n_rows else 0.0,
            }
            for one in lacking[:_PATTERNS]
        ],
        "more": more,
    }

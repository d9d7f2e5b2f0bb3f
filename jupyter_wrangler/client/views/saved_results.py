"""Named results as text and as static HTML."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from jupyter_wrangler import contract
from jupyter_wrangler.client.views import html
from jupyter_wrangler.wording import count

#: Columns of the list, in their order.
COLUMNS = (
    "name",
    "versions",
    "latest",
    "note",
    "saved",
    "rows",
    "columns",
    "imputations",
    "partial",
    "methods",
    "bytes",
)
_HEADS = ["name", "versions", "note", "saved", "data", "imputations", "method", "size"]
#: Characters of a name and of a note in a list.
_NAME, _NOTE = 60, 40
_NONE = "No saved results yet; result.save(name) saves one."


def row(one: contract.NamedResult) -> dict[str, Any]:
    """Return what a list shows of a named result, by column."""
    latest = one.latest
    return {
        "name": one.name,
        "versions": one.n_versions,
        "latest": latest.n,
        "note": latest.note,
        "saved": latest.created_at,
        "rows": latest.n_rows,
        "columns": latest.n_columns,
        "imputations": latest.n_imputations,
        "partial": latest.partial,
        "methods": ", ".join(latest.methods),
        "bytes": latest.size,
    }


def one(seen: contract.NamedResult) -> str:
    """Say what one named result is, in a line."""
    versions = count(seen.n_versions, "version")
    return f"SavedResult {seen.name!r}: {versions}, latest: {seen.latest!r}"


def listed(found: Sequence[contract.NamedResult]) -> str:
    """Set named results in columns."""
    if not found:
        return _NONE
    lines = [_HEADS, *(_cells(each) for each in found)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(_HEADS))]
    return "\n".join(
        "  ".join(
            word.ljust(width) for word, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def listed_html(found: Sequence[contract.NamedResult]) -> str:
    """Make a table of named results."""
    if not found:
        return f"<p>{html.text(_NONE)}</p>"
    rows = [[html.text(cell) for cell in _cells(each)] for each in found]
    return html.table(_HEADS, rows, right={5, 7})


def _cells(seen: contract.NamedResult) -> list[str]:
    latest = seen.latest
    return [
        html.short(seen.name, _NAME),
        f"{seen.n_versions:,} (latest {contract.AT}{latest.n})",
        html.short(one_line(latest.note), _NOTE),
        saved(latest),
        _shape(latest),
        imputations(latest),
        html.short(", ".join(latest.methods)),
        size(latest.size),
    ]


def version_rows(version: contract.ResultVersion) -> list[tuple[str, str]]:
    """Return what is known of one version, a pair for each line."""
    job = str(version.job_id) + ("" if version.job_exists else " (deleted)")
    found = {
        "version": str(version.n),
        "note": one_line(version.note),
        "saved": saved(version),
        "data": f"{version.dataset_name}, {_shape(version)}",
        "imputations": imputations(version),
        "method": ", ".join(version.methods),
        "seed": "" if version.random_state is None else str(version.random_state),
        "size": size(version.size),
        "repeats": version.source or "",
        "job": job,
        "computed by": f"jupyter-wrangler {version.app_version}",
    }
    return [(name, value) for name, value in found.items() if value]


def saved(version: contract.ResultVersion) -> str:
    """Say when a version was saved."""
    return f"{version.created_at.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"


def imputations(version: contract.ResultVersion) -> str:
    """Count the imputations of a version, and of a partial one those wanted."""
    made = f"{version.n_imputations:,}"
    return f"{made} of {version.n_wanted:,}" if version.partial else made


def one_line(note: str | None) -> str:
    """Put a note in one line."""
    return " ".join((note or "").split())


def _shape(version: contract.ResultVersion) -> str:
    return f"{version.n_rows:,} × {version.n_columns:,}"  # noqa: RUF001  as pandas does


def size(bytes_: int) -> str:
    """Say a number of bytes.

    Examples
    --------
    >>> size(512), size(20_500), size(3_200_000)
    ('512 B', '20.5 kB', '3.2 MB')
    """
    value, units = float(bytes_), ["kB", "MB", "GB"]
    if bytes_ < 1000:
        return f"{bytes_} B"
    for unit in units:
        value /= 1000
        if value < 1000 or unit == units[-1]:
            break
    return f"{value:,.1f} {unit}"

"""A profile as plain text, for terminals."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from jupyter_wrangler import contract
from jupyter_wrangler.client.views.html import short

#: Heights of a bar; nothing is a blank that is as wide.
_BLOCKS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
#: Columns that are shown at most.
_MAX_COLUMNS = 30
_WIDTH = 88


def blocks(counts: Iterable[int]) -> str:
    """Draw a histogram in one line.

    Examples
    --------
    >>> blocks([1, 4, 8])
    '▁▄█'
    """
    heights = list(counts)
    top = max(heights, default=0)
    return "".join(
        _BLOCKS[max(0, -(-8 * n // top) - 1)] if n else "\u00a0" for n in heights
    )


def values(column: contract.ColumnProfile) -> str:
    """Say in a few words what a column holds."""
    found = column.quantiles
    if found:
        low, high = number(found.get("min")), number(found.get("max"))
        q1, q3 = number(found.get("q1")), number(found.get("q3"))
        if low == high:
            return f"always {low}"
        return f"{low} to {high}, half of them {q1} to {q3}"
    n = sum(column.histogram)
    frequent = [f"{short(one.value, 20)} ({one.n:,})" for one in column.top[:3]]
    if not frequent:
        return "all different" if column.n_distinct and n else ""
    return ", ".join(frequent)


def number(value: float | str | None) -> str:
    """Show a number with four digits, whole ones with all, and a moment as it is.

    Examples
    --------
    >>> number(9999999.0), number(1e9), number(1234567.8), number(3.14159)
    ('9999999', '1e+09', '1.235e+06', '3.142')
    """
    if value is None:
        return "?"
    if isinstance(value, str):
        return value
    rounded = f"{value:.4g}"
    whole = float(value).is_integer() and abs(value) < 1e16
    exact = "e" in rounded and float(rounded) == value
    return f"{value:.0f}" if whole and not exact else rounded


def text(found: contract.ProfileDocument) -> str:
    """Show what stands out, and a line for each column."""
    lines = [found.sentences[0]]
    for sentence in found.sentences[1:]:
        lines += textwrap.wrap(
            sentence, _WIDTH, initial_indent="- ", subsequent_indent="  "
        )
    shown = found.columns[:_MAX_COLUMNS]
    cells = [("column", "level", "missing", "distinct", "shape", "values")]
    cells += [
        (
            short(column.name, 24),
            column.level,
            f"{column.n_missing / found.n_rows:.1%}" if column.n_missing else "",
            "" if column.n_distinct is None else f"{column.n_distinct:,}",
            blocks(column.histogram),
            values(column),
        )
        for column in shown
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines.append("")
    for line in cells:
        aligned = [
            cell.rjust(width) if k in {2, 3} else cell.ljust(width)
            for k, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        lines.append("  ".join(aligned).rstrip(" "))
    if len(found.columns) > _MAX_COLUMNS:
        lines.append(f"... and {len(found.columns) - _MAX_COLUMNS:,} more columns.")
    lines += [f"Note: {note}" for note in found.notes]
    return "\n".join(lines)

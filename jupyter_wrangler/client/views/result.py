"""A result as text and as static HTML: verdict, shapes before and after, first rows.

Only what sanitizers keep: no style sheet, no script; pictures hold their own bytes and
say in words what they show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from jupyter_wrangler.client.views import html
from jupyter_wrangler.client.views.html import short, table, text
from jupyter_wrangler.client.views.pictures import (
    HEIGHT,
    WIDTH,
    bars,
    data_address,
    overlay_png,
)
from jupyter_wrangler.client.views.verdict import MARKS, verdict_html, verdict_text
from jupyter_wrangler.contract import ColumnFinding, ImputationSummary, Verdict
from jupyter_wrangler.engine.estimator.judgement.grid import Grid
from jupyter_wrangler.engine.estimator.judgement.shapes import Shape

#: Columns that are drawn, and letters of a cell.
DRAWN, CELL = 12, 24
_MARK = 'style="background-color: #ffd8a8"'


@dataclass(frozen=True, kw_only=True)
class ResultView:
    """What is shown of a result."""

    head: str
    verdict: Verdict
    summary: ImputationSummary
    #: Column -> its shape, the worst first.
    shapes: dict[str, Shape] = field(default_factory=dict)
    #: Imputed columns that are not drawn.
    n_not_drawn: int = 0
    grid: Grid | None = None
    #: What was not looked at, and why, in whole sentences.
    notes: tuple[str, ...] = ()


def result_text(view: ResultView) -> str:
    """Say in text what the HTML shows."""
    lines = [view.head, "", verdict_text(view.verdict)]
    lines += [f"  {note}" for note in view.notes]
    if view.shapes:
        lines += ["", "Observed and imputed values (they need not agree):"]
        wide = max(len(short(name, CELL)) for name in view.shapes)
        for name, shape in view.shapes.items():
            seen, made = _lines(shape)
            label = f"{short(name, CELL):<{wide}}"
            lines.append(f"  {label}  observed |{seen}|  imputed |{made}|")
        lines += [f"  {one}" for one in _rest(view)]
    if view.grid is not None:
        lines += [
            "",
            "First rows that had missing values; [imputed]:",
            *_rows(view.grid),
        ]
    return "\n".join(lines)


def _lines(shape: Shape) -> tuple[str, str]:
    """Draw both distributions as bars of text; those of numbers each to its height."""
    seen, made = shape.observed.tolist(), shape.imputed.tolist()
    tops = [max(seen), max(made)]
    if shape.classes:
        tops = [max(tops), max(tops)]
    return bars(seen, tops[0]), bars(made, tops[1])


def _rows(grid: Grid) -> list[str]:
    """Lay out the first rows as text, with brackets around what was imputed."""
    heads = ["", *(short(name, CELL) for name in grid.columns)]
    lines = [
        [short(label, CELL), *(f"[{c}]" if n is not None else c for c, n in pairs)]
        for label, pairs in (
            (label, zip(cells, notes, strict=True))
            for label, cells, notes in zip(
                grid.index, grid.cells, grid.notes, strict=True
            )
        )
    ]
    wide = [max(map(len, column)) for column in zip(heads, *lines, strict=True)]
    return [
        "  " + "  ".join(cell.rjust(w) for cell, w in zip(line, wide, strict=True))
        for line in [heads, *lines]
    ]


def result_html(view: ResultView) -> str:
    """Show verdict, shapes, counts by column, and first rows."""
    parts = [f"<p>{text(view.head)}</p>", verdict_html(view.verdict)]
    parts += [f"<p>{text(note)}</p>" for note in view.notes]
    if view.shapes:
        parts.append(_shapes_table(view))
    parts.append(
        "<details><summary><b>What was done to each column</b></summary>"
        f"{html.summary(view.summary.model_copy(update={'preview': None}))}</details>"
    )
    if view.grid is not None:
        parts.append(_grid_table(view.grid))
    return "".join(parts)


def _shapes_table(view: ResultView) -> str:
    found = {
        one.column: one
        for check in view.verdict.checks
        if check.name == "distributions"
        for one in check.columns
    }
    methods = {column.name: column for column in view.summary.columns}
    lines = [
        [
            text(short(name)),
            text(f"{methods[name].n_imputed:,}"),
            text(short(methods[name].method)),
            _picture(name, shape),
            text(_finding_text(found.get(name))),
        ]
        for name, shape in view.shapes.items()
    ]
    heads = ["column", "imputed", "method", "observed (blue), imputed (orange)", ""]
    rest = "".join(f"<p>{text(one)}</p>" for one in _rest(view))
    return (
        "<p><b>Observed and imputed values</b>: they need not agree; where missing "
        "values depend on other columns, what is missing differs from what is not.</p>"
        f"{table(heads, lines, right={1})}{rest}"
    )


def _finding_text(finding: ColumnFinding | None) -> str:
    if finding is None:
        return ""
    sign, word = MARKS[finding.mark]
    return f"{sign} {word}: {finding.sentence}"


def _rest(view: ResultView) -> list[str]:
    if not view.n_not_drawn:
        return []
    more = "column was" if view.n_not_drawn == 1 else "columns were"
    sentence = (
        f"{view.n_not_drawn:,} more {more} imputed; those that stand out come first. "
        "Draw any of them by .plot.overlay(column)."
    )
    return [sentence]


def _picture(name: str, shape: Shape) -> str:
    seen, made = shape.observed.tolist(), shape.imputed.tolist()
    png = overlay_png(seen, made, classes=bool(shape.classes))
    if shape.classes:
        words = "; ".join(
            f"{short(one, 16)} {a:.0%} observed, {b:.0%} imputed"
            for one, a, b in list(zip(shape.classes, seen, made, strict=True))[:6]
        )
    else:
        words = "observed {}, imputed {}".format(*_lines(shape))
    return (
        f'<img src="{data_address(png)}" width="{WIDTH // 2}" height="{HEIGHT // 2}" '
        f'alt="{text(short(name))}: {text(words)}">'
    )


def _grid_table(grid: Grid) -> str:
    lines = [
        [
            text(short(label, CELL)),
            *(
                text(short(cell, CELL))
                if note is None
                else f'<mark {_MARK} title="imputed: {text(note)}">'
                f"{text(short(cell, CELL))}</mark>"
                for cell, note in zip(cells, notes, strict=True)
            ),
        ]
        for label, cells, notes in zip(grid.index, grid.cells, grid.notes, strict=True)
    ]
    right = {
        at
        for at, column in enumerate(zip(*grid.cells, strict=True), start=1)
        if all(map(_is_number, column))
    }
    return (
        f"<p>First rows that had missing values; <mark {_MARK}>imputed</mark> cells "
        "say on hovering how they came about; <code>.why(row, column)</code> says "
        "more.</p>"
        + table(["", *(short(name, CELL) for name in grid.columns)], lines, right)
    )


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "") or "0")
    except ValueError:
        return False
    return True


def worst_first(verdict: Verdict, names: Sequence[str]) -> list[str]:
    """Order imputed columns: those that stand out in any check, then the others."""
    odd = [
        one.column
        for mark in ("problem", "look")
        for check in verdict.checks
        for one in check.columns
        if one.mark == mark
    ]
    inside = set(names)
    return list(dict.fromkeys([*(one for one in odd if one in inside), *names]))

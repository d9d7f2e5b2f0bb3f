"""A plan as plain text and as static HTML."""

from __future__ import annotations

from jupyter_wrangler.client.views.html import short, table
from jupyter_wrangler.client.views.html import text as escaped
from jupyter_wrangler.contract import PlanDocument, PlannedColumn
from jupyter_wrangler.wording import count

#: Lines of a table at most; the rest is counted.
_MAX_ROWS = 40


def text(plan: PlanDocument) -> str:
    """Show a line for each column that has something to say."""
    rows, rest = _rows_and_rest(plan)
    parts = [_title(plan), *(f"  Look out: {warning}" for warning in plan.warnings)]
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(3)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        parts.append("  " + "  ".join([*cells, row[3]]).rstrip())
    return "\n".join([*parts, *([f"  {rest}."] if rest else [])])


def html(plan: PlanDocument) -> str:
    """Show the warnings, and a table of the columns that have something to say."""
    rows, rest = _rows_and_rest(plan)
    parts = [f"<p><b>{escaped(_title(plan))}</b></p>"]
    if plan.warnings:
        items = "".join(f"<li>{escaped(warning)}</li>" for warning in plan.warnings)
        parts.append(f"<p>Look out:</p><ul>{items}</ul>")
    if rows:
        cells = [
            [
                escaped(short(name)),
                missing,
                f"<code>{escaped(method)}</code>" if method != "-" else "-",
                escaped(why),
            ]
            for name, missing, method, why in rows
        ]
        parts.append(table(["column", "missing", "method", "why"], cells, {1}))
    if rest:
        parts.append(f"<p>{escaped(rest)}.</p>")
    return "".join(parts)


def _title(plan: PlanDocument) -> str:
    imputed = sum(1 for column in plan.columns if column.method)
    alone = sum(1 for column in plan.columns if column.n_missing and not column.method)
    title = f"Plan for {count(len(plan.columns), 'column')}: {imputed} to impute"
    if alone:
        title += f", {alone} left alone"
    return title + (f", target {plan.target!r}" if plan.target else "")


def _rows_and_rest(plan: PlanDocument) -> tuple[list[list[str]], str]:
    """Return the rows of the table, and words for the columns that are not in it."""
    listed = [
        column
        for column in plan.columns
        if column.method
        or column.n_missing
        or column.missing_values
        or "plan[" in column.reason
    ]
    rows = [
        [
            column.name,
            f"{column.n_missing / plan.n_rows:.1%}" if plan.n_rows else "",
            column.method or "-",
            _reason(column),
        ]
        for column in listed[:_MAX_ROWS]
    ]
    rest = []
    if len(listed) > _MAX_ROWS:
        rest.append(count(len(listed) - _MAX_ROWS, "more column"))
    complete = len(plan.columns) - len(listed)
    if complete:
        verb = "has" if complete == 1 else "have"
        rest.append(f"{count(complete, 'column')} {verb} nothing missing")
    return rows, "; ".join(rest)


def _reason(column: PlannedColumn) -> str:
    if not column.missing_values:
        return column.reason
    values = ", ".join(map(repr, column.missing_values))
    return f"{column.reason} Missing: {values}."

"""A leaderboard as plain text and as static HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from jupyter_wrangler import contract
from jupyter_wrangler.client.views.html import short, table
from jupyter_wrangler.client.views.html import text as escaped
from jupyter_wrangler.engine.compare.findings import number
from jupyter_wrangler.wording import count

#: Columns, and methods, that the views show; `to_frame` has them all.
_MAX_COLUMNS, _MAX_METHODS = 8, 30
_LEGEND = (
    "By column: mean absolute error in its own unit, or share of right classes. "
    "Error: mean over the columns, as a share of that of the baseline (median, or most "
    "frequent class) in the same cells."
)


def text(board: contract.LeaderboardDocument) -> str:
    """Show what stands out, and a line for each method."""
    findings = (f"* {sentence}" for sentence in board.findings)
    return "\n".join([_title(board), *findings, "", *_table_lines(board), _LEGEND])


def html(board: contract.LeaderboardDocument) -> str:
    """Show what stands out, and a line for each method."""
    findings = "".join(f"<li>{escaped(sentence)}</li>" for sentence in board.findings)
    head = f"<p><b>{escaped(_title(board))}</b></p><ul>{findings}</ul>"
    legend = (
        f"{_LEGEND} Bold is nearest; <s>struck through</s> is farther off than the "
        f"baseline.{_omitted_columns(board)}"
    )
    return f"{head}{_html_table(board)}<p>{legend}</p>"


def _title(board: contract.LeaderboardDocument) -> str:
    spec = board.spec
    where = (
        "at random" if spec.mechanism == "mcar" else "as missing values are in the data"
    )
    times = "once" if spec.repeats == 1 else f"{spec.repeats} times"
    methods = count(len(board.methods) - 1, "method")
    columns = count(len(board.columns), "column")
    return (
        f"Leaderboard: {methods} and the baseline in {columns}, {spec.fraction:.0%} of "
        f"the observed cells hidden {where}, {times}"
    )


def _table_lines(board: contract.LeaderboardDocument) -> Iterator[str]:
    """Lay the table out as text, in columns of equal width."""
    heads = _column_heads(board)
    rows = [_row_cells(board, one) for one in board.methods[:_MAX_METHODS]]
    table = [heads, *([cell for cell, _ in row] for row in rows)]
    wide = [max(len(row[k]) for row in table) for k in range(len(heads))]
    for row in table:
        cells = [
            cell.ljust(size) if k == 1 else cell.rjust(size)
            for k, (cell, size) in enumerate(zip(row, wide, strict=True))
        ]
        yield "  ".join(cells).rstrip()
    if more := _omitted_columns(board):
        yield more.strip()


def _html_table(board: contract.LeaderboardDocument) -> str:
    rows: list[list[str]] = []
    for one in board.methods[:_MAX_METHODS]:
        cells = [_marked_cell(cell, mark) for cell, mark in _row_cells(board, one)]
        # the name of a line comes first
        rows.append([cells[1], cells[0], *cells[2:]])
    heads = _column_heads(board)
    heads = [heads[1], heads[0], *heads[2:]]
    return table(heads, rows, right=range(1, len(heads)))


def _marked_cell(cell: str, mark: str) -> str:
    # an error and its spread stay on one line
    content = escaped(cell).replace(" ± ", "&nbsp;±&nbsp;")
    return f"<{mark}>{content}</{mark}>" if mark and content else content


def _column_heads(board: contract.LeaderboardDocument) -> list[str]:
    heads = ["rank", "method", "error"]
    for column in board.columns[:_MAX_COLUMNS]:
        what = ", right" if column.classes else f" ({column.unit})" * bool(column.unit)
        heads.append(short(column.name) + what)
    return [*heads, *(measurement.head for measurement in _measured(board))]


def _row_cells(
    board: contract.LeaderboardDocument, one: contract.RankedMethod
) -> list[tuple[str, str]]:
    """Cells of one line, and whether each is bold (b) or struck through (s)."""
    cells = [
        (str(one.rank or "-"), ""),
        (_name(one), "b" if one.rank == 1 else ""),
        (_mean_error(one), "s" if one.worse else ""),
    ]
    scores = {score.column: score for score in one.scores}
    for column in board.columns[:_MAX_COLUMNS]:
        score = scores.get(column.name)
        if score is None:
            cells.append(("-", ""))
            continue
        error = f"{1 - score.error:.0%}" if column.classes else number(score.error)
        best = score.error == _least_error(board, column.name)
        cells.append((error, "b" if best else "s" if score.worse else ""))
    return [*cells, *((each.cell(one), "") for each in _measured(board))]


def _name(one: contract.RankedMethod) -> str:
    if one.error:
        return f"{one.method} (could not run)"
    return f"{one.method} (worse)" if one.worse else one.method


def _mean_error(one: contract.RankedMethod) -> str:
    """Error as a share of that of the baseline, and its spread over repeats."""
    if one.ratio is None:
        return ""
    if one.spread is None or one.method == contract.BASELINE:
        return f"{one.ratio:.0%}"
    return f"{one.ratio:.0%} ± {one.spread:.0%}"


def _least_error(board: contract.LeaderboardDocument, column: str) -> float | None:
    errors = [
        score.error
        for one in board.methods
        if one.rank is not None
        for score in one.scores
        if score.column == column
    ]
    return min(errors, default=None)


@dataclass(frozen=True)
class _Measurement:
    """A number of each method that is shown where any method has it."""

    head: str
    name: str
    spell: Callable[[float], str]

    def cell(self, one: contract.RankedMethod) -> str:
        value = getattr(one, self.name)
        return "-" if value is None else self.spell(value)


_MEASUREMENTS = (
    _Measurement("in 90% interval", "coverage", "{:.0%}".format),
    _Measurement("seconds", "seconds", number),
    _Measurement("MiB", "peak_mib", "{:,.0f}".format),
)


def _measured(board: contract.LeaderboardDocument) -> list[_Measurement]:
    return [
        each
        for each in _MEASUREMENTS
        if any(getattr(one, each.name) is not None for one in board.methods)
    ]


def _omitted_columns(board: contract.LeaderboardDocument) -> str:
    left = len(board.columns) - _MAX_COLUMNS
    if left <= 0:
        return ""
    return f" {count(left, 'more column')}: see to_frame()."

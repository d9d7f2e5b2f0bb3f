"""A leaderboard in your hands: which method fills which column best, and how well.

Errors are in the unit of the column, so that one can judge what they mean; a method
as a whole is judged by its errors as shares of those of the baseline.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from jupyter_wrangler import contract
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects.extensions import plots_of
from jupyter_wrangler.client.objects.plan import Plan
from jupyter_wrangler.client.views import formatting, html
from jupyter_wrangler.engine.compare.findings import number
from jupyter_wrangler.errors import InvalidSpec, ResultNotReady

#: Columns, and methods, that the views show; `to_frame` has them all.
_COLUMNS, _METHODS = 8, 30
_LEGEND = (
    "By column: mean absolute error in its own unit, or share of right classes. "
    "Error: mean over the columns, as a share of that of the baseline (median, or most "
    "frequent class) in the same cells."
)


@public
class Leaderboard:
    """Methods in the order of their errors in hidden cells.

    Parameters
    ----------
    document : contract.LeaderboardDocument
        What the comparison has found so far.
    """

    def __init__(self, document: contract.LeaderboardDocument) -> None:
        self.document = document

    def plot(self) -> Any:
        """Draw the error of each method; see `charts.leaderboard`."""
        return plots_of(self)

    @property
    def findings(self) -> tuple[str, ...]:
        """What stands out, in whole sentences."""
        return self.document.findings

    @property
    def done(self) -> bool:
        """Whether every method was tried in every repeat."""
        return self.document.n_done == self.document.n_trials

    @property
    def ranking(self) -> pd.DataFrame:
        """A line for each method, the best first.

        `error` (mean over the columns, as a share of that of the baseline), its
        `spread` over the repeats, `worse` (than the baseline), `coverage` of the 90 %
        intervals, `draws`, `repeats`, `seconds` of one imputation, `peak_mib` and
        `reason`, why it could not run.
        """
        lines = [
            {
                "rank": one.rank,
                "error": one.ratio,
                "spread": one.spread,
                "worse": one.worse,
                "coverage": one.coverage,
                "draws": one.draws,
                "repeats": one.repeats,
                "seconds": one.seconds,
                "peak_mib": one.peak_mib,
                "reason": one.error,
            }
            for one in self.document.methods
        ]
        names = pd.Index([one.method for one in self.document.methods], name="method")
        whole = {"rank": "Int64"}
        shares = dict.fromkeys(
            ("error", "spread", "coverage", "seconds", "peak_mib"), "float64"
        )
        return pd.DataFrame(lines, index=names).astype(whole | shares)

    def to_frame(self) -> pd.DataFrame:
        """Give every score: a line for each method and column.

        Returns
        -------
        DataFrame
            `method`, `column`, `unit`, `used` (method that filled it, where the one
            asked for does not fit), `n` (hidden cells), `error`, `ratio`, `worse`,
            and what has a meaning for the column of `mae`, `rmse`, `bias`, `right`,
            `balanced`, `single`, `wasserstein`, `energy`, `coverage` and `width`.
        """
        units = {column.name: column.unit for column in self.document.columns}
        lines = [
            {
                "method": one.method,
                "column": score.column,
                "unit": units[score.column],
                "used": ", ".join(score.used),
                **score.model_dump(exclude={"column", "used", *_NUMBERS}),
                **{name: getattr(score, name) for name in _NUMBERS},
            }
            for one in self.document.methods
            for score in one.scores
        ]
        heads = ["method", "column", "unit", "used", "n", "error", "ratio", "worse"]
        found = pd.DataFrame(lines, columns=[*heads, *_NUMBERS])
        return found.astype(dict.fromkeys(("error", "ratio", *_NUMBERS), "float64"))

    def best(self, *, draws: bool = False) -> Plan:
        """Choose a method for each column.

        For one completed data set it is the one with the least error of one draw.  For
        several it is the standard one of the proper methods that were compared, unless
        another has better draws beyond chance: see "Choosing" in the documentation of
        comparisons.

        Parameters
        ----------
        draws : bool, default=False
            For several imputations: only methods whose draws are for inference.

        Returns
        -------
        Plan
            Column -> method, with the errors as reasons; for `impute`.  Where nothing
            is nearer than the baseline it is the baseline's: median, or most_frequent.
            With `draws` the reasons say how sure the choices are.

        Raises
        ------
        ResultNotReady
            If no method was tried to its end yet.
        InvalidSpec
            If no proper method that draws was compared.
        """
        ran = [one for one in self.document.methods if one.rank is not None]
        if not ran:
            raise ResultNotReady(
                "No method was tried to its end yet, so that none is best; wait for "
                "the comparison with job.result()."
            )
        if draws:
            return self._drawn()
        columns = (_planned(column, ran) for column in self.document.columns)
        return Plan(
            contract.PlanDocument(
                columns=tuple(one for one in columns if one is not None),
                n_rows=self.document.n_rows,
                n_imputations=1,
            )
        )

    def _drawn(self) -> Plan:
        """Plan what was chosen for several imputations."""
        known = {column.name: column for column in self.document.columns}
        if not self.document.choices:
            raise InvalidSpec(
                "No method that draws was compared, of those that are proper, and "
                "draws=True wants one; compare 'pmm' or 'norm', or leave draws=True "
                "out."
            )
        columns = tuple(
            contract.PlannedColumn(
                name=one.column,
                level=known[one.column].level,
                n_missing=known[one.column].n_missing,
                method=one.method,
                reason=one.reason,
            )
            for one in self.document.choices
        )
        return Plan(
            contract.PlanDocument(
                columns=columns,
                n_rows=self.document.n_rows,
                n_imputations=max(2, self.document.spec.n_imputations),
            )
        )

    # ── looks ──

    def __repr__(self) -> str:
        return "\n".join([*_head(self.document), *_lines(self.document), _LEGEND])

    def _repr_html_(self) -> str:
        board = self.document
        told = "".join(f"<li>{html.text(one)}</li>" for one in board.findings)
        head = f"<p><b>{html.text(_title(board))}</b></p><ul>{told}</ul>"
        legend = (
            f"{_LEGEND} Bold is nearest; <s>struck through</s> is farther off than the "
            f"baseline.{_more(board)}"
        )
        return f"{head}{_table(board)}<p>{legend}</p>"


#: Scores that are numbers, in the order in which they are shown.
_NUMBERS = tuple(contract.Scores.model_fields)


def _planned(
    column: contract.JudgedColumn, ran: list[contract.Standing]
) -> contract.PlannedColumn | None:
    """Plan what filled a column best; the baseline wins where errors are equal."""
    scored = [
        (
            score.error if score.single is None else score.single,
            one.method != contract.BASELINE,
            one.rank,
            one.method,
            score,
        )
        for one in ran
        for score in one.scores
        if score.column == column.name
    ]
    if not scored:
        return None
    error, *_, method, score = min(scored, key=lambda found: found[:3])
    unit = f" {column.unit}" if column.unit else ""
    told = (
        f"right in {1 - error:.0%}"
        if column.classes
        else f"off by {number(error)}{unit} on average"
    )
    share = score.ratio
    if share is not None and score.error > 0:
        share *= error / score.error
    beside = "" if share is None else f", {share:.0%} of the baseline's error"
    return contract.PlannedColumn(
        name=column.name,
        level=column.level,
        n_missing=column.n_missing,
        # a stand-in is named itself; `auto` may choose another one each time
        method=score.used[0] if len(score.used) == 1 else method,
        reason=f"In {formatting.count(score.n, 'hidden cell')} {told}{beside}.",
    )


def _title(board: contract.LeaderboardDocument) -> str:
    spec = board.spec
    where = "at random" if spec.mechanism == "mcar" else "as holes are in the data"
    times = "once" if spec.repeats == 1 else f"{spec.repeats} times"
    methods = formatting.count(len(board.methods) - 1, "method")
    columns = formatting.count(len(board.columns), "column")
    return (
        f"Leaderboard: {methods} and the baseline in {columns}, {spec.fraction:.0%} of "
        f"the observed cells hidden {where}, {times}"
    )


def _head(board: contract.LeaderboardDocument) -> list[str]:
    return [_title(board), *(f"* {one}" for one in board.findings), ""]


def _lines(board: contract.LeaderboardDocument) -> Iterator[str]:
    """Lay the table out as text, in columns of equal width."""
    heads = _heads(board)
    rows = [_cells(board, one) for one in board.methods[:_METHODS]]
    table = [heads, *([cell for cell, _ in row] for row in rows)]
    wide = [max(len(row[k]) for row in table) for k in range(len(heads))]
    for row in table:
        cells = [
            cell.ljust(size) if k == 1 else cell.rjust(size)
            for k, (cell, size) in enumerate(zip(row, wide, strict=True))
        ]
        yield "  ".join(cells).rstrip()
    if more := _more(board):
        yield more.strip()


def _table(board: contract.LeaderboardDocument) -> str:
    rows = []
    for one in board.methods[:_METHODS]:
        cells = [_dressed(cell, mark) for cell, mark in _cells(board, one)]
        # the name of a line comes first
        rows.append([cells[1], cells[0], *cells[2:]])
    heads = _heads(board)
    heads = [heads[1], heads[0], *heads[2:]]
    return html.table(heads, rows, right=range(1, len(heads)))


def _dressed(cell: str, mark: str) -> str:
    # an error and its spread stay on one line
    told = html.text(cell).replace(" ± ", "&nbsp;±&nbsp;")
    return f"<{mark}>{told}</{mark}>" if mark and told else told


def _heads(board: contract.LeaderboardDocument) -> list[str]:
    heads = ["rank", "method", "error"]
    for column in board.columns[:_COLUMNS]:
        what = ", right" if column.classes else f" ({column.unit})" * bool(column.unit)
        heads.append(html.short(column.name) + what)
    if _covered(board):
        heads.append("in 90% interval")
    if _timed(board):
        heads.append("seconds")
    if _weighed(board):
        heads.append("MiB")
    return heads


def _cells(
    board: contract.LeaderboardDocument, one: contract.Standing
) -> list[tuple[str, str]]:
    """Cells of one line, and whether each is bold (b) or struck through (s)."""
    name = one.method
    if one.error:
        name += " (could not run)"
    elif one.worse:
        name += " (worse)"
    error = "" if one.ratio is None else f"{one.ratio:.0%}"
    if error and one.spread is not None and one.method != contract.BASELINE:
        error += f" ± {one.spread:.0%}"
    cells = [
        (str(one.rank or "-"), ""),
        (name, "b" if one.rank == 1 else ""),
        (error, "s" if one.worse else ""),
    ]
    scores = {score.column: score for score in one.scores}
    for column in board.columns[:_COLUMNS]:
        score = scores.get(column.name)
        if score is None:
            cells.append(("-", ""))
            continue
        told = f"{1 - score.error:.0%}" if column.classes else number(score.error)
        best = score.error == _least(board, column.name)
        cells.append((told, "b" if best else "s" if score.worse else ""))
    if _covered(board):
        cells.append(("-" if one.coverage is None else f"{one.coverage:.0%}", ""))
    if _timed(board):
        cells.append(("-" if one.seconds is None else number(one.seconds), ""))
    if _weighed(board):
        cells.append(("-" if one.peak_mib is None else f"{one.peak_mib:,.0f}", ""))
    return cells


def _least(board: contract.LeaderboardDocument, column: str) -> float | None:
    errors = [
        score.error
        for one in board.methods
        if one.rank is not None
        for score in one.scores
        if score.column == column
    ]
    return min(errors, default=None)


def _covered(board: contract.LeaderboardDocument) -> bool:
    return any(one.coverage is not None for one in board.methods)


def _timed(board: contract.LeaderboardDocument) -> bool:
    return any(one.seconds is not None for one in board.methods)


def _weighed(board: contract.LeaderboardDocument) -> bool:
    return any(one.peak_mib is not None for one in board.methods)


def _more(board: contract.LeaderboardDocument) -> str:
    left = len(board.columns) - _COLUMNS
    if left <= 0:
        return ""
    return f" {formatting.count(left, 'more column')}: see to_frame()."

"""What stands out in a leaderboard, in whole sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from jupyter_wrangler.contract import (
    BASELINE,
    ColumnScore,
    JudgedColumn,
    LeaderboardDocument,
    RankedMethod,
)
from jupyter_wrangler.errors import listed

#: Columns of which the best method is reported.
COLUMNS = 5
#: So few hidden cells say little.
FEW = 20
#: Coverage of 90 % intervals below which they are called too narrow.
NARROW = 0.8


def findings(board: LeaderboardDocument) -> tuple[str, ...]:
    """Say what stands out: who is best, by how much, who is not worth it, who failed.

    Every sentence can be checked against the numbers of the board.
    """
    return tuple(_sentences(board))


def _sentences(board: LeaderboardDocument) -> Iterator[str]:
    if board.n_done < board.n_trials:
        yield f"{board.n_done} of {board.n_trials} trials have ended."
    rivals = [
        one for one in board.methods if one.rank is not None and one.method != BASELINE
    ]
    if rivals:
        yield _best_sentence(rivals[0])
        yield from _column_sentences(board, rivals)
        worse = [one.method for one in rivals if one.worse]
        if worse:
            yield (
                f"Worse than the baseline on average: {listed(worse)}; simple "
                "values are nearer, at less cost."
            )
        yield from _narrow_interval_sentences(rivals)
        yield from _few_cells_sentences(_baseline_scores(board))
    yield from _failure_sentences(board)


def _best_sentence(best: RankedMethod) -> str:
    if best.ratio is None or best.ratio >= 1:
        return (
            "No method came nearer to the hidden values than the baseline (median, or "
            "most frequent class): the other columns say little about these."
        )
    share = f"{best.ratio:.0%}"
    if best.spread is not None:
        share += f" (give or take {best.spread:.0%} from repeat to repeat)"
    return (
        f"{best.method!r} came nearest: on average its error is {share} of that of the "
        "baseline (median, or most frequent class)."
    )


def _column_sentences(
    board: LeaderboardDocument, rivals: Sequence[RankedMethod]
) -> Iterator[str]:
    simple = _baseline_scores(board)
    for column in board.columns[:COLUMNS]:
        scored = [
            (score, one.method)
            for one in rivals
            for score in one.scores
            if score.column == column.name
        ]
        if scored and column.name in simple:
            score, method = min(scored, key=lambda pair: pair[0].error)
            yield _column_sentence(column, method, score, simple[column.name])


def _baseline_scores(board: LeaderboardDocument) -> dict[str, ColumnScore]:
    """Give the scores of the baseline by column."""
    return {
        score.column: score
        for one in board.methods
        if one.method == BASELINE
        for score in one.scores
    }


def _few_cells_sentences(scores: Mapping[str, ColumnScore]) -> Iterator[str]:
    few = [f"{name!r} ({one.n})" for name, one in scores.items() if one.n < FEW]
    if few:
        more = [f"{len(few) - COLUMNS} more columns"] if len(few) > COLUMNS else []
        yield (
            f"Few cells were hidden of {', '.join(few[:COLUMNS] + more)}, so chance "
            "weighs much there; ask for more repeats, or a larger fraction."
        )


def _column_sentence(
    column: JudgedColumn, method: str, score: ColumnScore, base: ColumnScore
) -> str:
    if score.error >= base.error:
        return f"{column.name!r}: nothing came nearer than the baseline."
    if column.classes:
        return (
            f"{column.name!r}: {method!r} is right in {1 - score.error:.0%} of the "
            f"hidden cells, the baseline in {1 - base.error:.0%}."
        )
    unit = f" {column.unit}" if column.unit else ""
    return (
        f"{column.name!r}: {method!r} is typically off by {number(score.error)}{unit}, "
        f"the baseline by {number(base.error)}{unit}."
    )


def _narrow_interval_sentences(rivals: Sequence[RankedMethod]) -> Iterator[str]:
    narrow = [
        f"{one.method!r} ({one.coverage:.0%})"
        for one in rivals
        if one.coverage is not None and one.coverage < NARROW
    ]
    if narrow:
        yield (
            "Intervals that should hold 90% of the hidden values hold fewer, so these "
            f"methods are surer than they should be: {', '.join(narrow)}."
        )


def _failure_sentences(board: LeaderboardDocument) -> Iterator[str]:
    for one in board.methods:
        if one.error:
            yield f"{one.method!r} could not run: {one.error}"
    for name, reason in board.left_out.items():
        yield f"Column {name!r} was not judged. {reason}"
    scored = {score.column for one in board.methods for score in one.scores}
    for column in board.columns:
        if scored and column.name not in scored and not column.n_hidden:
            yield (
                f"Column {column.name!r} was not judged: the patterns hid none of its "
                "cells. Use mechanism='mcar', or a larger fraction."
            )


def number(value: float) -> str:
    """Spell a number with three digits, without exponents where that can be read.

    Examples
    --------
    >>> [number(x) for x in (0.0, 0.01234, 1.846, 781.4, 12345.6, 2.5e9)]
    ['0', '0.0123', '1.85', '781', '12,346', '2.5e+09']
    """
    size = abs(value)
    if size == 0 or not 1e-3 <= size < 1e6:
        return f"{value:.3g}"
    return f"{value:,.{max(0, 2 - math.floor(math.log10(size)))}f}"

"""Methods in the order of their errors in hidden cells."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from jupyter_wrangler.charts.formatting import listed, percent
from jupyter_wrangler.charts.marks import Axis, Layer, Panel, reference_line
from jupyter_wrangler.charts.model import Chart
from jupyter_wrangler.charts.theme import IMPUTED, OBSERVED, Look
from jupyter_wrangler.contract import LeaderboardDocument
from jupyter_wrangler.errors import InvalidData, InvalidSpec
from jupyter_wrangler.wording import count

_BETTER, _WORSE = "nearer than the baseline", "not nearer than the baseline"


def leaderboard(board: Any) -> Chart:
    """Draw the error of each method as a share of that of the simple rule.

    Parameters
    ----------
    board : LeaderboardDocument, or an object with one as `document`
        What a comparison found.

    Returns
    -------
    Chart
        Its table has `method`, `rank`, `ratio`, `spread` (over repeats) and `error`
        (why a method could not run).

    Raises
    ------
    InvalidSpec
        If this is no leaderboard.
    InvalidData
        If no method has a score yet.

    Examples
    --------
    >>> from jupyter_wrangler.contract import ComparisonSpec, RankedMethod
    >>> board = LeaderboardDocument(
    ...     spec=ComparisonSpec(methods=("pmm", "knn")),
    ...     n_rows=10,
    ...     columns=(),
    ...     left_out={},
    ...     methods=(
    ...         RankedMethod(method="knn", rank=1, ratio=0.5, spread=0.1),
    ...         RankedMethod(method="baseline", rank=2, ratio=1.0, spread=0.0),
    ...         RankedMethod(method="pmm", error="Too few rows."),
    ...     ),
    ...     n_done=3,
    ...     n_trials=3,
    ...     findings=(),
    ... )
    >>> leaderboard(board).sentence
    "'knn' comes nearest, with errors of 50 % of those of the baseline; 'pmm' has no
    score: Too few rows."
    """
    document = getattr(board, "document", board)
    if not isinstance(document, LeaderboardDocument):
        raise InvalidSpec(
            f"A {type(board).__name__} was given, but a leaderboard is wanted; give "
            "what a comparison returns."
        )
    table = _ratios(document)
    scored = table[np.isfinite(table["ratio"])]
    if scored.empty:
        raise InvalidData(
            f"No method has a score yet ({document.n_done} of {document.n_trials} "
            "trials have ended); wait for the first."
        )
    return Chart(
        title="Methods by their errors in hidden cells",
        sentence=_sentence(table, scored),
        panels=(_panel(table, scored),),
        table=table,
        looks={
            _BETTER: OBSERVED,
            _WORSE: Look(colour=IMPUTED.colour, shape="triangle", dash=(5, 3)),
        },
        notes=_notes(document),
    )


def _ratios(document: LeaderboardDocument) -> pd.DataFrame:
    """One line for each method: its rank, its ratio to the baseline, or its error."""
    ranked_methods = document.methods
    return pd.DataFrame(
        {
            "method": [one.method for one in ranked_methods],
            "rank": pd.array([one.rank for one in ranked_methods], dtype="Int64"),
            "ratio": np.array([one.ratio for one in ranked_methods], np.float64),
            "spread": np.array([one.spread for one in ranked_methods], np.float64),
            "error": [one.error or "" for one in ranked_methods],
        }
    )


def _panel(table: pd.DataFrame, scored: pd.DataFrame) -> Panel:
    spread = scored["spread"].fillna(0.0)
    drawn = scored.drop(columns="rank").assign(
        low=(scored["ratio"] - spread).clip(lower=0.0),
        high=scored["ratio"] + spread,
        what=np.where(scored["ratio"] < 1.0, _BETTER, _WORSE),
        label=[percent(ratio) for ratio in scored["ratio"]],
    )
    labels = drawn.assign(ratio=drawn["high"])
    top = float(drawn["high"].max())
    return Panel(
        x=Axis(
            title="error, as a share of that of the baseline",
            kind="share",
            low=0.0,
            high=max(1.1, top * 1.15),
        ),
        y=Axis(order=tuple(table["method"])),
        layers=(
            reference_line(pd.DataFrame({"ratio": [1.0]}), x="ratio"),
            Layer(
                mark="rule", data=drawn, x="low", x2="high", y="method", series="what"
            ),
            Layer(
                mark="point", data=drawn, x="ratio", y="method", series="what", area=80
            ),
            Layer(mark="text", data=labels, x="ratio", y="method", text="label"),
        ),
        height=max(90, 26 * len(table)),
    )


def _notes(document: LeaderboardDocument) -> tuple[str, ...]:
    notes = [("Lines: one standard deviation over repeats to each side.")]
    if document.n_done < document.n_trials:
        notes.append(
            f"{document.n_done:,} of {count(document.n_trials, 'trial')} have ended."
        )
    return tuple(notes)


def _sentence(table: pd.DataFrame, scored: pd.DataFrame) -> str:
    best = scored.iloc[int(scored["ratio"].to_numpy().argmin())]
    words = (
        f"{best['method']!r} comes nearest, with errors of {percent(best['ratio'])} of "
        "those of the baseline"
        if best["ratio"] < 1
        else "No method comes nearer than the baseline"
    )
    worse = list(scored["method"][scored["ratio"] > 1.0])
    if worse and best["ratio"] < 1:
        words += (
            f"; {listed(worse)} {'does' if len(worse) == 1 else 'do'} worse than it"
        )
    failed = table[table["error"] != ""]
    if len(failed) == 1:
        name, why = failed["method"].iloc[0], failed["error"].iloc[0]
        return f"{words}; {name!r} has no score: {why}"
    if len(failed):
        words += f"; {listed(list(failed['method']))} could not run"
    return words + "."

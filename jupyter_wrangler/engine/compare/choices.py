"""What several imputations should take: the standard method, unless another is better.

Of the methods that were compared only the proper ones that draw count, by the rule of
`proper_scores`: better beyond chance in the same cells, by draws of which there are
enough.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from jupyter_wrangler.contract import ColumnChoice, ColumnTrial, JudgedColumn, Trial
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.selection.proper_scores import DRAWS, Margin, sure, taken

#: Repeat -> score of one column.
Repeats = Mapping[int, ColumnTrial]


def choices(
    columns: Sequence[JudgedColumn], found: Mapping[str, Mapping[int, Trial]]
) -> tuple[ColumnChoice, ...]:
    """Choose a method for each column, for several imputations.

    Parameters
    ----------
    columns : sequence of JudgedColumn
        Columns in which cells were hidden.
    found : mapping of str to mapping of int to Trial
        Method -> repeat -> trial.

    Returns
    -------
    tuple of ColumnChoice
        In the order of the columns, of those that a proper method filled.
    """
    chosen = (_column_choice(column, found) for column in columns)
    return tuple(one for one in chosen if one is not None)


def _column_choice(
    column: JudgedColumn, found: Mapping[str, Mapping[int, Trial]]
) -> ColumnChoice | None:
    filled = _scores_by_method(column, found)
    names = sorted(filled, key=lambda name: (METHODS[name].standard_order, name))
    if not names:
        return None
    standard, *rivals = names
    draws = min(
        t.draws for trials in found.values() for t in trials.values() if t.draws > 1
    )
    margins = {name: _margin(filled[name], filled[standard]) for name in rivals}
    name, why = (
        standard,
        "it is the only method compared whose draws are for inference.",
    )
    if margins and draws < DRAWS:
        why = (
            f"it is the standard method of those compared; with {draws} draws of each "
            f"cell no other is preferred to it, with n_imputations={DRAWS} one can be."
        )
    elif margins:
        name = taken(margins) or standard
        why = sure(margins, standard, name, level=column.level)
    reason = f"For several imputations {name!r}: {why}"
    return ColumnChoice(column=column.name, method=name, reason=reason)


def _scores_by_method(
    column: JudgedColumn, found: Mapping[str, Mapping[int, Trial]]
) -> dict[str, Repeats]:
    """Give the scores by method that filled the column; a stand-in is one itself."""
    filled: dict[str, Repeats] = {}
    for trials in found.values():
        scores = {
            repeat: score
            for repeat, trial in trials.items()
            if trial.error is None
            for score in trial.scores
            if score.column == column.name and score.losses is not None
        }
        used = {score.used for score in scores.values()}
        if len(used) == 1 and METHODS[name := used.pop()].proper:
            filled.setdefault(name, scores)
    return filled


def _margin(ours: Repeats, theirs: Repeats) -> Margin:
    """Compare two methods in the repeats and blocks in which both filled all cells."""
    sums = np.zeros((3, 0))
    briers = np.zeros(2)
    for repeat in sorted(ours.keys() & theirs.keys()):
        a, b = ours[repeat].losses, theirs[repeat].losses
        if a is None or b is None or a.cells != b.cells:
            continue
        part = np.array([a.loss, b.loss, a.cells], dtype=np.float64)
        sums = part if not sums.size else sums + part
        briers += [a.brier or 0.0, b.brier or 0.0]
    classes = any(one.losses and one.losses.brier is not None for one in ours.values())
    backed = not classes or bool(briers[0] < briers[1])
    return Margin.of(*sums, backed=backed)

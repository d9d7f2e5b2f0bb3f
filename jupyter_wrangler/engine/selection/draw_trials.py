"""Trials of methods that draw: hidden cells are drawn ten times, and scored.

The standard methods go first, as one chain for each frame with hidden cells; a rival
takes each of its draws from where a draw of theirs ended.  So what differs is the
method of a column, and not what the other columns were completed by.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.contract import ImputationSpec, is_formula
from jupyter_wrangler.engine.columns.column import column_of
from jupyter_wrangler.engine.columns.levels import CATEGORICAL
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.selection.masked_validation import (
    ROUNDS,
    Hidden,
    Impute,
    completed_columns,
    drawn_at,
)
from jupyter_wrangler.engine.selection.proper_scores import (
    DRAWS,
    Margin,
    brier,
    by_row,
    crps,
    log_loss,
)
from jupyter_wrangler.engine.types import ColumnPlan, Given, Imputation

Floats = NDArray[np.float64]

#: Rounds from one draw of the standard methods to the next.
BETWEEN = 2


@dataclass(frozen=True, kw_only=True)
class Scored:
    """Losses in the hidden cells of one column in one frame, shape (cells,)."""

    loss: Floats
    #: Of classes: their fair Brier scores.
    brier: Floats | None = None


#: Column -> scores, frame by frame.
Scores = dict[str, list[Scored]]


@dataclass(kw_only=True)
class DrawTrials:
    """Trials on some frames with hidden cells."""

    base: ImputationSpec
    impute: Impute
    hidden: list[Hidden]
    #: Columns that are compared.
    plans: Mapping[str, ColumnPlan]
    #: Column -> observed classes.
    classes: Mapping[str, int]
    #: For each frame and draw, what the standard methods made of the missing values.
    starts: list[list[pd.DataFrame]] = field(default_factory=list)
    #: Scores of the standard methods.
    theirs: Scores = field(default_factory=dict)

    def standard(self, methods: Mapping[str, str]) -> Generator[float, None, None]:
        """Draw by the standard methods; yields the share done."""
        for k, one in enumerate(self.hidden):
            asked = _able(one.frame, {**self.base.methods, **methods}, self.base.donors)
            spec = self.base.model_copy(update={"methods": asked})
            made: list[Imputation] = []
            starts: list[pd.DataFrame] = []
            for draw in range(DRAWS):
                rounds = BETWEEN if starts else ROUNDS
                start = starts[-1] if starts else None
                found = yield from self._draw(k, draw, spec, rounds=rounds, start=start)
                made.append(found)
                starts.append(pd.DataFrame(completed_columns(one.frame, found)))
            self.starts.append(starts)
            for name in self.plans:
                scored = self._scored(one, name, made)
                self.theirs.setdefault(name, []).append(scored)

    def rival(
        self, methods: Mapping[str, str], rounds: int = 1
    ) -> Generator[float, None, dict[str, Margin]]:
        """Draw by other methods from where the standard ones ended; compare."""
        ours: Scores = {name: [] for name in methods if name in self.plans}
        for k, one in enumerate(self.hidden):
            asked = _able(one.frame, methods, self.base.donors)
            spec = self.base.model_copy(update={"methods": asked})
            made: list[Imputation] = []
            for draw, start in enumerate(self.starts[k]):
                made.append(
                    (yield from self._draw(k, draw, spec, rounds=rounds, start=start))
                )
            for name, parts in ours.items():
                parts.append(self._scored(one, name, made))
        margins = {name: self._margin(name, parts) for name, parts in ours.items()}
        return {name: one for name, one in margins.items() if one is not None}

    def cells(self, name: str) -> int:
        """Count the hidden cells of a column."""
        return sum(len(one.rows[name]) for one in self.hidden)

    def _draw(
        self,
        k: int,
        draw: int,
        spec: ImputationSpec,
        *,
        rounds: int,
        start: pd.DataFrame | None,
    ) -> Generator[float, None, Imputation]:
        rounds = min(self.base.max_iter, rounds)
        spec = spec.model_copy(update={"max_iter": rounds})
        given = None if start is None else Given(start=start)
        steps = self.impute(self.hidden[k].frame, spec, draw, given)
        while True:
            try:
                step = next(steps)
            except StopIteration as stop:
                found: Imputation = stop.value
                return found
            inner = (draw + step.done / max(step.total, 1.0)) / DRAWS
            yield (k + inner) / len(self.hidden)

    def _scored(self, one: Hidden, name: str, made: Sequence[Imputation]) -> Scored:
        plan, rows = self.plans[name], one.rows[name]
        if not len(rows) or any(name not in each.rows for each in made):
            return Scored(loss=np.empty(0))
        like = column_of(name, one.truth[name], plan.level)
        truth, drawn = drawn_at(like, name, rows, made)
        if plan.level not in CATEGORICAL:
            return Scored(loss=crps(truth, drawn))
        loss = log_loss(truth, drawn, self.classes[name])
        return Scored(loss=loss, brier=brier(truth, drawn))

    def _margin(self, name: str, ours: Sequence[Scored]) -> Margin | None:
        """Compare with the standard method; None unless both drew every cell."""
        theirs = self.theirs[name]
        rows = [one.rows[name] for one in self.hidden]
        cells = [len(at) for at in rows]
        if any([len(one.loss) for one in side] != cells for side in (ours, theirs)):
            return None
        n = len(self.hidden[0].truth)
        counts = by_row([np.ones(k) for k in cells], rows, n)
        sums = [by_row([s.loss for s in side], rows, n) for side in (ours, theirs)]
        briers = [
            sum(float(s.brier.sum()) for s in side if s.brier is not None)
            for side in (ours, theirs)
        ]
        classes = ours[0].brier is not None
        backed = not classes or briers[0] < briers[1]
        return Margin.of(sums[0], sums[1], counts, backed=backed)


def _able(
    frame: pd.DataFrame, methods: Mapping[str, str], donors: int
) -> dict[str, str]:
    """Draw columns of which few values are left from those, if there are any."""
    left = {name: int(frame[name].count()) for name in methods}
    return {
        name: "sample" if _lacks_donors(method, left[name], donors) else method
        for name, method in methods.items()
        if left[name]
    }


def _lacks_donors(method: str, observed: int, donors: int) -> bool:
    needs = not is_formula(method) and METHODS[method].needs_donors
    return needs and observed < donors

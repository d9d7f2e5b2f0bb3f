"""When a chain comes to rest.

A chain without draws stops when no cell changes by more than tol times the standard
deviation of its column.  scikit-learn's rule is there on demand: no row changes, summed
over its columns, by more than tol times the largest observed value; then one column of
large numbers decides for all.  A chain with draws runs all its rounds.  Trees jump from
leaf to leaf and never come to rest so: a chain of them stops when a round changes no
less than the one before, as missForest does (D. J. Stekhoven and P. Buhlmann 2012,
MissForest, Bioinformatics 28(1), 112-118).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.models.design import Design
from jupyter_wrangler.engine.strategies.run import Run
from jupyter_wrangler.engine.types import ColumnPlan, Rows

#: A column that varies by less than this share of its size is constant.
_ROUNDING = 1e-13


class StoppingRule:
    """How much the rounds of one chain change.

    Parameters
    ----------
    run : Run
        Whose chain it is.
    design : Design
        Where it starts.
    targets : sequence of ColumnPlan
        The columns that are visited.
    """

    def __init__(self, run: Run, design: Design, targets: Sequence[ColumnPlan]) -> None:
        self.run = run
        self.fixed = bool(targets) and not any(
            METHODS[plan.method].differs(run.spec) for plan in targets
        )
        self.grown = any(METHODS[plan.method].steps for plan in targets)
        self._summed = run.spec.tol_scale == "largest"
        self._limit = run.spec.tol * (_largest(run) if self._summed else 1.0)
        self._sizes = {
            plan.name: design.spread(plan.name) for plan in targets if self.grown
        }
        self._spreads = {} if self._summed else _spreads(run)
        #: Absolute change of each row in this round, summed over its columns.
        self._moved: NDArray[np.float64] = np.zeros(design.n if self._summed else 0)
        #: Largest change of a cell in this round, in standard deviations unless it is
        #: added to `_moved`, and whose.
        self._most, self._mover = 0.0, ""
        #: Whether no round follows this one, so that people are told how far it moved.
        self._last = False
        self._change, self._before = np.inf, np.inf

    def begin(self) -> None:
        """Begin a round."""
        self._moved[:] = 0.0
        self._most, self._mover = 0.0, ""
        self._before, self._change = self._change, 0.0
        self._last = self.run.n_iter + 1 >= self.run.spec.max_iter

    def saw(
        self,
        rows: Rows,
        apart: NDArray[np.float64],
        name: str,
        *,
        follows: bool = False,
    ) -> None:
        """Note by how much some rows changed: of a target, or of what follows it."""
        if not self.fixed:
            return
        if self._summed:
            # One cell that moves too far decides the round, whatever else moves.
            if self._last or self._most < self._limit:
                self._moved[rows] += apart
                most = float(np.maximum.reduce(apart, initial=0.0))
                self._most = max(self._most, most)
        elif name in self._spreads:
            most = float(np.maximum.reduce(apart, initial=0.0)) / self._spreads[name]
            if most > self._most:
                self._most, self._mover = most, name
        if self.grown and not follows:
            self._change += float(np.add.reduce(apart)) / self._sizes[name]

    def reached(self) -> bool:
        """Tell after a round whether it was the last, and note why."""
        steady = self._largest_change() < self._limit
        still = self.grown and self._change >= self._before
        if not self.fixed or not (steady or still):
            return False
        spec, n_iter = self.run.spec, self.run.n_iter
        why = "the trees moved the values about no less than in the round before"
        if steady:
            why = (
                f"no row changed by more than tol={spec.tol:g} times the largest value"
                if self._summed
                else f"no value changed by more than tol={spec.tol:g} standard "
                "deviations of its column"
            )
        if n_iter < spec.max_iter:
            self.run.log(
                f"Stopped after round {n_iter} of {spec.max_iter}, because {why}."
            )
        return True

    def say_spent(self) -> None:
        """Note that a chain without draws still moved when its rounds were over."""
        spec = self.run.spec
        if not self.fixed:
            return
        if self._limit <= 0:
            self.run.log(
                f"Ran its budget of {spec.max_iter} rounds, as tol=0 asks for."
            )
            return
        still = (
            f"a row still changed by {self._moved.max() / self._limit:.2g} times what "
            f"stops it (tol={spec.tol:g})"
            if self._summed
            else f"column {self._mover!r} still changed by {self._most:.2g} of its "
            f"standard deviations (tol={spec.tol:g})"
        )
        self.run.log(
            f"Ran its budget of {spec.max_iter} rounds; in the last one {still}. Where "
            "the last digits matter, raise max_iter."
        )

    def _largest_change(self) -> float:
        return max(float(self._moved.max(initial=0.0)), self._most)


def _spreads(run: Run) -> dict[str, float]:
    """Give the standard deviations of the observed coordinates of each column.

    Where a column is constant, up to rounding, its size stands for them.
    """
    found = {}
    for name, coordinates in _observed(run):
        size = float(np.abs(coordinates).max(initial=0.0))
        spread = float(np.sqrt(coordinates.var(axis=0).sum()))
        found[name] = spread if spread > _ROUNDING * size else size or 1.0
    return found


def _largest(run: Run) -> float:
    """Largest absolute observed coordinate, to which tol is relative."""
    return max(
        (float(np.abs(z).max(initial=0.0)) for _, z in _observed(run)), default=0.0
    )


def _observed(run: Run) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Give the observed coordinates of each column."""
    for name, coding in run.codings.items():
        column = run.columns[name]
        yield name, coding.encode(column.y.compress(column.ry))

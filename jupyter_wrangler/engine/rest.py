"""When a chain comes to rest.

A chain without draws stops when no row changes by more than tol times the largest
observed value; one with draws runs all its rounds.  Trees jump from leaf to leaf and
never come to rest so: a chain of them stops when a round changes no less than the one
before, as missForest does (D. J. Stekhoven and P. Buhlmann 2012, MissForest,
Bioinformatics 28(1), 112-118).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.check import ColumnPlan
from jupyter_wrangler.engine.design import Design
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.run import Rows, Run

#: Their predictions are steps.
GROWN = frozenset({"cart", "rf", "extratrees", "boosting"})


class Rest:
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
        self.grown = any(plan.method in GROWN for plan in targets)
        self._limit = run.spec.tol * _largest(run)
        self._sizes = {plan.name: design.spread(plan.name) for plan in targets}
        self._moved: NDArray[np.float64] = np.zeros(design.n)
        self._change, self._before = np.inf, np.inf

    def begin(self) -> None:
        """Begin a round."""
        self._moved[:] = 0.0
        self._before, self._change = self._change, 0.0

    def saw(
        self, rows: Rows, apart: NDArray[np.float64], name: str | None = None
    ) -> None:
        """Note by how much some rows changed: of a target, or of what follows it."""
        self._moved[rows] += apart
        if name is not None:
            self._change += float(np.add.reduce(apart)) / self._sizes[name]

    def reached(self) -> bool:
        """Tell after a round whether it was the last, and note why."""
        steady = bool(self._moved.max(initial=0.0) < self._limit)
        still = self.grown and self._change >= self._before
        if not self.fixed or not (steady or still):
            return False
        spec, n_iter = self.run.spec, self.run.n_iter
        why = "the trees moved the values about no less than in the round before"
        if steady:
            why = (
                f"no row changed by more than tol={spec.tol:g} times the largest value"
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
        self.run.log(
            f"Ran its budget of {spec.max_iter} rounds; in the last one a row still "
            f"changed by {self._moved.max() / self._limit:.2g} times what stops it "
            f"(tol={spec.tol:g}). Where the last digits matter, raise max_iter."
        )


def _largest(run: Run) -> float:
    """Largest absolute observed coordinate, to which tol is relative."""
    sizes = []
    for name, coding in run.codings.items():
        column = run.columns[name]
        coordinates = coding.encode(column.y[column.ry])
        sizes.append(float(np.abs(coordinates).max(initial=0.0)))
    return max(sizes, default=0.0)

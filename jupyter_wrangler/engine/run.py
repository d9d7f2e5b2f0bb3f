"""A run: one imputation under way, and what it learned for later rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.contract import ImputationSpec, LoggedEvent
from jupyter_wrangler.engine.check import ColumnPlan
from jupyter_wrangler.engine.coding import Coding
from jupyter_wrangler.engine.column import Column, Values
from jupyter_wrangler.engine.levels import PREDICTORS
from jupyter_wrangler.engine.methods import METHODS, knn, linear, pmm
from jupyter_wrangler.engine.simple import Fill, usual

Rows = NDArray[np.intp]
Model = linear.LinearModel | pmm.PmmModel


@dataclass(frozen=True, kw_only=True)
class Step:
    """How far one imputation is."""

    done: float
    total: float
    #: Words for people, for example "round 3 of 10, column 'bmi'".
    message: str
    round: int | None = None
    max_iter: int | None = None
    column: str | None = None


@dataclass(frozen=True, kw_only=True)
class Imputation:
    """The imputed cells of one completed data set."""

    #: Column -> values in its own dtype, in the order of `rows`.
    values: dict[str, Values]
    #: Column -> positions of the rows that were filled, ascending.
    rows: dict[str, Rows]
    events: tuple[LoggedEvent, ...]
    #: Rounds of the chained equations that were run.
    n_iter: int
    #: Chained column -> mean and variance of its imputed numbers or codes after each
    #: round, shape (rounds, 2); the variance of a single cell is NaN.
    chains: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    #: Column -> row of the donor of each cell, shape (cells,), or of its neighbours,
    #: shape (cells, k), nearest first and -1 where there are fewer.
    donors: dict[str, Rows] = field(default_factory=dict)


@dataclass(kw_only=True)
class Run:
    """One imputation under way, and what it learned for later rows."""

    spec: ImputationSpec
    imputation: int
    rng: np.random.Generator
    plans: tuple[ColumnPlan, ...]
    columns: dict[str, Column]
    #: Whether the models are kept, and fitted for complete columns too.
    keep: bool
    fills: dict[str, Fill] = field(default_factory=dict)
    #: Numbers or codes of the predictors, completed as far as the run is.
    y: dict[str, NDArray[Any]] = field(default_factory=dict)
    #: Values of the holes, in the dtypes of their columns.
    imputed: dict[str, Values] = field(default_factory=dict)
    events: list[LoggedEvent] = field(default_factory=list)
    space: knn.Frame | None = None
    codings: dict[str, Coding] = field(default_factory=dict)
    shift: NDArray[np.float64] | None = None
    #: Chained columns in the order of their visits.
    visits: tuple[str, ...] = ()
    #: Models of `linear` by round; those of `pmm` hold their donors, so only those
    #: of the last round are kept.
    rounds: list[dict[str, Model]] = field(default_factory=list)
    last: dict[str, Model] = field(default_factory=dict)
    n_iter: int = 0
    #: Mean and variance of the imputed cells by chained column, round after round.
    traces: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    #: Rows whose values were handed on, as in `Imputation`.
    donors: dict[str, Rows] = field(default_factory=dict)

    def planned(self, kind: str) -> list[ColumnPlan]:
        """Plans whose method is of this kind."""
        return [p for p in self.plans if p.method and METHODS[p.method].kind == kind]

    def log(self, message: str, plan: ColumnPlan | None = None) -> None:
        """Note something that a statistician would want to know."""
        self.events.append(
            LoggedEvent(
                imputation=self.imputation,
                column=plan.name if plan else None,
                method=(plan.method or None) if plan else None,
                message=message,
            )
        )

    def trace(self, name: str, imputed: NDArray[Any]) -> None:
        """Note mean and variance of the numbers or codes that fill a column now."""
        spread = float(imputed.var(ddof=1)) if len(imputed) > 1 else np.nan
        self.traces.setdefault(name, []).append((float(imputed.mean()), spread))

    def result(self) -> Imputation:
        """Cells of the columns that are wanted."""
        names = [p.name for p in self.plans if p.wanted and p.name in self.imputed]
        return Imputation(
            values={name: self.imputed[name] for name in names},
            rows={name: self.columns[name].missing for name in names},
            events=tuple(self.events),
            n_iter=self.n_iter,
            chains={
                name: np.array(self.traces[name])
                for name in names
                if name in self.traces
            },
            donors={name: self.donors[name] for name in names if name in self.donors},
        )

    def predictors(self) -> list[Column]:
        """Columns that can help to impute others."""
        return [
            self.columns[plan.name]
            for plan in self.plans
            if plan.level in PREDICTORS and plan.n_observed
        ]

    def start(self, column: Column) -> float:
        """Tell the number or code that fills the holes of a predictor at first."""
        fill = self.fills.get(column.name)
        if fill is not None and (column.numeric or fill.y >= 0):
            return fill.y
        return usual(column)


def completed(
    y: NDArray[Any], ry: NDArray[np.bool_], imputed: NDArray[Any] | float
) -> NDArray[Any]:
    """Numbers or codes with the holes filled."""
    filled = y.copy()
    filled[~ry] = imputed
    return filled

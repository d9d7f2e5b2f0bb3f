"""A run: one imputation under way, and what it learned for later rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.contract import ImputationSpec, LoggedEvent
from jupyter_wrangler.engine.columns.coding import Coding
from jupyter_wrangler.engine.columns.column import Column
from jupyter_wrangler.engine.columns.levels import DATES, NUMERIC, PREDICTORS
from jupyter_wrangler.engine.columns.values import Values
from jupyter_wrangler.engine.methods import method_of
from jupyter_wrangler.engine.methods.protocol import Kind
from jupyter_wrangler.engine.planning.bounds import (
    Adjustment,
    adjustment_of,
    moments_changed,
)
from jupyter_wrangler.engine.planning.delta import shift_of
from jupyter_wrangler.engine.strategies.start_values import usual_value
from jupyter_wrangler.engine.types import ColumnPlan, Given, Imputation, Rows


class HasKind(Protocol):
    """What a strategy learned; knows the kind of its methods."""

    kind: ClassVar[Kind]


State = TypeVar("State", bound=HasKind)


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
    given: Given = field(default_factory=Given)
    #: Kind of methods -> what its strategy learned for later rows.
    states: dict[str, Any] = field(default_factory=dict)
    #: Column -> number or code that stands for its missing values where it helps to
    #: impute others before it is filled; the usual value where there is none.
    starts: dict[str, float] = field(default_factory=dict)
    #: Numbers or codes of the predictors, completed as far as the run is.
    y: dict[str, NDArray[Any]] = field(default_factory=dict)
    #: Values of the missing values, in the dtypes of their columns.
    imputed: dict[str, Values] = field(default_factory=dict)
    #: Values of observed cells that were to be imputed too, by `where`.
    over: dict[str, Values] = field(default_factory=dict)
    events: list[LoggedEvent] = field(default_factory=list)
    #: Column -> its coordinates in the models.
    codings: dict[str, Coding] = field(default_factory=dict)
    #: Rounds of the chained equations that were run.
    n_iter: int = 0
    #: Mean and variance of the imputed cells by chained column, round after round.
    traces: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    #: Rows whose values were handed on, as in `Imputation`.
    donors: dict[str, Rows] = field(default_factory=dict)

    def state(self, of: type[State]) -> State | None:
        """Give what a strategy learned, if it had columns to impute."""
        found = self.states.get(of.kind)
        return found if isinstance(found, of) else None

    def planned(self, kind: str) -> list[ColumnPlan]:
        """Plans whose method is of this kind."""
        return [p for p in self.plans if p.method and method_of(p.method).kind == kind]

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
        n = len(imputed)
        mean = float(np.add.reduce(imputed)) / n
        apart = imputed - mean
        spread = float(apart @ apart) / (n - 1) if n > 1 else np.nan
        self.traces.setdefault(name, []).append((mean, spread))

    def fill(self, name: str, values: NDArray[Any]) -> None:
        """Take numbers or codes for the missing values of a column, adjusted."""
        column, change = self.columns[name], self.adjustment(name)
        values = values if change is None else change(values)
        self.imputed[name] = column.decode(values)
        self.y[name] = completed(column.y, column.ry, values)

    def fill_observed(self, name: str, values: NDArray[Any]) -> None:
        """Take numbers or codes for the observed cells that were asked for."""
        change = self.adjustment(name)
        values = values if change is None else change(values)
        self.over[name] = self.columns[name].decode(values)

    def result(self) -> Imputation:
        """Cells of the columns that are wanted."""
        names = [
            p.name
            for p in self.plans
            if p.wanted
            and (
                p.name in self.over
                or (p.name in self.imputed and self._imputes_missing(p.name))
            )
        ]
        cells = {name: self._cells(name) for name in names}
        return Imputation(
            values={name: cells[name][1] for name in names},
            rows={name: cells[name][0] for name in names},
            events=tuple(self.events),
            n_iter=self.n_iter,
            chains={
                name: np.array(self.traces[name])
                for name in names
                if name in self.traces
            },
            donors={
                name: self.donors[name][self.missing_to_impute(name)]
                for name in names
                if name in self.donors and name not in self.over
            },
        )

    def _cells(self, name: str) -> tuple[Rows, Values]:
        """Rows that were to be imputed, ascending, and their values."""
        rows = self.columns[name].missing
        if self.given.where is None:
            return rows, self.imputed[name]
        parts = []
        kept, dtype = self.missing_to_impute(name), self.columns[name].own.dtype
        # The dtype is said aloud: pandas would make strings of objects of strings.
        if name in self.imputed:
            parts.append(pd.Series(self.imputed[name], index=rows, dtype=dtype)[kept])
        if name in self.over:
            over = self.observed_to_impute(name)
            parts.append(pd.Series(self.over[name], index=over, dtype=dtype))
        found = pd.concat(parts).sort_index()
        values: Values = found.array
        if isinstance(values, pd.arrays.NumpyExtensionArray):
            values = values.to_numpy()
        return found.index.to_numpy(np.intp), values

    def lacking(self, members: Sequence[str]) -> NDArray[np.bool_]:
        """Tell which of some columns each row lacks, shape (n, members)."""
        return np.stack([~self.columns[name].ry for name in members], axis=1)

    def missing_to_impute(self, name: str) -> NDArray[np.bool_]:
        """Which of the missing values of a column are to be imputed."""
        missing = self.columns[name].missing
        where = self.given.where
        if where is None:
            return np.ones(len(missing), dtype=bool)
        wanted: NDArray[np.bool_] = where[missing, self._position(name)]
        return wanted

    def _imputes_missing(self, name: str) -> bool:
        """Whether any missing value of a column is to be imputed."""
        if self.given.where is None:
            return len(self.columns[name].missing) > 0
        return bool(self.missing_to_impute(name).any())

    def observed_to_impute(self, name: str) -> Rows:
        """Rows in which a column is observed and yet to be imputed."""
        where = self.given.where
        if where is None:
            return np.empty(0, dtype=np.intp)
        return np.flatnonzero(where[:, self._position(name)] & self.columns[name].ry)

    def _position(self, name: str) -> int:
        return list(self.columns).index(name)

    def draws(self, name: str) -> bool:
        """Whether two imputations of a column differ."""
        method = self.method(name)
        return bool(method) and method_of(method).differs(self.spec)

    def method(self, name: str) -> str:
        """Tell the method of a column; empty where it is left alone."""
        return next(plan.method for plan in self.plans if plan.name == name)

    def adjustment(self, name: str) -> Adjustment | None:
        """Tell what is done to the imputed numbers of a column, if anything."""
        level = self.columns[name].level
        if level in DATES and name in self.given.post:
            return moments_changed(self.columns[name], self.given.post[name])
        if level not in NUMERIC:
            return None
        whole = level == "integer"
        return adjustment_of(name, self.spec, self.given.post, whole=whole)

    def log_odds(self, name: str) -> NDArray[np.float64] | float | None:
        """Tell how the log-odds of the classes of a column are shifted, if at all."""
        column = self.columns[name]
        if column.numeric:
            return None
        return shift_of(self.spec.delta.get(name), column.labels, column.level)

    def predictors(self) -> list[Column]:
        """Columns that can help to impute others."""
        return [
            self.columns[plan.name]
            for plan in self.plans
            if plan.level in PREDICTORS and plan.n_observed and not plan.names_rows
        ]

    def start(self, column: Column) -> float:
        """Tell the number or code that fills a predictor at first."""
        start = self.starts.get(column.name)
        return usual_value(column) if start is None else start


def completed(
    y: NDArray[Any], ry: NDArray[np.bool_], imputed: NDArray[Any] | float
) -> NDArray[Any]:
    """Numbers or codes with the missing values filled."""
    if not np.ndim(imputed):
        return np.where(ry, y, np.asarray(imputed).astype(y.dtype))
    filled = y.copy()
    filled[~ry] = imputed
    return filled

"""What the rooms of the engine hand to one another: plans, progress and results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.contract import Level, LoggedEvent

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
#: Takes imputed numbers (of a column of dates: moments) and gives as many back.
Post = Callable[[Floats], Any]


@dataclass(frozen=True, kw_only=True)
class ColumnPlan:
    """What will happen to one column, and why."""

    name: str
    level: Level
    #: Method that fills it; empty where nothing is filled.
    method: str
    #: A whole sentence where something else happens than was asked.
    reason: str
    n_missing: int
    n_observed: int
    #: Whether its imputed cells are handed out; others are imputed only to help.
    wanted: bool = True
    #: Whether its whole numbers are ids of the rows, so that it helps no other column.
    names_rows: bool = False
    #: Number of its coordinates as a predictor: dummies of a nominal column, or 1.
    width: int = 1


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

    #: Column -> array in its own dtype, in the order of `rows`.
    values: dict[str, Any]
    #: Column -> positions of the rows that were filled, ascending.
    rows: dict[str, Rows]
    events: tuple[LoggedEvent, ...]
    #: Rounds of the chained equations that were run.
    n_iter: int
    #: Chained or computed column -> mean and variance of its imputed numbers or codes
    #: after each round, shape (rounds, 2); the variance of a single cell is NaN.
    chains: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    #: Column -> row of the donor of each cell, shape (cells,), and -1 where the value
    #: was changed; or of its neighbours, shape (cells, k), nearest first and -1 where
    #: there are fewer.
    donors: dict[str, Rows] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Given:
    """What only a caller in this process can say; nothing of it is in a spec."""

    #: Where the chained equations start: rows and columns of the data, missing values
    #: allowed.
    start: pd.DataFrame | None = None
    #: Which cells to impute, shape (n, p); None means those without a value.
    where: NDArray[np.bool_] | None = None
    #: Column of numbers or dates -> function of its imputed values that gives as many
    #: back.
    post: Mapping[str, Post] = field(default_factory=dict)
    #: What `auto` chose for another imputation of the same, which chooses alike.
    plans: tuple[ColumnPlan, ...] | None = None

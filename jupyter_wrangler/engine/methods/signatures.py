"""What the function of each kind of method gets and gives, and what it is fitted to.

`protocol` has the class of each kind, which names the protocol of its function.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.coding import Coding
from jupyter_wrangler.engine.columns.row_order import Order
from jupyter_wrangler.engine.models.moments import Moments
from jupyter_wrangler.engine.models.neighbour_search import Picks
from jupyter_wrangler.engine.models.regression import Model

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


class FillByRow(Protocol):
    """Impute rows by those around them."""

    def __call__(
        self, order: Order, y: NDArray[Any], ry: NDArray[np.bool_], /
    ) -> tuple[NDArray[Any], Rows | None]:
        """Give a value for each row, and the row that it is of if it is handed on.

        Without a value in its group a row has NaN (of codes -1) and no donor (-1).
        """


class Pool(Protocol):
    """Observed rows to draw from."""

    def draw(self, wanted: Rows, rng: np.random.Generator) -> Rows:
        """Draw a row for each group in `wanted`."""


class Combine(Protocol):
    """Average the donors of each receiver, or let them vote; see `knn.combine`."""

    def __call__(
        self,
        picks: Picks,
        receivers: Rows,
        y: NDArray[Any],
        *,
        classes: int,
        weights: Literal["uniform", "distance"],
        otherwise: float,
    ) -> NDArray[Any]:
        """Give a number or code for each receiver."""


@dataclass(frozen=True, kw_only=True)
class FitOptions:
    """What a regression of one column is given besides its data."""

    #: Number of classes of a target of codes 0..K-1; 0 for numbers.
    classes: int = 0
    #: Whether the classes are ranks.
    ordered: bool = False
    #: Coordinates of the predictors that are the dummies of one column each; given
    #: to methods that are fitted to rows.
    nominal: tuple[Rows, ...] = ()
    #: Added to the linear predictor of each class, see `planning.delta`.
    delta: Floats | float | None = None
    #: Size of the pool that a donor is drawn from.
    donors: int = 5
    #: Which predictions are compared, see `methods.pmm`.
    matchtype: Literal[0, 1, 2] = 1
    #: Trees of a forest.
    n_estimators: int = 10
    #: False gives the prediction instead of a draw.
    sample_posterior: bool = True


class FitRows(Protocol):
    """Fit a regression to the observed rows of one column."""

    def __call__(
        self, y: NDArray[Any], x: Floats, options: FitOptions, rng: np.random.Generator
    ) -> Model:
        """Fit.

        Parameters
        ----------
        y : ndarray of shape (n,)
            Observed numbers, or codes with ``options.classes``.
        x : ndarray of shape (n, p)
            Their predictors, complete: numbers, ranks and dummies.
        options : FitOptions
            Settings; a method takes those that concern it.
        rng : Generator
            Source of the draws.

        Returns
        -------
        Model
            Whose ``draw(x, rng)`` imputes rows of p predictors: numbers or codes, or
            positions among the n rows if its ``donates`` is true.
        """


@dataclass(frozen=True, kw_only=True)
class MomentData:
    """The observed rows of one column as sums of squares and products.

    The columns of a chain hang in one table of coordinates, the design.  Its sums are
    kept up to date, so that a regression need not read all rows; its rows are wider
    than the predictors and hold the target too.
    """

    #: Of the p predictors and the d coordinates of the target.
    moments: Moments
    coding: Coding
    #: Takes weights of the p predictors, shape (p, d), to those of whole rows.
    widen: Callable[[Floats], Floats]
    #: All rows, shape (n, width), and where the target is observed.
    rows: Floats
    observed: NDArray[np.bool_]


class FitMoments(Protocol):
    """Fit a regression to the sums of the observed rows of one column."""

    def __call__(
        self, data: MomentData, options: FitOptions, rng: np.random.Generator
    ) -> Model:
        """Fit as `FitRows` does; the model imputes whole rows of the design."""

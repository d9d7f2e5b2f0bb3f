"""What a file of this package provides: one `METHOD`, an instance of a class below.

A method file holds the functions of one method and, as its last statement, says what
the method is::

    METHOD = RowRegression(
        name="mymethod",
        levels=NUMERIC | DATES,
        draws=True,
        proper=True,
        fit=fit,
    )

The class tells when the method is used and which function it needs, and mypy checks the
function against the protocol of that class:

==================  ==========  =====================================================
class               kind        what it provides
==================  ==========  =====================================================
`OneValue`          simple      one value for a column, or for each group of rows
`GivenValue`        simple      nothing: the analyst gives the value
`ByRow`             simple      a value for each row, from the rows around it
`DonorDraw`         simple      a pool of observed rows to draw from
`Neighbours`        neighbours  how the nearest rows become a value
`RowRegression`     chained     ``fit(y, x, options, rng)``: a model that draws
`MomentRegression`  chained     ``fit(data, options, rng)``: the same from sums of
                                squares, which costs less where rows are many
`JointModel`        joint       ``fit(z, blocks, rng)``: one model of all columns
==================  ==========  =====================================================

Everything that other packages want to know of a method is a property here: nobody
lists names of methods.  To add one, write its file, and its line in
`models.costs.methods`, which says what it costs and when it is offered.
`RowRegression` is the class to begin with: it gets numbers and gives a model whose
``draw`` imputes rows, see `models.regression.Model`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.contract import ImputationSpec, Level
from jupyter_wrangler.engine.columns.coding import Coding
from jupyter_wrangler.engine.columns.row_order import Order
from jupyter_wrangler.engine.models.costs.advice import FEWER_PREDICTORS
from jupyter_wrangler.engine.models.joint import Fit as FitJoint
from jupyter_wrangler.engine.models.moments import Moments
from jupyter_wrangler.engine.models.neighbour_search import Picks
from jupyter_wrangler.engine.models.regression import Model

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
Kind = Literal["simple", "neighbours", "joint", "chained", "auto", "passive"]


@dataclass(frozen=True, kw_only=True)
class AutoTrial:
    """Whether and when `auto` tries a method."""

    #: Place among the candidates for one best guess, the simplest first; 0 is none.
    guess: int = 0
    #: Place among the rivals of the standard method where several imputations are asked
    #: for, the cheapest first; 0 is none.
    rival: int = 0
    #: As a rival, tried only for columns in which this method is not clearly worse than
    #: the standard one.
    after: str = ""
    #: Whether trees start from what this method made of the missing values.
    starts_trees: bool = False
    #: Tried for columns with so many observed values at least, and classes at most.
    least_observed: int = 0
    most_classes: int | None = None
    #: Tried for data with so many rows at most.
    most_rows: int | None = None


@dataclass(frozen=True, kw_only=True)
class Method:
    """What is known of any method; use one of the classes below."""

    name: str
    #: What a paper calls it, and whom it cites; empty where that needs no source.
    title: str = ""
    source: str = ""
    #: Whether its prediction is a sum of what each other column contributes: of numbers
    #: the prediction itself, of classes their log-odds or scores.
    additive: bool = False
    #: simple: looks at its column only; neighbours: at similar rows; chained: at
    #: the other columns as completed so far, round after round; joint: fits one model
    #: of all columns; auto: chooses one of these; passive: computes by a formula.
    kind: ClassVar[Kind]
    #: Levels that it can impute when asked for by column.
    levels: frozenset[Level]
    #: Method that stands in where this one is asked for all columns but does not
    #: fit; empty leaves the column alone.
    stand_in: str = ""
    #: Whether it hands on observed values, so that support and wholeness are kept.
    donates: bool = False
    #: Whether two imputations of it differ.
    draws: bool = False
    #: Whether several imputations of it are made for valid inference: it draws from the
    #: distribution of the missing values given other columns, and from what is not
    #: known of that distribution.
    proper: bool = False
    #: Whether it is so for a column that no other column helps to impute.
    proper_alone: bool = False
    #: Place among the proper methods: the first one that was compared for a column is
    #: the standard that others have to beat.
    standard_order: int = 100
    #: Whether it draws numbers between and beyond those observed.
    beyond_observed: bool = False
    #: What whole numbers are to it, if it imputes classes.
    codes_are: Level | None = None
    #: Levels whose log-odds it can shift by `delta`, best suited first.
    shifts: tuple[Level, ...] = ()
    #: Classes that it can tell apart at most; its `stand_in` takes more.
    most_classes: int | None = None
    #: Whether it can give its prediction instead (``sample_posterior=False``).
    predicts: bool = False
    #: Whether it regresses on all predictors without shrinking their weights, so that
    #: few observed rows need fewer predictors (see `engine.models.screening`).
    screens: bool = False
    #: Whether it wants as many observed values as there are `donors`.
    needs_donors: bool = False
    #: Whether its models are few numbers and draw nothing, so that those of all rounds
    #: are kept and replayed for later rows.
    replays: bool = False
    #: Whether its predictions are steps (trees), which never come to rest: a chain of
    #: them stops when a round changes no less than the one before.
    steps: bool = False
    #: What shortens a run that takes long.
    shorten: str = FEWER_PREDICTORS
    trial: AutoTrial = field(default_factory=AutoTrial)

    #: Whether a simple method fills each row by what lies around it, rather than all
    #: rows by one value.
    by_row: ClassVar[bool] = False
    #: Whether a simple method of one value has one for each group of rows, if there
    #: are groups.
    by_group: ClassVar[bool] = False
    #: Whether the analyst gives the value, so that nothing has to be observed.
    given: ClassVar[bool] = False

    def differs(self, spec: ImputationSpec) -> bool:
        """Tell whether two imputations differ under these settings."""
        return self.draws and not (self.predicts and not spec.sample_posterior)


@dataclass(frozen=True, kw_only=True)
class OneValue(Method):
    """A simple method that fills a column, or each group of rows, by one value."""

    kind: ClassVar[Kind] = "simple"
    by_group: ClassVar[bool] = True
    #: What the value is, for people.
    what: str
    #: The value of observed numbers; None takes the value of a row, see `row`.
    number: Callable[[Floats], float] | None = None
    #: Position of the row whose value fills, among the observed ones: for values that
    #: cannot be averaged, and for those that must stay exact.
    row: Callable[[NDArray[Any]], int] | None = None
    #: The value of whole numbers of which one float stands for several.
    whole: Callable[[Sequence[int]], int] | None = None


@dataclass(frozen=True, kw_only=True)
class GivenValue(Method):
    """A simple method whose value the analyst gives."""

    kind: ClassVar[Kind] = "simple"
    given: ClassVar[bool] = True


class FillByRow(Protocol):
    """Impute rows by those around them."""

    def __call__(
        self, order: Order, y: NDArray[Any], ry: NDArray[np.bool_], /
    ) -> tuple[NDArray[Any], Rows | None]:
        """Give a value for each row, and the row that it is of if it is handed on.

        Without a value in its group a row has NaN (of codes -1) and no donor (-1).
        """


@dataclass(frozen=True, kw_only=True)
class ByRow(Method):
    """A simple method that fills each row by the rows around it."""

    kind: ClassVar[Kind] = "simple"
    by_row: ClassVar[bool] = True
    #: Whether it looks at how far apart the rows are in time.
    timed: bool = False
    fill: FillByRow


class Pool(Protocol):
    """Observed rows to draw from."""

    def draw(self, wanted: Rows, rng: np.random.Generator) -> Rows:
        """Draw a row for each group in `wanted`."""


@dataclass(frozen=True, kw_only=True)
class DonorDraw(Method):
    """A simple method that draws observed rows, within groups if there are any."""

    kind: ClassVar[Kind] = "simple"
    by_row: ClassVar[bool] = True
    #: Makes the pool of one imputation from the groups of the rows and where they are
    #: observed.
    pool: Callable[[Rows, NDArray[np.bool_], np.random.Generator], Pool]


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
class Neighbours(Method):
    """A method that takes its values from the most similar rows."""

    kind: ClassVar[Kind] = "neighbours"
    combine: Combine


@dataclass(frozen=True, kw_only=True)
class FitOptions:
    """What a regression of one column is reported besides its data."""

    #: Number of classes of a target of codes 0..K-1; 0 for numbers.
    classes: int = 0
    #: Whether the classes are ranks.
    ordered: bool = False
    #: Coordinates of the predictors that are the dummies of one column each; told to
    #: methods that are fitted to rows.
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


@dataclass(frozen=True, kw_only=True)
class Chained(Method):
    """What all regressions of one column on others have in common."""

    kind: ClassVar[Kind] = "chained"


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
class RowRegression(Chained):
    """A regression that is fitted to rows: the usual kind of a chained method."""

    fit: FitRows


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


@dataclass(frozen=True, kw_only=True)
class MomentRegression(Chained):
    """A linear regression, fitted to sums of squares and products."""

    fit: FitMoments


@dataclass(frozen=True, kw_only=True)
class JointModel(Method):
    """One model of all columns at once; see `models.joint` for what `fit` gets."""

    kind: ClassVar[Kind] = "joint"
    fit: FitJoint


@dataclass(frozen=True, kw_only=True)
class Auto(Method):
    """The choice among the other methods, column by column."""

    kind: ClassVar[Kind] = "auto"

    def differs(self, spec: ImputationSpec) -> bool:
        """Tell whether two imputations differ: best guesses for one, else draws."""
        return spec.n_imputations > 1


@dataclass(frozen=True, kw_only=True)
class Passive(Method):
    """A formula that computes a column from others."""

    kind: ClassVar[Kind] = "passive"

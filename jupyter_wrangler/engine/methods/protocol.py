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
function against the protocol of that class, which is in `signatures`:

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
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.contract import ImputationSpec, Level
from jupyter_wrangler.engine.methods.signatures import (
    Combine,
    FillByRow,
    FitMoments,
    FitRows,
    Pool,
)
from jupyter_wrangler.engine.models.costs.advice import FEWER_PREDICTORS
from jupyter_wrangler.engine.models.joint import Fit as FitJoint

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


@dataclass(frozen=True, kw_only=True)
class ByRow(Method):
    """A simple method that fills each row by the rows around it."""

    kind: ClassVar[Kind] = "simple"
    by_row: ClassVar[bool] = True
    #: Whether it looks at how far apart the rows are in time.
    timed: bool = False
    fill: FillByRow


@dataclass(frozen=True, kw_only=True)
class DonorDraw(Method):
    """A simple method that draws observed rows, within groups if there are any."""

    kind: ClassVar[Kind] = "simple"
    by_row: ClassVar[bool] = True
    #: Makes the pool of one imputation from the groups of the rows and where they are
    #: observed.
    pool: Callable[[Rows, NDArray[np.bool_], np.random.Generator], Pool]


@dataclass(frozen=True, kw_only=True)
class Neighbours(Method):
    """A method that takes its values from the most similar rows."""

    kind: ClassVar[Kind] = "neighbours"
    combine: Combine


@dataclass(frozen=True, kw_only=True)
class Chained(Method):
    """What all regressions of one column on others have in common."""

    kind: ClassVar[Kind] = "chained"


@dataclass(frozen=True, kw_only=True)
class RowRegression(Chained):
    """A regression that is fitted to rows: the usual kind of a chained method."""

    fit: FitRows


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

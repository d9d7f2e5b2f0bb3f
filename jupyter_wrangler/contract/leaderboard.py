"""What a comparison of methods found: one trial for each part, and the leaderboard.

A *trial* is one method in one repeat: observed cells were hidden, the method filled
them, and here is how near it came.  The *baseline* is the simple rule: the median of
numbers and dates, the most frequent class.  Its error is what the others are held
against, in the same cells.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from jupyter_wrangler.contract.base import View
from jupyter_wrangler.contract.specs import ComparisonSpec

#: Name of the simple rule among the methods.
BASELINE: Literal["baseline"] = "baseline"


class JudgedColumn(View):
    """A column in which cells were hidden."""

    name: str
    #: continuous, integer, boolean, nominal, ordered, datetime or timedelta.
    level: str
    #: Unit of the errors of dates and spans ("days"); empty for numbers, whose unit
    #: is that of the column, and for classes, whose errors are shares.
    unit: str
    n_missing: int
    n_observed: int
    #: Cells hidden in one repeat.
    n_hidden: int

    @property
    def classes(self) -> bool:
        """Whether its values are classes, which are right or wrong."""
        return self.level in {"boolean", "nominal", "ordered"}


class Scores(View):
    """How near the values of one method came; None where that has no meaning."""

    #: Mean absolute error, root mean squared error and mean error (imputed less true).
    mae: float | None = None
    rmse: float | None = None
    bias: float | None = None
    #: Share of right classes, and its mean over the classes.
    right: float | None = None
    balanced: float | None = None
    #: Error of one draw alone: mean absolute error, or share of wrong classes; the
    #: others are those of the best guess of all draws.
    single: float | None = None
    #: Distances between the distributions of imputed and hidden values.
    wasserstein: float | None = None
    energy: float | None = None
    #: Share of hidden numbers within the 90 % interval, and its mean width.
    coverage: float | None = None
    width: float | None = None
    #: Of draws, two or more: fair continuous ranked probability score of numbers, and
    #: negative log score of classes.
    crps: float | None = None
    log_loss: float | None = None


class DrawLosses(View):
    """Losses of draws (`crps`, or `log_loss`) in blocks of rows, for paired tests.

    All lists are as long as there are blocks; a block without hidden cells has zeros.
    """

    #: Hidden cells, and sums of their losses.
    cells: tuple[int, ...]
    loss: tuple[float, ...]
    #: Of classes: sum of the fair Brier scores of all cells.
    brier: float | None = None


class ColumnTrial(Scores):
    """Scores of one method in one column and one repeat."""

    column: str
    #: Method that filled it: where the one asked for does not fit, its stand-in.
    used: str
    #: Hidden cells that were filled.
    n: int
    #: Of draws, two or more.
    losses: DrawLosses | None = None


class Trial(View):
    """One method in one repeat: what a part of a comparison leaves."""

    n_rows: int = 0
    columns: tuple[JudgedColumn, ...] = ()
    #: Column -> why it is not judged.
    left_out: dict[str, str] = Field(default_factory=dict)
    scores: tuple[ColumnTrial, ...] = ()
    #: Draws of the method behind these scores.
    draws: int = 1
    #: Why there are no scores.
    error: str | None = None
    #: Measured by anyone who ran it: the engine has no clock.
    seconds: float | None = None
    peak_mib: float | None = None


class ColumnScore(Scores):
    """Scores of one method in one column over its repeats."""

    column: str
    #: Methods that filled it; several where they changed from repeat to repeat.
    used: tuple[str, ...]
    #: Hidden cells that were filled, in all repeats.
    n: int
    #: Mean absolute error, or share of wrong classes: what methods are ranked by.
    error: float
    #: The same as a share of the error of the baseline in the same repeats; None
    #: where the baseline makes none.
    ratio: float | None
    #: Whether the baseline is nearer.
    worse: bool


class RankedMethod(View):
    """Where one method stands."""

    method: str
    #: From 1; None for methods that could not run, or have not yet.
    rank: int | None = None
    #: Mean of the ratios of its columns, and their standard deviation over repeats.
    ratio: float | None = None
    spread: float | None = None
    #: Whether the baseline is nearer on average.
    worse: bool = False
    #: Share of hidden numbers within the 90 % intervals, over all columns of numbers.
    coverage: float | None = None
    #: Whether several imputations of it differ.
    draws: bool = False
    #: Repeats that were run.
    repeats: int = 0
    #: Seconds of one imputation on average, and the most memory it took.
    seconds: float | None = None
    peak_mib: float | None = None
    #: Why it could not run.
    error: str | None = None
    scores: tuple[ColumnScore, ...] = ()


class ColumnChoice(View):
    """What several imputations should take for one column."""

    column: str
    method: str
    #: Whole sentences: how sure the choice is.
    reason: str


class LeaderboardDocument(View):
    """Methods in the order of their errors in hidden cells."""

    spec: ComparisonSpec
    n_rows: int
    columns: tuple[JudgedColumn, ...]
    #: Column -> why it was not judged.
    left_out: dict[str, str]
    #: The best first; at the end those that could not run or have not yet.
    methods: tuple[RankedMethod, ...]
    #: For several imputations, the methods by column: the standard one of those that
    #: were compared, unless another one is better beyond chance.  Columns that no
    #: proper method filled are not among them.
    choices: tuple[ColumnChoice, ...] = ()
    #: Trials that have ended, and all there are.
    n_done: int
    n_trials: int
    #: What stands out, in whole sentences.
    findings: tuple[str, ...]

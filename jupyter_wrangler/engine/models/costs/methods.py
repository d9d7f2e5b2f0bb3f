"""What each method costs, in the order in which methods are offered.

A method is offered if it has a line in `COSTS`, and its file in `engine.methods`.
Seconds follow from the costs in the Notes of a method and from constants that were
measured, see `blocks`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jupyter_wrangler.engine.models.costs.blocks import (
    Shape,
    gram,
    incomplete_rows,
    patterns,
    random_trees,
    regression,
    tree,
)


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What any method costs; use one of the classes below."""

    #: Times the bytes of its data that a part takes; measured, see docs/limits.md.
    memory: int = 10
    #: Whether two imputations of it differ, so that a comparison makes several.
    draws: bool = False


@dataclass(frozen=True, kw_only=True)
class PassCost(Cost):
    """A pass over the column: of simple methods, and of formulas."""


@dataclass(frozen=True, kw_only=True)
class VisitCost(Cost):
    """A regression of the column in each round: of chained methods."""

    #: Seconds of one visit of one column.
    seconds: Callable[[Shape], float]


@dataclass(frozen=True, kw_only=True)
class WholeCost(Cost):
    """All columns at once: of neighbours, and of joint models."""

    #: Seconds for n rows, w coordinates and the counts of missing values by column.
    seconds: Callable[[int, int, Sequence[int]], float]
    #: Whether they shrink with the share of the rows that may be donors.
    by_donors: bool = False


@dataclass(frozen=True, kw_only=True)
class TrialCost(Cost):
    """Trials of other methods on samples, then one of these: of `auto`."""


def _linear(s: Shape) -> float:
    # With fewer rows than predictors the rows are decomposed, otherwise the moments.
    wide = 1.5e-9 * s.observed * s.p**2 if s.observed <= s.p else 0.0
    return gram(s) + 4e-10 * s.p**3 + wide


def _pmm(s: Shape) -> float:
    return regression(s) + 1.5e-7 * s.n + 2e-9 * s.n * s.p


def _midastouch(s: Shape) -> float:
    return regression(s) + 1.8e-8 * s.f * s.n * s.observed + 2e-10 * s.n * s.p**2


def _huber(s: Shape) -> float:
    # about 20 iterations
    return 2e-3 + 20 * 1.5e-9 * s.observed * (s.p + 1) ** 2


def _logreg(s: Shape) -> float:
    return 2e-3 + 1.5e-7 * s.observed * s.p


def _classes(s: Shape) -> float:
    return 3e-3 + 2e-7 * s.observed * s.p


def _cart(s: Shape) -> float:
    return 2e-3 + 7e-8 * tree(s)


def _rf(s: Shape) -> float:
    return 1e-2 + 1.1e-8 * s.trees * tree(s)


def _boosting(s: Shape) -> float:
    return 0.07 + 1.2e-6 * s.observed * s.p


def _knn(n: int, w: int, missing: Sequence[int]) -> float:
    return incomplete_rows(n, missing) * n * (2e-9 + 2.5e-10 * w)


def _em(n: int, w: int, missing: Sequence[int]) -> float:
    return 1.5e-6 * n * w + 2e-9 * patterns(n, missing) * w**3


def _softimpute(n: int, w: int, _: Sequence[int]) -> float:
    return 2e-6 * n * w + 1e-7 * n * w**2


def _copula(n: int, w: int, missing: Sequence[int]) -> float:
    return 4e-6 * n * w + 2e-9 * patterns(n, missing) * w**3


#: Name -> what the method costs, in the order in which methods are offered.
COSTS: dict[str, Cost] = {
    "mean": PassCost(memory=5),
    "median": PassCost(memory=5),
    "most_frequent": PassCost(memory=5),
    "constant": PassCost(memory=5),
    "sample": PassCost(memory=8, draws=True),
    "ffill": PassCost(),
    "bfill": PassCost(),
    "interpolate": PassCost(),
    "time": PassCost(),
    "knn": WholeCost(seconds=_knn, by_donors=True),
    "linear": VisitCost(seconds=_linear, memory=7),
    "pmm": VisitCost(seconds=_pmm, draws=True),
    "midastouch": VisitCost(seconds=_midastouch, draws=True),
    "norm": VisitCost(seconds=regression, memory=7, draws=True),
    "huber": VisitCost(seconds=_huber, draws=True),
    "logreg": VisitCost(seconds=_logreg, draws=True),
    "polyreg": VisitCost(seconds=_classes, draws=True),
    "polr": VisitCost(seconds=_classes, draws=True),
    "cart": VisitCost(seconds=_cart, draws=True),
    "rf": VisitCost(seconds=_rf, draws=True),
    "boosting": VisitCost(seconds=_boosting, draws=True),
    "extratrees": VisitCost(seconds=random_trees),
    "em": WholeCost(seconds=_em, memory=12, draws=True),
    "softimpute": WholeCost(seconds=_softimpute, memory=15),
    "copula": WholeCost(seconds=_copula, draws=True),
    "auto": TrialCost(),
}

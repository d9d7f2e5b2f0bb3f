"""The imputation methods, one per file, loaded when first used.

Each module has ``impute(y, ry, x, wy, *, rng, ...)`` in the words of mice:
target `y`, response indicator `ry` (True where observed), predictors `x`, where to
impute `wy`, and returns one value for each True of `wy`.  A target of classes
comes as codes 0..K-1 with ``classes=K``; without classes it is numeric.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, cast

from numpy.typing import NDArray

from jupyter_wrangler.contract import ImputationSpec, Level
from jupyter_wrangler.engine.columns.formula import is_formula
from jupyter_wrangler.engine.columns.levels import (
    CATEGORICAL,
    DATES,
    NUMERIC,
    PREDICTORS,
)

_ALL: frozenset[Level] = PREDICTORS | {"text"}


@dataclass(frozen=True, kw_only=True)
class Method:
    """What is known of a method without loading it."""

    name: str
    #: simple: looks at its column only; neighbours: at similar rows; chained: at
    #: the other columns as completed so far, round after round; joint: fits one model
    #: of all columns; auto: chooses one of these; passive: computes by a formula.
    kind: Literal["simple", "neighbours", "joint", "chained", "auto", "passive"]
    #: Levels that it can impute when asked for by column.
    levels: frozenset[Level]
    #: Method that stands in where this one is asked for all columns but does not
    #: fit; empty leaves the column alone.
    stand_in: str = ""
    #: Whether it hands on observed values, so that support and wholeness are kept.
    donates: bool = False
    #: Whether a simple method fills each row by what lies around it, rather than all
    #: rows by one value.
    by_row: bool = False
    #: Whether a simple method of one value has one for each group of rows, if there
    #: are groups.
    by_group: bool = False
    #: Whether two imputations of it differ.
    draws: bool = False
    #: Whether several imputations of it are made for valid inference: it draws from the
    #: distribution of the missing values given other columns, and from what is not
    #: known of that distribution.
    proper: bool = False
    #: Whether it can give its prediction instead (``sample_posterior=False``).
    predicts: bool = False
    #: Whether it regresses on all predictors without shrinking their weights, so that
    #: few observed rows need fewer predictors (see `engine.models.screening`).
    screens: bool = False

    @property
    def module(self) -> Any:
        """What implements it; loads the module."""
        return importlib.import_module(f"{__name__}.{self.name}")

    @property
    def impute(self) -> Callable[..., NDArray[Any]]:
        """The univariate function; loads the module."""
        return cast("Callable[..., NDArray[Any]]", self.module.impute)

    def differs(self, spec: ImputationSpec) -> bool:
        """Tell whether two imputations differ under these settings."""
        if self.kind == "auto":
            # It takes best guesses for one imputation, and draws for several.
            return spec.n_imputations > 1
        return self.draws and not (self.predicts and not spec.sample_posterior)


#: Name -> method, in the order in which they are offered.
METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method(
            name="mean",
            kind="simple",
            levels=NUMERIC,
            stand_in="median",
            by_group=True,
        ),
        Method(
            name="median",
            kind="simple",
            levels=NUMERIC | DATES,
            stand_in="most_frequent",
            by_group=True,
        ),
        Method(
            name="most_frequent",
            kind="simple",
            levels=_ALL,
            donates=True,
            by_group=True,
        ),
        Method(name="constant", kind="simple", levels=_ALL),
        Method(
            name="sample",
            kind="simple",
            levels=PREDICTORS,
            by_row=True,
            donates=True,
            draws=True,
        ),
        *(
            Method(
                name=name, kind="simple", levels=PREDICTORS, by_row=True, donates=True
            )
            for name in ("ffill", "bfill")
        ),
        *(
            Method(
                name=name,
                kind="simple",
                levels=NUMERIC | DATES,
                by_row=True,
                stand_in="ffill",
            )
            for name in ("interpolate", "time")
        ),
        Method(name="knn", kind="neighbours", levels=PREDICTORS),
        Method(name="linear", kind="chained", levels=PREDICTORS),
        *(
            Method(
                name=name,
                kind="chained",
                levels=PREDICTORS,
                donates=True,
                draws=True,
                proper=True,
                screens=True,
            )
            for name in ("pmm", "midastouch")
        ),
        Method(
            name="norm",
            kind="chained",
            levels=NUMERIC | DATES,
            stand_in="logreg",
            draws=True,
            proper=True,
            predicts=True,
            screens=True,
        ),
        Method(
            name="logreg",
            kind="chained",
            levels=frozenset({"boolean", "nominal"}),
            stand_in="polyreg",
            draws=True,
            proper=True,
            predicts=True,
            screens=True,
        ),
        Method(
            name="polyreg",
            kind="chained",
            levels=frozenset({"boolean", "nominal"}),
            stand_in="polr",
            draws=True,
            proper=True,
            predicts=True,
            screens=True,
        ),
        Method(
            name="polr",
            kind="chained",
            levels=frozenset({"ordered"}),
            stand_in="pmm",
            draws=True,
            proper=True,
            predicts=True,
            screens=True,
        ),
        *(
            Method(
                name=name,
                kind="chained",
                levels=PREDICTORS,
                donates=True,
                draws=True,
                proper=name != "boosting",
                predicts=True,
            )
            for name in ("cart", "rf", "boosting")
        ),
        Method(name="extratrees", kind="chained", levels=PREDICTORS),
        Method(name="em", kind="joint", levels=PREDICTORS, draws=True, proper=True),
        Method(name="softimpute", kind="joint", levels=PREDICTORS),
        Method(name="copula", kind="joint", levels=PREDICTORS, draws=True),
        Method(name="auto", kind="auto", levels=PREDICTORS, stand_in="median"),
    )
}


#: What is known of any formula; see `formula`.
PASSIVE = Method(name="~", kind="passive", levels=NUMERIC)


def method_of(name: str) -> Method:
    """Give a method by its name, or what is known of a formula.

    Examples
    --------
    >>> method_of("pmm").kind, method_of("~ weight / height ** 2").kind
    ('chained', 'passive')
    """
    return PASSIVE if is_formula(name) else METHODS[name]


def fitting(level: Level) -> list[str]:
    """Names of the methods that can impute a column of this level.

    Examples
    --------
    >>> fitting("text")
    ['most_frequent', 'constant']
    """
    return [name for name, method in METHODS.items() if level in method.levels]


__all__ = [
    "CATEGORICAL",
    "METHODS",
    "NUMERIC",
    "PASSIVE",
    "Method",
    "fitting",
    "method_of",
]

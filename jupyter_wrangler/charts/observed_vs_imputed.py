"""The observed values of a column beside the imputed ones, on one scale."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.charts.reading import (
    Values,
    imputations_of,
    numbers_only,
    values_of,
)
from jupyter_wrangler.engine.estimator.imputations import Imputations
from jupyter_wrangler.errors import InvalidData, UnknownColumn


@dataclass(frozen=True, kw_only=True, eq=False)
class ObservedAndImputed:
    """One column of several imputations."""

    found: Imputations
    #: All rows of the column, missing values where values were imputed.
    observed: Values
    #: Imputed values, by imputation.
    imputed: list[Values]

    @property
    def name(self) -> str:
        """Name of the column."""
        return self.observed.name

    @property
    def m(self) -> int:
        """Number of imputations."""
        return len(self.imputed)

    @property
    def n(self) -> int:
        """Imputed cells."""
        return len(self.imputed[0].y)

    @cached_property
    def every(self) -> NDArray[Any]:
        """Imputed values of all imputations."""
        return np.concatenate([one.observed for one in self.imputed])

    def numbered(self, what: str) -> ObservedAndImputed:
        """Give the same, refusing classes."""
        numbers_only(self.observed, what)
        return self


def observed_and_imputed(found: Any, column: Any) -> ObservedAndImputed:
    """Read one column of what was imputed.

    Raises
    ------
    UnknownColumn
        If nothing was imputed in it.
    InvalidData
        If it is text, or has no observed value.
    """
    made = imputations_of(found)
    draws = made.draws(column)
    name = str(column)
    if draws.empty:
        rows_of = made.imputations[0].rows
        raise UnknownColumn(name, [key for key in rows_of if len(rows_of[key])])
    at = list(map(str, made.data.columns)).index(name)
    series = made.data.iloc[:, at].copy()
    rows = made.imputations[0].rows[name]
    keep = np.ones(len(series), dtype=bool)
    # where observed cells were imputed over, both would stand there
    keep[rows] = False
    observed, *imputed = values_of(
        name, series[keep], *(draws[k] for k in draws.columns)
    )
    if not observed.has.any() or not all(one.has.any() for one in imputed):
        which = "observed" if not observed.has.any() else "imputed"
        raise InvalidData(
            f"Column {name!r} has no {which} value, so there is nothing to compare; "
            "charts.missing_bar(df) shows what is there."
        )
    return ObservedAndImputed(found=made, observed=observed, imputed=imputed)

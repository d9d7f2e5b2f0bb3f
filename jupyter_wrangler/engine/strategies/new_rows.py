"""Later rows: read as the fit read its own, and refused where that cannot be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import infer_dtype

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.columns.column import Column
from jupyter_wrangler.engine.columns.dates import zone_of
from jupyter_wrangler.engine.columns.levels import PREDICTORS
from jupyter_wrangler.engine.columns.values import Values
from jupyter_wrangler.engine.planning.frame import check_numbers
from jupyter_wrangler.engine.strategies.run import Run, completed
from jupyter_wrangler.engine.types import Rows
from jupyter_wrangler.errors import (
    SchemaMismatch,
    listed,
    shown,
)

#: How pandas calls numbers among objects.
_NUMBERS = frozenset({"integer", "floating", "mixed-integer-float", "boolean"})


@dataclass(frozen=True, kw_only=True)
class NewColumn:
    """One column of the later rows, in the numbers and codes of the fit."""

    y: NDArray[Any]
    ry: NDArray[np.bool_]

    @property
    def missing(self) -> Rows:
        """Positions of the rows without a value."""
        return np.flatnonzero(~self.ry)


@dataclass(kw_only=True)
class NewRows:
    """Rows that came after the fit, imputed as far as it is."""

    frame: pd.DataFrame
    columns: dict[str, NewColumn]
    rng: np.random.Generator
    #: Column -> rows without a value, and what fills them in the dtype of the fit.
    imputed: dict[str, tuple[Rows, Values]] = field(default_factory=dict)
    #: Column -> numbers or codes, completed.
    y: dict[str, NDArray[Any]] = field(default_factory=dict)

    def fill(self, run: Run, name: str, values: NDArray[Any]) -> None:
        """Take numbers or codes for the missing values of a column, adjusted."""
        new, change = self.columns[name], run.adjustment(name)
        if change is not None:
            values = change(values)
        self.imputed[name] = new.missing, run.columns[name].decode(values)
        self.y[name] = completed(new.y, new.ry, values)


def check_columns(wanted: list[str], found: list[str]) -> None:
    """Refuse rows without the columns of the fit.

    Examples
    --------
    >>> check_columns(["age", "sex"], ["age"])
    Traceback (most recent call last):
    jupyter_wrangler.errors.SchemaMismatch: The imputer was fitted on columns that these
    rows do not have: 'sex'. Add them (missing values will do), take
    missing_columns='impute', or fit again.
    """
    lacking = [name for name in wanted if name not in set(found)]
    if lacking:
        raise SchemaMismatch(
            "The imputer was fitted on columns that these rows do not have: "
            f"{listed(lacking)}. Add them (missing values will do), "
            "take missing_columns='impute', or fit again."
        )
    unknown = [name for name in found if name not in set(wanted)]
    if unknown:
        raise SchemaMismatch(
            "These rows have columns that the imputer was not fitted on: "
            f"{listed(unknown)}. Leave them out, or fit again."
        )


def new_column(
    column: Column, series: pd.Series, spec: ImputationSpec, handle_unknown: str
) -> NewColumn:
    """Read a column of later rows as the fit read its own."""
    ry = series.notna().to_numpy(bool)
    if column.level not in PREDICTORS:
        return NewColumn(y=np.where(ry, 0, -1), ry=ry)
    if column.numeric and not ry.any():
        # Whatever the dtype is in which nothing was read: no moments have no zone.
        return NewColumn(y=np.full(len(series), np.nan), ry=ry)
    if column.numeric:
        _check_zone(column, series)
        try:
            _check_spelling(column, series)
            y = column.floats(series)
        except (ValueError, TypeError):
            raise SchemaMismatch(
                f"Column {column.name!r} was {column.level} when the imputer was "
                f"fitted, but these rows hold {series.dtype} that is no number, for "
                f"example {shown(series.dropna().iloc[0])}. Convert it, for example "
                "with pd.to_numeric or pd.to_datetime, or fit again."
            ) from None
        check_numbers(column.name, y, spec)
        return NewColumn(y=y, ry=ry)
    labels = pd.Index(column.labels.astype(object))
    codes = labels.get_indexer(pd.Index(series.astype(object)))
    unseen = pd.unique(series[(codes < 0) & ry].astype(object))
    if len(unseen) and handle_unknown == "error":
        new = ", ".join(shown(value) for value in unseen[:5])
        raise SchemaMismatch(
            f"Column {column.name!r} has classes that the imputer has not seen: {new}"
            f"{', ...' if len(unseen) > 5 else ''}; it knows {len(labels)}: "
            f"{', '.join(shown(value) for value in labels[:5])}"
            f"{', ...' if len(labels) > 5 else ''}. Recode them, set them missing, "
            "take handle_unknown='impute', or fit again."
        )
    return NewColumn(y=np.where(ry, codes, -1), ry=ry & (codes >= 0))


def _check_spelling(column: Column, series: pd.Series) -> None:
    """Refuse strings for numbers and moments, and numbers for moments."""
    own = series.dtype.kind
    if own in "Mm":
        if own != {"datetime": "M", "timedelta": "m"}.get(column.level):
            raise TypeError
        return
    kind = infer_dtype(series, skipna=True)
    if kind == "string":
        raise TypeError
    if column.level == "datetime" and series.notna().any():
        if kind not in {"datetime", "datetime64"}:
            raise TypeError
    elif column.level == "timedelta" and kind in _NUMBERS:
        raise TypeError


def _check_zone(column: Column, series: pd.Series) -> None:
    """Refuse moments with a time zone where those of the fit had none, and reverse."""
    if column.level != "datetime" or series.isna().all():
        return
    zone = column.clock.zone
    if series.dtype.kind == "M":
        aware = zone_of(series) is not None
    else:
        aware = getattr(series.dropna().iloc[0], "tzinfo", zone) is not None
    if aware == (zone is not None):
        return
    had, have, how = f"the time zone {zone}", "none", f".dt.tz_localize({str(zone)!r})"
    if aware:
        had, have, how = "no time zone", "one", ".dt.tz_localize(None)"
    raise SchemaMismatch(
        f"The moments of column {column.name!r} had {had} when the imputer was fitted, "
        f"and have {have} in these rows. Change them with {how}, or fit again."
    )

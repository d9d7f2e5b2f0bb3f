"""Passive imputation: columns that are computed from others, kept in step with them.

After each visit of an ingredient in a round the columns computed from it are computed
again, so that further columns are predicted by numbers that agree.  At the end they are
computed from the values that are handed out, so that the completed data hold the
formula to the last digit.  Observed cells stay as they are.

References
----------
.. [1] S. van Buuren and K. Groothuis-Oudshoorn (2011), mice, Journal of Statistical
   Software 45(3), section 3.4.
.. [2] S. van Buuren (2018), Flexible Imputation of Missing Data, section 6.4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.formula import Formula
from jupyter_wrangler.engine.columns.values import Values
from jupyter_wrangler.engine.planning.passive_dependencies import (
    formulas_of,
    sources_of,
)
from jupyter_wrangler.engine.strategies.run import Run
from jupyter_wrangler.engine.types import Rows
from jupyter_wrangler.errors import InvalidData

Floats = NDArray[np.float64]

#: A column that is farther from its formula in half of the rows that have all of it, of
#: which there are so many, than this share of its standard deviation, is reported.
OFF, ENOUGH = 0.1, 5


def planned(run: Run) -> dict[str, Formula]:
    """Formulas of the columns that are to be computed, each after those it needs."""
    found = formulas_of(run.spec)
    return {name: formula for name, formula in found.items() if run.method(name)}


class Passive:
    """The computed columns of a chain, and the numbers that they are computed from.

    Parameters
    ----------
    run : Run
        Knows formulas and adjustments.
    numbers : mapping of str to ndarray of shape (n,)
        Column -> numbers where the chain starts.  What a formula gives no number for
        (the root of -1) keeps the number that it has, here and in all rounds.
    missing values : mapping of str to ndarray of shape (k,)
        Column -> rows without a value.
    """

    def __init__(
        self, run: Run, numbers: Mapping[str, Floats], missing_rows: Mapping[str, Rows]
    ) -> None:
        self.run = run
        self.formulas = planned(run)
        self.sources = sources_of(self.formulas)
        self.missing_rows = {name: missing_rows[name] for name in self.formulas}
        self.now = {name: numbers[name].copy() for name in named(self.formulas)}
        for name in self.formulas:
            self._compute(name)

    def renew(
        self, name: str, rows: Rows, imputed: NDArray[Any]
    ) -> Iterator[tuple[str, Rows, Floats]]:
        """Take new numbers of one column; give the columns computed from it again."""
        if name not in self.now:
            return
        self.now[name][rows] = imputed
        for other, missing_rows in self.missing_rows.items():
            if name in self.sources[other] and len(missing_rows):
                yield other, missing_rows, self._compute(other)

    def trace(self) -> None:
        """Note mean and variance of the computed cells after a round."""
        for name, rows in self.missing_rows.items():
            if len(rows):
                self.run.trace(name, self.now[name][rows])

    def _compute(self, name: str) -> Floats:
        rows = self.missing_rows[name]
        found = _values(self.run, name, self.formulas[name], self.now, rows)
        had = self.now[name][rows]
        self.now[name][rows] = np.where(np.isnan(found), had, found)
        computed: Floats = self.now[name][rows]
        return computed


def named(formulas: Mapping[str, Formula]) -> list[str]:
    """Columns that the formulas name or give."""
    return sorted({c for name, f in formulas.items() for c in (name, *f.columns)})


def compute_cells(run: Run) -> None:
    """Compute the cells of passive columns from the values that are handed out."""
    formulas = planned(run)
    now = {name: run.columns[name].y.copy() for name in named(formulas)}
    for name, numbers in now.items():
        column = run.columns[name]
        if name in run.imputed:
            numbers[column.missing] = column.floats(pd.Series(run.imputed[name]))
    for name, formula in formulas.items():
        column = run.columns[name]
        _log_misfit(run, name, formula)
        cells = settled(run, name, formula, now, column.missing)[1]
        if len(cells):
            run.imputed[name] = cells
        over = run.observed_to_impute(name)
        if len(over):
            own = {**now, name: now[name].copy()}
            run.over[name] = settled(run, name, formula, own, over)[1]


def settled(
    run: Run, name: str, formula: Formula, now: dict[str, Floats], rows: Rows
) -> tuple[Rows, Values]:
    """Compute some rows of one column for good, and put them among the numbers.

    Returns
    -------
    rows : ndarray of shape (k,)
        Those in which all ingredients are known.
    values : array of shape (k,)
        In the dtype of the column.

    Raises
    ------
    InvalidData
        If the formula gives no number in a row whose ingredients are known.
    """
    column = run.columns[name]
    known = ~np.isnan([now[other][rows] for other in formula.columns]).any(axis=0)
    rows = rows[known]
    found = _values(run, name, formula, now, rows)
    wrong = rows[np.isnan(found)]
    if len(wrong):
        shown = (f"{other} is {now[other][wrong[0]]:.6g}" for other in formula.columns)
        raise InvalidData(
            f"The formula {formula.text!r} of column {name!r} gives no number in "
            f"{len(wrong)} rows, the first at position {wrong[0]}, where "
            f"{' and '.join(shown)}. Bound what it is computed from, for example "
            f"min_value={{{formula.columns[0]!r}: ...}}, or impute that by a method "
            "that hands on observed values, such as 'pmm'."
        )
    values = column.decode(found)
    if len(rows):
        now[name][rows] = column.floats(pd.Series(values))
    return rows, values


def _values(
    run: Run, name: str, formula: Formula, now: Mapping[str, Floats], rows: Rows
) -> Floats:
    """Compute one column in some rows; NaN where there is no number."""
    found = formula({other: now[other][rows] for other in formula.columns})
    found[~np.isfinite(found)] = np.nan
    change = run.adjustment(name)
    if change is not None:
        good = ~np.isnan(found)
        found[good] = change(found[good])
    return found


def _log_misfit(run: Run, name: str, formula: Formula) -> None:
    """Tell if observed values do not follow the formula: mostly it is the units."""
    column = run.columns[name]
    numbers = {other: run.columns[other].y for other in formula.columns}
    off = np.abs(formula(numbers) - column.y)
    off = off[np.isfinite(off)]
    if len(off) < ENOUGH:
        return
    middle, spread = float(np.median(off)), float(np.nanstd(column.y))
    if middle > OFF * spread:
        run.log(
            f"Observed values of column {name!r} are {middle:.3g} off the formula "
            f"{formula.text!r} (median of {len(off)} rows that have all of it), at a "
            f"standard deviation of {spread:.3g}; see whether the units agree.",
            next(plan for plan in run.plans if plan.name == name),
        )

"""Which columns are computed from which others, and that this makes sense.

A column whose method is a formula is *passive*: its missing values follow from its
*ingredients*.  Ingredients can be passive themselves, as long as nothing is computed
from itself in the end.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from jupyter_wrangler.contract import ImputationSpec, Level, is_formula
from jupyter_wrangler.engine.columns.formula import Formula, parse
from jupyter_wrangler.engine.columns.levels import NUMERIC
from jupyter_wrangler.errors import (
    InvalidSpec,
    UnknownColumn,
    listed,
)


def formulas_of(spec: ImputationSpec) -> dict[str, Formula]:
    """Read the formulas of a spec, each after those that it needs.

    Raises
    ------
    InvalidSpec
        If one cannot be read, is meant for all columns, or goes in a circle.

    Examples
    --------
    >>> spec = ImputationSpec(methods={"z": "~ 2 * y", "y": "~ x + 1"})
    >>> list(formulas_of(spec))
    ['y', 'z']
    """
    if is_formula(spec.method):
        raise InvalidSpec(
            f"The formula {spec.method!r} was given for all columns; give it to one, "
            f"for example methods={{'bmi': {spec.method!r}}}."
        )
    found = {k: parse(m) for k, m in spec.methods.items() if is_formula(m)}
    if not found:
        return found
    ordered: dict[str, Formula] = {}
    while len(ordered) < len(found):
        waiting = {name: one for name, one in found.items() if name not in ordered}
        ready = {
            name: formula
            for name, formula in waiting.items()
            if waiting.keys().isdisjoint(formula.columns)
        }
        if not ready:
            raise _circular(waiting)
        ordered |= ready
    return ordered


def _circular(formulas: Mapping[str, Formula]) -> InvalidSpec:
    """Say that each of these formulas needs another one of them."""
    first, *others = formulas
    return InvalidSpec(
        f"Column {first!r} would be computed from itself, by the formula "
        f"{formulas[first].text!r}"
        f"{' and those of ' if others else ''}"
        f"{listed(others)}; give one of the columns a method."
    )


def sources_of(formulas: Mapping[str, Formula]) -> dict[str, frozenset[str]]:
    """Column -> all columns from which it is computed, also by way of others.

    Examples
    --------
    >>> spec = ImputationSpec(methods={"z": "~ 2 * y", "y": "~ x + 1"})
    >>> sorted(sources_of(formulas_of(spec))["z"])
    ['x', 'y']
    """
    found: dict[str, frozenset[str]] = {}
    for name, formula in formulas.items():
        further = (found.get(column, frozenset()) for column in formula.columns)
        found[name] = frozenset(formula.columns).union(*further)
    return found


def predictors_of(
    spec: ImputationSpec, names: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Column -> its predictors, where these are not all others.

    What is computed from a column does not help to impute it, unless the analyst says
    so: it would pull the column to where it is.

    References
    ----------
    .. [1] S. van Buuren (2018), Flexible Imputation of Missing Data, section 6.4.1.

    Examples
    --------
    >>> spec = ImputationSpec(methods={"bmi": "~ weight / height ** 2"})
    >>> predictors_of(spec, ["weight", "height", "bmi", "age"])["weight"]
    ('weight', 'height', 'age')
    """
    sources = sources_of(formulas_of(spec))
    kept = {
        column: tuple(n for n in names if column not in sources.get(n, frozenset()))
        for column in sorted(frozenset().union(*sources.values()))
    }
    return kept | dict(spec.predictors)


def check_names(formulas: Mapping[str, Formula], names: Sequence[str]) -> None:
    """Refuse formulas of columns that are not there."""
    for formula in formulas.values():
        for column in formula.columns:
            if column not in names:
                raise UnknownColumn(column, list(names))


def check_ingredients(
    formulas: Mapping[str, Formula],
    levels: Mapping[str, Level],
    incomplete: Collection[str],
    kept: Collection[str],
) -> None:
    """Refuse ingredients that are no numbers, or that keep missing values.

    Parameters
    ----------
    formulas : mapping of str to Formula
        By column.
    levels : mapping of str to Level
        Of all columns.
    incomplete : collection of str
        Columns with missing values that are imputed.
    kept : collection of str
        Columns with missing values that stay.

    Raises
    ------
    InvalidSpec
    """
    for name, formula in formulas.items():
        for column in formula.columns:
            if levels[column] not in NUMERIC:
                raise InvalidSpec(
                    f"Column {name!r} is computed from {column!r}, which is "
                    f"{levels[column]}; formulas are of numbers. Convert it, for "
                    "example with .astype(float), or leave it out of the formula."
                )
            if name in incomplete and column in kept:
                raise InvalidSpec(
                    f"Column {name!r} is computed from {column!r}, which keeps its "
                    "missing values; give it a method, or leave it out of the formula."
                )

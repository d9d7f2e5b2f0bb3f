"""Why a cell holds its value: its draws, its donors, and what moved it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from jupyter_wrangler.contract import Donor, ImputationSpec, WhyDocument
from jupyter_wrangler.engine.columns.levels import measure
from jupyter_wrangler.engine.estimator.imputations import Imputations
from jupyter_wrangler.engine.estimator.judgement.grid import (
    FEWEST,
    LEVEL,
    picked,
    rough,
)
from jupyter_wrangler.engine.estimator.judgement.influences import (
    Influences,
    influences,
)
from jupyter_wrangler.engine.estimator.judgement.nearness import distances
from jupyter_wrangler.engine.estimator.judgement.reasons import reasons_of
from jupyter_wrangler.engine.estimator.summary import text
from jupyter_wrangler.engine.methods import Method, method_of
from jupyter_wrangler.engine.planning.blocks import members_of
from jupyter_wrangler.engine.planning.passive_dependencies import predictors_of
from jupyter_wrangler.engine.planning.predictors import (
    columns_of,
    strongest_predictors,
)
from jupyter_wrangler.engine.types import Imputation
from jupyter_wrangler.errors import InvalidSpec, UnknownColumn, UnknownRow

#: Donors listed at most.
DONORS = 10


def position_of(data: pd.DataFrame, row: Any) -> int:
    """Find a row: by its label if there is such a label, else by its position.

    Parameters
    ----------
    data : DataFrame
        Its index holds the labels.
    row : object
        A label; or a whole number, which is a position from 0 (from the end if it is
        negative) where no label is equal to it.

    Raises
    ------
    UnknownRow
        If there is neither; or if several rows have this label.

    Examples
    --------
    >>> df = pd.DataFrame({"x": [1, 2]}, index=["p1", "p2"])
    >>> position_of(df, "p2"), position_of(df, 0), position_of(df, -1)
    (1, 0, 1)
    """
    try:
        found: Any = data.index.get_loc(row)
    except (KeyError, TypeError, ValueError, pd.errors.InvalidIndexError):
        found = None
    if found is None:
        whole = isinstance(row, int | np.integer) and not isinstance(row, bool)
        if whole and -len(data) <= row < len(data):
            return int(row) % len(data)
        raise UnknownRow(row, len(data))
    if isinstance(found, int | np.integer):
        return int(found)
    places = np.arange(len(data))[found]
    if len(places) != 1:
        raise UnknownRow(row, len(data), list(map(int, places[:5])), len(places))
    return int(places[0])


def why(
    found: Imputations,
    spec: ImputationSpec,
    row: Any,
    column: Any,
    methods: Mapping[str, str] | None = None,
    *,
    imputation: int = 0,
    numbers: Sequence[int] | None = None,
) -> WhyDocument:
    """Tell why one cell holds its value.

    Parameters
    ----------
    found : Imputations
        What was imputed.
    spec : ImputationSpec
        What was asked for.
    row, column : label
        The cell; see `position_of` for rows.
    methods : mapping of str to str, optional
        Column -> method that filled it, where `auto` chose; default: the spec's.
    imputation : int, default=0
        The completed data set whose value and predictors are shown.
    numbers : sequence of int of shape (m,), optional
        What the imputations of `found` are called, where some were not finished;
        default: 0 to m - 1.

    Returns
    -------
    WhyDocument

    Raises
    ------
    UnknownColumn
        If there is no such column.
    UnknownRow
        If there is no such row, or there are several.

    Examples
    --------
    >>> from jupyter_wrangler.engine.estimator.imputations import impute_m
    >>> df = pd.DataFrame({"x": [1.0, None, 3.0]})
    >>> spec = ImputationSpec(method="mean")
    >>> one = why(impute_m(df, spec), spec, 1, "x")
    >>> one.value, one.method, one.reasons[0]
    ('2', 'mean', 'The mean of the observed values, of 2 in the column.')
    """
    name = str(column)
    names = list(map(str, found.data.columns))
    if name not in names:
        raise UnknownColumn(name, names)
    return why_at(
        found,
        spec,
        position_of(found.data, row),
        name,
        methods,
        imputation=imputation,
        numbers=numbers,
    )


def why_at(
    found: Imputations,
    spec: ImputationSpec,
    position: int,
    name: str,
    methods: Mapping[str, str] | None = None,
    *,
    imputation: int = 0,
    numbers: Sequence[int] | None = None,
) -> WhyDocument:
    """Tell why one cell holds its value: `why` by position and name of the column."""
    names = list(map(str, found.data.columns))
    called = list(range(found.m) if numbers is None else numbers)
    k = called.index(imputation)
    series = found.data.iloc[:, names.index(name)]
    facts = {
        "row": text(found.data.index[position]),
        "position": position,
        "column": name,
        "level": measure(series).level if series.notna().any() else "text",
        "imputation": imputation,
    }
    rows = found.imputations[k].rows.get(name)
    place = int(np.searchsorted(rows, position)) if rows is not None else 0
    if rows is None or place >= len(rows) or rows[place] != position:
        return _not_imputed(series, position, facts)
    one = picked(found, name, np.array([place]))
    draws = one.draws(name).iloc[0]
    method = (methods or {}).get(name) or spec.methods.get(name, spec.method)
    known = method_of(method)
    done = found.complete(k).set_axis(names, axis=1)
    predictors = _helping(found.data.set_axis(names, axis=1), spec, name, known)
    looks = known.kind in {"chained", "joint", "neighbours"}
    donors = _donors(found, name, place, position, done, predictors, called)
    observed = series.notna().to_numpy(bool).copy()
    observed[rows] = False
    moved = (
        influences(done, name, position, observed, method, predictors)
        if looks
        else Influences()
    )
    logged = _logged(found.imputations[k], name, imputation)
    reasons = reasons_of(found, spec, known, method, name, position, done)
    return WhyDocument(
        **facts,
        imputed=True,
        value=text(draws.iloc[k]),
        draws=tuple(text(value) for value in draws),
        **_range(one, name),
        method=method,
        reasons=(*reasons, *logged),
        donors=donors,
        influences=moved.strongest,
        effects_in=moved.unit,
        effects_how=moved.how,
        n_predictors=len(predictors) if looks else 0,
    )


def _helping(
    data: pd.DataFrame, spec: ImputationSpec, name: str, method: Method
) -> list[str]:
    """List the columns that one was imputed from; of very many the strongest."""
    names = list(data.columns)
    others = [one for one in predictors_of(spec, names).get(name, names) if one != name]
    most = spec.n_predictors(len(others))
    named = name in {*spec.predictors, *members_of(spec)}
    if method.kind != "chained" or named or most >= len(others):
        return others
    columns = columns_of(data[[*others, name]])
    return list(strongest_predictors(columns, {name: others}, most)[name])


def _logged(one: Imputation, name: str, imputation: int) -> list[str]:
    """Say what the engine logged of a column in one imputation."""
    return [
        event.message
        for event in one.events
        if event.column == name and event.imputation in {None, imputation}
    ][:2]


def _not_imputed(series: pd.Series, position: int, facts: Any) -> WhyDocument:
    value = series.iloc[position]
    missing = bool(pd.isna(value)) if pd.api.types.is_scalar(value) else False
    reason = (
        "It is still missing: the column was left alone."
        if missing
        else "It was observed, so nothing was imputed."
    )
    return WhyDocument(**facts, imputed=False, value=text(value), reasons=(reason,))


def _range(one: Imputations, name: str) -> dict[str, Any]:
    """Give the ends of the 90 % range of numbers, or the shares of classes."""
    draws = one.draws(name).iloc[0]
    if one.m < 2:
        return {}
    if draws.nunique() < 2 and not pd.api.types.is_numeric_dtype(draws.dtype):
        return {"shares": {text(draws.iloc[0]): 1.0}}
    try:
        known = one.intervals(name, LEVEL).iloc[0]
    except (InvalidSpec, TypeError, ValueError):  # of a kind that has no middle
        return {}
    if "low" in known and (one.m < FEWEST or known["low"] == known["high"]):
        # of few draws an interval is wider than anything that is possible
        return {}
    if "low" in known:
        return {"low": rough(known["low"]), "high": rough(known["high"])}
    shares = draws.astype(object).map(text).value_counts(normalize=True)
    return {"shares": {str(label): float(share) for label, share in shares.items()}}


def _donors(
    found: Imputations,
    name: str,
    place: int,
    position: int,
    done: pd.DataFrame,
    predictors: list[str],
    called: Sequence[int],
) -> tuple[Donor, ...]:
    """List the rows whose values were handed on, and how near they are."""
    if not any(name in one.donors for one in found.imputations):
        return ()
    away = distances(done, position, predictors)
    values = found.data.iloc[:, list(done.columns).index(name)]
    has = values.notna().to_numpy(bool).copy()
    has[position] = False
    listed: list[Donor] = []
    seen: list[list[int]] = []
    for k, one in zip(called, found.imputations, strict=True):
        own = (
            np.atleast_1d(one.donors[name][place]).tolist()
            if name in one.donors
            else []
        )
        if len(own) > 1 and own in seen:
            # the same neighbours again, as of knn
            continue
        seen.append(own)
        for donor in own:
            if donor < 0 or len(listed) >= DONORS:
                continue
            far = None if away is None else float(away[donor])
            nearer = None if away is None else float((away[has] > away[donor]).mean())
            listed.append(
                Donor(
                    imputation=k,
                    row=text(found.data.index[donor]),
                    position=int(donor),
                    value=text(values.iloc[donor]),
                    distance=far,
                    nearer_than=nearer,
                )
            )
    return tuple(listed)

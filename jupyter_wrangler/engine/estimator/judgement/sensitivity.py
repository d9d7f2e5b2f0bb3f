"""What an answer rests on: the cases used, the method, the draws, and the missingness.

The same analysis is made of the complete cases, of data filled by median or mode, of
each completed data set, and of completed data whose imputed values are shifted: as
though values were missing because of what they are.

References
----------
.. [1] D. B. Rubin (1977), Formalizing subjective notions about the effect of
   nonrespondents in sample surveys, JASA 72(359), 538-543.
.. [2] S. van Buuren (2018), Flexible Imputation of Missing Data, section 9.2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.columns.levels import DATES, NUMERIC, measure
from jupyter_wrangler.engine.columns.values import as_floats
from jupyter_wrangler.engine.estimator.imputations import Imputations
from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.engine.planning.bounds import adjustment_of
from jupyter_wrangler.engine.planning.passive_dependencies import (
    formulas_of,
    sources_of,
)
from jupyter_wrangler.engine.pooling.estimates import estimates_of
from jupyter_wrangler.engine.pooling.pool import pool
from jupyter_wrangler.errors import InvalidData, InvalidSpec, UnknownColumn, shown

#: Takes a completed data set; gives a number, a fitted model, or estimates and their
#: covariance.
Analysis = Callable[[Any], Any]
HEADS = ["what", "delta", "imputation", "estimate", "low", "high", "n_rows", "reason"]


def sensitivity(
    found: Imputations,
    spec: ImputationSpec,
    fn: Analysis,
    *,
    delta: Iterable[float] = (),
    column: Any = None,
    term: str | None = None,
) -> pd.DataFrame:
    """Make one analysis in several ways.

    Parameters
    ----------
    found : Imputations
        What was imputed.
    spec : ImputationSpec
        What was asked for: formulas are computed again, bounds keep.
    fn : callable
        Takes a completed data set; gives a number, a fitted model, or a pair of
        estimates and their covariance.
    delta : iterable of float, optional
        Shifts of the imputed values of `column`, in its own units; 0 is missing at
        random.
    column : label, optional
        A column of numbers with imputed cells.
    term : str, optional
        Which parameter of the model; default: the only one.

    Returns
    -------
    DataFrame
        A line for each way: `what` ("complete cases", "median or mode", "imputation",
        "pooled", "shifted"), `delta`, `imputation`, `estimate`, the ends `low` and
        `high` of its 95 % interval (NaN where `fn` gives a number only), `n_rows`, and
        the `reason` where an analysis failed.  Of one fit the interval is that of
        Student's t with its residual degrees of freedom, as those of `pool` are; of
        the normal distribution where the fit has none.

    Notes
    -----
    A shift moves the values of one column and what formulas compute from it.  Other
    columns that were imputed from it stay; to let them follow impute with ``delta=``.

    Examples
    --------
    >>> from jupyter_wrangler.engine.estimator.imputations import impute_m
    >>> df = pd.DataFrame({"x": [1.0, 2.0, 3.0, None]})
    >>> spec = ImputationSpec(method="mean")
    >>> table = sensitivity(
    ...     impute_m(df, spec), spec, lambda d: d.x.mean(), delta=[4.0], column="x"
    ... )
    >>> table[["what", "estimate"]].values.tolist()[-1]
    ['shifted', 3.0]
    """
    if not callable(fn):
        raise InvalidSpec(
            f"fn is {shown(fn)}, and a function is wanted that takes a completed data "
            'set, for example lambda df: df["age"].mean().'
        )
    if isinstance(delta, str | Mapping) or not isinstance(delta, Iterable):
        raise InvalidSpec(
            f"delta is {shown(delta)}, and a list of shifts is wanted, for example "
            "delta=[-10, 0, 10]; column= names the column that they shift."
        )
    shifts = [_number(one) for one in delta]
    name = _column(found, column) if shifts else ""
    done = list(found)
    lines = [
        _line("complete cases", fn, term, [found.data.dropna()]),
        _line("median or mode", fn, term, [_filled(found.data)]),
    ]
    lines += [
        _line("imputation", fn, term, [one], imputation=k) for k, one in enumerate(done)
    ]
    lines.append(_line("pooled", fn, term, done))
    for shift in shifts:
        moved = [_shifted(found, spec, one, name, shift) for one in done]
        lines.append(_line("shifted", fn, term, moved, delta=shift))
    return pd.DataFrame(lines, columns=HEADS)


def _number(given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float | np.number):
        raise InvalidSpec(f"delta={shown(given)} is no number; numbers are wanted.")
    if not math.isfinite(float(given)):
        raise InvalidSpec(
            f"delta={shown(given)} is not finite; finite ones are wanted."
        )
    return float(given)


def _column(found: Imputations, column: Any) -> str:
    filled = [name for name, rows in found.imputations[0].rows.items() if len(rows)]
    if column is None and len(filled) == 1:
        return filled[0]
    if column is None:
        raise InvalidSpec(
            "delta shifts one column, and several were imputed; name it, for example "
            f"column={filled[0]!r}."
            if filled
            else "Nothing was imputed to be shifted."
        )
    name = str(column)
    if name not in filled:
        raise UnknownColumn(name, filled)
    at = list(map(str, found.data.columns)).index(name)
    level = measure(found.data.iloc[:, at]).level
    if level not in NUMERIC:
        do = (
            "name a column of numbers"
            if level in DATES
            else f"of classes impute with delta={{{name!r}: ...}}, which shifts their "
            "log-odds"
        )
        raise InvalidSpec(
            f"Column {name!r} is {level}, and delta shifts numbers; {do}."
        )
    return name


def _filled(data: pd.DataFrame) -> pd.DataFrame:
    done: pd.DataFrame = Imputer("median").fit_transform(data)
    return done


def _shifted(
    found: Imputations,
    spec: ImputationSpec,
    done: pd.DataFrame,
    name: str,
    shift: float,
) -> pd.DataFrame:
    """Shift the imputed cells of one column, and compute again what follows from it."""
    names = list(map(str, done.columns))
    moved = done.copy()
    rows = found.imputations[0].rows
    change = adjustment_of(name, spec.model_copy(update={"delta": {}, "factor": {}}))
    numbers = as_floats(done.iloc[:, names.index(name)]).copy()
    numbers[rows[name]] += shift
    if change is not None:
        numbers[rows[name]] = change(numbers[rows[name]])
    moved.isetitem(names.index(name), numbers)
    formulas = formulas_of(spec)
    sources = sources_of(formulas)
    for other, formula in formulas.items():
        if name not in sources[other] or other not in rows:
            continue
        given = {
            one: as_floats(moved.iloc[:, names.index(one)]) for one in formula.columns
        }
        computed = as_floats(moved.iloc[:, names.index(other)]).copy()
        computed[rows[other]] = formula(given)[rows[other]]
        moved.isetitem(names.index(other), computed)
    return moved


def _line(
    what: str,
    fn: Analysis,
    term: str | None,
    frames: list[pd.DataFrame],
    *,
    delta: float = math.nan,
    imputation: int | None = None,
) -> dict[str, Any]:
    line: dict[str, Any] = dict.fromkeys(("estimate", "low", "high"), math.nan)
    line |= {"what": what, "delta": delta, "imputation": imputation, "reason": ""}
    line["n_rows"] = len(frames[0])
    if not len(frames[0]):
        return line | {"reason": "No row is complete."}
    try:
        return line | _analysed([fn(frame) for frame in frames], term)
    except (InvalidSpec, UnknownColumn):
        raise
    except Exception as error:
        if what in {"imputation", "pooled"}:
            raise
        return line | {"reason": f"{type(error).__name__}: {error}"}


def _analysed(results: list[Any], term: str | None) -> dict[str, float]:
    """Pool one parameter of several results; of numbers their mean."""
    if all(isinstance(one, int | float | np.number) for one in results):
        return {"estimate": float(np.mean([float(one) for one in results]))}
    names = list(estimates_of(results[0]).names)
    which = term if term is not None else names[0] if len(names) == 1 else None
    if which is None or which not in names:
        raise InvalidSpec(
            f"The analysis has the parameters {', '.join(map(repr, names[:12]))}, and "
            f"one is wanted; name it, for example term={names[-1]!r}."
        )
    if len(results) > 1:
        row = pool(results).to_frame().loc[which].to_dict()
        return {str(k): row[k] for k in ("estimate", "low", "high")}
    one = estimates_of(results[0])
    at = names.index(which)
    if one.covariance[at, at] < 0:
        raise InvalidData(
            f"The variance of {which!r} is negative ({one.covariance[at, at]:g}); a "
            "squared standard error is wanted."
        )
    estimate, error = float(one.estimate[at]), math.sqrt(float(one.covariance[at, at]))
    df = math.inf if one.df_resid is None else one.df_resid
    half = _t_quantile(df) * error
    return {"estimate": estimate, "low": estimate - half, "high": estimate + half}


def _t_quantile(df: float) -> float:
    """Give the 97.5 % quantile of Student's t; NaN without degrees of freedom.

    Examples
    --------
    >>> round(_t_quantile(10.0), 3), round(_t_quantile(math.inf), 3)
    (2.228, 1.96)
    """
    if not df > 0:
        return math.nan
    return float(special.ndtri(0.975) if df == math.inf else special.stdtrit(df, 0.975))

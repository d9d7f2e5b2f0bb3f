"""The estimates of one analysis and their covariance, whoever fitted it.

Nothing is imported for it: a model is what has the attributes of one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.errors import InvalidData

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Estimates:
    """k estimates of one completed data set."""

    names: tuple[str, ...]
    #: Shape (k,).
    estimate: Floats
    #: Shape (k, k).
    covariance: Floats
    #: Residual degrees of freedom, where the model tells them.
    df_resid: float | None = None

    def ordered(self, names: tuple[str, ...]) -> Estimates:
        """Give the same estimates in the order of these names, if they are the same."""
        if names == self.names or sorted(names) != sorted(self.names):
            return self
        at = [self.names.index(name) for name in names]
        return Estimates(
            names=names,
            estimate=self.estimate[at],
            covariance=self.covariance[np.ix_(at, at)],
            df_resid=self.df_resid,
        )


def estimates_of(found: Any) -> Estimates:
    """Read estimates and covariance from a fitted model or a pair.

    Examples
    --------
    >>> estimates_of((0.5, 0.01))
    Estimates(names=('x0',), estimate=array([0.5]), covariance=array([[0.01]]), ...)
    >>> estimates_of(({"a": 1.0, "b": 2.0}, {"b": 0.2, "a": 0.1})).covariance
    array([[0.1, 0. ],
           [0. , 0.2]])
    >>> estimates_of({"beta": 0.5})
    Traceback (most recent call last):
    jupyter_wrangler.errors.InvalidData: A dict cannot be pooled; a fitted model with
    params and cov_params(), or a pair (estimates, covariance), is wanted.
    """
    if hasattr(found, "params") and hasattr(found, "cov_params"):
        return _statsmodels(found)
    if isinstance(found, Sequence) and not isinstance(found, str) and len(found) == 2:
        estimate, covariance = _labelled(found[0]), _labelled(found[1])
        cov = _square(_like(covariance, estimate))
        if hasattr(estimate, "coef_"):
            names, values = _sklearn(estimate, len(cov))
        else:
            values = np.atleast_1d(np.asarray(estimate, dtype=np.float64)).ravel()
            names = _names(estimate, len(values))
        return _checked(names, values, cov, None)
    raise InvalidData(
        f"A {type(found).__name__} cannot be pooled; a fitted model with params and "
        "cov_params(), or a pair (estimates, covariance), is wanted."
    )


def _statsmodels(found: Any) -> Estimates:
    values = np.asarray(found.params, dtype=np.float64)
    # Multinomial models have a column for each class but the first.
    flat = values.ravel(order="F")
    cov = _square(found.cov_params())
    if isinstance(found.params, pd.Series):
        names = tuple(map(str, found.params.index))
    elif values.ndim == 1 and hasattr(getattr(found, "model", None), "exog_names"):
        names = tuple(map(str, found.model.exog_names))
    elif isinstance(found.params, pd.DataFrame):
        names = tuple(
            f"{c}:{i}" for c in found.params.columns for i in found.params.index
        )
    else:
        names = _names(None, len(flat))
    if len(names) != len(flat):
        names = _names(None, len(flat))
    df = getattr(found, "df_resid", None)
    return _checked(names, flat, cov, None if df is None else float(df))


def _sklearn(model: Any, k: int) -> tuple[tuple[str, ...], Floats]:
    coef = np.asarray(model.coef_, dtype=np.float64).ravel()
    known = getattr(model, "feature_names_in_", None)
    names = _names(None, len(coef)) if known is None else tuple(map(str, known))
    if k == len(coef) + 1:
        intercept = np.asarray(model.intercept_, dtype=np.float64).ravel()
        return ("intercept", *names), np.concatenate([intercept, coef])
    return names, coef


def _labelled(given: Any) -> Any:
    """See a mapping of name to number as a Series."""
    return pd.Series(dict(given), dtype=float) if isinstance(given, Mapping) else given


def _like(covariance: Any, estimate: Any) -> Any:
    """Put a covariance with the names of the estimates into their order."""
    tables = pd.Series | pd.DataFrame
    if not isinstance(estimate, pd.Series) or not isinstance(covariance, tables):
        return covariance
    names = estimate.index
    if set(covariance.index) != set(names) or not names.is_unique:
        return covariance
    if isinstance(covariance, pd.DataFrame) and set(covariance.columns) == set(names):
        return covariance.loc[names, names]
    return covariance.loc[names] if isinstance(covariance, pd.Series) else covariance


def _names(found: Any, k: int) -> tuple[str, ...]:
    if isinstance(found, pd.Series):
        return tuple(map(str, found.index))
    return tuple(f"x{j}" for j in range(k))


def _square(covariance: Any) -> Floats:
    found = np.asarray(covariance, dtype=np.float64)
    return np.diag(np.atleast_1d(found)) if found.ndim < 2 else found


def _checked(
    names: tuple[str, ...], values: Floats, cov: Floats, df: float | None
) -> Estimates:
    k = len(values)
    if cov.shape != (k, k) or len(names) != k:
        raise InvalidData(
            f"{k} estimates came with a covariance of shape {cov.shape}; ({k}, {k}) is "
            "wanted, or a vector of their variances."
        )
    return Estimates(names=names, estimate=values, covariance=cov, df_resid=df)

"""The estimates of one analysis and their covariance, whoever fitted it.

Nothing is imported for it: a model is what has the attributes of one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    #: Residual degrees of freedom, where the model has them.
    df_resid: float | None = None
    #: Variances and covariances of a mixed model: pooled by their mean alone.
    variances: Mapping[str, float] = field(default_factory=dict)

    def ordered(self, names: tuple[str, ...]) -> Estimates:
        """Give the same estimates in the order of these names, if they are the same."""
        if names == self.names or sorted(names) != sorted(self.names):
            return self
        at = [self.names.index(name) for name in names]
        return replace(
            self,
            names=names,
            estimate=self.estimate[at],
            covariance=self.covariance[np.ix_(at, at)],
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
    jupyter_wrangler.errors.InvalidData: A dict cannot be pooled; a fitted model of
    statsmodels, linearmodels, lifelines or pyfixest, or a pair (estimates, covariance),
    is wanted.
    """
    if hasattr(found, "params") and hasattr(found, "cov_params"):
        return _mixed(found) if hasattr(found, "cov_re") else _statsmodels(found)
    if hasattr(found, "params_") and hasattr(found, "variance_matrix_"):
        return _lifelines(found)
    if isinstance(getattr(found, "params", None), pd.Series) and hasattr(found, "cov"):
        return _linearmodels(found)
    if callable(getattr(found, "coef", None)) and hasattr(found, "_vcov"):
        return _pyfixest(found)
    if isinstance(found, Sequence) and not isinstance(found, str) and len(found) == 2:
        return _pair(found[0], found[1])
    what = type(found).__name__
    if hasattr(found, "coef_"):
        raise InvalidData(
            f"A {what} has coefficients, but not their covariance; pairs (model, "
            "covariance) are wanted, for example from a bootstrap."
        )
    raise InvalidData(
        f"A {what} cannot be pooled; a fitted model of statsmodels, linearmodels, "
        "lifelines or pyfixest, or a pair (estimates, covariance), is wanted."
    )


def _pair(one: Any, other: Any) -> Estimates:
    estimate, covariance = _labelled(one), _labelled(other)
    try:
        cov = _square(_like(covariance, estimate))
        if hasattr(estimate, "coef_"):
            names, values = _sklearn(estimate, len(cov))
        else:
            values = np.atleast_1d(np.asarray(estimate, dtype=np.float64)).ravel()
            names = _names(estimate, len(values))
    except (TypeError, ValueError):
        raise InvalidData(
            f"A pair of {type(one).__name__} and {type(other).__name__} does not hold "
            "numbers alone; estimates and their covariance are wanted."
        ) from None
    return _checked(names, values, cov, None)


def _statsmodels(found: Any) -> Estimates:
    _converged(found)
    values = np.asarray(found.params, dtype=np.float64)
    # Multinomial models have a column for each class but the first.
    flat = values.ravel(order="F")
    cov = _square(found.cov_params())
    if isinstance(found.params, pd.Series):
        names = _index(found.params.index)
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
    return _checked(names, flat, cov, _df_resid(found, len(flat)))


def _converged(found: Any) -> None:
    """Refuse a model whose likelihood is not finite: its fit went astray.

    A linear regression that fits exactly has an infinite one, and is fine.
    """
    if hasattr(found, "ssr"):
        return
    llf = getattr(found, "llf", None)
    if isinstance(llf, float | np.floating) and not np.isfinite(llf):
        raise InvalidData(
            f"The log-likelihood of a {type(found).__name__} is {float(llf)}: its fit "
            "failed, even where it says that it converged. Fit it by another "
            "optimiser, for example fit(method='powell'), or from other starting "
            "values."
        )


def _df_resid(found: Any, k: int) -> float | None:
    """Residual degrees of freedom; of Cox regressions events less parameters."""
    model: Any = getattr(found, "model", None)
    if hasattr(model, "surv") and hasattr(model, "status"):
        # statsmodels counts rows, of which the censored ones tell less
        return float(np.count_nonzero(model.status)) - k
    df = getattr(found, "df_resid", None)
    return None if df is None else float(df)


def _mixed(found: Any) -> Estimates:
    """Read a mixed model, whose `params` hold variances divided by the residual one."""
    _converged(found)
    fixed = found.fe_params
    k, k_re = len(fixed), found.k_re
    psi = np.asarray(found.cov_re, dtype=np.float64)
    labels = tuple(map(str, found.params.index[k:]))
    lower = zip(*np.tril_indices(k_re), strict=True)
    own = [float(psi[i, j]) for i, j in lower]
    own += np.asarray(found.vcomp, dtype=np.float64).tolist()
    variances = dict(zip(labels, own, strict=True))
    variances["Residual Var"] = float(found.scale)
    cov = _square(found.cov_params())[:k, :k]
    estimate = np.asarray(fixed, dtype=np.float64)
    checked = _checked(_index(fixed.index), estimate, cov, _df_resid(found, k))
    return replace(checked, variances=variances)


def _lifelines(found: Any) -> Estimates:
    values = found.params_
    events = getattr(found, "event_observed", None)
    df = None
    if events is not None:
        known = np.asarray(events)
        # of Cox regressions as in R, of parametric ones by rows
        cox = hasattr(found, "baseline_cumulative_hazard_")
        df = float(np.count_nonzero(known) if cox else len(known)) - len(values)
    cov = _square(found.variance_matrix_)
    return _checked(_index(values.index), _floats(values), cov, df)


def _linearmodels(found: Any) -> Estimates:
    values = found.params
    cov = _square(_like(found.cov, values))
    df = _df_resid(found, len(values))
    return _checked(_index(values.index), _floats(values), cov, df)


def _pyfixest(found: Any) -> Estimates:
    values = found.coef()
    df = float(getattr(found, "_df_t", np.inf))
    return _checked(
        _index(values.index),
        _floats(values),
        _square(found._vcov),  # noqa: SLF001  it has no public name
        df if np.isfinite(df) else None,
    )


def _floats(values: Any) -> Floats:
    return np.asarray(values, dtype=np.float64).ravel()


def _index(index: pd.Index) -> tuple[str, ...]:
    return tuple(
        ":".join(map(str, label)) if isinstance(label, tuple) else str(label)
        for label in index
    )


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
    return pd.Series(dict(given)) if isinstance(given, Mapping) else given


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
        return _index(found.index)
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

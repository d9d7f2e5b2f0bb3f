"""The shape of one column before and after: shares of values by bin or by class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.column import column_of
from jupyter_wrangler.engine.columns.levels import CATEGORICAL, DATES, NUMERIC, measure
from jupyter_wrangler.engine.estimator.imputations import Imputations

#: Bins of numbers, classes shown, and values looked at.
BINS, CLASSES, MOST = 24, 12, 20_000


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Shares of the observed and of the imputed values."""

    #: One share for each bin, from low to high, or for each class.
    observed: NDArray[np.float64]
    imputed: NDArray[np.float64]
    #: Names of the classes; empty for numbers and dates.
    classes: tuple[str, ...] = ()


def shape_of(found: Imputations, name: str) -> Shape | None:
    """Count observed and imputed values of a column, over the first imputations.

    Returns
    -------
    Shape or None
        None for text, and where there is nothing observed or imputed.

    Examples
    --------
    >>> from jupyter_wrangler.contract import ImputationSpec
    >>> from jupyter_wrangler.engine.estimator.imputations import impute_m
    >>> df = pd.DataFrame({"x": ["a", "b", "b", None]})
    >>> shape = shape_of(impute_m(df, ImputationSpec(method="most_frequent")), "x")
    >>> shape.classes, shape.imputed.tolist()
    (('b', 'a'), [1.0, 0.0])
    """
    at = list(map(str, found.data.columns)).index(name)
    rows = found.imputations[0].rows[name]
    keep = np.ones(len(found.data), dtype=bool)
    keep[rows] = False
    series = found.data.iloc[keep, at].dropna()
    rng = np.random.default_rng(0)
    if len(series) > MOST:
        series = series.iloc[np.sort(rng.choice(len(series), MOST, replace=False))]
    drawn = [
        pd.Series(one.values[name], dtype=one.values[name].dtype)  # noqa: PD011
        for one in found.imputations[:5]
    ]
    if not len(series) or not len(rows):
        return None
    together = pd.concat([series, *drawn], ignore_index=True)
    level = measure(together).level
    if level not in NUMERIC | DATES | CATEGORICAL:
        return None
    column = column_of(name, together, level)
    seen, made = column.y[: len(series)], column.y[len(series) :]
    if not column.numeric:
        return _classes(seen, made, [str(label) for label in column.labels])
    made = made[np.isfinite(made)]
    if not len(made):
        return None
    ends = np.quantile(np.concatenate([seen, made]), [0.005, 0.995])
    if not ends[1] > ends[0]:
        ends = np.array([ends[0] - 0.5, ends[0] + 0.5])
    edges = np.linspace(ends[0], ends[1], BINS + 1)
    counts = [
        np.histogram(np.clip(one, ends[0], ends[1]), bins=edges)[0].astype(np.float64)
        for one in (seen, made)
    ]
    return Shape(observed=counts[0] / len(seen), imputed=counts[1] / len(made))


def _classes(
    seen: NDArray[np.float64], made: NDArray[np.float64], labels: list[str]
) -> Shape:
    counts = [
        np.bincount(one.astype(np.intp), minlength=len(labels)) for one in (seen, made)
    ]
    usual = np.argsort(-counts[0], kind="stable")[:CLASSES]
    return Shape(
        observed=counts[0][usual] / len(seen),
        imputed=counts[1][usual] / len(made),
        classes=tuple(labels[k] for k in usual),
    )

"""How many imputations of a frame are enough, from the first ones of them.

Nobody knows yet what will be analysed.  So the fractions of missing information of
simple estimates count: means of numbers, shares of classes, and correlations (over
Fisher's z) of pairs of columns of which one at least was imputed.  The largest decides,
by the quadratic rule (`pooling.required`).

Of many estimates the largest is mostly one whose error is large, so each is first
shrunken towards the mean of its kind, by as much as chance alone makes them differ: the
variance of a log-odds from m imputations is 2 / m.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from jupyter_wrangler.contract import LoggedEvent
from jupyter_wrangler.contract.imputation_spec import MOST_IMPUTATIONS
from jupyter_wrangler.engine.columns.column import Column
from jupyter_wrangler.engine.planning.frame import named
from jupyter_wrangler.engine.planning.predictors import columns_of
from jupyter_wrangler.engine.pooling.required import (
    imputations_for,
    log_odds,
    upper_end,
)
from jupyter_wrangler.engine.pooling.rubin import rubin
from jupyter_wrangler.engine.types import Imputation

Floats = NDArray[np.float64]
#: Columns whose correlations count, those with most missing values first, and classes
#: of a column whose shares count.
MOST_COLUMNS, MOST_CLASSES = 100, 20
#: Rows that are looked at together.
BLOCK = 65_536
#: Columns that correlate more are copies of each other.
_COPIES = 1 - 1e-9
#: Smaller fractions are made by rounding.
_NONE = 1e-9


@dataclass(frozen=True, kw_only=True)
class Needed:
    """How many imputations are enough, and what decided."""

    #: Imputations in total, those that were made first among them.
    m: int
    #: Those that were made first.
    pilot: int
    #: The largest fraction of missing information, and the upper end of its interval.
    fmi: float
    upper: float
    #: What it is that of; empty if nothing differs between imputations.
    estimate: str
    #: Coefficient of variation that standard errors may have.
    cv: float

    @property
    def event(self) -> LoggedEvent:
        """What is said of it."""
        most = self.m >= MOST_IMPUTATIONS > self.pilot
        enough = f"standard errors vary by less than {100 * self.cv:.3g} %"
        if not self.estimate:
            text = "do not differ, so that no more were added"
        else:
            text = (
                "show a fraction of missing information of "
                f"{self.fmi:.2f} for the {self.estimate} (the largest, at most "
                f"{self.upper:.2f} with 95 % confidence). "
            )
            if self.m == self.pilot:
                text += f"They are enough: {enough} between runs"
            elif most:
                text += (
                    f"Of the imputations that it wants {self.m} were made, which is "
                    "the most"
                )
            else:
                text += f"With {self.m} {enough} between runs"
        return LoggedEvent(message=f"The first {self.pilot} imputations {text}.")


def needed_imputations(
    df: pd.DataFrame, imputations: Sequence[Imputation], cv: float
) -> Needed:
    """Tell how many imputations of a frame are enough.

    Parameters
    ----------
    df : DataFrame
        The data with their missing values.
    imputations : sequence of Imputation
        The first ones, at least 2.
    cv : float
        Coefficient of variation that standard errors may have.

    Returns
    -------
    Needed
        As many as there are at least, and `MOST_IMPUTATIONS` at most.

    Examples
    --------
    >>> one = [
    ...     Imputation(
    ...         values={"x": np.array([value])},
    ...         rows={"x": np.array([2])},
    ...         events=(),
    ...         n_iter=1,
    ...     )
    ...     for value in (1.0, 2.0, 3.0, 2.0, 1.0)
    ... ]
    >>> found = needed_imputations(pd.DataFrame({"x": [1.0, 3.0, None]}), one, 0.05)
    >>> found.m, found.estimate
    (68, "mean of 'x'")
    """
    pilot = len(imputations)
    found = [
        (name, fmi)
        for names, qhat, u in _estimates(named(df), imputations)
        for name, fmi in _shrunken(names, rubin(qhat, u, np.inf)["fmi"], pilot)
    ]
    name, fmi = max(found, key=lambda one: one[1], default=("", 0.0))
    upper = float(upper_end(fmi, pilot))
    wanted = int(imputations_for(upper, cv))
    return Needed(
        m=max(pilot, min(wanted, MOST_IMPUTATIONS)),
        pilot=pilot,
        fmi=fmi,
        upper=upper,
        estimate=name,
        cv=cv,
    )


def _shrunken(names: Sequence[str], fmi: Floats, m: int) -> Iterator[tuple[str, float]]:
    """Give estimates of one kind, nearer to their mean; those of 0 say nothing."""
    places = np.flatnonzero(fmi > _NONE)
    if not len(places):
        return
    odds = log_odds(fmi[places])
    if len(places) > 1:
        weight = max(0.0, 1 - (2 / m) / max(odds.var(ddof=1), 1e-12))
        odds = odds.mean() + weight * (odds - odds.mean())
    for place, share in zip(places, special.expit(odds), strict=True):
        yield names[int(place)], float(share)


def _estimates(
    frame: pd.DataFrame, imputations: Sequence[Imputation]
) -> Iterator[tuple[list[str], Floats, Floats]]:
    """Give names, estimates and variances, shape (m, k), of each kind of estimate."""
    filled = [name for name, rows in imputations[0].rows.items() if len(rows)]
    columns = [
        column
        for column in columns_of(frame)
        if column.name in filled or not len(column.missing)
    ]
    n = len(frame)
    for column in columns:
        if column.level == "nominal" and column.name in filled:
            yield _shares(column, imputations, n)
    numbers = [c for c in columns if c.level != "nominal" and _differ(c)]
    numbers.sort(key=lambda c: (c.name not in filled, -len(c.missing)))
    numbers = numbers[:MOST_COLUMNS]
    wanted = [c.name in filled for c in numbers]
    if not any(wanted):
        return
    shifts = [float(c.y[c.ry].mean()) for c in numbers]
    scales = [float(c.y[c.ry].std()) for c in numbers]
    moments = [_moments(numbers, shifts, scales, one, n) for one in imputations]
    mean = np.stack([one[0] for one in moments])
    cross = np.stack([one[1] for one in moments])
    variance = np.diagonal(cross, axis1=1, axis2=2)
    k = sum(wanted)
    names = [f"mean of {c.name!r}" for c in numbers[:k]]
    yield names, mean[:, :k], variance[:, :k] / n
    yield _correlations([c.name for c in numbers], k, cross, n)


def _differ(column: Column) -> bool:
    """Tell whether the observed values of a column differ; numbers of it are finite."""
    observed = column.y[column.ry]
    return len(observed) > 1 and bool((observed != observed[0]).any())


def _moments(
    columns: Sequence[Column],
    shifts: Sequence[float],
    scales: Sequence[float],
    one: Imputation,
    n: int,
) -> tuple[Floats, Floats]:
    """Means and covariances of completed columns, in scales of the observed values."""
    filled = {
        column.name: column.read(pd.Series(one.values[column.name]))[0]  # noqa: PD011
        for column in columns
        if column.name in one.rows
    }
    total, cross = np.zeros(len(columns)), np.zeros((len(columns), len(columns)))
    for start in range(0, n, BLOCK):
        stop = min(n, start + BLOCK)
        block = np.empty((stop - start, len(columns)))
        for j, column in enumerate(columns):
            block[:, j] = column.y[start:stop]
            if column.name in filled:
                rows = one.rows[column.name]
                low, high = np.searchsorted(rows, [start, stop])
                block[rows[low:high] - start, j] = filled[column.name][low:high]
            block[:, j] -= shifts[j]
            block[:, j] /= scales[j]
        total += block.sum(axis=0)
        cross += block.T @ block
    mean = total / n
    return mean, cross / n - np.outer(mean, mean)


def _correlations(
    names: Sequence[str], k: int, cross: Floats, n: int
) -> tuple[list[str], Floats, Floats]:
    """Fisher's z of the pairs of which one at least is among the first k columns."""
    first, second = np.triu_indices(len(names), 1)
    first, second = first[first < k], second[first < k]
    sd = np.sqrt(np.diagonal(cross, axis1=1, axis2=2))
    with np.errstate(invalid="ignore", divide="ignore"):
        r = cross[:, first, second] / (sd[:, first] * sd[:, second])
    kept = (np.abs(r) < _COPIES).all(axis=0) & (n > 3)
    z = np.arctanh(r[:, kept])
    pairs = zip(first[kept], second[kept], strict=True)
    labels = [f"correlation of {names[a]!r} and {names[b]!r}" for a, b in pairs]
    return labels, z, np.full(z.shape, 1 / max(n - 3, 1))


def _shares(
    column: Column, imputations: Sequence[Imputation], n: int
) -> tuple[list[str], Floats, Floats]:
    """Shares of the most frequent classes of one column."""
    observed = np.bincount(column.y[column.ry], minlength=column.classes)
    classes = np.argsort(-observed, kind="stable")[:MOST_CLASSES]
    counts = np.stack([_counts(column, one, observed)[classes] for one in imputations])
    share = counts / n
    labels = [f"share of {column.labels[c]!s:.40} in {column.name!r}" for c in classes]
    return labels, share, share * (1 - share) / n


def _counts(column: Column, one: Imputation, observed: NDArray[Any]) -> Floats:
    """Count the classes of a completed column."""
    codes, _ = column.read(pd.Series(one.values[column.name]))  # noqa: PD011
    rows = one.rows[column.name]
    # cells that were observed count as what was imputed for them
    before = column.y[rows]
    size = len(observed)
    added = np.bincount(codes[codes >= 0], minlength=size)
    gone = np.bincount(before[before >= 0], minlength=size)
    found: Floats = (observed + added - gone).astype(np.float64)
    return found

"""How far imputed values lie from observed ones, among rows that are alike.

Where missing values depend on other columns, imputed and observed values differ over
all rows although nothing is wrong.  So rows are grouped by how likely they lack the
column, judged by their other columns, and compared within groups.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.column import Column, column_of
from jupyter_wrangler.engine.columns.levels import CATEGORICAL, DATES, NUMERIC, measure
from jupyter_wrangler.engine.estimator.imputations import Imputations, filled
from jupyter_wrangler.engine.missingness.mcar import coordinates

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

#: Groups of rows at most (Cochran 1968: five remove some 90 % of what the other
#: columns explain), and rows of the smaller kind that each should have.
GROUPS, ROWS_PER_GROUP = 5, 10
#: Coordinates of other columns that the probability is estimated from, at most.
MOST_PREDICTORS = 20
#: Columns that may be predictors; of wider data as many are drawn at random.
MOST_COLUMNS = 300
#: Rows that are looked at: of all, and beside them of those that lack a column.
MOST_ROWS, MOST_MISSING = 10_000, 300
#: Imputations that are looked at.
MOST_IMPUTATIONS = 5
#: Share of the imputed cells that need observed rows like them.
LEAST_MATCHED = 0.5


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Imputed less observed values of one column."""

    #: Mean difference in standard deviations of the observed values; of classes that
    #: of the class that differs most.
    d: float
    #: How large |d| is by chance in 95 of 100 cases.
    chance: float
    #: The same difference over all rows, alike or not.
    raw: float
    #: Variance of the imputed over that of the observed values within groups; NaN for
    #: classes, and where there are fewer than three of either.
    ratio: float
    #: Factor by which the ratio differs from 1 by chance in 95 of 100 cases.
    ratio_chance: float
    #: Groups of rows alike; 1 means that all rows were compared.
    groups: int
    #: The class meant by `d`; empty for numbers.
    which: str = ""


def differences(
    found: Imputations, columns: Iterable[str] | None = None
) -> dict[str, Difference]:
    """Compare imputed and observed values of several columns among rows alike.

    Parameters
    ----------
    found : Imputations
        What was imputed.
    columns : iterable of str, optional
        Names of columns with imputed cells; default: all.

    Returns
    -------
    dict
        Column -> Difference; without columns of text, and without those that have no
        observed value.

    Notes
    -----
    Rows are ordered by how likely they lack the column: by a linear discriminant of at
    most 20 coordinates of the other columns, those that go most with it and with the
    column.  Of long frames a sample of the rows is looked at, of wide ones a sample of
    the predictors, and of many imputations the first 5.  Costs some n p per column.

    References
    ----------
    .. [1] I. Bondarenko and T. Raghunathan (2016), Graphical and numerical diagnostic
       tools to assess suitability of multiple imputations and imputation models,
       Statistics in Medicine 35(17), 3007-3020.
    .. [2] W. G. Cochran (1968), The effectiveness of adjustment by subclassification
       in removing bias in observational studies, Biometrics 24(2), 295-313.

    Examples
    --------
    >>> from jupyter_wrangler.contract import ImputationSpec
    >>> from jupyter_wrangler.engine.estimator.imputations import impute_m
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=500)
    >>> lacks = rng.random(500) < 1 / (1 + np.exp(1 - 2 * x))
    >>> y = np.where(lacks, np.nan, x + rng.normal(size=500))
    >>> spec = ImputationSpec(method="norm", n_imputations=3)
    >>> one = differences(impute_m(pd.DataFrame({"x": x, "y": y}), spec))["y"]
    >>> round(one.raw, 1), bool(abs(one.d) < 0.25), one.groups
    (1.2, True, 5)
    """
    first = found.imputations[0]
    wanted = list(first.rows) if columns is None else list(map(str, columns))
    wanted = [name for name in wanted if len(first.rows.get(name, ()))]
    if not wanted:
        return {}
    rows = _sampled([first.rows[name] for name in wanted], len(found.data))
    names = list(map(str, found.data.columns))
    at = {name: k for k, name in enumerate(names)}
    z, owners = _coordinates(found, names, rows)
    by_column = {}
    for name in wanted:
        one = _one(found, (name, at[name]), rows, z, owners)
        if one is not None:
            by_column[name] = one
    return by_column


def _sampled(missing: list[Rows], n: int) -> Rows:
    """Choose the rows that are looked at: all of few."""
    if n <= MOST_ROWS:
        return np.arange(n)
    rng = np.random.default_rng(0)
    some = [rng.choice(n, size=MOST_ROWS, replace=False)]
    for rows in missing:
        few = min(MOST_MISSING, len(rows))
        some.append(rng.choice(rows, size=few, replace=False))
    return np.unique(np.concatenate(some))


def _coordinates(
    found: Imputations, names: list[str], rows: Rows
) -> tuple[Floats, NDArray[np.str_]]:
    """Standardised coordinates of the completed rows, and whose each one is."""
    places = np.arange(len(names))
    if len(names) > MOST_COLUMNS:
        rng = np.random.default_rng(0)
        places = np.sort(rng.choice(places, size=MOST_COLUMNS, replace=False))
    first = found.imputations[0]
    blocks: list[Floats] = []
    owners: list[str] = []
    for at in places.tolist():
        name = names[at]
        series: Any = found.data.iloc[:, at]
        if name in first.rows:
            values = first.values[name]  # noqa: PD011  a dict of ours
            series = filled(series, first.rows[name], values)
        one = series.iloc[rows].to_frame(name)
        if one[name].isna().any():
            continue
        block, kept, _ = coordinates(one)
        if kept:
            blocks.append(block)
            owners += [name] * block.shape[1]
    if not blocks:
        return np.zeros((len(rows), 0)), np.array([], dtype=np.str_)
    z = np.concatenate(blocks, axis=1)
    z = z - z.mean(axis=0)
    spread = z.std(axis=0)
    z = z / np.where(spread > 0, spread, 1.0)
    return z, np.array(owners, dtype=np.str_)


def _one(
    found: Imputations,
    which: tuple[str, int],
    rows: Rows,
    z: Floats,
    owners: NDArray[np.str_],
) -> Difference | None:
    """Compare one column."""
    name, place = which
    pieces = _values(found, name, place, rows)
    if pieces is None:
        return None
    column, missing, at = pieces
    observed = np.flatnonzero(~missing & column.ry[: len(rows)])
    lacking = np.flatnonzero(missing)
    if not len(observed) or not len(lacking):
        return None
    seen = column.y[observed]
    made = [column.y[start : start + len(lacking)] for start in at]
    strata = _strata(seen, (observed, lacking), missing, z, owners == name)
    if column.numeric:
        # less the mean, so that large numbers lose no digits
        centre = float(np.mean(seen))
        return _compared(
            [seen - centre], [[one - centre for one in made]], strata, [""]
        )
    labels = [str(label) for label in column.labels]
    counts = np.bincount(seen.astype(np.intp), minlength=len(labels))
    usual = np.argsort(-counts, kind="stable")[:20]
    return _compared(
        [(seen == k).astype(np.float64) for k in usual],
        [[(one == k).astype(np.float64) for one in made] for k in usual],
        strata,
        [labels[k] for k in usual],
    )


def _values(
    found: Imputations, name: str, place: int, rows: Rows
) -> tuple[Column, NDArray[np.bool_], list[int]] | None:
    """Read the sampled rows and below them the draws of those imputed, as one column.

    Gives besides which rows were imputed, and where the draws of each imputation begin.
    """
    series = found.data.iloc[rows, place]
    own = found.imputations[0].rows[name]
    missing = np.isin(rows, own)
    places = np.searchsorted(own, rows[missing])
    pieces = [series.reset_index(drop=True)]
    for one in found.imputations[:MOST_IMPUTATIONS]:
        drawn = one.values[name]  # noqa: PD011  a dict of ours
        pieces.append(pd.Series(drawn, dtype=drawn.dtype).iloc[places])
    together = pd.concat(pieces, ignore_index=True)
    level = measure(together).level
    if level not in NUMERIC | DATES | CATEGORICAL:
        return None
    column = column_of(name, together, level)
    step = int(missing.sum())
    starts = [len(rows) + k * step for k in range(len(pieces) - 1)]
    if column.numeric and not np.isfinite(column.y[len(rows) :]).all():
        return None
    return column, missing, starts


def _strata(
    seen: Floats,
    which: tuple[Rows, Rows],
    missing: NDArray[np.bool_],
    z: Floats,
    own: NDArray[np.bool_],
) -> tuple[Rows, Rows]:
    """Group observed rows and rows that lack the value by how likely they lack it.

    The coordinates of the column's own, `own`, are not looked at.
    """
    observed, lacking = which
    groups = min(GROUPS, min(len(observed), len(lacking)) // ROWS_PER_GROUP)
    if groups < 2 or own.all():
        return np.zeros(len(observed), dtype=np.intp), np.zeros(
            len(lacking), dtype=np.intp
        )
    # z is centred, so that both are correlations but for a factor; no row is copied
    y = np.zeros(len(z))
    y[observed] = seen - seen.mean()
    about = np.abs(np.stack([missing.astype(np.float64), y]) @ z)
    about[:, own] = -1.0
    # half by either: what goes with neither cannot explain a difference
    half = min(MOST_PREDICTORS // 2, int((~own).sum()))
    kept = np.unique(np.argsort(-about, axis=1, kind="stable")[:, :half])
    x = z[:, kept]
    # least squares on the indicator: Fisher's discriminant, which orders the rows as a
    # logistic regression does, but is solved at once
    gram = x.T @ x + 1e-6 * len(x) * np.eye(x.shape[1])
    score = x @ np.linalg.solve(gram, x.T @ (missing - missing.mean()))
    # groups of equal numbers of rows that lack the value
    cuts = np.unique(np.quantile(score[lacking], np.arange(1, groups) / groups))
    return (
        np.searchsorted(cuts, score[observed]),
        np.searchsorted(cuts, score[lacking]),
    )


def _compared(
    seen: list[Floats],
    made: list[list[Floats]],
    strata: tuple[Rows, Rows],
    labels: list[str],
) -> Difference | None:
    """Compare values, or whether they are one class, within groups."""
    of_seen, of_made = strata
    groups = int(max(of_seen.max(), of_made.max())) + 1
    n_seen = np.bincount(of_seen, minlength=groups).astype(np.float64)
    n_made = np.bincount(of_made, minlength=groups).astype(np.float64)
    both = (n_seen > 0) & (n_made > 0)
    if n_made[both].sum() < LEAST_MATCHED * n_made.sum():
        of_seen, of_made = np.zeros_like(of_seen), np.zeros_like(of_made)
        n_seen, n_made = np.array([n_seen.sum()]), np.array([n_made.sum()])
        both, groups = np.array([True]), 1
    share = np.where(both, n_made, 0.0) / n_made[both].sum()
    best: Difference | None = None
    for y, draws, label in zip(seen, made, labels, strict=True):
        one = _within(y, draws, (of_seen, of_made), (n_seen, n_made), share, label)
        if one is not None and (best is None or abs(one.d) > abs(best.d)):
            best = one
    if best is None or len(labels) < 2:
        return best
    # the largest of several is larger by chance
    several = math.sqrt(1 + math.log(len(labels)))
    return Difference(**(vars(best) | {"chance": best.chance * several}))


def _within(
    y: Floats,
    draws: list[Floats],
    strata: tuple[Rows, Rows],
    sizes: tuple[Floats, Floats],
    share: Floats,
    label: str,
) -> Difference | None:
    sd = float(y.std())
    if not sd > 0:
        return None
    (of_seen, of_made), (n_seen, n_made) = strata, sizes
    groups, used = len(share), share > 0
    mean_seen = np.bincount(of_seen, y, groups) / np.maximum(n_seen, 1)
    inner_seen = np.bincount(of_seen, (y - mean_seen[of_seen]) ** 2, groups)
    mean_made = np.zeros(groups)
    inner_made = np.zeros(groups)
    for one in draws:
        own = np.bincount(of_made, one, groups) / np.maximum(n_made, 1)
        mean_made += own / len(draws)
        inner_made += np.bincount(of_made, (one - own[of_made]) ** 2, groups) / len(
            draws
        )
    free_seen = float(np.maximum(n_seen - 1, 0)[used].sum())
    free_made = float(np.maximum(n_made - 1, 0)[used].sum())
    variance = inner_seen[used].sum() / free_seen if free_seen else sd**2
    error = math.sqrt(
        variance
        * float((share[used] ** 2 * (1 / n_seen[used] + 1 / n_made[used])).sum())
    )
    ratio = ratio_chance = math.nan
    if not label and min(free_seen, free_made) >= 2 and variance > 0:
        # of each group as many observed as imputed count, to weigh both alike
        within = np.where(n_seen > 1, inner_seen / np.maximum(n_seen - 1, 1), 0.0)
        expected = float((within * np.maximum(n_made - 1, 0))[used].sum()) / free_made
        if expected > 0:
            ratio = float(inner_made[used].sum()) / free_made / expected
            ratio_chance = math.exp(2 * math.sqrt(2 / free_seen + 2 / free_made))
    everywhere = float(np.mean([one.mean() for one in draws])) - float(y.mean())
    return Difference(
        d=float((share * (mean_made - mean_seen))[used].sum()) / sd,
        chance=2 * error / sd,
        raw=everywhere / sd,
        ratio=ratio,
        ratio_chance=ratio_chance,
        groups=int(used.sum()),
        which=label,
    )

"""Which other columns made an imputed value what it is, and by how much.

The models of the imputation are not kept with its cells, so a model of the same kind is
fitted again to the completed data: a linear one for methods that are linear, whose
contributions add up, and the method itself for the others, in which one column after
the other is set to the values of other rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.contract import Influence
from jupyter_wrangler.engine.columns.column import Column, column_of
from jupyter_wrangler.engine.columns.levels import measure
from jupyter_wrangler.engine.estimator.summary import text
from jupyter_wrangler.engine.methods import method_of
from jupyter_wrangler.engine.methods.protocol import RowRegression
from jupyter_wrangler.engine.methods.signatures import FitOptions
from jupyter_wrangler.engine.missingness.mcar import coordinates
from jupyter_wrangler.engine.models import logistic

Floats = NDArray[np.float64]

#: Influences given, columns looked at, rows fitted, and rows that lend their values.
SHOWN, MOST_COLUMNS, MOST_ROWS, LENT = 5, 60, 5_000, 40


@dataclass(frozen=True, kw_only=True)
class Influences:
    """The strongest influences on one value."""

    strongest: tuple[Influence, ...] = ()
    #: "units", "log-odds", "probability" or "".
    unit: str = ""
    how: str = ""


def influences(
    done: pd.DataFrame,
    name: str,
    position: int,
    observed: NDArray[np.bool_],
    method: str,
    predictors: list[str],
) -> Influences:
    """Tell what moved the value of one cell.

    Parameters
    ----------
    done : DataFrame of shape (n, p)
        Completed data, with string names.
    name, position : str, int
        The cell.
    observed : ndarray of bool of shape (n,)
        Where the column was observed.
    method : str
        What imputed it.
    predictors : list of str
        Columns that could help.

    Returns
    -------
    Influences
        Of linear methods the contribution of each column to the prediction, compared
        with the average row; of others the difference that its value makes, compared
        with the values of other rows.  Empty where the method looks at no other column
        row by row.

    References
    ----------
    .. [1] E. Strumbelj and I. Kononenko (2014), Explaining prediction models and
       individual predictions with feature contributions, Knowledge and Information
       Systems 41, 647-665, for the second; one column is changed at a time.

    Examples
    --------
    >>> x = np.arange(10.0)
    >>> done = pd.DataFrame({"x": x, "y": 3 * x})
    >>> seen = x < 9
    >>> round(influences(done, "y", 9, seen, "linear", ["x"]).strongest[0].effect, 3)
    15.0
    """
    column = column_of(name, done[name], measure(done[name]).level)
    rows = _rows(position, observed)
    blocks = _blocks(done, name, column, rows, predictors)
    if not blocks or len(rows) < 4:
        return Influences()
    widths = [block.shape[1] for _, block in blocks]
    owners = np.repeat(np.arange(len(blocks)), widths)
    z = np.concatenate([block for _, block in blocks], axis=1)
    z = z - z[1:].mean(axis=0)
    y = column.y[rows]
    weights: Floats
    effects: Floats
    known = method_of(method)
    if column.numeric and known.additive:
        weights, unit, how = _linear(z, y.astype(np.float64)), "units", _ADDS_UP
    elif known.additive:
        weights, unit, how = _log_odds(z, y), "log-odds", _ADDS_UP_LOG
    else:
        if not isinstance(known, RowRegression):
            return Influences()
        effects = _changed(known, z, y, column, owners)
        unit = "units" if column.numeric else "probability"
        return _strongest(done, position, blocks, effects, unit, _ONE_BY_ONE)
    each = z[0] * weights
    effects = np.array([each[owners == at].sum() for at in range(len(blocks))])
    return _strongest(done, position, blocks, effects, unit, how)


_ADDS_UP = (
    "Contributions of a linear regression on the completed data, compared with the "
    "average row: they add up to how far the prediction lies from the mean."
)
_ADDS_UP_LOG = (
    "Contributions to the log-odds of this class in a logistic regression on the "
    "completed data, compared with the average row."
)
_ONE_BY_ONE = (
    "How far the prediction of the method, fitted to the completed data, moves when "
    "this column alone has the values of other rows instead; these do not add up."
)


def _rows(position: int, observed: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Give the row itself, and after it the rows that are fitted."""
    rows = np.flatnonzero(observed)
    rows = rows[rows != position]
    if len(rows) > MOST_ROWS:
        rng = np.random.default_rng(0)
        rows = np.sort(rng.choice(rows, size=MOST_ROWS, replace=False))
    return np.concatenate([[position], rows])


def _blocks(
    done: pd.DataFrame,
    name: str,
    column: Column,
    rows: NDArray[np.intp],
    predictors: list[str],
) -> list[tuple[str, Floats]]:
    """Coordinates of the predictors; of many those that go most with the column."""
    y = column.y[rows[1:]].astype(np.float64)
    y = y - y.mean()
    found: list[tuple[float, str, Floats]] = []
    for other in predictors:
        if other == name or other not in done.columns:
            continue
        one = done[[other]].iloc[rows]
        if one[other].isna().any():
            continue
        block, kept, _ = coordinates(one)
        if not kept:
            continue
        centred = block[1:] - block[1:].mean(axis=0)
        spread = np.sqrt((centred**2).sum(axis=0)) * np.sqrt((y**2).sum())
        related = np.abs(y @ centred) / np.where(spread > 0, spread, np.inf)
        found.append((float(related.max(initial=0.0)), other, block))
    found.sort(key=lambda one: -one[0])
    return [(other, block) for _, other, block in found[:MOST_COLUMNS]]


def _linear(z: Floats, y: Floats) -> Floats:
    x, target = z[1:], y[1:] - y[1:].mean()
    scale = x.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    x = x / scale
    gram = x.T @ x + 1e-8 * len(x) * np.eye(x.shape[1])
    weights: Floats = np.linalg.solve(gram, x.T @ target) / scale
    return weights


def _log_odds(z: Floats, y: NDArray[Any]) -> Floats:
    """Weights of a logistic regression of having the class of the first row."""
    same = (y[1:] == y[0]).astype(np.intp)
    scale = logistic.scale_of(z[1:])
    rows, counts = logistic.augmented(same, scale(z[1:]), 2, np.ones(len(same)))
    both = logistic.multinomial(rows, counts)
    beta = (both[:, 1] - both[:, 0])[1:]
    # scale(x) is linear in x: its slope is read off at two points
    one = scale(np.ones((1, z.shape[1]))) - scale(np.zeros((1, z.shape[1])))
    weights: Floats = beta * one[0]
    return weights


def _changed(
    method: RowRegression,
    z: Floats,
    y: NDArray[Any],
    column: Column,
    owners: NDArray[np.intp],
) -> Floats:
    """Change the coordinates of one column after the other, and predict."""
    rng = np.random.default_rng(0)
    x = z[1:]
    options = FitOptions(classes=column.classes, sample_posterior=False)
    model = method.fit(y[1:], x, options, rng)
    lent = x[rng.choice(len(x), size=min(LENT, len(x)), replace=False)]

    def predicted(rows: Floats) -> float:
        drawn = model.draw(rows, np.random.default_rng(1))
        values = y[1:][drawn] if model.donates else drawn
        return float(np.mean(values == y[0] if not column.numeric else values))

    here = np.repeat(z[:1], len(lent), axis=0)
    usual = predicted(here)
    effects = []
    for at in range(int(owners.max()) + 1):
        rows = here.copy()
        own = owners == at
        rows[:, own] = lent[:, own]
        effects.append(usual - predicted(rows))
    return np.array(effects)


def _strongest(
    done: pd.DataFrame,
    position: int,
    blocks: list[tuple[str, Floats]],
    effects: Floats,
    unit: str,
    how: str,
) -> Influences:
    order = np.argsort(-np.abs(effects), kind="stable")[:SHOWN]
    strongest = tuple(
        Influence(
            column=blocks[at][0],
            value=text(done[blocks[at][0]].iloc[position]),
            effect=float(np.round(effects[at], 12)),
        )
        for at in order
        if abs(effects[at]) > 1e-12
    )
    return Influences(strongest=strongest, unit=unit, how=how if strongest else "")

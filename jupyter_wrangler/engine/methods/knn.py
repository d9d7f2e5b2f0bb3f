"""k nearest neighbours: the mean, or the mode, of the most similar rows.

On numeric columns the numbers are those of scikit-learn's KNNImputer.  Where a
frame also has categories or dates, numbers on their own scales would drown them, and
the distance is that of Gower (1971): numbers, dates and ranks count by their difference
as a share of the observed range, classes by whether they differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.column import Column
from jupyter_wrangler.engine.columns.levels import NUMERIC, PREDICTORS
from jupyter_wrangler.engine.methods.protocol import AutoTrial, Neighbours
from jupyter_wrangler.engine.models.costs.advice import FEWER_DONORS
from jupyter_wrangler.engine.models.neighbour_search import Picks, Space

Floats = NDArray[np.float64]
Weights = Literal["uniform", "distance"]


class Frame:
    """The scales of the columns of a frame, so that new rows fit into its space."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = columns
        self.gower = any(column.level not in NUMERIC for column in columns)
        self.scale = {
            column.name: _range(column.y[column.ry]) if self.gower else 1.0
            for column in columns
        }

    def space(self, values: Sequence[NDArray[Any]]) -> Space:
        """Points of rows; `values` holds numbers or codes, missing as NaN or -1."""
        points: list[Floats] = []
        owner: list[int] = []
        has: list[NDArray[np.bool_]] = []
        for k, (column, y) in enumerate(zip(self.columns, values, strict=True)):
            observed = ~np.isnan(y) if column.numeric else y >= 0
            if column.numeric or column.level == "ordered":
                block = (y / self.scale[column.name])[:, None]
            else:
                # Two of these coordinates differ between classes: half a unit each.
                block = np.eye(column.classes)[y] * 0.5
            points.append(np.where(observed[:, None], block, np.nan))
            owner += [k] * block.shape[1]
            has.append(observed)
        return Space(
            points=np.concatenate(points, axis=1),
            has=np.stack(has, axis=1),
            column=np.array(owner, dtype=np.intp),
            gower=self.gower,
        )


def _range(y: NDArray[Any]) -> float:
    return (float(np.ptp(y)) if len(y) else 0.0) or 1.0


def combine(
    picks: Picks,
    receivers: NDArray[np.intp],
    y: NDArray[Any],
    *,
    classes: int,
    weights: Weights,
    otherwise: float,
) -> NDArray[Any]:
    """Average, or let vote, the donors of each receiver.

    Parameters
    ----------
    picks : Picks
        Donors found for this target.
    receivers : ndarray of shape (r,)
        Receivers that lack the target, ascending.
    y : ndarray of shape (donors,)
        Numbers, or codes with `classes`, of the donors.
    classes : int
        Number of classes; 0 for numbers.
    weights : {"uniform", "distance"}
        Equal votes, or votes by the inverse of the distance.
    otherwise : float
        Value of receivers without any donor.

    Returns
    -------
    ndarray of shape (r,)
    """
    who = np.searchsorted(receivers, picks.receiver)
    given, distance = y[picks.donor], np.sqrt(picks.distance)
    r = len(receivers)
    vote = np.ones(len(who))
    if weights == "distance":
        # Donors at no distance leave nothing to the others.
        zero = distance == 0
        exact = np.bincount(who, weights=zero, minlength=r)[who] > 0
        vote = np.where(exact, zero, 1.0 / np.where(zero, 1.0, distance))
    total = np.bincount(who, weights=vote, minlength=r)
    found = total > 0
    if not classes:
        summed = np.bincount(who, weights=vote * given, minlength=r)
        return np.where(found, summed / np.where(found, total, 1.0), otherwise)
    cell = who * classes + given
    votes = np.bincount(cell, weights=vote, minlength=r * classes).reshape(r, classes)
    away = np.bincount(cell, weights=distance, minlength=r * classes)
    best = votes >= votes.max(axis=1, keepdims=True) * (1 - 1e-12)
    # Among classes with equal votes the nearer donors decide.
    modes = np.where(best, away.reshape(r, classes), np.inf).argmin(axis=1)
    return np.where(found, modes, int(otherwise))


def donors_of(picks: Picks, receivers: NDArray[np.intp], k: int) -> NDArray[np.intp]:
    """Rows of the neighbours of each receiver, nearest first; -1 where fewer than k.

    See `combine` for the parameters; the shape is (r, k).
    """
    who = np.searchsorted(receivers, picks.receiver)
    order = np.argsort(who, kind="stable")
    who = who[order]
    count = np.bincount(who, minlength=len(receivers))
    rank = np.arange(len(who)) - (np.cumsum(count) - count)[who]
    found = np.full((len(receivers), k), -1, dtype=np.intp)
    found[who, rank] = picks.donor[order]
    return found


METHOD = Neighbours(
    name="knn",
    title="the values of the nearest rows",
    source=(
        "Troyanskaya O, et al. (2001). Missing value estimation methods for DNA "
        "microarrays. Bioinformatics 17(6), 520-525."
    ),
    levels=PREDICTORS,
    trial=AutoTrial(guess=5),
    shorten=FEWER_DONORS,
    combine=combine,
)

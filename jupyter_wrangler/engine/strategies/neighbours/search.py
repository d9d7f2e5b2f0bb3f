"""Numbers and classes of the rows that are nearest to those to impute."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.methods import METHODS, knn
from jupyter_wrangler.engine.methods.protocol import Neighbours
from jupyter_wrangler.engine.methods.signatures import Combine
from jupyter_wrangler.engine.models.neighbour_search import Picks, Space
from jupyter_wrangler.engine.models.neighbours import nearest
from jupyter_wrangler.engine.strategies.run import Run
from jupyter_wrangler.engine.strategies.start_values import usual_value
from jupyter_wrangler.engine.strategies.strategy import Progress
from jupyter_wrangler.engine.types import ColumnPlan, Step

Mask = NDArray[np.bool_]

#: Rows that can give each target, at least, where donors are a sample.
_OF_EACH = 1_000
#: Share of the work that finding neighbours is counted as, in visits of a column.
VISITS = 10.0


def nearest_values(
    run: Run,
    space_of_all: knn.Frame,
    receivers: Mapping[str, tuple[NDArray[Any], NDArray[np.bool_]]],
    progress: Progress,
    donated: dict[str, NDArray[np.intp]] | None = None,
) -> Generator[Step, None, dict[str, NDArray[Any]]]:
    """Impute rows, given as numbers or codes and where observed, by the run's rows.

    Distances are taken over all columns, or over the predictors of the target where
    they are named.  The rows of the neighbours are put into `donated`, if it is given.
    """
    plans = run.planned("neighbours")
    allowed = run.spec.predictors
    groups = list(dict.fromkeys(allowed.get(plan.name) for plan in plans))
    found: dict[str, NDArray[Any]] = {}
    for k, helpers in enumerate(groups):
        mine = [plan for plan in plans if allowed.get(plan.name) == helpers]
        columns, space = run.predictors(), space_of_all
        if helpers is not None:
            columns = [column for column in columns if column.name in helpers]
            space = knn.Frame(columns)
        share = VISITS / len(groups)
        found |= yield from _group_values(
            run,
            receivers,
            mine,
            space,
            Share(start=progress.done + k * share, size=share, total=progress.total),
            donated,
        )
    return found


@dataclass(frozen=True, kw_only=True)
class Share:
    """A part of the work: where it starts, how much it is, and of how much."""

    start: float
    size: float
    total: float


def _group_values(
    run: Run,
    receivers: Mapping[str, tuple[NDArray[Any], NDArray[np.bool_]]],
    plans: list[ColumnPlan],
    space: knn.Frame,
    part: Share,
    donated: dict[str, NDArray[np.intp]] | None,
) -> Generator[Step, None, dict[str, NDArray[Any]]]:
    """Impute the columns whose neighbours are near in the same columns."""
    otherwise = {plan.name: usual_value(run.columns[plan.name]) for plan in plans}
    if not space.columns:
        # Without predictors all rows are equally near.
        y = {plan.name: run.columns[plan.name].y for plan in plans}
        return {
            name: np.full(int((~receivers[name][1]).sum()), value).astype(y[name].dtype)
            for name, value in otherwise.items()
        }
    donors, points = _donors_and_points(space, receivers)
    have = np.stack([run.columns[plan.name].ry for plan in plans], axis=1)
    pool = donor_rows(run.spec, have)
    need = np.stack([~receivers[plan.name][1] for plan in plans], axis=1)
    rows = np.flatnonzero(need.any(axis=1))
    found: dict[str, list[NDArray[Any]]] = {plan.name: [] for plan in plans}
    near: dict[str, list[NDArray[np.intp]]] = {plan.name: [] for plan in plans}
    combine = {plan.name: combine_of(plan.method) for plan in plans}
    start, spec = 0, run.spec
    for stop, picks in nearest_of(
        pool, points.rows(rows), donors, need[rows], have, spec.n_neighbors
    ):
        for k, plan in enumerate(plans):
            column, mine = run.columns[plan.name], picks.of(k)
            wanted = np.flatnonzero(need[rows[start:stop], k]) + start
            if donated is not None:
                near[plan.name].append(knn.donors_of(mine, wanted, spec.n_neighbors))
            found[plan.name].append(
                combine[plan.name](
                    mine,
                    wanted,
                    column.y,
                    classes=column.classes,
                    weights=spec.weights,
                    otherwise=otherwise[plan.name],
                )
            )
        start = stop
        yield Step(
            done=part.start + part.size * stop / len(rows),
            total=float(part.total),
            message=f"neighbours of row {stop:,} of {len(rows):,}",
        )
    if donated is not None:
        donated |= _joined(near)
    return _joined(found)


def donor_rows(spec: ImputationSpec, have: Mask) -> NDArray[np.intp] | None:
    """Draw the rows among which neighbours are looked for; None: all of them.

    Parameters
    ----------
    spec : ImputationSpec
        How many of them, and the seed.
    have : ndarray of bool of shape (n, t)
        Targets that each row can give.  Each target keeps a thousand rows that can give
        it, or all that can.
    """
    n, t = have.shape
    if (most := spec.n_donors(n)) >= n:
        return None
    rng = np.random.default_rng(spec.random_state)
    kept = np.zeros(n, dtype=bool)
    kept[rng.choice(n, most, replace=False)] = True
    least = min(_OF_EACH, most)
    for k in range(t):
        lacking = least - int((kept & have[:, k]).sum())
        if lacking > 0:
            more = np.flatnonzero(have[:, k] & ~kept)
            kept[rng.choice(more, min(lacking, len(more)), replace=False)] = True
    return np.flatnonzero(kept)


def nearest_of(
    pool: NDArray[np.intp] | None,
    receivers: Space,
    donors: Space,
    need: Mask,
    have: Mask,
    k: int,
) -> Iterator[tuple[int, Picks]]:
    """Find the nearest donors among some of them; see `models.neighbours.nearest`."""
    if pool is None:
        yield from nearest(receivers, donors, need, have, k)
        return
    for stop, picks in nearest(receivers, donors.rows(pool), need, have[pool], k):
        yield stop, replace(picks, donor=pool[picks.donor])


def _donors_and_points(
    space: knn.Frame,
    receivers: Mapping[str, tuple[NDArray[Any], NDArray[np.bool_]]],
) -> tuple[Space, Space]:
    """Rows of the fit, and those to be imputed; mostly they are the same."""
    columns = space.columns
    donors = space.space([column.y for column in columns])
    if all(receivers[column.name][0] is column.y for column in columns):
        return donors, donors
    return donors, space.space([receivers[column.name][0] for column in columns])


def _joined(parts: Mapping[str, list[NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """Put the parts of each column together, of those that have any."""
    return {name: np.concatenate(own) for name, own in parts.items() if own}


def combine_of(name: str) -> Combine:
    """Tell how a method makes a value of the nearest rows."""
    method = METHODS[name]
    if not isinstance(method, Neighbours):
        raise TypeError(f"{name!r} takes no values from the nearest rows")
    return method.combine

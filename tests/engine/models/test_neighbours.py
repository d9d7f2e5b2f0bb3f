import numpy as np
import pytest

from jupyter_wrangler.engine.models import neighbour_search, neighbours
from jupyter_wrangler.engine.models.neighbour_search import Space
from jupyter_wrangler.engine.models.neighbours import nearest


def space(points, gower=False):
    return Space(
        points=points,
        has=~np.isnan(points),
        column=np.arange(points.shape[1]),
        gower=gower,
    )


def found(receivers, donors, need, have, k, gower=False):
    both = space(receivers, gower), space(donors, gower)
    picks = [p for _, p in nearest(*both, need, have, k)]
    return {
        (int(i), int(t)): set(
            np.concatenate(
                [p.donor[(p.receiver == i) & (p.target == t)] for p in picks]
            ).tolist()
        )
        for i, t in np.argwhere(need)
    }


def by_hand(receivers, donors, need, have, k, gower=False):
    chosen = {}
    for i, t in np.argwhere(need):
        both = ~np.isnan(donors) & ~np.isnan(receivers[i])
        some = np.flatnonzero(have[:, t] & both.any(axis=1))
        apart = np.abs(donors[some] - receivers[i])
        apart = np.nansum(apart if gower else apart**2, axis=1)
        order = np.argsort(apart / both[some].sum(axis=1), kind="stable")
        chosen[int(i), int(t)] = set(some[order[:k]].tolist())
    return chosen


@pytest.mark.parametrize("n", [1, 7, 300, 2000])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("kind", ["plain", "far", "outliers", "tiny"])
@pytest.mark.parametrize("gower", [False, True])
def test_the_nearest_are_found(n, share, kind, gower):
    rng = np.random.default_rng(n)
    donors, receivers = rng.normal(size=(n, 4)), rng.normal(size=(25, 4))
    if kind == "far":
        donors, receivers = donors + 1e7, receivers + 1e7
    elif kind == "outliers":
        donors[:: max(2, n // 5)] *= 1e9
        receivers[3] *= 1e9
    elif kind == "tiny":
        donors[:, 0] *= 1e30
        receivers[:, 0] = np.nan
    donors[rng.random(donors.shape) < share] = np.nan
    receivers[rng.random(receivers.shape) < share] = np.nan
    need = rng.random((25, 3)) < 0.6
    have = rng.random((n, 3)) < [0.9, 0.5, 0.02]
    arguments = receivers, donors, need, have, 5, gower
    assert found(*arguments) == by_hand(*arguments)


def test_blocks_do_not_matter(monkeypatch):
    rng = np.random.default_rng(0)
    donors, receivers = rng.normal(size=(400, 3)), rng.normal(size=(50, 3))
    arguments = receivers, donors, np.ones((50, 1), bool), np.ones((400, 1), bool), 4
    whole = found(*arguments)
    monkeypatch.setattr(neighbour_search, "BLOCK", 400 * 4 * 7)
    monkeypatch.setattr(neighbour_search, "FEWEST", 1)
    monkeypatch.setattr(neighbours, "FEWEST", 1)
    monkeypatch.setattr(neighbours, "BATCH", 20)
    assert found(*arguments) == whole


def test_progress_ends_with_the_last_receiver():
    points = np.ones((10, 1))
    steps = nearest(
        space(points), space(points), np.ones((10, 1), bool), np.ones((10, 1), bool), 2
    )
    assert [done for done, _ in steps][-1] == 10


def test_nearest_come_first():
    donors = np.array([[3.0], [1.0], [2.0]])
    ((_, picks),) = nearest(
        space(np.zeros((1, 1))),
        space(donors),
        np.ones((1, 1), bool),
        np.ones((3, 1), bool),
        3,
    )
    assert picks.donor.tolist() == [1, 2, 0]


def test_in_a_crowd_of_ties_each_receiver_still_gets_its_k():
    rng = np.random.default_rng(0)
    donors = rng.integers(2, size=(30_000, 2)).astype(float)
    receivers = np.array([[0.0, 0.0], [1.0, 0.0], [np.nan, 1.0]])
    have = np.column_stack([rng.random(30_000) < 0.9, np.arange(30_000) >= 29_990])
    chosen = found(receivers, donors, np.ones((3, 2), bool), have, 5)
    for (receiver, target), picked in chosen.items():
        assert len(picked) == 5
        rows = np.array(sorted(picked))
        assert have[rows, target].all()
        if target == 0:
            apart = np.nansum((donors[rows] - receivers[receiver]) ** 2, axis=1)
            np.testing.assert_array_equal(apart, 0.0)
    assert chosen == chosen | {
        key: value
        for key, value in by_hand(
            receivers, donors, np.ones((3, 2), bool), have, 5
        ).items()
        if key[1] == 1
    }


def test_nothing_missing_finds_no_donor():
    points = np.ones((3, 1))
    need = np.zeros((3, 1), dtype=bool)
    ((_, picks),) = nearest(space(points), space(points), need, ~need, 2)
    assert len(picks.donor) == 0

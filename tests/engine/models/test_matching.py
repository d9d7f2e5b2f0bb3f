import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_wrangler.engine.models.matching import Donors, VectorDonors


def test_missranger_pmm_example():
    # missRanger, man/pmm.Rd: pmm(c(0.2, 0.3, 0.8), c(0.7, 0.2), 1:3, k = 1) is 3, 1.
    drawn = Donors(np.array([0.2, 0.3, 0.8])).draw(
        np.array([0.7, 0.2]), 1, np.random.default_rng(0)
    )
    assert (drawn + 1).tolist() == [3, 1]


@pytest.mark.parametrize("vectors", [False, True])
@settings(deadline=None)
@given(
    hats=st.lists(st.integers(-20, 20), min_size=1, max_size=30),
    targets=st.lists(st.integers(-25, 25), min_size=1, max_size=10),
    donors=st.integers(1, 8),
    seed=st.integers(0, 99),
)
def test_no_donor_is_farther_than_the_last_of_the_pool(
    vectors, hats, targets, donors, seed
):
    hats, targets = np.array(hats, dtype=float), np.array(targets, dtype=float)
    donors = min(donors, len(hats))
    rng = np.random.default_rng(seed)
    if vectors:
        pool = VectorDonors(np.column_stack([hats, -hats]))
        drawn = pool.draw(np.column_stack([targets, -targets]), donors, rng)
    else:
        drawn = Donors(hats).draw(targets, donors, rng)
    apart = np.sort(np.abs(targets[:, None] - hats), axis=1)[:, donors - 1]
    assert (np.abs(targets - hats[drawn]) <= apart).all()


@pytest.mark.parametrize("vectors", [False, True])
def test_each_of_the_nearest_is_drawn_as_often(vectors):
    hats = np.array([1.0, 2.0, 3.0, 4.0, 90.0])
    targets = np.full(8000, 2.5)
    rng = np.random.default_rng(0)
    if vectors:
        pool = VectorDonors(np.column_stack([hats, 0 * hats]))
        drawn = pool.draw(np.column_stack([targets, 0 * targets]), 4, rng)
    else:
        drawn = Donors(hats).draw(targets, 4, rng)
    counts = np.bincount(drawn, minlength=5)
    assert counts[4] == 0
    assert np.abs(counts[:4] - 2000).max() < 160


@pytest.mark.parametrize("vectors", [False, True])
def test_all_donors_with_equal_predictions_are_drawn(vectors):
    hats = np.repeat([0.0, 1.0], 50)
    targets = np.zeros(2000)
    rng = np.random.default_rng(0)
    if vectors:
        pool = VectorDonors(np.column_stack([hats, -hats]))
        drawn = pool.draw(np.column_stack([targets, -targets]), 5, rng)
    else:
        drawn = Donors(hats).draw(targets, 5, rng)
    assert set(drawn) == set(range(50))

import numpy as np
import pytest

from jupyter_wrangler.engine.models.design import Design, _by_blocks
from jupyter_wrangler.engine.models.moments import moments_of


@pytest.mark.parametrize("share", [0.0, 0.2, 0.8])
def test_moments_of_the_observed_rows_follow_the_updates(share):
    rng = np.random.default_rng(0)
    raw = rng.normal(size=(60, 5)) + 100
    design = Design({"a": raw[:, :1], "b": raw[:, 1:4], "c": raw[:, 4:]})
    design.recount()
    missing = np.flatnonzero(rng.random(60) < share)
    for name in ("b", "a", "b", "c"):
        width = design.slices[name].stop - design.slices[name].start
        new = rng.normal(size=(len(missing), width)) + 100
        before = design.coordinates(name, missing)
        moved = design.update(name, missing, new, design.rows(missing))
        np.testing.assert_allclose(moved, np.abs(new - before).sum(axis=1))
        np.testing.assert_allclose(design.coordinates(name, missing), new)
        kept = np.setdiff1d(np.arange(60), missing)
        for target in ("a", "b", "c"):
            others = design.others(target)
            found = design.moments(target, missing, design.rows(missing), others)
            y = design.coordinates(target, kept)
            x = np.delete(design.rows(kept), design.slices[target], axis=1)
            expected = moments_of(x, y)
            assert found.n == len(kept)
            for part in ("x_mean", "y_mean", "xx", "xy", "yy"):
                np.testing.assert_allclose(
                    getattr(found, part), getattr(expected, part), atol=1e-9
                )
            np.testing.assert_allclose(found.rows()[0], expected.rows()[0])


@pytest.mark.parametrize("share", [0.1, 0.7])
def test_moments_of_few_predictors_of_many_columns(share):
    """Only their cross-products are taken, which are the same."""
    rng = np.random.default_rng(3)
    blocks = {f"c{k}": rng.normal(size=(90, 1 + k % 3)) + k for k in range(60)}
    design = Design(blocks)
    design.recount()
    missing = np.flatnonzero(rng.random(90) < share)
    part = design.rows(missing)
    kept = np.setdiff1d(np.arange(90), missing)
    for target, names in (("c2", ["c5", "c1", "c40"]), ("c4", []), ("c9", ["c8"])):
        others = design.others(target, names)
        found = design.moments(target, missing, part, others)
        x, y = design.z[np.ix_(kept, others)], design.coordinates(target, kept)
        wanted = moments_of(x, y)
        for name in ("x_mean", "y_mean", "xx", "xy", "yy"):
            np.testing.assert_allclose(
                getattr(found, name), getattr(wanted, name), atol=1e-9
            )
        coef = rng.normal(size=len(others))
        for k in range(y.shape[1]):
            np.testing.assert_allclose(
                found.slope(coef, k), wanted.slope(coef, k), atol=1e-8
            )


def test_widened_weights_leave_the_target_out():
    rng = np.random.default_rng(0)
    design = Design({"a": rng.normal(size=(9, 1)), "b": rng.normal(size=(9, 2))})
    for name, p in (("a", 2), ("b", 1)):
        beta = rng.normal(size=(p, 3))
        predictors = np.delete(design.z, design.slices[name], axis=1)
        np.testing.assert_allclose(
            design.z @ design.widen(design.others(name), beta), predictors @ beta
        )


def test_predictors_may_be_fewer_than_all_others():
    design = Design({"a": np.eye(4)[:, :1], "b": np.eye(4)[:, :2], "c": np.eye(4)})
    assert design.others("a").tolist() == [1, 2, 3, 4, 5, 6]
    assert design.others("a", ["a", "c"]).tolist() == [3, 4, 5, 6]
    assert design.others("a", []).tolist() == []


@pytest.mark.parametrize("width", [1, 7, 31, 62, 80])
@pytest.mark.parametrize("n", [1, 300, 2000])
def test_issue_10_item_9_slices_of_rows_give_the_moments_of_all(width, n):
    raw = np.random.default_rng(0).normal(size=(n, width)) + 100
    design = Design({"a": raw[:, :1], "b": raw[:, 1:]})
    design.recount()
    missing = np.arange(0, n - 1, 3)
    part = design.rows(missing)
    kept = np.setdiff1d(np.arange(n), missing)
    expected = moments_of(design.rows(kept)[:, 1:], design.coordinates("a", kept))
    # a copy has no padding in memory
    for rows in (part, part.copy()):
        found = design.moments("a", missing, rows, design.others("a"))
        for name in ("x_mean", "y_mean", "xx", "xy", "yy"):
            np.testing.assert_allclose(
                getattr(found, name), getattr(expected, name), atol=1e-9
            )


@pytest.mark.parametrize("n", [1, 256, 1000, 2304])
def test_issue_10_item_9_products_by_blocks_are_those_of_all_rows(n):
    rows = np.random.default_rng(0).normal(size=(n, 32))
    np.testing.assert_allclose(_by_blocks(rows, 256), rows.T @ rows, atol=1e-10)

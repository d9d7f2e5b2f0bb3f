"""Of very many rows `knn` looks for neighbours among a sample."""

import numpy as np
import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.planning.cost import part_seconds
from jupyter_wrangler.engine.strategies.neighbours.search import donor_rows
from jupyter_wrangler.errors import InvalidSpec

WORDS = "Neighbours are looked for among"


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(3_000, 2))
    truth = pd.DataFrame(
        {"x": z[:, 0], "y": z[:, 0] + z[:, 1] / 3, "z": z[:, 1], "c": z[:, 0] > 0}
    )
    df = truth.astype({"c": "boolean"}).mask(rng.random(truth.shape) < 0.1)
    return truth, df


def test_the_neighbours_are_those_of_the_sample(data):
    """As if all other rows were no donors."""
    # a sample has other ranges, by which mixed columns are scaled
    df = data[1][["x", "y", "z"]]
    found = jw.Imputer("knn", max_donors=400, random_state=3).fit(df)
    have = df.notna().to_numpy()
    pool = donor_rows(ImputationSpec(max_donors=400, random_state=3), have)
    assert 400 <= len(pool) <= 3_000
    alone = jw.Imputer("knn", max_donors="all").fit(df.iloc[pool])
    # rows without a value get the mean, which is that of all rows
    others = np.setdiff1d(np.flatnonzero(have.any(axis=1)), pool)
    pd.testing.assert_frame_equal(
        found.transform(df.iloc[others]),
        alone.transform(df.iloc[others]),
    )


def test_it_is_said_and_repeatable_and_near(data):
    truth, df = data
    one = jw.Imputer("knn", max_donors=1_000, random_state=1)
    done = one.fit_transform(df)
    (event,) = [e for e in one.events_ if WORDS in e.message]
    assert "among 1,000 of 3,000 rows" in event.message
    assert 'max_donors="all"' in event.message
    again = jw.Imputer("knn", max_donors=1_000, random_state=1).fit_transform(df)
    pd.testing.assert_frame_equal(done, again)
    exact = jw.Imputer("knn", max_donors="all").fit_transform(df)
    assert not exact.equals(done)
    hidden = df["y"].isna()
    error = [((one["y"] - truth["y"])[hidden] ** 2).mean() for one in (done, exact)]
    assert error[0] < 1.5 * error[1] + 0.02


def test_all_rows_are_looked_at_where_they_are_few(data):
    _, df = data
    default = jw.Imputer("knn").fit(df)
    assert not [e for e in default.events_ if WORDS in e.message]
    every = jw.Imputer("knn", max_donors="all").fit(df)
    pd.testing.assert_frame_equal(default.transform(df), every.transform(df))


def test_a_column_with_few_values_keeps_them_all():
    have = np.ones((5_000, 2), dtype=bool)
    have[30:, 1] = False
    spec = ImputationSpec(max_donors=100, random_state=0)
    pool = donor_rows(spec, have)
    assert have[pool, 1].sum() == 30
    assert len(pool) <= 130
    assert donor_rows(ImputationSpec(), have) is None


def test_observed_cells_are_imputed_by_the_same_rows(data):
    _, df = data
    where = np.zeros(df.shape, dtype=bool)
    where[:50, 1] = True
    done = jw.Imputer("knn", max_donors=500, random_state=0, where=where)
    found = done.fit_transform(df)
    moved = (found["y"] != df["y"]).to_numpy()[:50] & df["y"].notna().to_numpy()[:50]
    assert moved.sum() > 30
    assert not found["y"].isna()[:50].any()


@pytest.mark.parametrize("given", [0, -1, "some", 2.5])
def test_what_is_no_number_of_donors_is_refused(data, given):
    with pytest.raises(InvalidSpec, match="max_donors"):
        jw.Imputer("knn", max_donors=given).fit(data[1])


def test_fewer_donors_than_neighbours_are_as_many(data):
    _, df = data
    done = jw.Imputer("knn", max_donors=1, n_neighbors=7, random_state=0)
    assert not done.fit_transform(df).isna().any(axis=None)


def test_the_estimate_grows_with_the_donors():
    missing = {f"x{k}": 100_000 for k in range(20)}
    spec = ImputationSpec(method="knn")
    every = spec.model_copy(update={"max_donors": "all"})
    assert part_seconds(every, 1_000_000, missing) > 40 * part_seconds(
        spec, 1_000_000, missing
    )

"""Trees as arrays: the same predictions as scikit-learn's, and honest donors."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)

from jupyter_wrangler.engine.models.boosted import boost
from jupyter_wrangler.engine.models.forest import grow


@pytest.fixture(scope="module")
def bent():
    """A bent relation, and six classes whose dummies stand without their mean."""
    rng = np.random.default_rng(0)
    n = 600
    code = rng.integers(6, size=n)
    dummies = np.eye(6)[code][:, 1:]
    x = np.column_stack([rng.normal(size=(n, 2)), dummies - dummies.mean(axis=0)])
    mean = x[:, 0] ** 2 + np.array([0, 3, -2, 1, 5, 0])[code]
    y = mean + 0.3 * rng.normal(size=n)
    return x, mean, y, (np.arange(2, 7),)


def test_boosted_trees_predict_as_scikit_learn_does(bent):
    x, _, y, nominal = bent
    found, _ = boost(y, x, nominal, classes=False, seed=1, max_iter=20)
    seen = found.native.read(x)
    peer = HistGradientBoostingRegressor(
        categorical_features=[0], early_stopping=False, random_state=1, max_iter=20
    ).fit(seen, y)
    np.testing.assert_allclose(found.scores(x)[:, 0], peer.predict(seen))
    unknown = seen.copy()
    unknown[:, 0] = np.nan
    missing = x.copy()
    missing[:, 2:] = [1, 1, 1, 1, 1]
    assert found.scores(missing).shape == (len(x), 1)
    for classes in (2, 4):
        codes = np.digitize(y, np.quantile(y, np.arange(1, classes) / classes))
        found, kept = boost(codes, x, nominal, classes=True, seed=1, max_iter=20)
        peer = HistGradientBoostingClassifier(
            categorical_features=[0], early_stopping=False, random_state=1, max_iter=20
        ).fit(seen, codes)
        np.testing.assert_array_equal(kept, np.arange(classes))
        scores = found.scores(x)
        scores = scores[:, 0] if classes == 2 else scores
        np.testing.assert_allclose(scores, peer.decision_function(seen))


def test_a_class_that_a_fit_has_not_seen_goes_where_unknown_ones_go(bent):
    x, _, y, nominal = bent
    some = x[:, 4] < 0.5
    found, _ = boost(y[some], x[some], nominal, classes=False, seed=1, max_iter=5)
    assert np.isfinite(found.scores(x)).all()


def test_leaves_are_those_of_scikit_learn(bent):
    from sklearn.tree import DecisionTreeRegressor

    x, _, y, _ = bent
    rng = np.random.default_rng(0)
    found = grow(y, x, rng, trees=1, classes=0, sample=False, min_samples_leaf=5)
    peer = DecisionTreeRegressor(min_samples_leaf=5, random_state=0)
    peer.fit(x.astype(np.float32), y)
    np.testing.assert_allclose(found.draw(x, rng), peer.predict(x), rtol=1e-5)


def test_scores_of_rows_do_not_depend_on_those_beside_them(bent):
    x, _, y, nominal = bent
    codes = np.digitize(y, [0.0, 2.0])
    for classes in (False, True):
        found, _ = boost(
            codes if classes else y, x, nominal, classes=classes, seed=1, max_iter=20
        )
        # so many rows are looked at in several blocks
        many = found.scores(np.tile(x, (20, 1)))
        np.testing.assert_array_equal(many, np.tile(found.scores(x), (20, 1)))


def test_a_row_that_is_drawn_twice_counts_as_two(bent):
    """As in a tree of scikit-learn that gets each of them as often as it was drawn."""
    from sklearn.tree import DecisionTreeRegressor

    x, _, y, _ = bent
    n = len(y)
    rng = np.random.default_rng(4)
    found = grow(y, x, rng, trees=1, classes=0, sample=True, min_samples_leaf=5)
    rng = np.random.default_rng(4)
    rows, state = rng.integers(n, size=n), int(rng.integers(2**31 - 1))
    peer = DecisionTreeRegressor(min_samples_leaf=5, random_state=state)
    peer.fit(x[rows].astype(np.float32), y[rows])
    leaf = found.feature < 0
    assert found.count[leaf].min() >= 5
    assert found.count.sum() == n
    assert sorted(found.rows) == sorted(rows)
    assert leaf.sum() == peer.get_n_leaves()
    mean = found.value[found.leaves(x)[:, 0], 0]
    # of splits that are equally good either may be taken
    near = np.isclose(mean, peer.predict(x), rtol=1e-5)
    assert near.mean() > 0.9


@pytest.mark.parametrize("method", ["cart", "rf", "boosting"])
def test_trees_follow_a_bent_relation(method, bent, impute_one):
    x, mean, y, nominal = bent
    wy = np.arange(len(y)) % 3 == 0
    draws = np.array(
        [
            impute_one(
                method, y, ~wy, x, wy, rng=np.random.default_rng(seed), nominal=nominal
            )
            for seed in range(3)
        ]
    )
    assert np.isin(draws, y[~wy]).all()
    assert (draws[0] != draws[1]).any()
    guess = impute_one(
        method,
        y,
        ~wy,
        x,
        wy,
        rng=np.random.default_rng(0),
        nominal=nominal,
        sample_posterior=False,
        n_estimators=50,
    )
    error = np.sqrt(np.mean((guess - mean[wy]) ** 2))
    assert error < 0.6 * mean.std()
    assert np.sqrt(np.mean((draws[0] - mean[wy]) ** 2)) > error


@pytest.mark.parametrize("method", ["cart", "rf", "boosting"])
def test_trees_separate_classes(method, bent, impute_one):
    x, mean, _, nominal = bent
    codes = np.digitize(mean, [0, 2, 4])
    wy = np.arange(len(codes)) % 3 == 0
    for sample in (True, False):
        drawn = impute_one(
            method,
            codes,
            ~wy,
            x,
            wy,
            rng=np.random.default_rng(0),
            classes=4,
            nominal=nominal,
            sample_posterior=sample,
        )
        assert (drawn == codes[wy]).mean() > 0.6


def test_one_class_and_no_predictor_are_no_obstacle(impute_one):
    rng = np.random.default_rng(0)
    y, x = np.zeros(9, dtype=int), np.zeros((9, 0))
    wy = np.arange(9) < 3
    for method in ("cart", "rf", "boosting"):
        for sample in (True, False):
            drawn = impute_one(
                method, y, ~wy, x, wy, rng=rng, classes=1, sample_posterior=sample
            )
            assert drawn.tolist() == [0, 0, 0]
            numbers = impute_one(
                method, y + 0.5, ~wy, x, wy, rng=rng, sample_posterior=sample
            )
            assert numbers.tolist() == [0.5, 0.5, 0.5]


@pytest.mark.parametrize("method", ["extratrees", "rf", "boosting"])
def test_a_chain_of_trees_stops_when_a_round_changes_no_less(method, run):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 150))
    df = pd.DataFrame({"a": a, "b": b, "c": a * b, "d": a + b})
    df = df.mask(rng.random(df.shape) < 0.2)
    found = run(df, method=method, sample_posterior=False, max_iter=30)
    assert 2 <= found.n_iter < 30
    reported = (
        f"Stopped after round {found.n_iter} of 30, because the trees moved the values "
        "about no less than in the round before."
    )
    assert [e.message for e in found.events if "Stopped" in e.message] == [reported]
    more = run(df, method=method, sample_posterior=False, max_iter=found.n_iter)
    for name in df:
        np.testing.assert_array_equal(found.values[name], more.values[name])  # noqa: PD011


def test_chains_that_draw_run_all_their_rounds(run):
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(80, 3))).rename(columns=str)
    df = df.mask(rng.random(df.shape) < 0.2)
    assert run(df, method="rf", max_iter=12).n_iter == 12


@pytest.mark.parametrize("power", [-150, 400])
def test_fault_1_2_boosted_trees_follow_numbers_of_any_size(power, impute_one):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 2))
    y = x[:, 0] ** 2
    wy = np.arange(200) < 50
    own = impute_one("boosting", y, ~wy, x, wy, rng=rng, sample_posterior=False)
    assert np.corrcoef(own, y[wy])[0, 1] > 0.9
    scaled = impute_one(
        "boosting", np.ldexp(y, power), ~wy, x, wy, rng=rng, sample_posterior=False
    )
    np.testing.assert_allclose(np.ldexp(scaled, -power), own)

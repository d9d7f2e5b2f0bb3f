"""Trees with random splits: bends without being named, the same guess every time."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import ExtraTreesRegressor

from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.engine.methods import extratrees


@pytest.fixture(scope="module")
def bent():
    rng = np.random.default_rng(0)
    x = rng.uniform(-3, 3, size=(300, 2))
    y = x[:, 0] ** 2 + 2 * np.sin(x[:, 1]) + 0.3 * rng.normal(size=300)
    return x, y, rng.random(300) < 0.3


def rms(found, wanted):
    return np.sqrt(np.mean((found - wanted) ** 2))


def test_it_follows_what_a_line_cannot(bent, impute_one):
    x, y, wy = bent
    rng = np.random.default_rng(1)
    errors = [
        rms(impute_one(method, y, ~wy, x, wy, rng=rng), y[wy])
        for method in ("extratrees", "linear")
    ]
    assert errors[0] < 0.4 * errors[1]


def test_it_is_about_as_near_as_scikit_learns(bent, impute_one):
    x, y, wy = bent
    peer = ExtraTreesRegressor(
        extratrees.TREES, min_samples_leaf=extratrees.LEAF, random_state=0
    ).fit(x[~wy], y[~wy])
    ours = impute_one("extratrees", y, ~wy, x, wy, rng=np.random.default_rng(0))
    assert rms(ours, y[wy]) < 1.25 * rms(peer.predict(x[wy]), y[wy])


def test_the_same_guess_whatever_the_generator_and_within_the_range(bent, impute_one):
    x, y, wy = bent
    one, two = (
        impute_one("extratrees", y, ~wy, x, wy, rng=np.random.default_rng(seed))
        for seed in (0, 1)
    )
    np.testing.assert_array_equal(one, two)
    assert y[~wy].min() <= one.min() <= one.max() <= y[~wy].max()


def test_classes_are_distinguished(bent, impute_one):
    x, y, wy = bent
    codes = np.digitize(y, [0.0, 4.0])
    found = impute_one(
        "extratrees", codes, ~wy, x, wy, rng=np.random.default_rng(0), classes=3
    )
    assert np.mean(found == codes[wy]) > 0.75


def test_what_was_fitted_completes_later_rows_and_is_saved(bent):
    x, y, wy = bent
    df = pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "y": np.where(wy, np.nan, y)})
    fitted = Imputer("extratrees", random_state=0, max_iter=2).fit(df)
    later = df.iloc[:40].assign(y=np.nan)
    done = fitted.transform(later)
    assert rms(done["y"], y[:40]) < 0.7 * np.std(y)
    again = Imputer.from_state(fitted.to_state())
    pd.testing.assert_frame_equal(again.transform(later), done)

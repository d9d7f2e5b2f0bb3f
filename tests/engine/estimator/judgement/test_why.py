"""Why a value: draws, donors and predictors are those of the cell."""

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.estimator.imputations import impute_m
from jupyter_wrangler.engine.estimator.judgement.why import position_of, why
from jupyter_wrangler.engine.methods import METHODS, fitting
from jupyter_wrangler.engine.types import Given
from jupyter_wrangler.errors import UnknownColumn, UnknownRow


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    x, z = rng.normal(size=(2, 200))
    df = pd.DataFrame(
        {"x": x, "z": z, "y": 3 * x - z, "g": rng.choice(["a", "b"], 200)},
        index=[f"p{k}" for k in range(200)],
    )
    df.iloc[5:25, 2] = np.nan
    return df


def told(df, row, column, given=None, **settings):
    spec = ImputationSpec(**settings)
    return why(impute_m(df, spec, given or Given()), spec, row, column)


@pytest.mark.parametrize("method", fitting("continuous"))
def test_every_method_says_why(data, method):
    settings = {"fill_value": 1.0} if METHODS[method].given else {"time": "x"}
    one = told(data, "p5", "y", method=method, n_imputations=2, max_iter=2, **settings)
    assert one.imputed
    assert one.method == method
    assert len(one.draws) == 2
    assert one.value == one.draws[0]
    assert all(reason.endswith((".", "?")) for reason in one.reasons)
    if METHODS[method].donates and METHODS[method].kind == "chained":
        assert one.donors
        assert {donor.value for donor in one.donors} == set(one.draws)


def test_contributions_are_signed_and_add_up(data):
    one = told(data, "p7", "y", method="linear")
    effects = {part.column: part.effect for part in one.influences}
    x, z = data.loc["p7", ["x", "z"]].astype(float)
    seen = data["y"].notna()
    assert effects["x"] == pytest.approx(3 * (x - data["x"][seen].mean()), abs=1e-3)
    assert effects["z"] == pytest.approx(-(z - data["z"][seen].mean()), abs=1e-3)
    total = data["y"].mean() + sum(effects.values())
    assert total == pytest.approx(float(one.value), abs=1e-2)
    assert one.effects_in == "units"


def test_of_trees_the_column_that_matters_comes_first(data):
    one = told(data, "p7", "y", method="rf", max_iter=2)
    assert one.influences[0].column == "x"
    assert np.sign(one.influences[0].effect) == np.sign(data.loc["p7", "x"])
    assert "do not add up" in one.effects_how


def test_classes_are_told_in_log_odds(data):
    chance = 1 / (1 + np.exp(-3 * data["x"]))
    high = np.random.default_rng(1).random(len(data)) < chance
    df = data[["x"]].assign(c=np.where(high, "high", "low"))
    df.iloc[:10, 1] = None
    one = told(df, "p3", "c", method="logreg", n_imputations=5)
    (part,) = one.influences
    assert one.effects_in == "log-odds"
    towards = np.sign(df.loc["p3", "x"]) * (1 if one.value == "high" else -1)
    assert np.sign(part.effect) == towards
    assert sum(one.shares.values()) == pytest.approx(1)
    assert one.low is None


def test_donors_are_told_with_their_nearness(data):
    one = told(data, "p5", "y", method="knn", n_neighbors=3)
    assert len(one.donors) == 3
    assert all(donor.nearer_than > 0.8 for donor in one.donors)
    for donor in one.donors:
        assert data.index[donor.position] == donor.row
        assert float(donor.value) == pytest.approx(data["y"].iloc[donor.position], 1e-4)


def test_a_range_needs_five_draws(data):
    noise = np.random.default_rng(1).normal(size=len(data))
    noisy = data.assign(y=data["y"] + noise)
    assert told(noisy, "p5", "y", method="norm", n_imputations=4).low is None
    one = told(noisy, "p5", "y", method="norm", n_imputations=20)
    assert float(one.low) < float(one.high)


def test_plain_reasons_of_plain_methods(data):
    for settings, words in [
        ({"method": "median"}, "The median of the observed values, of 180"),
        ({"method": "mean", "group": "g"}, "within its group, g '"),
        ({"methods": {"y": "~ 2 * x"}}, "formula ~ 2 * x from x = "),
        ({"method": "constant", "fill_value": 3.0}, "that you gave"),
        ({"method": "ffill"}, "The last observed value before"),
    ]:
        assert words in told(data, "p5", "y", **settings).reasons[0]
    one = told(data, "p5", "y", delta={"y": 2.0}, min_value={"y": -9.0})
    assert any("shifted by 2.0" in reason for reason in one.reasons)
    assert any("at least -9" in reason for reason in one.reasons)


def test_observed_cells_say_so(data):
    one = told(data, "p0", "y")
    assert not one.imputed
    assert "was observed" in one.reasons[0]
    left = told(data, "p5", "y", methods={"y": ""})
    assert "still missing" in left.reasons[0]
    where = np.zeros(data.shape, dtype=bool)
    where[0, 2] = True
    over = told(data, "p0", "y", given=Given(where=where))
    assert over.imputed
    assert any("imputed over" in reason for reason in over.reasons)


def test_rows_are_labels_before_positions():
    df = pd.DataFrame({"x": [1, 2, 3]}, index=[10, 1, 1])
    assert position_of(df, 10) == 0
    assert position_of(df, 0) == 0
    with pytest.raises(UnknownRow, match="2 rows have the label 1, at positions 1, 2"):
        position_of(df, 1)
    for row in (3, -4, "a", None, True, [1]):
        with pytest.raises(UnknownRow, match="There is no row"):
            position_of(pd.DataFrame({"x": [1, 2, 3]}, index=list("xyz")), row)


def test_an_unknown_column_is_named(data):
    with pytest.raises(UnknownColumn, match="'q'"):
        told(data, "p0", "q")


def test_wide_data_take_a_moment_and_not_more():
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(80, 2_000))).add_prefix("x")
    df.iloc[:9, 0] = np.nan
    spec = ImputationSpec(method="norm", predictors={"x0": ("x1", "x2")})
    one = why(impute_m(df, spec), spec, 3, "x0")
    assert {part.column for part in one.influences} <= {"x1", "x2"}
    assert one.n_predictors == 2


def test_a_completed_data_set_is_explained_by_the_number_it_has(data):
    """Of a run that was stopped some numbers are not there."""
    spec = ImputationSpec(method="pmm", n_imputations=3, max_iter=2)
    found = impute_m(data, spec)
    one = why(found, spec, "p7", "y", imputation=5, numbers=[0, 2, 5])
    assert (one.imputation, one.value) == (5, one.draws[2])
    assert {donor.imputation for donor in one.donors} <= {0, 2, 5}
    last = [donor for donor in one.donors if donor.imputation == 5]
    assert [donor.value for donor in last] == [one.value]
    first = why(found, spec, "p7", "y")
    assert (first.imputation, first.value) == (0, one.draws[0])
    assert first.draws == one.draws

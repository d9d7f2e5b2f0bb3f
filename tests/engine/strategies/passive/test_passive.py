"""A column that follows from others keeps doing so."""

# ruff: noqa: PD011  `values` are those of an Imputation, which is no pandas object

import numpy as np
import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.engine.estimator.summary import summarise
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.strategies.impute import impute
from jupyter_wrangler.engine.types import Given
from jupyter_wrangler.errors import InvalidData

BMI = {"bmi": "~ weight / height ** 2"}


def people(n=200, seed=0, share=0.25):
    """Weight, height and age are incomplete; bmi is missing where one of two is."""
    rng = np.random.default_rng(seed)
    height = rng.normal(1.7, 0.1, n)
    weight = 25 * height**2 + rng.normal(0, 8, n)
    df = pd.DataFrame(
        {"age": weight / 2 + rng.normal(0, 5, n), "weight": weight, "height": height}
    )
    for name in df:
        df.loc[rng.random(n) < share, name] = np.nan
    df["bmi"] = df["weight"] / df["height"] ** 2
    return df


def bmi(df):
    return df["weight"] / df["height"] ** 2


def drain(df, given, **spec):
    steps = impute(df, ImputationSpec(**spec), given=given)
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value


def messages(found):
    return " ".join(event.message for event in found.events)


@pytest.mark.parametrize(
    "method", [name for name, m in METHODS.items() if "continuous" in m.levels]
)
def test_completed_data_hold_the_formula(method, run, complete):
    df = people()
    df["bmi"] = df["bmi"].round(1)
    more = {"fill_value": 2.0} if method == "constant" else {}
    found = run(df, method=method, methods=BMI, max_iter=2, **more)
    done = complete(df, found)
    missing = df["bmi"].isna()
    assert not done.isna().any(axis=None)
    np.testing.assert_array_equal(done["bmi"][missing], bmi(done)[missing])
    pd.testing.assert_series_equal(done["bmi"][~missing], df["bmi"][~missing])


def test_whole_numbers_are_computed_from_as_they_come_out(run, complete):
    df = people().round({"weight": 0}).drop(columns="bmi")
    df["weight"] = df["weight"].astype("Int16")
    df["double"] = (2 * df["weight"]).astype("Int16")
    df["half"] = df["double"].astype("Float64") / 4
    methods = {"half": "~ double / 4", "double": "~ weight * 2"}
    for method in ("norm", "mean"):
        done = complete(df, run(df, method=method, methods=methods, max_iter=2))
        assert (done["double"] == 2 * done["weight"]).all()
        assert (done["half"] == done["weight"] / 2).all()
        assert done.dtypes.equals(df.dtypes)


def test_other_columns_are_predicted_by_numbers_in_step(run):
    """In the chain a square is the square of what was drawn, not of the mean."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=500)
    df = pd.DataFrame({"x": x, "square": x**2, "y": x**2 + 0.1 * rng.normal(size=500)})
    df.loc[:99, ["x", "square"]] = np.nan
    df.loc[:199, "y"] = np.nan
    found = run(
        df,
        method="norm",
        methods={"square": "~ x ** 2"},
        predictors={"y": ("square",), "x": ()},
        visit_sequence=("x", "y"),
        max_iter=2,
    )
    x = pd.Series(found.values["x"], found.rows["x"])
    y = pd.Series(found.values["y"], found.rows["y"])
    apart = (y - x**2).dropna()
    assert len(apart) == 100
    assert apart.std() == pytest.approx(0.1, abs=0.03)


def test_a_computed_column_does_not_predict_what_it_comes_from(run):
    df = people()
    alone = run(df.drop(columns="bmi"), method="norm")
    found = run(
        df, method="norm", methods=BMI, predictors={"age": ("weight", "height")}
    )
    for name in ("weight", "height"):
        np.testing.assert_allclose(found.values[name], alone.values[name])
    assert "is computed from 'weight' and 'height', so it does not" in messages(found)


def test_it_does_if_the_analyst_says_so(run):
    df = people()
    df["bmi"] = people(share=0.0)["bmi"]
    given = {"weight": ("height", "bmi"), "height": ("weight", "bmi")}
    reported = run(df, method="norm", methods=BMI, predictors=given)
    plain = run(df, method="norm", predictors=given)
    np.testing.assert_array_equal(reported.values["weight"], plain.values["weight"])
    assert "does not help" not in messages(reported)
    kept = run(df, method="norm", methods=BMI)
    assert (reported.values["weight"] != kept.values["weight"]).any()


def test_a_complete_column_with_a_formula_is_treated_alike(run):
    """So a job, which plans incomplete columns only, and an Imputer agree."""
    df = people()
    df["bmi"] = people(share=0.0)["bmi"]
    found = run(df, method="norm", methods=BMI, random_state=3, max_iter=2)
    done = Imputer("norm", methods=BMI, random_state=3, max_iter=2).fit_transform(df)
    missing = df["weight"].isna()
    np.testing.assert_array_equal(done["weight"][missing], found.values["weight"])


def test_the_chain_of_a_computed_column_is_noted(run):
    df = people()
    found = run(df, method="pmm", methods=BMI, max_iter=4)
    assert found.chains["bmi"].shape == (4, 2)
    assert found.chains["bmi"][-1, 0] == pytest.approx(found.values["bmi"].mean())
    summary = summarise(df, ImputationSpec(method="pmm", methods=BMI), [found])
    (column,) = (c for c in summary.columns if c.name == "bmi")
    assert column.method == BMI["bmi"]
    assert column.convergence.rounds == 4


def test_bounds_hold_for_computed_numbers(run):
    found = run(people(), method="norm", methods=BMI, max_value={"bmi": 25.0})
    assert found.values["bmi"].max() == 25.0


def test_deterministic_chains_still_stop(run):
    found = run(people(), method="linear", methods=BMI, max_iter=100, tol=1e-4)
    assert found.n_iter < 100


def test_starts_that_give_no_number_are_no_fault(run):
    """Drawn apart, a part can exceed its whole; matched, it does not in the end."""
    rng = np.random.default_rng(0)
    whole = rng.normal(100, 30, 300).clip(20)
    df = pd.DataFrame({"whole": whole, "part": 0.9 * whole + rng.normal(0, 0.1, 300)})
    df.loc[:9, "part"] = np.nan
    df["rest"] = np.log(df["whole"] - df["part"])
    found = run(df, methods={"rest": "~ log(whole - part)"})
    assert np.isfinite(found.values["rest"]).all()


def test_what_gives_no_number_in_the_end_is_refused(run):
    df = people()
    low = round(df["weight"].min() - 0.5, 1)
    df["log"] = np.log(df["weight"] - low)
    spec = {"method": "norm", "methods": {"log": f"~ log(weight - {low})"}}
    with pytest.raises(InvalidData, match=r"no number in \d+ rows.*where weight is"):
        run(df, **spec, delta={"weight": -30.0})
    found = run(df, **spec, delta={"weight": -30.0}, min_value={"weight": low + 0.1})
    assert np.isfinite(found.values["log"]).all()


def test_units_that_do_not_agree_are_reported(run):
    df = people()
    assert "off the formula" not in messages(run(df, methods=BMI, max_iter=1))
    df["height"] *= 100
    found = run(df, methods=BMI, max_iter=1)
    assert "see whether the units agree" in messages(found)
    assert "off" not in messages(run(df.head(4), methods=BMI, max_iter=1))


def test_an_empty_column_is_computed(run):
    df = people().assign(bmi=np.nan)
    df["sum"] = df["bmi"]
    df.loc[3, "sum"] = 7.0
    found = run(df, methods=BMI | {"sum": "~ bmi + 1"}, max_iter=2)
    assert len(found.values["bmi"]) == len(df)
    kept = np.arange(len(df)) != 3
    np.testing.assert_array_equal(found.values["sum"], found.values["bmi"][kept] + 1)


def test_monotone_chains_know_what_comes_later(run):
    df = people(share=0.0)
    df.loc[150:, "weight"] = np.nan
    df.loc[120:, "age"] = np.nan
    df["bmi"] = bmi(df)
    spec = {"method": "linear", "methods": BMI, "visit_sequence": "monotone"}
    found = run(df, **spec)
    assert found.n_iter == 1
    # Weight comes first, from what is complete; bmi comes of it, and is no help.
    first = run(df[["weight", "height"]], method="linear", max_iter=1)
    np.testing.assert_allclose(found.values["weight"], first.values["weight"])
    # Age comes after both.
    given = {"age": ("weight", "height", "bmi")}
    again = run(df, **spec, predictors=given)
    np.testing.assert_allclose(found.values["age"], again.values["age"])
    two = run(df, **spec, predictors={"age": ("weight", "height")})
    assert np.abs(found.values["age"] - two.values["age"]).max() > 1e-6


def test_observed_cells_are_computed_where_asked():
    df = people()
    where = df.isna().to_numpy(copy=True)
    where[:, 3] = True
    found = drain(df, Given(where=where), methods=BMI, max_iter=2)
    assert len(found.values["bmi"]) == len(df)
    both = df["bmi"].notna().to_numpy()
    np.testing.assert_allclose(found.values["bmi"][both], df["bmi"][both])


@pytest.mark.parametrize("method", ["pmm", "linear", "mean", "knn", "em"])
def test_later_rows_hold_the_formula_too(method, tmp_path):
    imputer = jw.Imputer(method, methods=BMI, random_state=0, max_iter=2)
    imputer.fit(people())
    later = people(60, seed=9)
    done = imputer.transform(later)
    missing = later["bmi"].isna()
    np.testing.assert_array_equal(done["bmi"][missing], bmi(done)[missing])
    imputer.save(tmp_path / "imputer.zip")
    again = jw.load_imputer(tmp_path / "imputer.zip")
    pd.testing.assert_frame_equal(again.transform(later), done)


def test_the_models_of_later_rows_do_not_see_it_either():
    df, later = people(), people(60, seed=9)
    with_it = Imputer("linear", methods=BMI, predictors={"age": ["weight"]}, tol=0).fit(
        df
    )
    without = Imputer("linear", predictors={"age": ["weight"]}, tol=0).fit(
        df.iloc[:, :3]
    )
    np.testing.assert_allclose(
        with_it.transform(later)["weight"],
        without.transform(later.iloc[:, :3])["weight"],
    )


def test_a_missing_value_of_a_later_row_that_nothing_fills_stays_missing():
    df = people().dropna(subset="height")
    imputer = Imputer("pmm", methods=BMI | {"height": ""}, max_iter=2).fit(df)
    later = people(60, seed=9)
    done = imputer.transform(later)
    assert done["bmi"].isna().equals(later["height"].isna() & later["bmi"].isna())


@pytest.mark.parametrize("m", [1, 3])
def test_auto_chooses_beside_formulas(m, run, complete):
    df = people()
    found = run(df, method="auto", methods=BMI, n_imputations=m)
    done = complete(df, found)
    missing = df["bmi"].isna()
    np.testing.assert_array_equal(done["bmi"][missing], bmi(done)[missing])
    assert "auto chose" in messages(found)


def test_the_seed_decides_all(run):
    df = people()
    one, two = (run(df, k, methods=BMI).values["bmi"] for k in (0, 0))
    np.testing.assert_array_equal(one, two)
    assert (one != run(df, 1, methods=BMI).values["bmi"]).any()


def test_a_plan_takes_formulas():
    df = people()
    plan = jw.recommend(df)
    plan["bmi"] = BMI["bmi"]
    done = plan.imputer(random_state=0).fit_transform(df)
    missing = df["bmi"].isna()
    np.testing.assert_array_equal(done["bmi"][missing], bmi(done)[missing])
    with pytest.raises(jw.errors.InvalidSpec, match="it is no expression"):
        plan["bmi"] = "~ weight /"

"""Who helps whom, in which order, within which bounds, from where and until when."""

# ruff: noqa: PD011  `values` are those of an Imputation, which is no pandas object

import numpy as np
import pandas as pd
import pytest
from sklearn.impute import KNNImputer

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.strategies.impute import impute
from jupyter_wrangler.engine.strategies.transform import apply
from jupyter_wrangler.engine.types import Given
from jupyter_wrangler.errors import InvalidSpec, MethodDoesNotFit, UnknownColumn


def messages(found):
    return " ".join(event.message for event in found.events)


def drain(df, given, **spec):
    steps = impute(df, ImputationSpec(**spec), given=given)
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value


def visited(df, **spec):
    steps = impute(df, ImputationSpec(max_iter=1, **spec))
    return [step.column for step in steps if step.round]


@pytest.mark.parametrize(
    "method", ["linear", "pmm", "norm", "cart", "midastouch", "huber"]
)
def test_columns_that_are_no_predictors_do_not_matter(method, correlated, run):
    df = correlated(60, 3, 0.0)
    df.loc[:9, "x0"] = np.nan
    spec = {"method": method, "predictors": {"x0": ("x1",)}}
    one = run(df, **spec).values["x0"]
    other = run(df.assign(x2=-(df["x2"] ** 2)), **spec).values["x0"]
    np.testing.assert_allclose(one, other)
    alone = run(df.drop(columns="x2"), method=method).values["x0"]
    np.testing.assert_allclose(one, alone)


@pytest.mark.parametrize("method", ["linear", "knn"])
def test_a_column_without_predictors_gets_its_mean(method, correlated, run):
    df = correlated(60, 3, 0.2)
    found = run(df, method=method, predictors={"x0": ()})
    np.testing.assert_allclose(found.values["x0"], df["x0"].mean())


def test_neighbours_are_near_in_the_predictors(correlated, run):
    df = correlated(80, 4, 0.2)
    predictors = {"x0": ("x1", "x2"), "x3": ("x2", "x1"), "x2": ("x1", "x2")}
    found = run(df, method="knn", predictors=predictors)
    whole = run(df, method="knn")
    np.testing.assert_array_equal(found.values["x1"], whole.values["x1"])
    for name, helpers in predictors.items():
        part = df[sorted({name, *helpers})]
        peer = KNNImputer().fit_transform(part)
        got = peer[df[name].isna(), list(part).index(name)]
        np.testing.assert_allclose(found.values[name], got)
    assert len(found.donors["x0"]) == len(found.values["x0"])
    later = df.tail(20)
    fitted = Imputer("knn", predictors=predictors).fit(df)
    done = fitted.transform(later)
    assert not done.isna().any(axis=None)
    moved = fitted.transform(later.assign(x3=later["x3"] * 100.0))
    pd.testing.assert_series_equal(moved["x0"], done["x0"])
    steps = list(impute(df, ImputationSpec(method="knn", predictors=predictors)))
    assert [s.done for s in steps] == sorted(s.done for s in steps)


@pytest.mark.parametrize("method", ["em", "softimpute", "copula"])
def test_joint_methods_say_that_all_columns_help(method, correlated, run):
    df = correlated(60, 3, 0.2)
    found = run(df, method=method, predictors={"x0": ("x1",)})
    assert "predictors of column 'x0' were named, but" in messages(found)
    assert "were named" not in messages(run(df, method=method))


def test_VISITSEQUENCE_orders():
    df = pd.DataFrame(
        np.random.default_rng(0).normal(size=(30, 3)), columns=list("abc")
    )
    df.loc[:2, "a"] = np.nan
    df.loc[3:4, "b"] = np.nan
    df.loc[5:9, "c"] = np.nan
    assert visited(df) == ["b", "a", "c"]
    assert visited(df, visit_sequence="descending") == ["c", "a", "b"]
    assert visited(df, visit_sequence="roman") == ["a", "b", "c"]
    assert visited(df, visit_sequence="arabic") == ["c", "b", "a"]
    given = ("c", "b", "c", "a")
    assert visited(df, visit_sequence=given) == list(given)
    assert visited(df, visit_sequence=("c",)) == ["c", "b", "a"]
    with pytest.raises(UnknownColumn):
        visited(df, visit_sequence=("d",))


@pytest.mark.parametrize("method", ["pmm", "linear"])
def test_a_column_may_be_visited_twice_in_a_round(method, correlated):
    df = correlated(60, 3, 0.2)
    spec = {"method": method, "visit_sequence": ("x2", "x0", "x2", "x1"), "max_iter": 4}
    steps = list(impute(df, ImputationSpec(**spec)))
    done = [step.done for step in steps]
    assert done == sorted(done)
    assert done[-2] <= done[-1] == steps[-1].total
    given = Imputer(**spec | {"visit_sequence": list(spec["visit_sequence"])})
    m = 5 if method == "pmm" else 1
    made = given.impute(df, m)
    rounds = made.imputations[0].n_iter
    assert made.chain_mean.shape == (m * rounds, 3)
    assert (made.diagnostics["rounds"] == rounds).all()
    for name in df:
        last = made.chain_mean.loc[(0, rounds), name]
        assert last == pytest.approx(made.draws(name)[0].mean())


@pytest.mark.parametrize("method", ["linear", "pmm"])
def test_later_rows_are_visited_as_often_as_those_of_the_fit(method, correlated):
    df = correlated(60, 4, 0.2)
    order = ["x2", "x0", "x2", "x3", "x1", "x0"]
    spec = {"visit_sequence": order, "max_iter": 2, "tol": 0.0, "random_state": 0}
    fitted = Imputer(method, **spec)
    done = fitted.fit_transform(df)
    again = fitted.transform(df)
    steps = apply(fitted._run, df, np.random.default_rng(0))
    assert [step.column for step in steps if step.round] == order * 2
    assert not again.isna().any(axis=None)
    if method == "linear":
        # Its regressions are replayed one by one, so that the same rows get the same.
        pd.testing.assert_frame_equal(again, done)
        once = Imputer(method, **spec | {"visit_sequence": ["x2", "x0", "x3", "x1"]})
        assert not once.fit_transform(df).equals(done)


def test_monotone_missing_values_need_one_iteration(run):
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(80, 3)), columns=list("abc"))
    df["b"] += df["a"]
    df["c"] += df["b"]
    df.loc[60:, "b"] = np.nan
    df.loc[50:, "c"] = np.nan
    found = run(df, method="norm", visit_sequence="monotone")
    assert found.n_iter == 1
    assert "Stopped after round 1, because the missing values are monotone" in messages(
        found
    )
    alone = run(df[["a", "b"]], method="norm", max_iter=1).values["b"]
    assert len(alone) == len(found.values["b"])
    df.loc[0, "b"] = np.nan
    found = run(df, method="norm", visit_sequence="monotone")
    assert found.n_iter == 10
    assert "not monotone" in messages(found)


@pytest.mark.parametrize(
    "method", ["mean", "knn", "linear", "norm", "pmm", "rf", "sample"]
)
def test_bounds_hold(method, correlated, run):
    df = correlated(80, 3, 0.3)
    found = run(df, method=method, max_iter=2, min_value=-0.2, max_value={"x0": 0.1})
    for values in found.values.values():
        assert (values >= -0.2).all()
    assert (found.values["x0"] <= 0.1).all()
    assert (found.values["x1"] > 0.1).any() or method == "mean"


def test_bounds_that_make_no_sense_are_refused(mixed, run):
    df = mixed()
    with pytest.raises(InvalidSpec, match="above max_value"):
        run(df, min_value=2.0, max_value={"float": 1.0})
    with pytest.raises(InvalidSpec, match="'str' is nominal"):
        run(df, delta={"str": 1.0})
    run(df, max_iter=1, min_value=0.0)


@pytest.mark.parametrize("method", ["mean", "knn", "linear", "norm", "em"])
@pytest.mark.parametrize("dtype", ["Int64", "object"])
def test_whole_numbers_stay_within_bounds_that_are_none(method, dtype, run):
    rng = np.random.default_rng(0)
    y = pd.Series(rng.integers(0, 9, 60)).astype(dtype)
    df = pd.DataFrame({"n": y.mask(rng.random(60) < 0.4), "x": rng.normal(size=60)})
    found = run(df, method=method, min_value=3.6, max_value={"n": 5.4})
    assert set(found.values["n"]) <= {4, 5}
    low = run(df, method=method, min_value=4.6, max_value={"n": 5.4})
    assert set(low.values["n"]) == {5}
    with pytest.raises(InvalidSpec, match="No whole number lies between"):
        run(df, method=method, min_value=4.6, max_value=4.8)
    whole = df.assign(n=3, x=df["x"].mask(df["n"].isna()))
    run(whole, method=method, min_value=4.6, max_value=4.8)


@pytest.mark.parametrize("method", ["mean", "knn", "linear", "ffill"])
def test_delta_and_factor_shift_imputed_values_only(method, correlated, run):
    df = correlated(80, 3, 0.0)
    df.loc[:19, "x0"] = np.nan
    plain = run(df, method=method).values["x0"]
    shifted = run(df, method=method, delta={"x0": 3.0}, factor={"x0": 2.0})
    np.testing.assert_allclose(shifted.values["x0"], 2 * plain + 3)


def test_other_columns_are_imputed_from_shifted_values(run):
    rng = np.random.default_rng(0)
    x = rng.normal(size=100)
    df = pd.DataFrame({"x": x, "y": x + 0.01 * rng.normal(size=100)})
    df.loc[:4, ["x", "y"]] = np.nan
    near, far = (
        run(df, method="linear", delta={"x": d}, max_iter=1).values["y"].mean()
        for d in (0.0, 1.0)
    )
    assert far > near + 0.3


def test_post_changes_imputed_numbers(correlated):
    df = correlated(60, 3, 0.2)
    found = drain(df, Given(post={"x0": np.round}), method="norm")
    np.testing.assert_array_equal(found.values["x0"], np.rint(found.values["x0"]))
    for post, words in (
        (lambda y: y[:1], "gave back an array of shape"),
        (lambda y: y * np.nan, "values that are missing or infinite"),
        (lambda _: ["a"], "numbers is wanted"),
    ):
        with pytest.raises(InvalidSpec, match=words):
            drain(df, Given(post={"x0": post}))
    with pytest.raises(UnknownColumn):
        drain(df, Given(post={"x9": np.round}))


@pytest.mark.parametrize("method", ["median", "ffill", "knn", "pmm", "norm", "em"])
@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_post_changes_imputed_moments(method, zone):
    days = pd.Series(pd.date_range("2020-01-01", periods=40, tz=zone))
    df = pd.DataFrame({"day": days.mask(days.index % 4 == 0), "x": np.arange(40.0)})
    limit = days[10]
    post = {"day": lambda day: np.where(day < limit, day, limit)}
    done = Imputer(method, post=post, donors=1, random_state=0).fit_transform(df)
    assert done["day"].dtype == days.dtype
    assert done["day"][df["day"].isna()].max() == limit
    later = Imputer(method, post=post, donors=1).fit(df).transform(df.tail(9))
    assert later["day"][df["day"].isna()].max() == limit
    with pytest.raises(InvalidSpec, match="values of datetime64"):
        Imputer(method, post={"day": lambda _: ["soon"]}).fit(df)


def test_post_is_refused_for_classes(mixed):
    df = mixed()
    for name in ("str", "boolean", "ordered", "nominal"):
        with pytest.raises(InvalidSpec, match=f"post is for .* column '{name}' is"):
            drain(df, Given(post={name: lambda y: y}), method="mean")


def test_the_chain_starts_at_the_given_values(correlated):
    df = correlated(60, 3, 0.3)
    spec = {"method": "linear", "max_iter": 1}
    far = drain(df, Given(start=df.fillna(50.0)), **spec).values["x0"]
    none = drain(df, Given(start=df), **spec).values["x0"]
    plain = drain(df, Given(), **spec).values["x0"]
    np.testing.assert_array_equal(none, plain)
    assert (np.abs(far - plain) > 1e-3).any()
    with pytest.raises(InvalidSpec, match="start has 5 rows"):
        drain(df, Given(start=df.head()))


def test_MICE_where_imputes_some_missing_values_and_observed_cells_too(correlated):
    df = correlated(60, 3, 0.2)
    where = df.isna().to_numpy(copy=True)
    where[:, 1] = False
    where[:5, 0] = True
    for method in ("pmm", "linear", "mean", "sample"):
        found = drain(df, Given(where=where), method=method)
        assert set(found.rows) == {"x0", "x2"}
        np.testing.assert_array_equal(found.rows["x0"], np.flatnonzero(where[:, 0]))
        assert len(found.values["x0"]) == where[:, 0].sum()
        whole = drain(df, Given(), method=method)
        missing = np.isin(found.rows["x0"], whole.rows["x0"])
        if method != "sample":
            np.testing.assert_array_equal(
                found.values["x0"][missing], whole.values["x0"]
            )
    done = Imputer("pmm", where=where, random_state=0).fit_transform(df)
    assert done["x1"].isna().sum() == df["x1"].isna().sum()
    assert not done["x0"].isna().any()
    with pytest.raises(InvalidSpec, match="shape"):
        drain(df, Given(where=where[:3]))


def test_stops_are_reported(correlated, run):
    df = correlated(100, 3, 0.1)
    found = run(df, method="linear", max_iter=50)
    assert f"Stopped after round {found.n_iter} of 50, because no value" in messages(
        found
    )
    assert "Stopped" not in messages(run(df, method="pmm", max_iter=2))


def test_a_budget_that_is_used_up_is_reported(correlated, run):
    df = correlated(100, 3, 0.3)
    spec = {"method": "linear", "tol": 1e-9}
    reported = messages(run(df, max_iter=3, **spec))
    assert "Ran its budget of 3 rounds; in the last one column 'x" in reported
    assert "Stopped" not in reported
    assert "as tol=0 asks for" in messages(run(df, method="linear", tol=0.0))
    assert "budget" not in messages(run(df, method="linear", max_iter=100))
    # a chain that draws is never done: its rounds are what was asked for
    assert "budget" not in messages(run(df, method="pmm", max_iter=2))
    assert "budget" not in messages(run(df, method="mean"))


@pytest.mark.parametrize("method", ["pmm", "knn", "em", "softimpute", "copula"])
def test_collinear_columns_are_reported(method, correlated, run):
    df = correlated(60, 3, 0.1)
    df["twice"] = 2 * df["x0"]
    spec = {"method": method, "max_iter": 1}
    assert "Columns 'x0' and 'twice' are collinear" in messages(run(df, **spec))
    assert "collinear" not in messages(run(df.drop(columns="twice"), **spec))


@pytest.mark.parametrize("method", ["pmm", "knn", "em", "softimpute", "copula"])
def test_constant_columns_are_reported(method, correlated, run):
    df = correlated(60, 3, 0.1).assign(same=1.0)
    reported = messages(run(df, method=method, max_iter=1))
    assert reported.count("All observed values of column 'same' are equal") == 1


@pytest.mark.parametrize("method", [n for n, m in METHODS.items() if m.predicts])
def test_predictions_are_the_same_in_all_imputations(method, mixed, run, complete):
    df = mixed()[["float", "boolean", "nominal", "ordered", "complete"]]
    df["nominal"] = df["nominal"].mask(df["nominal"] == "mid")
    levels = ["continuous", "boolean", "nominal", "ordered"]
    fits = METHODS[method].levels
    methods = {
        name: method for name, level in zip(df, levels, strict=False) if level in fits
    }
    spec = {"method": "", "methods": methods, "sample_posterior": False, "max_iter": 2}
    one, two = (complete(df, run(df, k, **spec)) for k in range(2))
    pd.testing.assert_frame_equal(one, two)


def test_logreg_is_for_two_classes(run):
    df = pd.DataFrame({"c": ["a", "b", "c", None] * 9, "x": np.arange(36.0)})
    with pytest.raises(MethodDoesNotFit, match="more than two classes"):
        run(df, methods={"c": "logreg"})
    found = run(df, method="logreg", max_iter=2)
    assert "'polyreg' stands in for 'logreg'" in messages(found)
    df["c"] = df["c"].replace("c", "b")
    assert "stands in" not in messages(run(df, methods={"c": "logreg"}, max_iter=2))

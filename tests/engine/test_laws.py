"""Laws that hold for every method, on every kind of frame."""

# ruff: noqa: PD011  `values` are those of an Imputation, which is no pandas object

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.strategies.impute import impute

DATA = Path(__file__).parent.parent.parent / "notebooks" / "data"
FITTING = [name for name in METHODS if name != "constant"]
DONORS = [name for name, method in METHODS.items() if method.donates]
#: Rounds are fewer where they take long: trees, and weights found step by step.
SLOW = {
    "auto",
    "boosting",
    "extratrees",
    "rf",
    "cart",
    "polyreg",
    "polr",
    "logreg",
    "norm",
    "midastouch",
    "huber",
}
MODELS = [name for name, method in METHODS.items() if method.kind != "simple"]


def spec_of(method, df):
    """A spec of this method that fits every column."""
    if method in SLOW:
        return {"method": method, "max_iter": 2}
    if method != "constant":
        return {"method": method}
    fill = {}
    for name in df.columns:
        kind = df[name].dtype.kind
        observed = df[name].dropna()
        if len(observed):
            fill[name] = getattr(
                observed.iloc[0], "item", lambda v=observed.iloc[0]: v
            )()
        else:
            fill[name] = 0.5 if kind == "f" else "x"
    return {"method": method, "fill_value": fill}


@pytest.fixture(scope="module")
def imputed(mixed, run):
    """The mixed frame that was given to a method, and what it found: run once each."""

    @cache
    def by(method):
        df = mixed()
        return df, run(df, **spec_of(method, df))

    return by


@pytest.mark.parametrize("method", METHODS)
class TestMixedFrame:
    def test_observed_cells_are_untouched(self, method, imputed, mixed, complete):
        df, found = imputed(method)
        pd.testing.assert_frame_equal(df, mixed())
        done = complete(df, found)
        for name in df.columns:
            kept = df[name].notna().to_numpy()
            pd.testing.assert_series_equal(done[name][kept], df[name][kept])

    def test_every_missing_value_is_filled_once(self, method, imputed):
        df, found = imputed(method)
        missing = {n: np.flatnonzero(df[n].isna()) for n in df.columns if df[n].hasnans}
        assert set(found.rows) == set(found.values) == set(missing)
        for name, rows in missing.items():
            np.testing.assert_array_equal(found.rows[name], rows)
            assert len(found.values[name]) == len(rows)
            assert not pd.isna(pd.Series(found.values[name])).any()

    def test_dtypes_index_and_categories_stay(self, method, imputed, complete):
        df, found = imputed(method)
        for name, values in found.values.items():
            assert values.dtype == df[name].dtype, name
        done = complete(df, found)
        pd.testing.assert_series_equal(done.dtypes, df.dtypes)
        pd.testing.assert_index_equal(done.index, df.index)

    def test_same_seed_same_imputation(self, method, mixed, run, complete):
        df = mixed()
        spec = spec_of(method, df)
        one, two = (complete(df, run(df, 3, random_state=7, **spec)) for _ in range(2))
        pd.testing.assert_frame_equal(one, two)

    def test_columns_asked_for_are_the_only_ones_returned(self, method, imputed, run):
        df, everything = imputed(method)
        some = run(df, columns=("str", "whole"), **spec_of(method, df))
        assert set(some.values) == {"str", "whole"}
        for name in some.values:
            assert list(some.values[name]) == list(everything.values[name])

    def test_progress_rises_to_its_total(self, method, mixed):
        df = mixed()
        steps = list(impute(df, ImputationSpec(**spec_of(method, df))))
        done = [step.done for step in steps]
        assert done == sorted(done)
        assert done[0] == 0.0
        assert done[-1] == steps[-1].total > 0
        assert len({step.total for step in steps}) == 1

    def test_stopping_to_pull_stops_the_work(self, method, mixed):
        df = mixed()
        steps = impute(df, ImputationSpec(**spec_of(method, df)))
        next(steps)
        steps.close()
        with pytest.raises(StopIteration):
            next(steps)


@pytest.mark.parametrize("method", DONORS)
def test_donated_values_were_observed(method, imputed):
    df, found = imputed(method)
    for name, values in found.values.items():
        assert set(values) <= set(df[name].dropna()), name


@pytest.mark.parametrize("method", FITTING)
def test_integers_are_whole(method, imputed):
    _, found = imputed(method)
    for name in ("Int64", "Int8", "arrow_int"):
        values = np.asarray(found.values[name], dtype=float)
        np.testing.assert_array_equal(values, np.rint(values))


@pytest.mark.parametrize("method", DONORS)
def test_whole_floats_stay_whole_with_donors(method, imputed):
    _, found = imputed(method)
    values = found.values["whole"]
    np.testing.assert_array_equal(values, np.rint(values))


@pytest.mark.parametrize("method", METHODS)
def test_imputations_differ_only_where_a_method_draws(method, imputed, run, complete):
    df, first = imputed(method)
    second = run(df, 1, **spec_of(method, df))
    one, two = complete(df, first), complete(df, second)
    assert one.equals(two) != METHODS[method].draws


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "shape",
    [
        pd.DataFrame({"x": [1.0]}),
        pd.DataFrame({"x": [1.0, np.nan, 3.0, 2.0, 5.0, 4.0]}),
        pd.DataFrame({"x": [1.0, 2.0], "y": [3.0, np.nan]}),
        pd.DataFrame({"x": [1.0, np.nan, 2.0] * 4, "c": 7.0}),
        pd.DataFrame({"x": [1.0, np.nan, 2.0, 4.0] * 4, "y": [3, 5, 7, 11] * 4}),
        pd.DataFrame({"x": [2.0, np.nan] * 6, "z": [np.nan, 2.0] * 6}),
        pd.DataFrame({"x": ["a", None, "a", "a"], "y": [1.0, 2.0, None, 4.0]}),
        pd.DataFrame(np.eye(4, 9)).mask(np.eye(4, 9, k=2) > 0),
        pd.DataFrame({"x": [1e-8, np.nan, 3e-8], "y": [1e8, 2e8, np.nan]}),
    ],
    ids=[
        "one cell",
        "one column",
        "two rows",
        "constant",
        "few values",
        "never together",
        "one class",
        "p > n",
        "far scales",
    ],
)
@pytest.mark.filterwarnings("error")
def test_odd_shapes_are_filled(method, shape, run, complete):
    df = shape
    df.columns = df.columns.map(str)
    done = complete(df, run(df, donors=1, **spec_of(method, df)))
    assert not done.isna().any(axis=None)
    assert all(np.isfinite(done[n]).all() for n in done if done[n].dtype.kind == "f")


@pytest.mark.parametrize("method", FITTING)
def test_collinear_columns_are_no_obstacle(method, correlated, run, complete):
    df = correlated(60, 4, 0.2)
    df["twice"] = 2 * df["x0"]
    done = complete(df, run(df, **spec_of(method, df)))
    assert np.isfinite(done.to_numpy()).all()


@pytest.mark.parametrize("method", FITTING)
def test_a_column_with_nothing_observed_is_kept_and_reported(method, imputed, run):
    df, without = imputed(method)
    df = df.assign(nothing=np.nan)
    found = run(df, **spec_of(method, df))
    assert "nothing" not in found.values
    assert any(event.column == "nothing" for event in found.events)
    assert list(found.values["float"]) == list(without.values["float"])


def test_a_frame_without_missing_values_gives_no_cells(run):
    found = run(pd.DataFrame({"x": [1.0, 2.0], "y": ["a", "b"]}))
    assert found.values == {}
    assert found.rows == {}


@st.composite
def frames(draw):
    """Frames of every kind of column, of any size, with any missing values."""
    n = draw(st.integers(1, 25))
    number = st.floats(-1e6, 1e6, allow_subnormal=False)
    kinds = {
        "float64": number,
        "Int64": st.integers(-(10**6), 10**6),
        "boolean": st.booleans(),
        "str": st.sampled_from("abc"),
        "category": st.sampled_from("xyz"),
    }
    columns = draw(st.lists(st.sampled_from(sorted(kinds)), min_size=1, max_size=5))
    data = {}
    for k, dtype in enumerate(columns):
        values = draw(
            st.lists(st.none() | kinds[dtype], min_size=n, max_size=n), label=dtype
        )
        data[f"{dtype}{k}"] = pd.Series(values, dtype=dtype)
    return pd.DataFrame(data)


@pytest.mark.parametrize("method", [m for m in FITTING if m != "boosting"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(df=frames())
def test_any_frame(method, run, complete, df):
    any_frame(method, run, complete, df)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(df=frames())
def test_any_frame_is_boosted(run, complete, df):
    any_frame("boosting", run, complete, df)


def any_frame(method, run, complete, df):
    found = run(df, method=method, max_iter=2)
    done = complete(df, found)
    pd.testing.assert_series_equal(done.dtypes, df.dtypes)
    alone = {event.column for event in found.events if event.method is None}
    for name in df.columns:
        kept = df[name].notna()
        pd.testing.assert_series_equal(done[name][kept], df[name][kept])
        if done[name].hasnans:
            assert name in alone
        elif name in found.values and METHODS[method].donates:
            assert set(found.values[name]) <= set(df[name].dropna())


@pytest.mark.parametrize("name", ["penguins", "airquality"])
@pytest.mark.parametrize("method", FITTING)
def test_the_estimator_and_a_job_give_the_same_numbers(method, name, run, complete):
    df = pd.read_csv(DATA / f"{name}.csv")
    spec = spec_of(method, df)
    here = Imputer(**spec, random_state=3).fit_transform(df)
    done = complete(df, run(df, **spec, random_state=3))
    pd.testing.assert_frame_equal(here, done)


def unequal(df):
    """Make each column miss another number of values, so that no two visits tie."""
    rng = np.random.default_rng(1)
    incomplete = df.copy()
    for k, name in enumerate(incomplete):
        at = rng.choice(len(incomplete), 4 + 2 * k, replace=False)
        incomplete.loc[incomplete.index[at], name] = np.nan
    return incomplete


@pytest.mark.parametrize("method", METHODS)
def test_index_labels_never_matter(method, correlated, run):
    df = correlated(50, 3, 0.2)
    spec = spec_of(method, df)
    other = df.set_axis(pd.Index([f"row {k % 7}" for k in range(50)]), axis=0)
    if method == "time":
        spec["time"] = "x3"
        df, other = (one.assign(x3=np.arange(50.0)) for one in (df, other))
    one, two = run(df, **spec), run(other, **spec)
    for name, values in one.values.items():
        np.testing.assert_array_equal(two.values[name], values)


@pytest.mark.parametrize(
    "method",
    [
        "mean",
        "median",
        "most_frequent",
        "ffill",
        "bfill",
        "interpolate",
        "knn",
        "linear",
    ],
)
def test_column_order_does_not_matter_beyond_rounding(method, correlated, run):
    df = unequal(correlated(50, 4, 0.0))
    spec = spec_of(method, df)
    one, two = run(df, **spec), run(df[df.columns[::-1]], **spec)
    for name, values in one.values.items():
        np.testing.assert_allclose(two.values[name], values, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("method", ["mean", "median", "most_frequent", "knn", "linear"])
def test_row_order_does_not_matter_without_draws(method, correlated, run, complete):
    df = unequal(correlated(50, 4, 0.0))
    order = np.random.default_rng(0).permutation(50)
    one = complete(df, run(df, **spec_of(method, df)))
    two = complete(df.iloc[order], run(df.iloc[order], **spec_of(method, df)))
    pd.testing.assert_frame_equal(two.sort_index(), one, rtol=1e-5)


@pytest.mark.parametrize("method", [n for n, m in METHODS.items() if m.draws])
def test_one_chain_of_m_is_the_chain_alone(method, correlated, run):
    df = correlated(50, 3, 0.2)
    spec = spec_of(method, df)
    alone = run(df, 2, **spec)
    beside = run(df, 2, n_imputations=5, **spec)
    for name, values in alone.values.items():
        np.testing.assert_array_equal(beside.values[name], values)


# ── units ──


#: The others measure in the units that they are given, as scikit-learn's do: distances
#: of `knn`, and the one prior that `linear` has for all weights.
WITHOUT_UNITS = [*(m for m in MODELS if m not in {"knn", "linear"}), "auto"]


@pytest.fixture(scope="module")
def related():
    """An incomplete target, what it follows, and something large that it does not."""
    rng = np.random.default_rng(0)
    cause = rng.normal(size=300)
    target = cause + 0.1 * rng.normal(size=300)
    gap = rng.random(300) < 0.3
    other = rng.lognormal(size=300)
    df = pd.DataFrame({"other": other, "cause": cause, "target": target})
    return df, gap


@pytest.fixture(scope="module")
def usual(related):
    """The target as a method imputes it in the units that are usual: run once each."""
    df, gap = related
    df = df.assign(target=df["target"].mask(gap))

    @cache
    def by(method):
        imputer = Imputer(method, max_iter=2, random_state=0)
        return imputer.fit_transform(df)["target"][gap]

    return by


@pytest.mark.parametrize(
    "unit",
    [
        {"other": 1e12},
        {"cause": 1e-9},
        {"target": 1e-9},
        {"cause": 1e-12, "target": 1e9},
    ],
    ids=str,
)
@pytest.mark.parametrize("method", WITHOUT_UNITS)
def test_no_unit_decides_what_counts(method, unit, related, usual):
    df, gap = related
    df = df.assign(target=df["target"].mask(gap))
    scaled = df * pd.Series(1.0, df.columns)
    for name, factor in unit.items():
        scaled[name] *= factor
    imputer = Imputer(method, max_iter=2, random_state=0)
    for fill in (imputer.fit_transform, imputer.transform):
        found = fill(scaled)["target"][gap] / unit.get("target", 1.0)
        assert np.corrcoef(found, related[0]["target"][gap])[0, 1] > 0.7
        assert np.corrcoef(found, usual(method))[0, 1] > 0.7


@pytest.mark.parametrize("value", [1e-6, 3.0, 1e9])
@pytest.mark.parametrize("method", FITTING)
def test_a_constant_column_stays_constant(method, value):
    df = pd.DataFrame({"x": np.arange(60.0) % 7, "same": value})
    df.loc[::7, "same"] = np.nan
    imputer = Imputer(method, max_iter=2, random_state=0)
    for done in (imputer.fit_transform(df), imputer.transform(df)):
        np.testing.assert_allclose(done["same"], value, rtol=1e-12)

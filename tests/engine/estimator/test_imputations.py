"""Several imputations: complete, compare, pool."""

# ruff: noqa: PD011  `values` are those of an Imputation, which is no pandas object

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.estimator.chains import chains_of
from jupyter_wrangler.engine.estimator.imputations import Imputations, impute_m
from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.engine.pooling.convergence import autocorrelation, rhat
from jupyter_wrangler.engine.pooling.pool import pool
from jupyter_wrangler.errors import (
    ColumnLeftAlone,
    InvalidSpec,
    TooFewImputations,
    UnknownColumn,
)


@pytest.fixture(scope="module")
def found(mixed):
    return impute_m(mixed(), ImputationSpec(n_imputations=4, random_state=3))


def test_each_imputation_is_that_of_a_job(found, mixed, run, complete):
    for k in range(4):
        alone = complete(mixed(), run(mixed(), k, random_state=3))
        pd.testing.assert_frame_equal(found.complete(k), alone)
    assert found.m == len(found) == 4


def test_the_data_stay_as_they_are(found, mixed):
    for done in found:
        assert not done.isna().any(axis=None)
        pd.testing.assert_series_equal(done.dtypes, found.data.dtypes)
    pd.testing.assert_frame_equal(found.data, mixed())


def test_long_and_stacked(found):
    every = found.complete("all")
    long = found.complete("long")
    assert long.index.names == ["imputation", "patient"]
    for k, done in enumerate(every):
        pd.testing.assert_frame_equal(long.loc[k], done)
    stacked = found.complete("stacked")
    pd.testing.assert_index_equal(stacked.index, long.index.droplevel(0))
    np.testing.assert_array_equal(stacked["float"], long["float"])


@pytest.mark.parametrize("k", [4, -1, "wide"])
def test_data_sets_that_are_not_there_are_refused(found, k):
    with pytest.raises(InvalidSpec, match="0 to 3, 'all', 'long' and 'stacked'"):
        found.complete(k)


def test_no_imputation_is_refused(mixed):
    with pytest.raises(InvalidSpec, match="at least one"):
        Imputations(mixed(), [])


def test_labels_of_any_kind(correlated):
    df = correlated(30, 3, 0.2)
    df.columns = pd.Index([7, ("a", 1), "x"], tupleize_cols=False)
    made = impute_m(df, ImputationSpec(n_imputations=2))
    assert list(made.complete(1).columns) == [7, ("a", 1), "x"]
    assert made.chain_mean.columns.tolist() == [7, ("a", 1), "x"]
    assert made.diagnostics.index.tolist() == [7, ("a", 1), "x"]
    assert made.draws(7).shape == (df[7].isna().sum(), 2)


# ── chains ──


def test_chains_end_at_the_imputed_cells(found):
    mean, var = found.chain_mean, found.chain_var
    assert mean.index.names == ["imputation", "round"]
    assert mean.shape == var.shape == (4 * 10, 17)
    for k, one in enumerate(found.imputations):
        assert one.n_iter == 10
        for name in ("float", "Float64", "whole"):
            values = np.asarray(one.values[name], dtype=float)
            assert mean.loc[(k, 10), name] == pytest.approx(values.mean())
            assert var.loc[(k, 10), name] == pytest.approx(values.var(ddof=1))
        codes = pd.Categorical(one.values["str"], ["low", "mid", "top"]).codes
        assert mean.loc[(k, 10), "str"] == pytest.approx(codes.mean())


def test_diagnostics_are_those_of_the_chains(found):
    table = found.diagnostics
    chains = chains_of(found.imputations)["float"]
    row = table.loc["float"]
    assert row["rounds"] == 10
    assert row["rhat_mean"] == rhat(chains[:, :, 0])
    assert row["rhat_var"] == rhat(chains[:, :, 1])
    assert row["autocorrelation_mean"] == autocorrelation(chains[:, :, 0])
    assert row["autocorrelation_var"] == autocorrelation(chains[:, :, 1])


def test_well_behaved_chains_mix(correlated):
    df = correlated(300, 4, 0.1)
    made = Imputer("pmm", max_iter=20, random_state=0).impute(df, 5)
    assert (made.diagnostics["rhat_mean"] < 1.3).all()


def test_methods_without_rounds_have_no_chains(correlated):
    made = Imputer("mean").impute(correlated(30, 3, 0.2), 1)
    assert made.chain_mean.empty
    assert made.diagnostics.empty
    assert made.diagnostics.columns[0] == "rounds"


def test_a_single_cell_has_no_variance(correlated):
    df = correlated(30, 3, 0.0)
    df.loc[3, "x1"] = np.nan
    made = Imputer("pmm", random_state=0).impute(df, 2)
    assert made.chain_var["x1"].isna().all()
    assert math.isnan(made.diagnostics.loc["x1", "rhat_var"])


def test_chains_of_nothing():
    assert chains_of([]) == {}


# ── pooling ──


def test_a_function_is_fitted_to_each_data_set_and_pooled(correlated):
    made = Imputer("pmm", random_state=0).impute(correlated(80, 3, 0.2), 5)

    def fit(done):
        return smf.ols("x0 ~ x1 + x2", done).fit()

    pooled = made.pool(fit)
    by_hand = pool([fit(done) for done in made.complete("all")])
    pd.testing.assert_frame_equal(pooled.to_frame(), by_hand.to_frame())
    assert pooled.dfcom == 77
    assert made.pool(fit, dfcom=20).dfcom == 20
    assert (pooled.to_frame()["fmi"] > 0).all()


def test_one_imputation_cannot_be_pooled(correlated):
    made = Imputer("pmm", random_state=0).impute(correlated(30, 3, 0.2), 1)
    with pytest.raises(TooFewImputations):
        made.pool(lambda done: (done.x0.mean(), 1.0))


# ── cells ──


@pytest.mark.parametrize("name", ["float", "Int64", "str", "nominal", "boolean"])
def test_draws_are_the_imputed_cells(found, name):
    draws = found.draws(name)
    missing = found.data[name].isna()
    pd.testing.assert_index_equal(draws.index, found.data.index[missing])
    assert draws.columns.name == "imputation"
    for k in range(4):
        expected = found.complete(k)[name][missing]
        pd.testing.assert_series_equal(draws[k], expected, check_names=False)


def test_intervals_of_numbers_are_predictions_from_few_draws(found):
    table, draws = found.intervals("float"), found.draws("float")
    mean, sd = draws.mean(axis=1), draws.std(axis=1)
    # t quantile of .975 on 3 degrees of freedom
    reach = 3.182446305 * sd * np.sqrt(1 + 1 / 4)
    np.testing.assert_allclose(table["estimate"], mean)
    np.testing.assert_allclose(table["low"], mean - reach)
    np.testing.assert_allclose(table["high"], mean + reach)
    narrow = found.intervals("float", level=0.5)
    assert (narrow["high"] <= table["high"]).all()


def test_intervals_from_many_draws_are_quantiles(correlated):
    made = Imputer("pmm", random_state=0).impute(correlated(40, 3, 0.1), 80)
    table, draws = made.intervals("x0"), made.draws("x0")
    np.testing.assert_allclose(table["low"], draws.quantile(0.025, axis=1))
    np.testing.assert_allclose(table["high"], draws.quantile(0.975, axis=1))


def test_one_draw_has_no_interval(correlated):
    made = Imputer("pmm", random_state=0).impute(correlated(40, 3, 0.1), 1)
    assert made.intervals("x0")[["low", "high"]].isna().all(axis=None)


@pytest.mark.parametrize("name", ["str", "nominal", "ordered", "boolean"])
def test_classes_are_voted_on(found, name):
    table, draws = found.intervals(name), found.draws(name)
    assert table["estimate"].dtype == found.data[name].dtype
    for label, row in draws.astype(object).iterrows():
        counts = row.value_counts()
        assert table.loc[label, "share"] == counts.max() / 4
        assert counts[table.loc[label, "estimate"]] == counts.max()


def test_donors_of_pmm_gave_their_values(found):
    for name in ("float", "str"):
        for k in range(4):
            donors = found.donors(name, k)
            given = found.data[name].iloc[donors[0].to_numpy(int)]
            np.testing.assert_array_equal(given, found.draws(name)[k])


def test_donors_of_knn_average_to_their_cell(correlated):
    df = correlated(40, 3, 0.2)
    made = Imputer("knn", n_neighbors=3).impute(df, 1)
    for name in df:
        donors = made.donors(name)
        assert donors.shape == (df[name].isna().sum(), 3)
        given = df[name].to_numpy()[donors.to_numpy(int)]
        np.testing.assert_allclose(given.mean(axis=1), made.draws(name)[0])


def test_fewer_donors_than_asked_are_missing():
    df = pd.DataFrame({"x": [1.0, 2.0, np.nan], "y": [1.0, 2.0, 3.0]})
    donors = Imputer("knn", n_neighbors=3).impute(df, 1).donors("x")
    assert donors.iloc[0].tolist()[:2] == [1, 0]
    assert pd.isna(donors.iloc[0, 2])


@pytest.mark.parametrize("method", ["pmm", "cart", "sample", "midastouch"])
@pytest.mark.parametrize("dtype", ["float64", "Int64", "int64[pyarrow]", object])
def test_a_bound_that_changes_nothing_leaves_the_donors(method, dtype, correlated):
    df = (10 * correlated(60, 3, 0.2)).round()
    whole = [None if pd.isna(v) else int(v) for v in df["x0"]]
    df["x0"] = pd.Series(whole, dtype=dtype)
    settings = {"random_state": 0, "max_iter": 2}
    plain = Imputer(method, **settings).impute(df, 1)
    wide = Imputer(method, min_value=-1e6, **settings).impute(df, 1)
    pd.testing.assert_frame_equal(wide.complete(0), plain.complete(0))
    for name in df:
        pd.testing.assert_frame_equal(wide.donors(name), plain.donors(name))


@pytest.mark.parametrize("method", ["pmm", "cart", "sample"])
def test_donors_are_reported_where_nothing_was_adjusted(method, correlated):
    df = correlated(60, 3, 0.3)
    made = Imputer(method, min_value=0.0, random_state=0).impute(df, 1)
    for name in df:
        donors, drawn = made.donors(name)[0], made.draws(name)[0]
        adjusted = donors.isna().to_numpy()
        assert adjusted.any()
        assert not adjusted.all()
        assert (drawn[adjusted] == 0.0).all()
        given = df[name].to_numpy()[donors[~adjusted].to_numpy(int)]
        np.testing.assert_array_equal(given, drawn[~adjusted])
    made = Imputer(method, delta={"x0": 0.5}, random_state=0).impute(df, 1)
    with pytest.raises(InvalidSpec, match="'x0' were adjusted"):
        made.donors("x0")
    assert made.donors("x1").notna().all(axis=None)


@pytest.mark.parametrize("method", ["pmm", "cart", "sample", "most_frequent"])
def test_a_wide_bound_invents_no_large_whole_number(method):
    ids = pd.Series([2**60 + 3 * (i % 7) for i in range(40)], dtype="Int64")
    df = pd.DataFrame({"id": ids.mask(np.arange(40) % 4 == 0), "x": np.arange(40.0)})
    imputer = Imputer(method, min_value={"id": 0}, random_state=0)
    assert set(imputer.fit_transform(df)["id"]) <= set(ids)
    assert set(imputer.transform(df)["id"]) <= set(ids)
    narrow = Imputer(method, max_value={"id": 2.0**59}, random_state=0)
    assert set(narrow.fit_transform(df)["id"]) == {*df["id"].dropna(), 2**59}


def test_what_is_no_imputation_is_refused(found):
    for k in (4, -1, "all"):
        with pytest.raises(InvalidSpec, match=f"set {k!r}; there are 0 to 3[.]"):
            found.donors("float", k)
    with pytest.raises(InvalidSpec, match="there are 0 to 3, 'all'"):
        found.complete(7)


def test_what_has_no_draws_intervals_or_donors_is_refused(found, correlated):
    with pytest.raises(UnknownColumn):
        found.draws("complete")
    with pytest.raises(UnknownColumn):
        Imputer("mean").impute(correlated(30, 3, 0.2), 1).donors("x0")
    with pytest.raises(InvalidSpec, match="level=95"):
        found.intervals("float", level=95)


def test_events_are_kept_by_imputation(mixed):
    df = mixed().assign(nothing=np.nan)
    with pytest.warns(ColumnLeftAlone, match="nothing"):
        made = Imputer("pmm", random_state=0).impute(df, 2)
    empty = [event for event in made.events if event.column == "nothing"]
    assert {event.imputation for event in empty} == {0, 1}


def test_it_shows_itself(found):
    cells = found.data.isna().sum().sum()
    assert repr(found) == (
        f"Imputations: 4 of 120 rows and 18 columns, {cells} imputed cells in each"
    )


def test_cells_chosen_by_hand_are_the_only_ones(correlated):
    df = correlated(40, 3, 0.2)
    where = df.isna().to_numpy(copy=True)
    where[:, 0] = False
    where[3, 1] = True
    made = Imputer("pmm", random_state=0, where=where).impute(df, 2)
    assert not len(made.imputations[0].rows.get("x0", ()))
    assert 3 in made.imputations[0].rows["x1"]
    for done in made:
        kept = ~pd.DataFrame(where, index=df.index, columns=df.columns)
        pd.testing.assert_frame_equal(done.where(kept), df.where(kept))


@pytest.mark.parametrize("m", [1, 6, 100])
@pytest.mark.parametrize("kind", ["naive", "zoned", "spans", "arrow"])
def test_dates_have_intervals_too(kind, m):
    rng = np.random.default_rng(0)
    x = rng.normal(size=60)
    days = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.rint(20 * x), unit="D")
    s = pd.Series(days).mask(rng.random(60) < 0.2)
    if kind == "zoned":
        s = s.dt.tz_localize("Europe/Berlin")
    elif kind == "spans":
        s = s - pd.Timestamp("2019-01-01")
    elif kind == "arrow":
        s = s.astype("timestamp[us][pyarrow]")
    made = Imputer("pmm", random_state=0).impute(pd.DataFrame({"s": s, "x": x}), m)
    found = made.intervals("s")
    assert list(found.columns) == ["estimate", "low", "high"]
    assert (found.dtypes == s.dtype).all()
    draws = made.draws("s")
    least, most = draws.min(axis=1), draws.max(axis=1)
    assert ((found["estimate"] >= least) & (found["estimate"] <= most)).all()
    if m == 1:
        assert found["low"].isna().all()
        return
    assert (found["low"] <= found["estimate"]).all()
    assert (found["estimate"] <= found["high"]).all()
    if m == 100:
        assert ((found["low"] >= least) & (found["high"] <= most)).all()

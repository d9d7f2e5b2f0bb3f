"""Why, expectations, provenance, charts and makes of frames, from a result."""

import re

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from IPython.lib.pretty import pretty

import jupyter_wrangler as jw
from jupyter_wrangler import errors
from jupyter_wrangler.charts import Chart
from jupyter_wrangler.client.verbs.imputed import imputed_cells, matched_rows
from jupyter_wrangler.engine.types import Given
from tests.client.local import JOB, local_result, partial_of
from tests.client.page import PLAIN, parsed
from tests.waiting import CEILING_S

EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def air():
    return local_result(jw.data.airquality(), n_imputations=5, max_iter=5)


# ── why ──


def test_why_shows_itself_as_text_and_html(air):
    one = air.why(4, "Ozone")
    assert one.document.position == 4
    assert one.value == one.draws[0]
    assert repr(one).startswith(f"Ozone of row 4: {one.value} (imputed)")
    assert one.method == "pmm"
    assert len(one.donors) == 5
    page = parsed(one._repr_html_())
    assert page.tags <= PLAIN
    for part in one.influences:
        assert part.column in page.text
        assert part.column in repr(one)
    assert one.reasons[0] in page.text


def test_why_is_escaped():
    df = pd.DataFrame({EVIL: [1.0, None, 3.0, 4.0], "b": [EVIL, "b", EVIL, "b"]})
    df.index = [f"{EVIL}{k}" for k in range(4)]
    page = local_result(df, method="knn", n_neighbors=1).why(1, EVIL)._repr_html_()
    assert "<script" not in page


# ── charts ──


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("missing", ()),
        ("matrix", ()),
        ("patterns", ()),
        ("indicators", ()),
        ("heatmap", ()),
        ("flux", ()),
        ("by_missingness", ("Temp", "Ozone")),
        ("overlay", ("Ozone",)),
        ("strip", ("Ozone",)),
        ("box", ("Ozone",)),
        ("xy", ("Temp", "Ozone")),
        ("trace", ("Ozone",)),
        ("propensity", ("Ozone",)),
    ],
)
def test_every_chart_of_the_set_is_there(air, name, arguments):
    chart = getattr(air.plot, name)(*arguments)
    assert isinstance(chart, Chart)
    assert chart.sentence.endswith(".")
    assert name in repr(air.plot)


@pytest.mark.parametrize("name", ["overimpute", "calibration"])
def test_intervals_are_checked_on_known_values(air, name):
    chart = getattr(air.plot, name)("Solar.R", n_imputations=2)
    assert "Intervals of 90 %" in chart.sentence


# ── expectations ──


def test_what_is_expected_passes_and_gives_the_result(air):
    found = jw.expect(
        air,
        max_imputed=0.4,
        max_imputed_total=0.1,
        max_rhat=5.0,
        min_value={"Ozone": 0},
        max_value={"Ozone": 500},
        categories={"Month": range(1, 13)},
        min_imputations=5,
    )
    assert found is air


def test_every_failed_expectation_is_listed(air):
    with pytest.raises(errors.ExpectationFailed) as caught:
        jw.expect(
            air,
            max_imputed=0.1,
            max_imputed_total=0.01,
            min_value={"Ozone": 50},
            max_value={"Ozone": 60},
            categories={"Month": [5]},
            min_imputations=20,
        )
    assert isinstance(caught.value, AssertionError)
    assert len(caught.value.failures) == 6
    text = str(caught.value)
    assert "share of 'Ozone' imputed: found 24.2%, wanted 10.0% or less" in text
    assert "values of 'Month': found 6, 7, 8, 9, wanted 5" in text
    with pytest.raises(errors.ExpectationFailed, match="share of 'Ozone'"):
        jw.expect(air, max_imputed={"Ozone": 0.2})
    jw.expect(air, max_imputed={"Solar.R": 0.1})


def test_what_is_left_missing_and_unmixed_fails(air):
    left = local_result(jw.data.airquality(), methods={"Ozone": ""}, max_iter=2)
    with pytest.raises(errors.ExpectationFailed, match="missing values of 'Ozone'"):
        jw.expect(left)
    assert jw.expect(left, no_missing_left=False) is left
    with pytest.raises(errors.ExpectationFailed, match="none: too few rounds"):
        jw.expect(left, no_missing_left=False, max_rhat=1.2)
    with pytest.raises(errors.ExpectationFailed, match="R-hat of 'Ozone'"):
        jw.expect(air, max_rhat=0.1)


@pytest.mark.parametrize("given", [{"max_imputed": 40}, {"max_imputed": {"Ozone": 2}}])
def test_a_share_above_one_is_refused(air, given):
    with pytest.raises(errors.InvalidSpec, match="share from 0 to 1"):
        jw.expect(air, **given)


def test_expectations_name_real_columns_and_results(air):
    with pytest.raises(errors.UnknownColumn):
        jw.expect(air, min_value={"ozon": 0})
    with pytest.raises(errors.InvalidSpec, match="a Result is wanted"):
        jw.expect(air.df)


# ── provenance ──


def test_a_completed_frame_names_its_job(air, tmp_path):
    done = air.complete(2)
    wanted = {"job": str(JOB), "imputation": 2}
    done.to_parquet(tmp_path / "done.parquet")
    for frame in (
        done.copy(),
        done.head(),
        done.query("Temp > 70"),
        pd.read_parquet(tmp_path / "done.parquet"),
    ):
        assert frame.attrs["jupyter_wrangler"] == wanted


def marked(df, result, k=0):
    done = result.complete(k)
    rows = matched_rows(df, done)
    return imputed_cells(df, done, result.mask, rows)


def test_rows_are_found_wherever_they_are(air):
    done, mask = air.complete(0), air.mask
    for frame, wanted in [
        (done, mask),
        (done[done["Temp"] > 80], mask[done["Temp"] > 80]),
        (done.sort_values("Wind"), mask.loc[done.sort_values("Wind").index]),
        (done[["Ozone", "Temp"]], mask[["Ozone", "Temp"]]),
    ]:
        found = marked(frame, air)
        assert (found.to_numpy(bool) == wanted.to_numpy()).all()
    moved = done.sort_values(["Wind", "Temp"]).reset_index(drop=True)
    found = marked(moved, air)
    assert found["Ozone"].sum() == mask["Ozone"].sum()
    assert not found.isna().any(axis=None)


def test_changed_cells_are_no_longer_imputed_and_new_ones_unknown(air):
    done = air.complete(0)
    row = int(np.flatnonzero(air.mask["Ozone"])[0])
    done.loc[row, "Ozone"] = 999.0
    done["new"] = 1
    found = marked(done, air)
    assert not found.loc[row, "Ozone"]
    assert found["new"].isna().all()
    strange = pd.concat([done.iloc[:2], pd.DataFrame({c: [-1.0] for c in done})])
    strange.index = [0, 1, 9_999]
    assert marked(strange, air).loc[9_999].isna().all()


def test_imputed_asks_the_service(client, patients, tmp_path):
    assert client
    result = jw.impute(patients, n_imputations=2, max_iter=3).result(CEILING_S)
    done = result.complete(1)
    found = jw.imputed(done)
    assert (found.to_numpy(bool) == result.mask.to_numpy()).all()
    done.to_parquet(tmp_path / "done.parquet")
    back = pd.read_parquet(tmp_path / "done.parquet").iloc[::-1]
    assert (jw.imputed(back).to_numpy(bool) == result.mask.iloc[::-1].to_numpy()).all()
    # without attrs the last jobs are looked through, for the one that fits best
    jw.impute(patients, "norm", columns=["age"], max_iter=2).result(CEILING_S)
    done.attrs = {}
    assert (jw.imputed(done).to_numpy(bool) == result.mask.to_numpy()).all()
    with pytest.warns(errors.OriginUnknown, match="are new"):
        assert jw.imputed(done.assign(later=1))["later"].isna().all()
    with pytest.raises(errors.NotFound, match="does not say where it is from"):
        jw.imputed(pd.DataFrame({"no": [1.0], "such": [2.0]}))


# ── makes of frames ──


@pytest.mark.parametrize("make", [pl.from_pandas, pa.Table.from_pandas])
def test_frames_come_back_as_they_went_in(client, make):
    assert client
    given = make(jw.data.penguins())
    result = jw.impute(given, n_imputations=2, max_iter=2).result(CEILING_S)
    kinds = {
        type(one) for one in [result.df, *result.datasets, result.mask, result.data]
    }
    assert kinds == {type(given)}
    assert result.df.schema == given.schema or dict(result.df.schema) == dict(
        given.schema
    )
    again = jw.job(str(result._manifest.job_id)).result()
    assert type(again.df) is type(given)
    assert type(jw.imputed(result.df)) is type(given)
    assert result.why(3, "sex").document.imputed
    assert "Result" in pretty(result)


@pytest.mark.parametrize("make", [pl.from_pandas, pa.Table.from_pandas])
def test_the_verbs_take_every_make(make):
    given = make(jw.data.airquality())
    assert jw.profile(given).document.n_rows == 153
    assert jw.recommend(given)["Ozone"]
    assert jw.correlate(given).document
    done = jw.Imputer("median").fit_transform(given)
    assert type(done) is type(given)
    assert jw.compare(given, methods=["median", "knn"], local=True, repeats=1)
    found = local_result(given, n_imputations=2, max_iter=2)
    pooled = found.pool(lambda one: (1.0 * len(one), 1.0))
    assert pooled.m == 2


def test_nan_of_arrow_is_missing_and_twice_the_name_is_refused():
    table = pa.table({"x": [1.0, float("nan"), 3.0]})
    assert local_result(table, method="mean").df.column("x").to_pylist() == [1, 2, 3]
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    with pytest.raises(errors.DuplicateColumns):
        jw.profile(twice)


def test_where_is_told_in_a_result():
    df = jw.data.airquality()
    where = np.zeros(df.shape, dtype=bool)
    where[0, 3] = True
    result = local_result(df, given=Given(where=where))
    assert re.search("imputed over", repr(result.why(0, "Temp")))


# ── what is no answer ──


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"max_imputed": "x"}, "share from 0 to 1"),
        ({"max_imputed": {"Ozone": None}}, "share from 0 to 1"),
        ({"max_imputed_total": 40}, "max_imputed_total=40 .* share from 0 to 1"),
        ({"max_rhat": "x"}, "max_rhat is 'x', and a number above 0"),
        ({"min_imputations": [5]}, "min_imputations is .* number above 0"),
        ({"min_value": 3}, "min_value is 3, and a mapping by column"),
        ({"max_value": {"Ozone": "x"}}, "cannot be compared with .*'Ozone'"),
        ({"max_value": {"Ozone": float("nan")}}, "cannot be compared"),
        ({"categories": ["Month"]}, "a mapping by column is wanted"),
        ({"categories": {"Month": 5}}, "a list of values is wanted"),
    ],
)
def test_what_cannot_be_expected_is_refused_in_words(air, given, said):
    with pytest.raises(errors.InvalidSpec, match=said):
        jw.expect(air, **given)


def test_dates_are_bounded_by_dates():
    days = pd.Series(pd.date_range("2020-01-01", periods=20, tz="UTC"))
    df = pd.DataFrame({"day": days.where(days.index % 5 > 0), "x": np.arange(20.0)})
    result = local_result(df, max_iter=2)
    first = pd.Timestamp("2020-01-01", tz="UTC")
    assert jw.expect(result, min_value={"day": first}) is result
    with pytest.raises(
        errors.ExpectationFailed, match="least value of 'day': found 20"
    ):
        jw.expect(result, min_value={"day": first + pd.Timedelta(days=90)})
    with pytest.raises(errors.InvalidSpec, match="cannot be compared"):
        jw.expect(result, min_value={"day": pd.Timestamp("2020-01-01")})


def test_labels_that_are_tuples():
    df = pd.DataFrame({"a": [1.0, None, 3.0, 4.0] * 5, "b": np.arange(20.0)})
    df.columns = pd.Index([("a", 1), ("b", 2)], tupleize_cols=False)
    result = local_result(df, n_imputations=2, max_iter=5)
    assert list(result.diagnostics.index) == [("a", 1)]
    assert jw.expect(result, max_imputed={("a", 1): 0.3}, max_rhat=99.0) is result
    assert len(result.sensitivity(lambda d: float(d.shape[1])).to_frame()) == 5


def test_a_job_that_was_finished_early_may_lack_the_first_imputation():
    whole = local_result(jw.data.airquality(), n_imputations=3, max_iter=2)
    part = partial_of(whole, [1, 2])
    assert "jw.impute(" in part.to_code(data="load()")
    assert "2 completed data sets" in part.methods_text()
    assert "Result" in pretty(part)


@pytest.mark.parametrize("data", [5, pd.DataFrame({"a": [1]})])
def test_data_of_a_script_are_an_expression(air, data):
    with pytest.raises(errors.InvalidSpec, match="Python expression as text"):
        air.to_code(data=data)


@pytest.mark.parametrize("other", [[], {}, "R", None])
def test_other_styles_and_imputations_are_refused(air, other):
    with pytest.raises(errors.InvalidSpec, match="give 'wrangler'"):
        air.to_code(other)
    with pytest.raises(errors.InvalidSpec, match="give 'text'"):
        air.methods_text(other)
    with pytest.raises(errors.NotFound, match="no finished imputation"):
        air.complete(other)

"""The main job from a user's hands, over the real stack."""

import re
import warnings

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import jupyter_wrangler as jw
from jupyter_wrangler import errors
from tests.waiting import CEILING_S

pytestmark = pytest.mark.usefixtures("client")


def test_impute_completes_the_frame(patients):
    before = patients.copy()
    job = jw.impute(patients, n_imputations=3, random_state=1, name="patients")
    result = job.result(CEILING_S)
    assert_frame_equal(patients, before)
    assert result.df.isna().sum().sum() == 0
    assert_frame_equal(result.mask, patients.isna())
    assert_frame_equal(
        result.df.where(patients.notna()), patients.where(patients.notna())
    )
    assert result.df.dtypes.equals(patients.dtypes)
    assert result.df.index.equals(patients.index)
    assert len(result.datasets) == result.n_imputations == 3
    assert result.df is result.df
    assert result.summary.n_imputed == 8
    assert job.name == "patients"
    assert job.spec.random_state == 1


def test_every_imputed_cell_is_listed(patients):
    result = jw.impute(patients, n_imputations=2).result(CEILING_S)
    long = result.imputed
    assert len(long) == 2 * 8
    for k, df in enumerate(result.datasets):
        for line in long[long["imputation"] == k].itertuples():
            assert df[line.column].iloc[line.row] == line.value
            assert df.index[line.row] == line.Index


def test_running_all_again_costs_nothing(patients):
    first = jw.impute(patients, random_state=2)
    first.wait(CEILING_S)
    again = jw.impute(patients.copy(), random_state=2)
    assert (again.id, again.reused) == (first.id, True)
    restarted = jw.impute(patients, random_state=2, force=True)
    assert restarted.id != first.id
    assert_frame_equal(restarted.result(CEILING_S).df, first.result(CEILING_S).df)


@pytest.mark.parametrize("limit", [-1, 1.5, "3", True])
def test_a_limit_that_is_no_number_of_things_is_refused(limit):
    for verb in (jw.jobs, jw.datasets):
        with pytest.raises(errors.InvalidSpec, match=r"limit is .* not negative"):
            verb(limit)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("min_value", np.nan),
        ("min_value", np.inf),
        ("max_value", np.float64("nan")),
        ("max_value", {"age": np.nan}),
        ("min_value", {"age": np.inf}),
        ("factor", {"age": np.nan}),
        ("delta", {"age": np.nan}),
        ("delta", {"ward": {"B": np.nan}}),
        ("delta", {"ward": {"B": np.inf}}),
        ("tol", np.nan),
    ],
)
def test_a_bound_that_is_no_number_is_refused_before_anything_is_sent(
    patients, name, value
):
    with pytest.raises(errors.InvalidSpec, match=f"{name}=.* a finite number"):
        jw.impute(patients, "mean", **{name: value})
    with pytest.raises(errors.InvalidSpec, match=f"{name}=.* a finite number"):
        jw.Imputer("mean", **{name: value}).fit(patients)


def test_a_bound_that_bounds_nothing_is_none(patients):
    bounds = {"min_value": -np.inf, "max_value": {"age": np.inf, "chol": 100.0}}
    job = jw.impute(patients, "mean", **bounds)
    assert (job.spec.min_value, job.spec.max_value) == (None, {"chol": 100.0})
    missing = patients["chol"].isna()
    assert (job.result(CEILING_S).df.loc[missing, "chol"] == 100.0).all()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"plan": 5}, "plan is 5, and the name of a method, a mapping of columns"),
        ({"plan": None}, "plan is None, and the name of a method"),
        ({"plan": "PNM"}, "There is no method 'PNM'; did you mean 'pmm'"),
        ({"plan": "x"}, "There is no method 'x'; choose one of mean, "),
        ({"columns": "Chol"}, "There is no column 'Chol'; did you mean 'chol'? The d"),
        ({"columns": "x"}, "There is no column 'x'; the data has 'age', 'chol', "),
        ({"columns": 5}, "There is no column '5'"),
        ({"visit_sequence": 5}, "There is no column '5'"),
        ({"predictors": "age"}, "it should be a valid dictionary. Change it"),
        ({"blocks": 3}, "it should be a valid dictionary. Change it"),
        ({"delta": [1]}, "it should be a valid dictionary. Change it"),
        ({"name": "n" * 300}, "it should have at most 255 characters. Change it"),
        ({"name": "a\nb"}, "it should hold no control characters. Change it"),
        ({"min_value": "x"}, "it should be a valid number or a valid dictionary. "),
        ({"delta": {"ward": {"B": "y"}}}, "it should be a valid number. Change it"),
        ({"weights": "Far"}, "it should be 'uniform' or 'distance'. Change it"),
    ],
)
def test_a_slip_is_reported_in_whole_sentences(patients, settings, words):
    with pytest.raises(errors.InvalidSpec) as caught:
        jw.impute(patients, **settings)
    assert words in str(caught.value)


def test_a_misspelt_column_of_many_is_found():
    df = pd.DataFrame(np.zeros((3, 500))).add_prefix("sensor_")
    df.loc[0, "sensor_1"] = None
    df["wind_speed"] = [1.0, None, 2.0]
    with pytest.raises(errors.UnknownColumn, match="did you mean 'wind_speed'"):
        jw.impute(df, {"wind_sped": "mean"})


def test_later_changes_of_the_frame_do_not_reach_the_result(patients):
    job = jw.impute(patients, random_state=3)
    observed = patients["age"].iloc[0]
    patients.iloc[0, 0] = -1.0
    assert job.result(CEILING_S).df["age"].iloc[0] == observed


def test_labels_that_are_no_strings(patients):
    patients.columns = pd.Index([7, "chol", ("ward", 1), 2.5], dtype=object)
    plan = {7: "median", "chol": "mean", ("ward", 1): "most_frequent"}
    result = jw.impute(patients, plan, columns=[7, "chol"]).result(CEILING_S)
    assert result.df.columns.equals(patients.columns)
    assert result.df[[7, "chol"]].isna().sum().sum() == 0
    assert result.df[[("ward", 1), 2.5]].isna().sum().sum() == 4
    assert result.df.loc["p3", 7] == patients[7].median()


def test_columns_of_a_block_are_imputed_together():
    rng = np.random.default_rng(0)
    df = pd.DataFrame({"x": rng.normal(size=60), "low": rng.normal(size=60)})
    df["high"] = df["low"] + rng.exponential(size=60)
    df.loc[::4, ["low", "high"]] = None
    job = jw.impute(df, blocks={1: ["low", "high"]})
    assert job.spec.blocks == {"1": ("low", "high")}
    done = job.result(CEILING_S).df
    here = jw.Imputer(blocks={1: ["low", "high"]}, random_state=0).fit_transform(df)
    assert_frame_equal(done, here)
    assert (done["low"] <= done["high"]).all()
    with pytest.raises(errors.InvalidSpec, match="'low' is to be imputed by 'norm'"):
        jw.impute(df, {"low": "norm"}, blocks={"range": ["low", "high"]})


def test_polars_in_polars_out():
    polars = pytest.importorskip("polars")
    df = polars.DataFrame({"a": [1, None, 3, 3], "b": ["x", "y", "y", None]})
    job = jw.impute(df, "most_frequent")
    result = job.result(CEILING_S)
    assert result.df.equals(
        polars.DataFrame({"a": [1, 3, 3, 3], "b": ["x", "y", "y", "y"]})
    )
    assert result.df.schema == df.schema
    assert result.mask["a"].to_list() == [False, True, False, False]
    assert jw.job(job.id).result(CEILING_S).df.equals(result.df)


def test_a_drawn_seed_is_recorded(patients):
    seeds = {jw.impute(patients, random_state=None).spec.random_state for _ in range(3)}
    assert len(seeds) == 3


def test_jobs_and_datasets_are_listed(patients):
    job = jw.impute(patients, random_state=4, name="listed")
    job.wait(CEILING_S)
    assert jw.jobs(1)[0].id == job.id
    assert job.id in {j.id for j in jw.jobs(state="succeeded")}
    assert "listed" in {dataset.name for dataset in jw.datasets(200)}


def test_connect_checks_that_the_service_answers():
    with pytest.raises(errors.ServiceUnreachable):
        jw.connect("http://127.0.0.1:9")
    made = jw.connect()
    assert "private stack, running" in made.describe()
    made.close()


# ── bad input: refused in the cell, and nothing is sent ──

FRAME = {"age": [1.0, None, 3.0, 4.0, 5.0, 6.0, 7.0], "sex": ["f", None, *"mfmfm"]}


@pytest.mark.parametrize(
    ("data", "asked", "error", "words"),
    [
        ({}, {}, errors.EmptyFrame, "0 rows and 0 columns"),
        ({"age": [1.0, np.inf]}, {}, errors.InfiniteValues, "'age' has 1 infinite"),
        ({"age": [1, "x", None]}, {}, errors.MixedTypes, "'age' mixes"),
        ({"age": [None, None]}, {"columns": ["age"]}, errors.NothingObserved, "'age'"),
        (FRAME, {"plan": "mice"}, errors.UnknownMethod, "choose one of"),
        (FRAME, {"plan": {"weight": "mean"}}, errors.UnknownColumn, "'weight'"),
        (FRAME, {"columns": "weight"}, errors.UnknownColumn, "'weight'"),
        (FRAME, {"plan": {"sex": "mean"}}, errors.MethodDoesNotFit, "'sex'"),
        (FRAME, {"plan": "constant"}, errors.InvalidSpec, "fill_value"),
        (FRAME, {"n_imputations": 0}, errors.InvalidSpec, "n_imputations=0"),
        (FRAME, {"random_state": 1.5}, errors.InvalidSpec, "whole number"),
        (FRAME, {"random_state": -1}, errors.InvalidSpec, "random_state=-1"),
        (FRAME, {"priority": 5}, errors.InvalidSpec, "priority=5"),
        (FRAME, {"name": "a\nb"}, errors.InvalidSpec, "name="),
    ],
)
def test_bad_input_fails_at_once(data, asked, error, words):
    jobs_before = [job.id for job in jw.jobs(1)]
    datasets_before = [dataset.id for dataset in jw.datasets(1)]
    with pytest.raises(error) as caught:
        jw.impute(pd.DataFrame(data), **asked)
    assert words in str(caught.value)
    assert [job.id for job in jw.jobs(1)] == jobs_before
    assert [dataset.id for dataset in jw.datasets(1)] == datasets_before


def test_two_columns_of_one_name_are_refused():
    df = pd.DataFrame([[1.0, None]], columns=["a", "a"])
    with pytest.raises(errors.DuplicateColumns):
        jw.impute(df)


def test_a_column_that_keeps_its_missing_values_is_reported():
    df = pd.DataFrame({**FRAME, "note": [None] * 7})
    with pytest.warns(errors.ColumnLeftAlone, match="'note' keeps its 7") as caught:
        job = jw.impute(df)
    assert caught[0].filename == __file__
    assert job.result(CEILING_S).df["note"].isna().all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        jw.impute(df, {"note": ""})


def test_fault_3_16_a_long_job_is_announced_at_submit(client):
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(5_000, 6)), columns=list("abcdef"))
    df = df.mask(rng.random(df.shape) < 0.2)
    with pytest.warns(
        errors.LongJob, match=r"about .* min on one core .*'rf'"
    ) as reported:
        job = jw.impute(df, "rf", n_estimators=1000, n_imputations=5)
    job.cancel()
    assert reported[0].filename == __file__
    # nothing was learnt from earlier jobs of this kind: rows, columns and method say it
    assert client.api.job(job.id).estimate_s > 60
    job.wait(CEILING_S)


def test_issue_10_item_2_too_few_observed_values_are_reported_before_anything_is_sent():
    wide = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 40)))
    wide.loc[20:, 0] = np.nan
    with pytest.warns(errors.FewObserved, match="'0' has 20 observed values for 39"):
        jw.impute(wide, "pmm")


def test_imputations_that_cannot_differ_are_reported():
    with pytest.warns(errors.NoSpread, match="use 'pmm'"):
        jw.impute(pd.DataFrame({"age": FRAME["age"]}), "mean", n_imputations=5)


def test_section_5_a_job_is_called_by_the_variable_that_holds_the_data(patients):
    """By the caller's name of it, however it is handed in."""
    people = patients.assign(age=patients["age"] + 1)
    assert jw.impute(people, "mean").name == "people"
    assert jw.impute(people, {"age": "mean"}, columns=["age"]).name == "people"
    assert jw.impute(people, "median", name="mine").name == "mine"
    unnamed = jw.impute(people[["age", "chol"]], "mean")
    assert unnamed.name is None
    assert "'unnamed data'" in repr(unnamed)
    assert "frame-" not in repr(unnamed)


def test_section_5_a_result_says_how_many_cells_are_still_missing():
    some = pd.DataFrame({"a": [1.0, None, 3.0], "key": ["u", None, "w"]})
    with pytest.warns(errors.ColumnLeftAlone):
        found = jw.impute(some, "mean").result(CEILING_S)
    assert repr(found).endswith("1 cell imputed, 1 still missing")
    assert "1 cell imputed, 1 still missing" in found._repr_html_()


def test_section_5_a_list_of_datasets_can_be_read(patients):
    jw.impute(patients, "mean", random_state=12)
    first = repr(jw.datasets(1)[0])
    assert re.fullmatch(
        r"Dataset '.+': [\d,]+ rows? × [\d,]+ columns?, \d+\.\d MB, "  # noqa: RUF001
        r"20\d\d-\d\d-\d\d \d\d:\d\d UTC",
        first,
    )

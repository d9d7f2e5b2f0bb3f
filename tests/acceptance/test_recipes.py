"""Fitted models stay with a result, and impute later rows as `Imputer` does."""

from __future__ import annotations

import hashlib
import os
import pickle
import signal
import subprocess
import sys

import httpx
import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

import jupyter_wrangler as jw
from jupyter_wrangler import errors
from jupyter_wrangler.contract import TransformSpec
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.runtime.garbage_collector import clear_once
from tests.acceptance.system import incomplete_frame
from tests.waiting import CEILING_S, until

pytestmark = pytest.mark.filterwarnings(
    "ignore::jupyter_wrangler.errors.WranglerWarning"
)


def mixed(rows=140):
    """Numbers, whole numbers, classes, dates; one column without missing values."""
    rng = np.random.default_rng(1)
    df = pd.DataFrame(rng.normal(size=(rows, 3)), columns=list("abc"))
    df["b"] += df["a"]
    df["kind"] = rng.choice(list("xyz"), rows)
    df["grade"] = pd.Categorical(
        rng.choice(["low", "mid", "high"], rows), ["low", "mid", "high"], ordered=True
    )
    df["count"] = pd.array(rng.integers(0, 9, rows), dtype="Int64")
    df["day"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(
        rng.integers(0, 900, rows), unit="D"
    )
    whole = rng.normal(size=rows)
    df = df.mask(rng.random(df.shape) < 0.12)
    df["whole"] = whole
    return df


OLD = mixed().iloc[:100]
NEW = mixed().iloc[100:].reset_index(drop=True)
NEW.loc[3, "whole"] = np.nan


def settings_of(method):
    if method != "constant":
        return {}
    values = {name: OLD[name].dropna().iloc[0] for name in OLD if name != "day"}
    return {
        "methods": {"day": "median"},
        "fill_value": {
            k: getattr(v, "item", lambda v=v: v)() for k, v in values.items()
        },
    }


def impute(shared, df, method="pmm", **settings):
    """Impute as a job, with the settings of an `Imputer`."""
    methods = settings.pop("methods", None)
    plan = {name: methods.get(name, method) for name in df} if methods else method
    job = jw.impute(df, plan, client=shared.client(), **settings)
    return job.result(timeout=CEILING_S)


@pytest.fixture(scope="module")
def result(shared):
    return impute(shared, OLD, n_imputations=2, random_state=4, max_iter=3)


@pytest.mark.parametrize("method", METHODS)
def test_the_recipe_of_each_method_equals_its_imputer(shared, method):
    settings = settings_of(method) | {"random_state": 4, "max_iter": 3}
    res = impute(shared, OLD, method, keep_models=True, **settings)
    imputer = jw.Imputer(method, **settings).fit(OLD)
    expected = imputer.transform(NEW)
    pd.testing.assert_frame_equal(res.recipe.transform(NEW), expected)
    plain = impute(shared, OLD, method, keep_models=False, **settings)
    pd.testing.assert_frame_equal(res.df, plain.df)


@pytest.mark.parametrize(
    ("data", "settings"),
    [
        ("simple", {"method": "sample", "group": "kind"}),
        ("simple", {"method": "median", "group": "kind"}),
        ("numbers", {"blocks": {"ab": ["a", "b"]}}),
        ("numbers", {"methods": {"c": "~ a + b"}}),
        ("numbers", {"method": "linear", "min_value": {"a": -0.5}}),
        ("numbers", {"predictors": {"a": ["b"]}, "visit_sequence": "roman"}),
        ("numbers", {"columns": ["a", "c"]}),
        ("numbers", {"method": "linear", "delta": {"a": 3.0}}),
    ],
)
def test_settings_of_the_spec_come_back_in_the_imputer(shared, data, settings):
    old, new = OLD[["a", "b", "c"]], NEW[["a", "b", "c"]]
    if data == "simple":
        old = OLD[["a", "b"]].assign(kind=OLD["kind"].fillna("x"))
        new = NEW[["a", "b"]].assign(kind=NEW["kind"].fillna("x"))
    settings = {"random_state": 2, "max_iter": 3, **settings}
    res = impute(shared, old, **settings)
    fitted = jw.Imputer(**settings).fit(old)
    found, expected = res.recipe.imputer, fitted.transform(new)
    pd.testing.assert_frame_equal(found.transform(new), expected)
    # a clone is fitted anew, to the same numbers
    again = clone(found).fit(old)
    pd.testing.assert_frame_equal(again.transform(new), expected)
    pd.testing.assert_frame_equal(again.fit_transform(old), res.df)


def test_the_models_of_each_imputation_draw_differently(result):
    recipe = result.recipe
    assert recipe.n_imputations == 2
    first, second = (recipe.transform(NEW, k) for k in range(2))
    observed = NEW.notna()
    assert not first.equals(second)
    pd.testing.assert_frame_equal(first[observed], NEW[observed])
    assert [type(one).__name__ for one in recipe.imputers] == ["Imputer"] * 2
    with pytest.raises(errors.NotFound, match="no models of imputation 2"):
        recipe.transform(NEW, 2)


def test_rows_that_do_not_fit_are_refused_in_words(result):
    recipe = result.recipe
    for frame, words in (
        (NEW.drop(columns="a"), "columns that these rows do not have: 'a'. Add them"),
        (NEW.assign(more=1), "columns that the imputer was not fitted on: 'more'"),
        (NEW.assign(kind="new"), "has classes that the imputer has not seen"),
        (NEW.assign(a="text"), "is no number"),
    ):
        with pytest.raises(errors.SchemaMismatch, match=words):
            recipe.transform(frame)
    done = recipe.transform(NEW.drop(columns="a"), missing_columns="impute")
    assert done["a"].notna().all()
    done = recipe.transform(NEW.assign(kind="new"), handle_unknown="impute")
    assert (done["kind"] == "new").all()
    # another order is none of the imputer's business
    turned = recipe.transform(NEW[NEW.columns[::-1]])
    pd.testing.assert_frame_equal(turned[NEW.columns], recipe.transform(NEW))
    assert list(turned) == list(NEW.columns[::-1])
    # and the choice was for that call only
    with pytest.raises(errors.SchemaMismatch):
        recipe.transform(NEW.assign(kind="new"))


def test_labels_that_are_no_text_and_polars_come_back(shared):
    old = incomplete_frame(80, 4)
    old.columns = [0, 1, 2, 3]
    res = impute(shared, old)
    done = res.recipe.transform(old.iloc[:9])
    assert list(done.columns) == [0, 1, 2, 3]
    assert done.notna().all(axis=None)
    frame = pl.DataFrame(incomplete_frame(80, 4).to_dict("list"), nan_to_null=True)
    found = impute(shared, frame).recipe.transform(frame[:9])
    assert isinstance(found, pl.DataFrame)
    assert found.null_count().sum_horizontal()[0] == 0


def test_a_recipe_works_in_a_pipeline(shared):
    old = incomplete_frame(200, 4)
    y = old["x0"].fillna(0) + np.arange(200) / 100
    recipe = impute(shared, old, "linear").recipe
    # refitted on each fold: nothing leaks
    leakless = make_pipeline(recipe.imputer, LinearRegression())
    assert len(cross_val_score(leakless, old, y, cv=3)) == 3
    # as it is: the fold is imputed by the models of the job
    frozen = make_pipeline(FrozenEstimator(recipe.imputer), LinearRegression())
    model = frozen.fit(old, y)
    expected = LinearRegression().fit(recipe.transform(old), y)
    np.testing.assert_allclose(
        model.predict(old), expected.predict(recipe.transform(old))
    )
    with pytest.raises(AttributeError):
        _ = clone(recipe.imputer).n_iter_


def test_a_saved_recipe_transforms_in_another_process(result, tmp_path):
    result.recipe.save(tmp_path / "recipe.zip", imputation=1)
    NEW.to_pickle(tmp_path / "new.pickle")
    code = """
import sys, pandas as pd, jupyter_wrangler as jw
new = pd.read_pickle("new.pickle")
jw.load_imputer("recipe.zip").transform(new).to_pickle("done.pickle")
"""
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    done = pd.read_pickle(tmp_path / "done.pickle")  # noqa: S301  our own
    pd.testing.assert_frame_equal(done, result.recipe.transform(NEW, 1))
    again = pickle.loads(pickle.dumps(result.recipe))  # noqa: S301  our own
    pd.testing.assert_frame_equal(again.transform(NEW), result.recipe.transform(NEW))


def test_the_routes_tell_and_give_the_models(shared, result):
    job_id = result._manifest.job_id
    told = shared.client().api.recipe(job_id)
    assert told.method == "pmm"
    assert [part.imputation for part in told.parts] == [0, 1]
    assert {column.name: column.level for column in told.columns}["grade"] == "ordered"
    transport = httpx.HTTPTransport(uds=str(shared.socket))
    with httpx.Client(transport=transport, base_url="http://x/v1/") as http:
        answer = http.get(f"jobs/{job_id}/recipe/1")
        assert answer.headers["Content-Type"] == "application/zip"
        assert hashlib.sha256(answer.content).hexdigest() == told.parts[1].sha256
        assert len(answer.content) == told.parts[1].size
        missing = http.get(f"jobs/{job_id}/recipe/7")
        assert missing.status_code == 404
        assert "no models of imputation 7" in missing.json()["message"]


def test_models_count_as_bytes_and_go_with_their_job(shared):
    client = shared.client()
    before = client.api.me()["usage"]["bytes"]
    res = impute(shared, incomplete_frame(300, 5, seed=77), random_state=12)
    assert client.api.me()["usage"]["bytes"] - before > res.recipe.size > 1000
    clear_once(shared.settings, grace_s=0)
    assert res.recipe.imputer.n_iter_ == 10
    client.api.delete(res._manifest.job_id)
    clear_once(shared.settings, grace_s=0)
    left = shared.sql(
        "SELECT 1 FROM wrangler.blob WHERE sha256 = :s",
        s=bytes.fromhex(res.recipe.digests[0]),
    )
    assert left == []


def test_without_models_the_recipe_says_why(shared):
    res = impute(shared, incomplete_frame(50, 3), keep_models=False)
    with pytest.raises(errors.NoRecipe, match=r"keep_models=False was asked for"):
        _ = res.recipe
    with pytest.raises(errors.NoRecipe, match="Submit the job again without it"):
        shared.client().api.recipe(res._manifest.job_id)


def test_a_recipe_shows_what_it_is(result):
    recipe = result.recipe
    assert repr(recipe).startswith("Recipe: 2 sets of models for 8 columns, ")
    assert "<code>grade</code>" in recipe._repr_html_()
    assert recipe.columns == tuple(OLD)


# ── the same as a job ──


@pytest.mark.parametrize("method", ["pmm", "linear", "knn", "norm", "mean", "rf"])
def test_a_transform_job_equals_the_recipe_here(shared, method):
    res = impute(shared, OLD, method, n_imputations=2, max_iter=3, keep_models=True)
    job = jw.transform(NEW, res, client=shared.client())
    done = job.result(timeout=CEILING_S)
    for k, data in enumerate(done.datasets):
        pd.testing.assert_frame_equal(data, res.recipe.transform(NEW, k))
    assert job.seen.kind == "transform"
    assert done.mask.to_numpy().sum() == done.summary.n_imputed
    # its own recipe is the one that it used
    assert done.recipe.digests == res.recipe.digests
    again = jw.transform(NEW, res.recipe, client=shared.client())
    assert again.id == job.id
    assert again.reused


def test_a_transform_job_keeps_the_models_of_a_deleted_job(shared):
    client = shared.client()
    old = incomplete_frame(90, 4, seed=31)
    res = impute(shared, old, random_state=3)
    first = jw.transform(old.iloc[:20], res, client=client)
    first.result(timeout=CEILING_S)
    client.api.delete(res._manifest.job_id)
    clear_once(shared.settings, grace_s=0)
    # by the models that the first transform refers to
    second = jw.transform(old.iloc[20:50], res.recipe, client=client)
    assert second.result(timeout=CEILING_S).df.notna().all(axis=None)
    for job in (first, second):
        client.api.delete(job.uuid)
    clear_once(shared.settings, grace_s=0)
    with pytest.raises(errors.NoRecipe, match="were deleted with their job"):
        jw.transform(old.iloc[50:], res.recipe, client=client)


def test_bytes_that_were_uploaded_are_no_models(shared, result):
    data = result._manifest.dataset_version.sha256
    with pytest.raises(errors.NoRecipe, match="none that a job of yours has kept"):
        shared.client().submit(NEW, TransformSpec(models=(data,)))


@pytest.mark.parametrize("damage", ["random", "cut"])
def test_damaged_models_end_a_transform_in_words(shared, damage):
    old = incomplete_frame(90, 4, seed=41 + len(damage))
    res = impute(shared, old, random_state=6)
    (row,) = shared.sql(
        "SELECT store_key FROM wrangler.blob WHERE sha256 = :s",
        s=bytes.fromhex(res.recipe.digests[0]),
    )
    path = shared.settings.blob_dir / row.store_key
    whole = path.read_bytes()
    path.chmod(0o600)
    noise = np.random.default_rng(0).bytes(len(whole))
    path.write_bytes(noise if damage == "random" else whole[: len(whole) // 2])
    job = jw.transform(old.iloc[:20], res, client=shared.client())
    failure = job.exception(timeout=CEILING_S)
    assert failure.code == "unreadable_imputer"
    refused = errors.DigestMismatch if damage == "random" else errors.NotFound
    with pytest.raises(refused, match=r"arrived changed|no longer where they were"):
        res.recipe.transform(old)


def test_rows_that_do_not_fit_fail_the_job_in_words(shared, result):
    job = jw.transform(NEW.assign(kind="new"), result, client=shared.client())
    with pytest.raises(errors.SchemaMismatch, match="has not seen: 'new'"):
        job.result(timeout=CEILING_S)
    job = jw.transform(
        NEW.assign(kind="new"),
        result,
        handle_unknown="impute",
        client=shared.client(),
    )
    assert (job.result(timeout=CEILING_S).df["kind"] == "new").all()


def test_a_killed_transform_is_tried_again_and_leaves_one_result(shared):
    res = impute(shared, incomplete_frame(3000, 8), "knn", keep_models=True)
    later = incomplete_frame(30_000, 8, seed=5)
    job = jw.transform(later, res, client=shared.client())
    (runner, *_) = until(lambda: shared.runners(shared.first_worker))
    os.kill(runner, signal.SIGKILL)
    done = job.result(timeout=CEILING_S)
    assert job.refresh().seen.attempts == 2
    assert done.n_imputations == 1
    assert done.df.notna().all(axis=None)


def test_a_saved_version_keeps_its_recipe(shared):
    client = shared.client()
    old = incomplete_frame(90, 4, seed=51)
    res = impute(shared, old, random_state=9)
    expected = res.recipe.transform(old.iloc[:9])
    version = res.save("kept models")
    client.api.delete(res._manifest.job_id)
    clear_once(shared.settings, grace_s=0)
    recipe = client.load(version.label).recipe
    pd.testing.assert_frame_equal(recipe.transform(old.iloc[:9]), expected)
    job = jw.transform(old.iloc[9:30], version.label, client=client)
    assert job.result(timeout=CEILING_S).df.notna().all(axis=None)

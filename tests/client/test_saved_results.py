"""Saved results in Python: saving, loading, listing, comparing, deleting."""

from __future__ import annotations

import pickle
import uuid

import numpy as np
import pandas as pd
import polars as pl
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler import errors
from jupyter_wrangler.client.transport.results_api import parse_label
from tests.waiting import CEILING_S

pytestmark = pytest.mark.usefixtures("client")


def impute(df, method="pmm", **more):
    options = {"random_state": 0} | more
    return jw.impute(df, method, **options).result(timeout=CEILING_S)


@pytest.fixture
def name():
    """A name that no other test has."""
    return f"n {uuid.uuid4().hex[:8]}"


def test_what_is_saved_is_loaded_by_its_label(patients, name):
    result = impute(patients, n_imputations=2)
    assert result.saved is None
    saved = result.save(name, note="as sent\nto the journal")
    assert repr(saved).startswith(f"Saved as '{name}@1': 2 imputations of ")
    for label in (name, f"{name}@1", f"{name}@v1", f" {name} @ 1"):
        found = jw.load(label)
        assert found.saved.label == f"{name}@1"
        pd.testing.assert_frame_equal(found.complete(1), result.complete(1))
    assert found.saved.note == "as sent\nto the journal"
    assert result.save(name).n == 1, "nothing changed"
    assert impute(patients, n_imputations=2).save(name).n == 1
    assert result.save(name, note="again").n == 2
    assert jw.load(name).save("copy of " + name).source == f"{name}@2"


def test_polars_comes_back_as_polars(name):
    df = pl.DataFrame({"a": [1.0, None, 3.0, 4.0], "b": [2.0, 4.0, None, 8.0]})
    result = impute(df, "mean")
    result.save(name)
    assert jw.load(name).df.equals(result.df)


def test_a_loaded_result_pickles_as_any_other(patients, name):
    result = impute(patients)
    result.save(name)
    copy = pickle.loads(pickle.dumps(jw.load(name)))  # noqa: S301  ours
    assert copy.saved.label == f"{name}@1"
    pd.testing.assert_frame_equal(copy.df, result.df)


@pytest.mark.parametrize("label", ["", " ", "@", "@3", "a@", "a@x", "a@-1", "a@1.5", 7])
def test_what_is_no_label_says_how_one_is_written(label):
    with pytest.raises(errors.InvalidSpec, match=r"names no (version|saved result)"):
        parse_label(label)


def test_what_is_not_there_says_what_is(patients, name):
    impute(patients).save(name)
    with pytest.raises(errors.ResultNotFound, match=f"no version 9 .*'{name}'; .*: 1"):
        jw.load(f"{name}@9")
    with pytest.raises(errors.ResultNotFound, match="is called 'nothing like it'; the"):
        jw.load("nothing like it")
    with pytest.raises(LookupError):
        jw.results()["nothing like it"]


@pytest.mark.parametrize(
    ("bad", "said"), [("a@1", "hold no '@'"), (" ", "at least 1"), ("x\n", "control")]
)
def test_bad_names_are_refused(patients, bad, said):
    result = impute(patients)
    if bad == "x\n":
        bad = "x\ny"
    with pytest.raises(errors.InvalidSpec, match=said):
        result.save(bad)


def test_the_list_shows_names_notes_and_sizes_and_escapes_them(patients, name):
    mean = impute(patients, "mean")
    mean.save(f"<script>{name}", note="<b>bold</b>\nsecond line")
    found = jw.results()
    assert found[0].name == f"<script>{name}"
    assert f"<script>{name}" in found
    assert len(found[:1]) == 1
    line = found.frame.loc[f"<script>{name}"]
    assert (line["versions"], line["rows"], line["methods"]) == (1, 60, "mean")
    assert line["bytes"] == found[0].latest.size > 0
    assert found.names[0] in repr(found)
    assert "second line" in repr(found)
    markup = found._repr_html_()
    assert f"&lt;script&gt;{name}" in markup
    assert "<script>" not in markup
    assert "<b>" not in markup
    assert repr(found[0]).startswith(f"SavedResult '<script>{name}': 1 version")
    with pytest.raises(errors.InvalidSpec, match="limit"):
        jw.results(-1)
    assert len(jw.results(1)) == 1


def test_versions_are_annotated_restored_renamed_and_deleted(patients, name):
    impute(patients, "mean").save(name)
    impute(patients, "median").save(name)
    saved = jw.results()[name]
    saved.annotate("the good one", 1)
    assert [one.note for one in saved.versions] == [None, "the good one"]
    assert saved.annotate("new").note == saved.note == "new"
    restored = saved.restore(1)
    assert (restored.n, restored.source) == (3, f"{name}@1")
    assert saved.latest.n == 3
    assert saved.load().compare(f"{name}@1").equal
    saved.rename(f"{name} renamed")
    assert saved.load(2).saved.label == f"{name} renamed@2"
    with pytest.raises(errors.ResultNotFound):
        jw.load(name)
    gone = saved.delete(1, dry_run=True)
    assert f"Would delete {name} renamed@1" in repr(gone)
    assert f"Made of it, and kept: {name} renamed@3" in repr(gone)
    with pytest.raises(errors.ResultInUse) as caught:
        saved.delete(1)
    assert caught.value.dependents == [f"{name} renamed@3"]
    assert saved.delete(1, force=True).versions == (1,)
    with pytest.raises(errors.InvalidSpec, match="number of a version"):
        saved.load("1")
    impute(patients, "mean").save(name)
    with pytest.raises(errors.Conflict, match="another result named"):
        saved.rename(name)
    assert "and with it the name" in repr(saved.delete())


def test_what_is_deleted_elsewhere_while_it_is_used_says_so(client, patients, name):
    more = {"random_state": 77, "n_imputations": 2}
    job = jw.impute(patients, "pmm", **more)
    result = job.result(timeout=CEILING_S)
    result.save(name)
    loaded = jw.load(name)
    # as if the cells had been too many to come along
    parts = [p.model_copy(update={"data": None}) for p in loaded._parts.values()]
    loaded._parts = {part.imputation: part for part in parts}
    assert loaded.complete(0).notna().all(axis=None)
    jw.results()[name].delete()
    # the job is still there
    assert loaded.cells(1).n_iter == result.cells(1).n_iter
    loaded._cells.clear()
    client.api.delete(job.uuid)
    with pytest.raises(errors.ResultNotFound, match=f"{name}@1 was deleted while"):
        loaded.complete(1)
    with pytest.raises(errors.JobNotFound, match="it was deleted"):
        result.save(name)


def test_the_same_result_has_no_difference(patients, name):
    result = impute(patients, n_imputations=2)
    result.save(name)
    found = jw.load(name).compare(result)
    assert found.equal
    assert found.same_data
    assert (found.settings, set(found.columns["differing"])) == ({}, {0})
    assert "the same cells have the same values" in repr(found)
    assert (found.document.left, found.document.right) == (f"{name}@1", f"{name}@1")


def test_another_method_on_the_same_data(patients):
    left = impute(patients, "mean", columns=["age", "chol"])
    right = impute(patients, "median", columns=["chol", "ward"])
    found = left.compare(right)
    assert found.settings["method"] == ("mean", "median")
    assert not found.equal
    missing = patients.isna().sum()
    age, chol, ward = (found.columns.loc[c] for c in ("age", "chol", "ward"))
    assert (age["only_left"], age["only_right"]) == (missing["age"], 0)
    assert (ward["only_left"], ward["only_right"]) == (0, missing["ward"])
    assert (chol["same"], chol["differing"]) == (0, missing["chol"])
    observed = patients["chol"].dropna()
    shift = (observed.median() - observed.mean()) / observed.std()
    assert chol["shift"] == pytest.approx(shift)
    assert chol["change"] == pytest.approx(abs(shift))
    assert 'method: "mean" -> "median"' in repr(found)


def test_draws_of_classes_and_numbers_with_another_seed(patients):
    left = impute(patients, n_imputations=5, random_state=1)
    right = impute(patients, n_imputations=3, random_state=2)
    found = left.compare(right)
    assert found.document.n_imputations == (5, 3)
    assert "the first 3 are compared" in repr(found)
    cells = [
        [one.cells(k).values["ward"] for k in range(3)]  # noqa: PD011  a dict of ours
        for one in (left, right)
    ]
    changed = np.array([[a != b for a, b in zip(*pair, strict=True)]
                        for pair in zip(*cells, strict=True)])  # fmt: skip
    ward = found.columns.loc["ward"]
    differing = changed.any(axis=0)
    assert ward["differing"] == differing.sum()
    if differing.any():
        assert ward["change"] == pytest.approx(changed[:, differing].mean())
    assert pd.isna(ward["shift"])


def test_other_data_are_paired_by_label_and_what_changed_is_counted(patients):
    left = impute(patients, "mean")
    later = patients.iloc[::-1].iloc[5:].copy()
    later.loc["p10", "age"] = 99.0
    later.loc["p11", "chol"] = None
    later["<new>"] = 1.0
    found = left.compare(impute(later, "mean"))
    document = found.document
    assert not found.same_data
    assert document.paired_by == "label"
    assert (document.rows_only_left, document.rows_only_right) == (5, 0)
    assert document.data_changed == 2
    assert document.columns_only_right == ("<new>",)
    chol = found.columns.loc["chol"]
    # p11 became missing
    assert (chol["only_right"], chol["only_left"]) == (1, 0)
    assert "2 observed or missing cells changed" in repr(found)
    markup = found._repr_html_()
    assert "&lt;new&gt;" in markup
    assert "<new>" not in markup


def test_rows_of_an_index_that_repeats_are_paired_by_position():
    df = pd.DataFrame({"a": [1.0, None, 3.0]}, index=["x", "x", "y"])
    other = pd.DataFrame({"a": [1.0, None, 5.0, None]}, index=["x", "x", "y", "y"])
    found = impute(df, "mean").compare(impute(other, "mean"))
    assert found.document.paired_by == "position"
    assert (found.document.rows_only_left, found.document.rows_only_right) == (0, 1)
    line = found.columns.loc["a"]
    assert (line["only_right"], line["differing"]) == (1, 1)
    assert line["shift"] == pytest.approx((3.0 - 2.0) / np.std([1.0, 3.0], ddof=1))


def test_times_and_types_that_changed_are_compared():
    times = pd.to_datetime(["2024-01-01", None, "2024-01-03", "2024-01-05"])
    df = pd.DataFrame({"t": times, "x": [1.0, None, 3.0, 4.0]})
    left = impute(df, "mean")
    right = impute(df.assign(x=["a", None, "b", "b"]), "most_frequent")
    found = left.compare(right)
    t, x = found.columns.loc["t"], found.columns.loc["x"]
    seconds = df["t"].dropna().astype("datetime64[s]").astype("int64")
    done = [one.df["t"][1] for one in (left, right)]
    shift = (done[1] - done[0]).total_seconds() / seconds.std()
    assert t["shift"] == pytest.approx(shift)
    assert (x["differing"], x["change"]) == (1, 1.0)
    assert pd.isna(x["shift"])


def test_a_job_that_is_gone_leaves_its_settings_unknown(client, patients):
    job = jw.impute(patients, "mean", random_state=5)
    left = job.result(timeout=CEILING_S)
    left.complete(0)
    client.api.delete(job.uuid)
    found = left.compare(impute(patients, "median"))
    assert found.document.settings is None
    assert "settings of one of them are not known" in repr(found)


def test_pages_of_a_saved_version_outlive_its_job(client, patients, name):
    job = jw.impute(patients, "mean", random_state=6)
    job.result(timeout=CEILING_S).save(name)
    found = jw.load(name)
    labels = found.page(columns="age", limit=2)
    assert [column.name for column in labels.columns] == ["age"]
    with pytest.raises(errors.InvalidSpec, match="a list of mappings is wanted"):
        found.page(filters="age > 3")
    client.api.delete(job.uuid)
    assert found.page(columns="age", limit=2) == labels
    assert len(found.complete(0)) == len(patients)

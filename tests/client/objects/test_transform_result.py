"""Results of transform jobs: shown, judged, listed and loaded as all others."""

import uuid

import numpy as np
import pandas as pd
import pytest
from IPython.lib.pretty import pretty

import jupyter_wrangler as jw
from jupyter_wrangler import errors
from jupyter_wrangler.client.objects.transform_result import TransformResult
from tests.client.local import partial_of
from tests.waiting import CEILING_S


@pytest.fixture
def later():
    """Rows of which a column holds plain objects, nearly all missing."""
    return pd.DataFrame(
        {"x": np.arange(6.0), "y": pd.Series([1.0, *[None] * 5], dtype=object)}
    )


@pytest.fixture
def result(client, later):
    assert client
    x = np.arange(60.0)
    df = pd.DataFrame({"x": x, "y": np.where(x % 7 == 0, np.nan, 2 * x)})
    fitted = jw.impute(df, n_imputations=2, max_iter=2).result(CEILING_S)
    job = jw.transform(later, fitted, handle_unknown="impute")
    found = job.result(CEILING_S)
    assert isinstance(found, TransformResult)
    return found


def test_it_is_shown_judged_listed_loaded_and_written_as_code(client, result):
    (job, *_) = jw.jobs(1)
    assert job.spec.kind == "transform"
    assert "later rows by 2 sets of models" in str(job._repr_mimebundle_())
    assert "Result: 2 completed data sets of 6 rows" in pretty(result)
    assert "Result: 2" in result._repr_html_()
    assert result.verdict.document.checks
    assert result.df["y"].dtype == "float64"
    table = result.sensitivity(lambda d: float(d["y"].mean())).to_frame()
    expected = np.mean([done["y"].mean() for done in result.datasets])
    pooled = table.set_index("what").loc["pooled", "estimate"]
    assert pooled == pytest.approx(expected)

    name = f"n {uuid.uuid4().hex[:8]}"
    result.save(name)
    for found in (client.load(name), jw.results()[name].load()):
        assert isinstance(found, TransformResult)
        pd.testing.assert_frame_equal(found.df, result.df)
    code = found.to_code()
    assert f"{name}@1" in code
    assert "handle_unknown='impute'" in code
    ran = {}
    exec(code, ran)  # noqa: S102  what was printed is what is tested
    pd.testing.assert_frame_equal(ran["result"].df, result.df)

    part = partial_of(result, [1])
    assert "(partial)" in pretty(part)
    assert part.verdict.document.checks


def test_what_only_the_fit_knows_is_refused_in_words(result):
    for ask in (
        lambda: result.spec,
        lambda: result.why(0, "y"),
        result.methods_text,
        lambda: result.sensitivity(len, delta=[1.0], column="y"),
    ):
        with pytest.raises(errors.InvalidSpec, match="the job that fitted the models"):
            ask()
    with pytest.raises(errors.InvalidSpec, match="give 'wrangler'"):
        result.to_code("sklearn")
    with pytest.raises(errors.InvalidSpec, match="Python expression as text"):
        result.to_code(data=5)


@pytest.fixture
def fit(client):
    """A job of its own, which a test may delete."""
    assert client
    x = np.arange(60.0)
    df = pd.DataFrame({"x": x, "y": np.where(x % 7 == 0, np.nan, 2 * x)})
    job = jw.impute(df, n_imputations=2, max_iter=2, force=True)
    return job.wait(CEILING_S)


@pytest.fixture
def fitted(fit):
    return fit.result()


def test_a_recipe_submits_later_rows_to_the_service_that_has_it(fitted):
    later = pd.DataFrame({"y": [np.nan, 8.0], "x": [3.0, np.nan]})
    job = fitted.recipe.submit(later, name="autumn")
    assert (job.name, job.seen.kind) == ("autumn", "transform")
    found = job.result(CEILING_S)
    pd.testing.assert_frame_equal(found.df, fitted.recipe.transform(later))
    parts = job.parts()
    assert parts["kind"].tolist() == ["completed data set"] * 2 + ["summary"]
    again = jw.transform(later, fitted)
    assert again.id == job.id, "the same rows by the same models"
    assert "imputation" not in repr(again)


@pytest.mark.parametrize(
    ("rows", "error", "said"),
    [
        (pd.DataFrame({"x": [], "y": []}), errors.EmptyFrame, "has 0 rows and 2"),
        (pd.DataFrame(), errors.EmptyFrame, "has 0 rows and 0 columns"),
        (pd.DataFrame({"x": [1.0]}), errors.SchemaMismatch, "do not have: 'y'. Add"),
        (
            pd.DataFrame(
                {"x": [1.0], "y": [None], **{f"c{k}": [1] for k in range(99)}}
            ),
            errors.SchemaMismatch,
            "not fitted on: 'c0', .*'c9' and 89 more. Leave them out",
        ),
        ([1, 2], errors.UnsupportedFrame, "A list was given"),
    ],
)
def test_rows_of_another_kind_are_refused_before_they_are_sent(
    fitted, rows, error, said
):
    before = jw.jobs(1)[0].id
    for submit in (fitted.recipe.submit, lambda df: jw.transform(df, fitted)):
        with pytest.raises(error, match=said):
            submit(rows)
    assert jw.jobs(1)[0].id == before


def test_what_went_with_a_job_is_said(fit, fitted, client):
    df = fitted.df
    client.api.delete(fit.uuid)
    for ask in (
        lambda: fitted.why(0, "y"),
        fitted.to_code,
        fitted.methods_text,
        lambda: fitted.recipe.imputer,
    ):
        with pytest.raises(
            errors.JobNotFound, match=r"was deleted, and its .* with it"
        ):
            ask()
    with pytest.raises(errors.JobNotFound, match="no saved result of yours is of"):
        jw.imputed(df)


def test_a_frame_is_known_by_the_saved_result_of_a_deleted_job(fit, fitted, client):
    df, mask = fitted.df, fitted.mask
    fitted.save(f"n {uuid.uuid4().hex[:8]}")
    client.api.delete(fit.uuid)
    np.testing.assert_array_equal(jw.imputed(df).to_numpy(bool), mask.to_numpy())

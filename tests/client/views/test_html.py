"""Static HTML: escaped, of plain elements only, and small."""

import datetime as dt
import uuid

import pytest

from jupyter_wrangler import contract
from jupyter_wrangler.client.views import formatting, html
from tests.client.page import PLAIN, parsed

AT = dt.datetime(2026, 11, 30, 14, 2, tzinfo=dt.UTC)
ATTRIBUTES = {
    *("value", "max", "title", "align", "scope", "style"),
    # for those who hear a page; sanitizers may take it away
    "aria-label",
}
EVIL = "<script>alert(1)</script>"


def column(name, **other):
    fields = {
        "name": name,
        "level": "continuous",
        "method": "pmm",
        "n_missing": 2,
        "n_imputed": 2,
        "observed": {"mean": 43.921, "sd": 1.0},
        "imputed": {"mean": 42.8, "sd": 1.0},
    }
    return contract.ColumnSummary(**(fields | other))


def summary(*columns, events=(), preview=None):
    return contract.ImputationSummary(
        n_rows=344,
        n_columns=len(columns),
        n_missing=2,
        n_imputed=2,
        columns=columns,
        events=events,
        preview=preview,
    )


def job(state="running", **other):
    fields = {
        "id": uuid.UUID(int=0x7F3A << 112),
        "kind": "imputation",
        "name": "patients",
        "state": state,
        "dataset_version_id": uuid.UUID(int=2),
        "dataset_name": "d-123",
        "spec": contract.ImputationSpec(n_imputations=5),
        "n_parts": 6,
        "parts_done": 2,
        "n_finished": 2,
        "attempts": 1,
        "created_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        "started_at": None,
        "finished_at": None,
    }
    return contract.Job(**(fields | other))


STEP = contract.Progress(
    job_id=uuid.UUID(int=1),
    done=62,
    total=100,
    message="imputation 3 of 5, round 6 of 10",
    eta_s=38.2,
)
PREVIEW = contract.Preview(
    index=("3", EVIL),
    columns=("age", EVIL),
    cells=(("40.7", "x"), ("41", EVIL)),
    imputed=((True, False), (False, True)),
)


def test_everything_is_escaped_and_plain():
    found = summary(
        column(EVIL, method=EVIL, observed={"top": EVIL, "share": 0.5}),
        events=[contract.LoggedEvent(column=EVIL, message=EVIL)],
        preview=PREVIEW,
    )
    failed = contract.JobError(code="job_failed", message=EVIL)
    for seen in (
        job("succeeded", name=EVIL, summary=found),
        job("failed", name=EVIL, error=failed),
        job("running", progress=STEP.model_copy(update={"message": EVIL})),
    ):
        page = parsed(html.job(seen, AT))
        assert page.tags <= PLAIN
        assert page.attributes <= ATTRIBUTES
        assert page.styles <= {"background-color: #ffd8a8"}
        assert EVIL in page.text


def test_a_running_job_shows_where_it_stands():
    page = html.job(job(progress=STEP), AT)
    assert '<progress value="62" max="100" ' in page
    text = parsed(page).text
    assert "running 62% · imputation 3 of 5, round 6 of 10 · about 40 s left" in text
    assert 'jw.job("7f3a0000")' in text
    assert "as of 30 Nov 2026, 14:02 UTC" in text
    assert 'aria-label="Progress of patients"' in page


def test_an_ended_job_says_when_it_ended_however_late_it_is_shown():
    page = html.job(job("succeeded", finished_at=AT - dt.timedelta(days=40)), AT)
    assert "<p>done · <i>ended 21 Oct 2026, 14:02 UTC</i></p>" in page
    assert "<progress" not in page


def test_the_summary_says_what_was_done_to_each_column():
    found = summary(
        column("age"),
        column("sex", observed={"top": "f", "share": 0.5}, imputed={"top": "m"}),
        column("note", method="", n_imputed=0, imputed={}),
        column("id", n_missing=0, n_imputed=0),
    )
    text = parsed(html.summary(found)).text
    for words_ in ("2 (0.6%)", "mean 43.92", "mean 42.8", "top f (50%)", "top m"):
        assert words_ in text
    assert "left alone" in text
    assert "1 column has no missing values." in text


def test_imputed_cells_are_marked():
    page = html.summary(summary(column("age"), preview=PREVIEW))
    mark = '<mark style="background-color: #ffd8a8" title="imputed">'
    assert f'<td align="right">{mark}40.7</mark></td>' in page
    assert '<td align="right">41</td>' in page


def test_section_5_columns_that_a_preview_leaves_out_are_named():
    names = ["age", EVIL, "<b>", *(f"x{i}" for i in range(7))]
    said = summary(*map(column, names), preview=PREVIEW)
    page = parsed(html.summary(said))
    assert "Not shown: <b>, x0, x1, x2, x3 and 3 more." in page.text
    whole = summary(column("age"), column(EVIL), preview=PREVIEW)
    assert "Not shown" not in parsed(html.summary(whole)).text


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ([column("age")], "2 cells imputed"),
        ([column("age"), column("note", n_imputed=0)], "2 cells imputed, 2 still miss"),
        (
            [column("a", n_missing=1500, n_imputed=2), column("b", n_missing=9)],
            "2 cells imputed, 1,505 still missing",
        ),
        # more cells than were missing are imputed where where= asks for it
        ([column("age", n_imputed=5)], "2 cells imputed"),
    ],
)
def test_section_5_a_heading_says_how_many_cells_are_still_missing(columns, said):
    found = formatting.imputed_cells(summary(*columns))
    assert found.startswith(said)
    assert ("still missing" in found) == ("still" in said)


def test_a_very_wide_frame_makes_a_small_page():
    found = summary(
        *(column(f"column {i} " + "x" * 500) for i in range(5000)),
        events=[contract.LoggedEvent(message=f"remark {i}") for i in range(1000)],
    )
    page = html.summary(found)
    assert len(page) < 60_000
    assert "4970 more columns had missing values." in page
    assert "more remarks." in page


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (
            job("queued"),
            "waiting for a worker · how long it takes is not known yet",
        ),
        (job("queued", estimate_s=1.0), "waiting for a worker · takes a moment"),
        (job("queued", estimate_s=40.0), "waiting for a worker · takes about 40 s"),
        (
            job("succeeded", reused=True),
            "done · found again: the same data and spec (force=True computes again)",
        ),
        (job("running"), "running"),
        (job("cancelled"), "cancelled · 2 of 5 imputations kept"),
        (job("cancelled", parts_done=0, n_finished=0), "cancelled"),
        (job("quarantined"), "given up"),
        (
            job("failed", error=contract.JobError(code="x", message="No room.")),
            "failed · No room.",
        ),
    ],
)
def test_each_state_has_words(seen, said):
    assert formatting.status_line(seen) == said

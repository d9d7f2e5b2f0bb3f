"""The card of a job as a bundle: dated, small, and nothing secret in it."""

import datetime as dt
import json
import uuid

import pytest

from jupyter_wrangler import contract
from jupyter_wrangler.client.views.card import CARD, MAX_BYTES, static_bundle

AT = dt.datetime(2026, 11, 30, 14, 2, tzinfo=dt.timezone(dt.timedelta(hours=1)))


def job(**change):
    fields = {
        "id": uuid.UUID(int=0x7F3A << 112),
        "kind": "imputation",
        "name": "patients",
        "state": "running",
        "dataset_version_id": uuid.UUID(int=2),
        "dataset_name": "d-123",
        "spec": contract.ImputationSpec(n_imputations=5),
        "n_parts": 6,
        "parts_done": 2,
        "attempts": 1,
        "created_at": AT,
        "started_at": AT,
        "finished_at": None,
    }
    return contract.Job(**(fields | change))


def column(name, n_missing=2):
    return contract.ColumnSummary(
        name=name,
        level="continuous",
        method="pmm",
        n_missing=n_missing,
        n_imputed=n_missing,
        observed={"mean": 1.0, "top": "x" * 1000},
        imputed={"mean": 1.0},
        convergence=contract.Convergence(rounds=5, chain_mean=((1.0,) * 500,) * 50),
    )


def summary(n, preview=None):
    return contract.ImputationSummary(
        n_rows=10,
        n_columns=n,
        n_missing=n,
        n_imputed=n,
        columns=tuple(column(f"column {i} " + "<'ö" * 400) for i in range(n)),
        events=(contract.LoggedEvent(message="m" * 5000),) * 1000,
        preview=preview,
    )


PREVIEW = contract.Preview(
    index=tuple("ö'" * 12 for _ in range(10)),
    columns=tuple("'<" * 100 for _ in range(12)),
    cells=(tuple("<&'" * 8 for _ in range(12)),) * 10,
    imputed=((True,) * 12,) * 10,
)


@pytest.mark.parametrize(
    "seen",
    [
        job(),
        job(state="succeeded", summary=summary(3)),
        job(state="succeeded", summary=summary(5000, PREVIEW), name="'" * 255),
        job(
            state="succeeded",
            kind="analysis",
            spec=contract.AnalysisSpec(),
            summary=contract.Findings(kind="analysis", sentences=("<" * 9000,) * 900),
        ),
        job(
            state="failed",
            error=contract.JobError(
                code="x", message="e" * 90_000, details={"row": "secret" * 90_000}
            ),
        ),
        job(
            spec=contract.ImputationSpec(methods={f"x{i}": "knn" for i in range(9999)})
        ),
    ],
    ids=["running", "done", "wide", "findings", "failed", "spec"],
)
def test_a_bundle_is_small_whatever_the_job_is(seen):
    found = static_bundle(seen, AT)
    assert len(json.dumps(found)) <= MAX_BYTES
    # what is drawn is a job as the service tells it
    shown = contract.Job.model_validate(found[CARD]["job"])
    assert (shown.id, shown.state, shown.brief) == (seen.id, seen.state, True)
    assert "secret" not in json.dumps(found)


def test_a_snapshot_is_dated_and_says_what_its_summary_leaves_out():
    found = static_bundle(job(state="succeeded", summary=summary(5000)), AT)[CARD]
    assert found["at"] == "2026-11-30T13:02:00+00:00"
    assert found["n_incomplete"] == found["n_filled"] == 5000
    assert len(found["job"]["summary"]["columns"]) <= 30
    assert found["job"]["summary"]["n_missing"] == 5000


def test_the_text_is_the_same_in_every_state():
    texts = {
        static_bundle(job(state=state), AT)["text/plain"]
        for state in ("queued", "running", "succeeded", "failed")
    }
    assert texts == {"Job 'patients': 5 imputations by pmm"}


def test_the_card_of_a_transform_says_how_many_models():
    digests = tuple(f"{k:064x}" for k in range(1000))
    spec = contract.TransformSpec(models=digests)
    found = static_bundle(job(kind="transform", spec=spec, n_parts=1001), AT)
    assert "later rows by 1,000 sets of models" in found["text/plain"]
    assert len(json.dumps(found)) <= MAX_BYTES
    again = contract.Job.model_validate(found[CARD]["job"])
    assert again.spec.models == digests[:1]

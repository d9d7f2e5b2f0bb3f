"""The card of a job as one MIME bundle, which needs no kernel to be true.

A bundle is stored in a notebook, so it holds what the job was at one time, with that
time, and never an address of a service or a token.  The labextension draws the snapshot
and follows the job; where there is none, the HTML is shown.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, Final

from jupyter_wrangler import contract
from jupyter_wrangler.client.views import formatting, html
from jupyter_wrangler.contract.spec_size import brief
from jupyter_wrangler.contract.specs import parse_spec

#: What the labextension draws.
CARD: Final = "application/vnd.jupyter-wrangler.job.v1+json"
#: Bytes of one bundle at most; notebooks are kept in version control.
MAX_BYTES: Final = 60_000
#: Lines of the table of columns, and remarks.
_COLUMNS, _REMARKS = 30, 5
#: Sentences of findings; characters of a sentence and of an error at most.
_FINDINGS, _SENTENCE, _ERROR = 15, 300, 2000


def static_bundle(job: contract.Job, at: dt.datetime) -> dict[str, Any]:
    """Return what a notebook stores for a job, as it was at one time.

    Parameters
    ----------
    job : Job
        The job as the service described it.
    at : datetime
        When that was, with a time zone.

    Returns
    -------
    dict
        MIME type -> content: the snapshot, sanitizer-safe HTML, and a text that does
        not change from run to run; together at most `MAX_BYTES` as JSON.
    """
    for shown in _ever_shorter(_with_short_sentences(job)):
        found = {
            CARD: {**_snapshot(shown, at), **_counts(job)},
            "text/html": html.job(shown, at),
            "text/plain": steady_text(job),
        }
        # the last is small whatever the job is
        if len(json.dumps(found)) <= MAX_BYTES:
            break
    return found


def _snapshot(job: contract.Job, at: dt.datetime) -> dict[str, Any]:
    return {
        "id": str(job.id),
        "kind": job.kind,
        "name": formatting.job_title(job),
        "at": at.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "job": _trimmed(job).model_dump(mode="json"),
    }


def _counts(job: contract.Job) -> dict[str, Any]:
    """Count the columns, of which the summary in a snapshot holds only some."""
    if not isinstance(job.summary, contract.ImputationSummary):
        return {}
    columns = job.summary.columns
    return {
        "n_incomplete": sum(c.n_missing > 0 for c in columns),
        "n_filled": sum(c.n_imputed > 0 for c in columns),
    }


def steady_text(job: contract.Job) -> str:
    """Name a job by what stays the same from run to run, for notebooks under test."""
    return f"Job {formatting.job_title(job)!r}: {formatting.job_description(job)}"


def _with_short_sentences(job: contract.Job) -> contract.Job:
    """Cut long sentences, and leave out the details of an error."""
    update: dict[str, Any] = {}
    if job.error is not None:
        message = html.short(job.error.message, _ERROR)
        update["error"] = contract.JobError(code=job.error.code, message=message)
    if isinstance(job.summary, contract.Findings):
        sentences = tuple(
            html.short(s, _SENTENCE) for s in job.summary.sentences[:_FINDINGS]
        )
        update["summary"] = job.summary.model_copy(update={"sentences": sentences})
    elif job.summary is not None:
        events = tuple(
            e.model_copy(update={"message": html.short(e.message, _SENTENCE)})
            for e in job.summary.events
        )
        update["summary"] = job.summary.model_copy(update={"events": events})
    return job.model_copy(update=update)


def _trimmed(job: contract.Job) -> contract.Job:
    """Take out what no card draws."""
    update: dict[str, Any] = {
        "spec": parse_spec(brief(job.spec)),
        "brief": True,
        "dataset_name": html.short(job.dataset_name, 120),
    }
    if isinstance(job.summary, contract.ImputationSummary):
        update["summary"] = _trimmed_summary(job.summary)
    return job.model_copy(update=update)


def _trimmed_summary(found: contract.ImputationSummary) -> contract.ImputationSummary:
    touched = [c for c in found.columns if c.n_missing][:_COLUMNS]
    columns = tuple(
        c.model_copy(
            update={
                "name": html.short(c.name),
                "convergence": None,
                "observed": _short_values(c.observed),
                "imputed": _short_values(c.imputed),
            }
        )
        for c in touched
    )
    events = tuple(
        e.model_copy(update={"message": html.short(e.message, _SENTENCE)})
        for e in found.events[:_REMARKS]
    )
    update = {
        "columns": columns,
        "events": events,
        "preview": _short_names(found.preview),
    }
    return found.model_copy(update=update)


def _short_names(preview: contract.Preview | None) -> contract.Preview | None:
    if preview is None:
        return None
    columns = tuple(map(html.short, preview.columns))
    return preview.model_copy(update={"columns": columns})


def _short_values(found: dict[str, float | str | None]) -> dict[str, Any]:
    return {
        name: html.short(value) if isinstance(value, str) else value
        for name, value in found.items()
    }


def _ever_shorter(job: contract.Job) -> list[contract.Job]:
    """Return a job, then without its preview, then without its columns and remarks."""
    if not isinstance(job.summary, contract.ImputationSummary):
        return [job]
    fewer: list[dict[str, Any]] = [
        {"preview": None},
        {"preview": None, "columns": (), "events": ()},
    ]
    return [
        job,
        *(
            job.model_copy(update={"summary": job.summary.model_copy(update=change)})
            for change in fewer
        ),
    ]

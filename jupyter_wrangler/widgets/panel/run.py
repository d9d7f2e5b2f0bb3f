"""Step 3, Run: the job, while it waits, runs and when it has ended."""

from __future__ import annotations

from typing import Any

from jupyter_wrangler import contract
from jupyter_wrangler.client.views import formatting
from jupyter_wrangler.widgets.panel.model import PanelModel


def view(model: PanelModel) -> dict[str, Any]:
    """Return what the step shows, as JSON."""
    job = model.job
    if job is None:
        return {"ready": False}
    here = not model.deleted
    return {
        "ready": True,
        "id": formatting.short_id(job),
        "title": formatting.job_title(job),
        "description": formatting.job_description(job),
        "status": formatting.status_line(job),
        "state": job.state,
        "final": job.final,
        "share": _share(job),
        "can_cancel": here and not job.final and job.state != "cancelling",
        "can_finish": here and job.can_finish,
        "can_retry": here and job.final and job.state != "succeeded",
        "can_keep": job.state == "succeeded" and not model.why_not("judge"),
        "left_alone": _left_alone(job),
    }


def _share(job: contract.Job) -> float:
    if job.state == "succeeded":
        return 1.0
    return job.progress.fraction if job.progress else 0.0


def _left_alone(job: contract.Job) -> str:
    if job.final:
        return ""
    return (
        "The job runs in the background: you may close the notebook or restart the "
        "kernel, and run this cell again to come back to it."
    )

"""A job in a notebook: what is stored in it, and where needed a live widget."""

from __future__ import annotations

import contextlib
import datetime as dt
import weakref
from typing import Any

from jupyter_wrangler.client.objects.job import Job
from jupyter_wrangler.client.views import formatting
from jupyter_wrangler.client.views.card import static_bundle
from jupyter_wrangler.errors import WranglerError
from jupyter_wrangler.widgets.front_end import notebook_shell, runs_widgets_only
from jupyter_wrangler.widgets.job_view import JobView
from jupyter_wrangler.widgets.stored_output import JobOutput

_VIEW = "application/vnd.jupyter.widget-view+json"

_views: weakref.WeakKeyDictionary[Job, JobView] = weakref.WeakKeyDictionary()


def bundle(job: Job) -> dict[str, Any]:
    """Return what a notebook shows for a job, one form for each kind of reader.

    Parameters
    ----------
    job : Job
        The job.

    Returns
    -------
    dict
        MIME type -> content: a snapshot that the labextension draws and keeps up to
        date, static HTML, text, and a widget for a job that goes on in a front end
        that has widgets only.
    """
    with contextlib.suppress(WranglerError):
        _ = job.summary  # fetched, if the job is done and it is not there yet
    found = static_bundle(job.seen, dt.datetime.now(dt.UTC))
    if notebook_shell() is None:
        # a terminal: nothing will follow the job there, so the text says its state
        found["text/plain"] += f", {formatting.status_line(job.seen)}"
    elif runs_widgets_only() and not job.seen.final:
        found[_VIEW] = _live_view(job)
    return found


def display(job: Job) -> bool:
    """Show a job in a notebook, and keep what is stored there true.

    Parameters
    ----------
    job : Job
        The job.

    Returns
    -------
    bool
        False where this is no kernel of a notebook, and nothing was shown.
    """
    if notebook_shell() is None:
        return False
    JobOutput(job, bundle).show()
    return True


def _live_view(job: Job) -> dict[str, Any]:
    shown = _views.get(job)
    if shown is None:
        shown = _views[job] = JobView(job)
    return {"version_major": 2, "version_minor": 0, "model_id": shown.model_id}

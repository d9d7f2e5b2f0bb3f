"""The panel where no browser draws it: as text, and as HTML for every sanitizer."""

from __future__ import annotations

import datetime as dt
from typing import Any

from jupyter_wrangler.client.views import formatting, html
from jupyter_wrangler.client.views import plan as plan_views
from jupyter_wrangler.widgets.panel.model import PanelModel

_STEPS = {"look": "Look", "plan": "Plan", "run": "Run", "judge": "Judge and keep"}


def text(model: PanelModel) -> str:
    """Say in lines where the panel is, what is planned, and the code of it."""
    parts = [f"Panel of {model.data}: {_STEPS[model.step]}"]
    if model.profile is not None:
        parts += [f"  {sentence}" for sentence in model.profile.sentences[:3]]
    if model.step != "look" and model.base is not None:
        parts.append(plan_views.text(model.plan.document))
    if model.job is not None:
        job = model.job
        parts.append(
            f"Job {formatting.short_id(job)}: {formatting.job_description(job)}, "
            f"{formatting.status_line(job)}"
        )
    parts.append("The same as code:")
    parts += [f"  {line}" for line in model.code().splitlines()]
    return "\n".join(parts)


def bundle_html(model: PanelModel) -> str:
    """Show where the panel is, what is planned, the job, and the code of it."""
    parts = [f"<p><b>{html.text(model.data)}</b> · {_STEPS[model.step]}</p>"]
    if model.profile is not None:
        lines = "".join(f"<li>{html.text(s)}</li>" for s in model.profile.sentences[:5])
        parts.append(f"<ul>{lines}</ul>")
    if model.step != "look" and model.base is not None:
        parts.append(plan_views.html(model.plan.document))
    if model.job is not None:
        parts.append(html.job(model.job, dt.datetime.now(dt.UTC)))
    parts.append(f"<p>The same as code:</p><pre>{html.text(model.code())}</pre>")
    return "".join(parts)


def forms(model: PanelModel) -> dict[str, Any]:
    """Return the panel for readers without a live view: MIME type -> content."""
    return {"text/plain": text(model), "text/html": bundle_html(model)}

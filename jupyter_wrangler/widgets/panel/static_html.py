"""The panel where no browser draws it: as text, and as HTML for every sanitizer."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from jupyter_wrangler.client.views import formatting, html
from jupyter_wrangler.client.views import plan as plan_views
from jupyter_wrangler.widgets.panel.model import PanelModel
from jupyter_wrangler.wording import count

#: What the labextension draws: the widget while it lives, else the HTML.
PANEL: Final = "application/vnd.jupyter-wrangler.panel.v1+json"
#: Characters of a sentence and of a line of code, and lines of code, at most.
_SENTENCE, _LINE, _LINES = 400, 200, 100
_STEPS = {"look": "Look", "plan": "Plan", "run": "Run", "judge": "Judge and keep"}


def text(model: PanelModel) -> str:
    """Say in lines where the panel is, what is planned, and the code of it."""
    parts = [f"Panel of {model.data}: {_STEPS[model.step]}"]
    if model.look.profile is not None:
        parts += [f"  {sentence}" for sentence in model.look.profile.sentences[:3]]
    if model.step != "look" and model.plan.base is not None:
        parts.append(plan_views.text(model.plan.chosen.document))
    if model.job is not None:
        job = model.job
        parts.append(
            f"Job {formatting.short_id(job)}: {formatting.job_description(job)}, "
            f"{formatting.status_line(job)}"
        )
    parts.append("The same as code:")
    parts += [f"  {line}" for line in _code(model).splitlines()]
    return "\n".join(parts)


def bundle_html(model: PanelModel) -> str:
    """Show where the panel is, what is planned, the job, and the code of it."""
    parts = [f"<p><b>{html.text(model.data)}</b> · {_STEPS[model.step]}</p>"]
    if model.look.profile is not None:
        sentences = (html.short(s, _SENTENCE) for s in model.look.profile.sentences[:5])
        lines = "".join(f"<li>{html.text(s)}</li>" for s in sentences)
        parts.append(f"<ul>{lines}</ul>")
    if model.step != "look" and model.plan.base is not None:
        parts.append(plan_views.html(model.plan.chosen.document))
    if model.job is not None:
        parts.append(html.job(model.job, dt.datetime.now(dt.UTC)))
    parts.append(f"<p>The same as code:</p><pre>{html.text(_code(model))}</pre>")
    return "".join(parts)


def _code(model: PanelModel) -> str:
    """Give the code; where it is long, its first lines and how many more there are."""
    lines = [html.short(line, _LINE) for line in model.code().splitlines()]
    if len(lines) > _LINES:
        more = f"# and {count(len(lines) - _LINES, 'more line')}: see the panel"
        lines = [*lines[:_LINES], more]
    return "\n".join(lines)


def forms(model: PanelModel) -> dict[str, Any]:
    """Return the panel for readers without a live view.

    Returns
    -------
    dict
        MIME type -> content: what the labextension draws, which shows the HTML where
        the widget is gone; the HTML; and text.
    """
    now = dt.datetime.now(dt.UTC)
    return {
        PANEL: {"at": now.isoformat(timespec="seconds"), "step": model.step},
        "text/html": bundle_html(model),
        "text/plain": text(model),
    }


def version(model: PanelModel) -> tuple[Any, ...]:
    """Return what tells one stored form from the next; progress is not stored."""
    job = model.job
    return (
        model.step,
        model.code(),
        model.look.profile is not None,
        model.plan.recommended is not None,
        None if job is None else (job.id, job.state, job.summary is not None),
    )

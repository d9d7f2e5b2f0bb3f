"""A job in words: what it does, its state, how long it still takes."""

from __future__ import annotations

import datetime as dt
from typing import assert_never

from jupyter_wrangler.contract import (
    AnalysisSpec,
    ComparisonSpec,
    CorrelationSpec,
    ImputationSpec,
    ImputationSummary,
    Job,
    QueuePlace,
    TransformSpec,
    spec_class,
)
from jupyter_wrangler.wording import count

#: State -> what people read.
STATES = {
    "queued": "waiting for a worker",
    "running": "running",
    "cancelling": "cancelling",
    "succeeded": "done",
    "failed": "failed",
    "timed_out": "timed out",
    "cancelled": "cancelled",
    "quarantined": "given up",
}
#: Said of a job that was found instead of being computed again.
REUSED = "found again: the same data and spec (force=True computes again)"
#: Shorter waits are not worth a word.
_SHORTEST_SHOWN_S = 5.0
_MONTHS = [
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
]
#: Characters of an id that people see and may type.
SHORT = 8


def short_id(job: Job) -> str:
    """Return the part of the id that people see."""
    return str(job.id)[:SHORT]


def time_left(seconds: float | None) -> str:
    """Say how long something still takes, roughly; nothing if not worth a word.

    Examples
    --------
    >>> time_left(3.9), time_left(38.2), time_left(340.0), time_left(8000.0)
    ('', 'about 40 s left', 'about 6 min left', 'about 2.2 h left')
    """
    if seconds is None or seconds < _SHORTEST_SHOWN_S:
        return ""
    if seconds < 90:
        step = 5 if seconds < 30 else 10
        return f"about {max(step, round(seconds / step) * step)} s left"
    if seconds < 5400:
        return f"about {round(seconds / 60)} min left"
    return f"about {seconds / 3600:.1f} h left"


def expected_duration(seconds: float | None) -> str:
    """Say how long a job is thought to take once it runs.

    Examples
    --------
    >>> expected_duration(None), expected_duration(0.3), expected_duration(38.2)
    ('how long it takes is not known yet', 'takes a moment', 'takes about 40 s')
    """
    if seconds is None:
        return "how long it takes is not known yet"
    found = time_left(seconds).removesuffix(" left")
    return f"takes {found}" if found else "takes a moment"


def moment(at: dt.datetime) -> str:
    """Say when something was, for readers in any time zone.

    Examples
    --------
    >>> moment(dt.datetime(2026, 11, 30, 14, 2, tzinfo=dt.UTC))
    '30 Nov 2026, 14:02 UTC'
    """
    # not strftime's month, which follows the locale of the process
    utc = at.astimezone(dt.UTC)
    return f"{utc.day} {_MONTHS[utc.month - 1]} {utc.year}, {utc:%H:%M} UTC"


def imputed_cells(summary: ImputationSummary) -> str:
    """Count the cells that were imputed, and those that are still missing."""
    imputed = f"{count(summary.n_imputed, 'cell')} imputed"
    left = sum(max(0, c.n_missing - c.n_imputed) for c in summary.columns)
    return f"{imputed}, {left:,} still missing" if left else imputed


def job_title(job: Job) -> str:
    """Name a job: its own name, or that of its data."""
    unnamed = job.dataset_name.startswith("frame-")
    return job.name or ("unnamed data" if unnamed else job.dataset_name)


def job_description(job: Job) -> str:
    """Say what a job does; the same words in every state."""
    match job.spec:
        case TransformSpec():
            # a brief spec lists one of the models
            return f"later rows by {count(max(1, job.n_parts - 1), 'set')} of models"
        case ComparisonSpec() as spec:
            repeats = count(spec.repeats, "repeat")
            return f"comparison of {', '.join(spec.methods)} in {repeats}"
        case CorrelationSpec() as spec:
            return f"correlation ({spec.method})"
        case AnalysisSpec():
            return "profile"
        case ImputationSpec() as spec:
            methods = sorted({spec.method, *filter(None, spec.methods.values())})
            m = max(1, job.n_parts - 1) if spec.grows else spec.n_imputations
            return f"{count(m, 'imputation')} by {', '.join(methods)}"
        case _:
            assert_never(job.spec)


def status_line(job: Job) -> str:
    """Return the state of a job in one line."""
    parts = [STATES.get(job.state, job.state)]
    if job.state == "running" and job.progress:
        parts[0] += f" {job.progress.fraction:.0%}"
        parts += [job.progress.message, time_left(job.progress.eta_s)]
        if job.finishing:
            parts = [f"finishing with {finished_parts(job)} {parts_noun(job)}"]
    elif job.state == "queued":
        parts += [queue_reason(job.queue), expected_duration(job.estimate_s)]
    elif job.partial or (job.state == "cancelled" and job.n_finished):
        parts.append(f"{finished_parts(job)} {parts_noun(job)} kept")
    elif job.error and job.final:
        parts.append(job.error.message)
    if job.reused:
        parts.append(REUSED)
    return " · ".join(filter(None, parts))


def queue_reason(place: QueuePlace | None) -> str:
    """Say why a job waits, and for how long; nothing if that is not known.

    Examples
    --------
    >>> place = QueuePlace(
    ...     place=3, reason="behind_own_jobs", n_own=2, n_others=0, starts_in_s=40.0
    ... )
    >>> queue_reason(place)
    'behind 2 own jobs, starts in about 40 s'
    """
    if place is None:
        return ""
    match place.reason:
        case "no_worker":
            reason = "no worker is there"
        case "quota":
            reason = "you run as many parts as your quota allows"
        case "behind_own_jobs":
            reason = f"behind {count(place.n_own, 'own job')}"
        case "behind_others":
            reason = f"behind {count(place.n_others, 'job')} of others"
        case "slots":
            reason = "no slot or memory is free"
        case "starting":
            return "about to start"
        case _:
            assert_never(place.reason)
    left = time_left(place.starts_in_s).removesuffix(" left")
    return f"{reason}, starts in {left}" if left else reason


def still_running_notice(job: Job) -> str:
    """Return what to tell users who stopped waiting: the job goes on."""
    return (
        "Stopped waiting; the job goes on. Come back to it with "
        f'jw.job("{short_id(job)}").'
    )


def finished_parts(job: Job) -> str:
    """Say how many of its parts a job that was stopped has finished."""
    # the last part only sums up
    wanted = max(1, job.n_parts - 1)
    return f"{min(job.n_finished, wanted):,} of {wanted:,}"


def parts_noun(job: Job) -> str:
    """Name the parts of a job."""
    return f"{spec_class(job.kind).part_word}s"

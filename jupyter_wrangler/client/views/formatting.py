"""A job in words for people: its state, how far it is, how long it still takes."""

from __future__ import annotations

from jupyter_wrangler.contract import (
    AnalysisSpec,
    ComparisonSpec,
    CorrelationSpec,
    ImputationSummary,
    Job,
)

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
#: Said of a job that was found instead of being computed anew.
REUSED = "found again: the same data and spec (force=True computes anew)"
#: Shorter waits are not worth a word.
_WORTH_S = 5.0
#: Characters of an id that people see and may type.
SHORT = 8


def short_id(job: Job) -> str:
    """Give the part of the id that people see."""
    return str(job.id)[:SHORT]


def count(number: int, thing: str) -> str:
    """Count things.

    Examples
    --------
    >>> count(1, "row"), count(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def about(seconds: float | None) -> str:
    """Say how long something still takes, roughly; nothing if not worth a word.

    Examples
    --------
    >>> about(3.9), about(38.2), about(340.0), about(8000.0)
    ('', 'about 40 s left', 'about 6 min left', 'about 2.2 h left')
    """
    if seconds is None or seconds < _WORTH_S:
        return ""
    if seconds < 90:
        step = 5 if seconds < 30 else 10
        return f"about {max(step, round(seconds / step) * step)} s left"
    if seconds < 5400:
        return f"about {round(seconds / 60)} min left"
    return f"about {seconds / 3600:.1f} h left"


def lasting(seconds: float | None) -> str:
    """Say how long a job is thought to take once it runs.

    Examples
    --------
    >>> lasting(None), lasting(0.3), lasting(38.2)
    ('how long it takes is not known yet', 'takes a moment', 'takes about 40 s')
    """
    if seconds is None:
        return "how long it takes is not known yet"
    found = about(seconds).removesuffix(" left")
    return f"takes {found}" if found else "takes a moment"


def imputed(summary: ImputationSummary) -> str:
    """Count the cells that were imputed, and those that are still missing."""
    said = f"{count(summary.n_imputed, 'cell')} imputed"
    left = sum(max(0, c.n_missing - c.n_imputed) for c in summary.columns)
    return f"{said}, {left:,} still missing" if left else said


def title(job: Job) -> str:
    """Name a job: its own name, or that of its data."""
    unnamed = job.dataset_name.startswith("frame-")
    return job.name or ("unnamed data" if unnamed else job.dataset_name)


def what(job: Job) -> str:
    """Say what a job does; the same words in every state."""
    spec = job.spec
    if isinstance(spec, ComparisonSpec):
        repeats = count(spec.repeats, "repeat")
        return f"comparison of {', '.join(spec.methods)} in {repeats}"
    if isinstance(spec, CorrelationSpec):
        return f"correlation ({spec.method})"
    if isinstance(spec, AnalysisSpec):
        return "profile"
    methods = sorted({spec.method, *filter(None, spec.methods.values())})
    return f"{count(spec.n_imputations, 'imputation')} by {', '.join(methods)}"


def standing(job: Job) -> str:
    """Say where a job stands, in one line."""
    parts = [STATES.get(job.state, job.state)]
    if job.state == "running" and job.progress:
        parts[0] += f" {job.progress.fraction:.0%}"
        parts += [job.progress.message, about(job.progress.eta_s)]
    elif job.state == "queued":
        parts.append(lasting(job.estimate_s))
    elif job.state == "cancelled" and job.parts_done:
        parts.append(f"{kept(job)} {pieces(job)} kept")
    elif job.error and job.final:
        parts.append(job.error.message)
    if job.reused:
        parts.append(REUSED)
    return " · ".join(filter(None, parts))


def stopped(job: Job) -> str:
    """Say to whom stopped waiting that the job did not stop."""
    return (
        "Stopped waiting; the job goes on. Come back to it with "
        f'jw.job("{short_id(job)}").'
    )


def kept(job: Job) -> str:
    """Say how many of its parts a job that was stopped has finished."""
    # the last part only sums up
    wanted = max(1, job.n_parts - 1)
    return f"{min(job.parts_done, wanted):,} of {wanted:,}"


def pieces(job: Job) -> str:
    """Name the parts of a job."""
    return "imputations" if job.kind == "imputation" else "parts"

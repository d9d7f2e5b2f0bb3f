"""From the steps of its parts to the progress of a job.

Time left is given once the pace is steady: a part of the job has ended in this run, or
of what the part that is furthest has done, the second half took between half and twice
as long as the first.  For jobs of less than five seconds in all it is never given.
"""

from __future__ import annotations

from typing import Any

from jupyter_wrangler.contract import Job, PartProgress, Progress, spec_class

#: No time left is guessed before this much has passed, or this share is done.
_MIN_ELAPSED_S, _MIN_SHARE = 1.0, 0.02
#: Jobs that take less in all are over before the words are read.
_SHORT_S = 5.0
#: How much longer or shorter the second half of what is done may have taken.
_STEADY = 2.0
#: The estimate made at submission weighs as much as this share of the work.
_PRIOR = 0.15
#: Running parts that are told one by one.
_MOST_PARTS = 16


def gather(job: Job, steps: dict[str, dict[str, Any]]) -> Progress | None:
    """Sum up the latest step of each part; None before anything is known.

    Each imputation weighs the same.  The last stage (the summary) is not counted:
    it takes a moment.
    """
    m = max(1, job.n_parts - 1)
    finished = min(job.parts_done, m)
    shares = {k: _share(step) for k, step in steps.items()}
    # parts that are done may have reported less than all; the rows know better
    # (the steps of an earlier attempt are forgotten when it is tried again)
    ended = max(0, finished - job.parts_kept)
    unfinished = sorted(shares.values())[: max(0, len(shares) - ended)]
    done = min(float(m), finished + sum(unfinished))
    running = sorted(
        (s for s in steps.values() if s.get("done", 0) < s.get("total", 0)),
        key=lambda s: int(s.get("imputation", 0)),
    )
    latest = running[-1] if running else None
    if latest is None and not finished:
        return None
    steady = ended > 0 or (bool(running) and _is_steady(max(running, key=_share)))
    return Progress(
        job_id=job.id,
        done=done,
        total=float(m),
        message=_words(job, latest, m, finished),
        imputation=latest["imputation"] if latest else None,
        n_imputations=m,
        round=latest.get("round") if latest else None,
        max_iter=latest.get("max_iter") if latest else None,
        column=latest.get("column") if latest else None,
        eta_s=_eta(job, done / m) if steady else None,
        parts=tuple(
            PartProgress(
                k=step["imputation"],
                fraction=_share(step),
                message=_part_words(job, step, m),
                round=step.get("round"),
                max_iter=step.get("max_iter"),
                column=step.get("column"),
            )
            for step in running[:_MOST_PARTS]
        ),
    )


def _share(step: dict[str, Any]) -> float:
    """Return the share of a part that is done."""
    return min(1.0, step["done"] / step["total"]) if step.get("total") else 0.0


def _words(job: Job, latest: dict[str, Any] | None, m: int, finished: int) -> str:
    piece = spec_class(job.kind).part_word
    if job.finishing and finished < m:
        return f"finishing with {finished} of {m} {piece}s"
    if latest is not None:
        return _part_words(job, latest, m)
    if finished >= m:
        return "summing up"
    return f"{piece} {finished} of {m} done"


def _part_words(job: Job, step: dict[str, Any], m: int) -> str:
    """Say where a part stands: "imputation 2 of 5, round 6 of 10, column 'chol'"."""
    piece = spec_class(job.kind).part_word
    which = f"{piece} {step['imputation'] + 1} of {m}" if m > 1 else ""
    return ", ".join(filter(None, (which, step.get("message"))))


def _is_steady(step: dict[str, Any]) -> bool:
    """Whether a part went on lately about as fast as at first."""
    seconds, half = float(step.get("seconds") or 0), float(step.get("half_s") or 0)
    if half <= 0:
        return False
    return 1 / _STEADY <= (seconds - half) / half <= _STEADY


def _eta(job: Job, share: float) -> float | None:
    """Go by what was done since the job began to run, and by how long that took.

    The first rounds are often slower or faster than the rest: the estimate that was
    made at submission counts as a share of work that has been done already, so that
    the time left does not swing.  What a job that is tried again has kept took no time
    of this run.
    """
    kept = job.parts_kept / max(1, job.n_parts - 1)
    done, wanted = share - kept, 1 - kept
    if job.running_s is None or job.running_s < _MIN_ELAPSED_S:
        return None
    if done < _MIN_SHARE * wanted or done <= 0:
        return None
    known = _PRIOR if job.estimate_s else 0.0
    spent = job.running_s + known * (job.estimate_s or 0.0)
    left = max(0.0, spent / (done + known) * (1 - share))
    return left if job.running_s + left >= _SHORT_S else None

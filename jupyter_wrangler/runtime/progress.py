"""From the steps of its parts to the progress of a job."""

from __future__ import annotations

from typing import Any

from jupyter_wrangler.contract import Job, Progress, spec_class

#: No time left is guessed before this much has passed, or this share is done.
_MIN_ELAPSED_S, _MIN_SHARE = 1.0, 0.02
#: The estimate made at submission weighs as much as this share of the work.
_PRIOR = 0.15


def gather(job: Job, steps: dict[str, dict[str, Any]]) -> Progress | None:
    """Sum up the latest step of each part; None before anything is known.

    Each imputation weighs the same.  The last stage (the summary) is not counted:
    it takes a moment.
    """
    m = max(1, job.n_parts - 1)
    finished = min(job.parts_done, m)
    shares = {
        k: min(1.0, step["done"] / step["total"]) if step.get("total") else 0.0
        for k, step in steps.items()
    }
    # parts that are done may have reported less than all; the rows know better
    # (the steps of an earlier attempt are forgotten when it is tried again)
    ended = max(0, finished - job.parts_kept)
    unfinished = sorted(shares.values())[: max(0, len(shares) - ended)]
    done = min(float(m), finished + sum(unfinished))
    latest = max(
        (s for s in steps.values() if s.get("done", 0) < s.get("total", 0)),
        key=lambda s: s.get("imputation", 0),
        default=None,
    )
    if latest is None and not finished:
        return None
    piece = spec_class(job.kind).part_word
    words = []
    if latest is not None:
        if m > 1:
            words.append(f"{piece} {latest['imputation'] + 1} of {m}")
        if latest.get("message"):
            words.append(latest["message"])
    elif finished >= m:
        words.append("summing up")
    else:
        words.append(f"{piece} {finished} of {m} done")
    return Progress(
        job_id=job.id,
        done=done,
        total=float(m),
        message=", ".join(words),
        imputation=latest["imputation"] if latest else None,
        n_imputations=m,
        round=latest.get("round") if latest else None,
        max_iter=latest.get("max_iter") if latest else None,
        column=latest.get("column") if latest else None,
        eta_s=_eta(job, done / m),
    )


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
    return max(0.0, spent / (done + known) * (1 - share))

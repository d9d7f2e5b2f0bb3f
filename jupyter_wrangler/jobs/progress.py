"""From the steps of its parts to the progress of a job."""

from __future__ import annotations

import datetime as dt
from typing import Any

from jupyter_wrangler.contract import Job, Progress

#: No time left is guessed before this much has passed, or this share is done.
_MIN_ELAPSED_S, _MIN_SHARE = 1.0, 0.02


def gather(
    job: Job, steps: dict[str, dict[str, Any]], now: dt.datetime | None = None
) -> Progress | None:
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
    unfinished = sorted(shares.values())[: max(0, len(shares) - finished)]
    done = min(float(m), finished + sum(unfinished))
    latest = max(
        (s for s in steps.values() if s.get("done", 0) < s.get("total", 0)),
        key=lambda s: s.get("imputation", 0),
        default=None,
    )
    if latest is None and not finished:
        return None
    piece = "imputation" if job.kind == "imputation" else "part"
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
        eta_s=_eta(job, done / m, now),
    )


def _eta(job: Job, share: float, now: dt.datetime | None) -> float | None:
    if job.started_at is None or share < _MIN_SHARE:
        return None
    elapsed = ((now or dt.datetime.now(dt.UTC)) - job.started_at).total_seconds()
    if elapsed < _MIN_ELAPSED_S:
        return None
    return max(0.0, elapsed * (1 - share) / share)

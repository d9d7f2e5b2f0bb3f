"""From a look at the queue to the place of each queued job of an owner."""

from __future__ import annotations

import heapq
import uuid
from collections.abc import Iterable

from jupyter_wrangler.contract import (
    MOST_COUNTED,
    MOST_NAMED,
    JobAhead,
    QueuePlace,
    WaitReason,
)
from jupyter_wrangler.store.queue.places import (
    ActivePart,
    OthersPart,
    OwnJob,
    QueueView,
)

#: Parts before a job that are taken one by one to reckon when it starts.
_ONE_BY_ONE = 2000
#: What still comes of a part that takes longer than thought, as a share of its time.
_LATE = 0.1


def places_of(
    view: QueueView, wanted: Iterable[uuid.UUID]
) -> dict[uuid.UUID, QueuePlace]:
    """Return the places of some of an owner's queued jobs.

    Owners take turns: a job's first part has turn *t*, which counts the owner's parts
    that run or come before.  Of another owner come before it those whose turn, counted
    from what runs of them, is smaller, or the same and submitted earlier.
    """
    wanted = set(wanted)
    running = sum(part.own for part in view.active)
    found: dict[uuid.UUID, QueuePlace] = {}
    ahead: list[OwnJob] = []
    turn = running + 1
    for job in view.own:
        if job.id in wanted and job.state == "queued":
            found[job.id] = _place(view, job, ahead, turn)
        if job.waiting:
            ahead.append(job)
        turn += job.waiting
    beyond = QueuePlace(
        place=MOST_COUNTED,
        reason="behind_own_jobs" if view.slots else "no_worker",
        n_own=MOST_COUNTED,
        own=_named(ahead),
        n_others=0,
    )
    full = len(view.own) > MOST_COUNTED
    return found | (dict.fromkeys(wanted - set(found), beyond) if full else {})


def _place(view: QueueView, job: OwnJob, ahead: list[OwnJob], turn: int) -> QueuePlace:
    others = _others_before(view, job, turn)
    own_running = {part.job_id for part in view.active if part.own} - {job.id}
    own_ahead = {one.id for one in ahead}
    waiting = sum(one.state == "queued" for one in ahead)
    waiting += len({part.job_id for part in others if part.waits})
    foreign = {part.job_id for part in others}
    foreign |= {part.job_id for part in view.active if not part.own}
    return QueuePlace(
        place=min(MOST_COUNTED, waiting + 1),
        reason=_reason(view, job, own_before=bool(ahead), others_before=bool(others)),
        n_own=min(MOST_COUNTED, len(own_running | own_ahead)),
        own=_named(
            [*(one for one in view.own if one.id in own_running - own_ahead), *ahead]
        ),
        n_others=min(MOST_COUNTED, len(foreign)),
        starts_in_s=_starts_in(view, job, ahead, others),
    )


def _named(jobs: list[OwnJob]) -> tuple[JobAhead, ...]:
    return tuple(
        JobAhead(
            id=one.id, name=one.name, dataset_name=one.dataset_name, state=one.state
        )
        for one in jobs[:MOST_NAMED]
    )


def _others_before(view: QueueView, job: OwnJob, turn: int) -> list[OthersPart]:
    """List the queued parts of others that come before the first part of a job."""
    turns = dict(view.busy)
    before: list[OthersPart] = []
    for part in view.others:
        theirs = turns[part.owner_id] = turns.get(part.owner_id, 0) + 1
        if theirs < turn or (theirs == turn and part.created_at < job.created_at):
            before.append(part)
    return before


def _reason(
    view: QueueView, job: OwnJob, *, own_before: bool, others_before: bool
) -> WaitReason:
    own_active = [part for part in view.active if part.own]
    if not view.slots:
        return "no_worker"
    if view.most and len(own_active) >= view.most:
        return "quota"
    if own_before:
        return "behind_own_jobs"
    if others_before:
        return "behind_others"
    free = view.slots - sum(not part.sent for part in view.active)
    if free > 0:
        sent = any(part.job_id == job.id for part in view.active)
        crowded = len(view.active) >= view.slots
        return "starting" if sent or not crowded else "slots"
    mine = sum(part.job_id != job.id for part in own_active)
    return "behind_own_jobs" if 2 * mine >= view.slots else "behind_others"


def _starts_in(
    view: QueueView, job: OwnJob, ahead: list[OwnJob], others: list[OthersPart]
) -> float | None:
    """Return the seconds until a slot is free for a job, if that can be known."""
    active = [part for part in view.active if part.job_id != job.id]
    guesses = [_left(part) for part in active]
    pieces = [(one.waiting, one.part_s) for one in ahead]
    pieces += [(1, part.part_s) for part in others]
    if not view.slots or None in guesses or any(s is None for _, s in pieces):
        return None
    n = min(view.slots, view.most) if view.most else view.slots
    running = sorted(s for s in guesses if s is not None)
    work = [(count, s) for count, s in pieces if s is not None]
    total = sum(count for count, _ in work)
    if total > _ONE_BY_ONE:
        return (sum(running) + sum(count * s for count, s in work)) / n
    free_at = [0.0] * n
    for seconds in [*running, *(s for count, s in work for _ in range(count))]:
        heapq.heapreplace(free_at, free_at[0] + seconds)
    return free_at[0]


def _left(part: ActivePart) -> float | None:
    """Return the seconds that a part still takes, as far as is known."""
    if part.part_s is None:
        return None
    return max(part.part_s - part.ran_s, _LATE * part.ran_s)

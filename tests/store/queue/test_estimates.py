"""Estimates: learnt from jobs like it, and silent where there are none."""

from __future__ import annotations

import pytest

from jupyter_wrangler.store.queue import estimates


def _ran(world, seed: int, seconds: float) -> None:
    """A job of 3 x 1 cells, 10 rounds and one part that took that long."""
    job = world.done(seed=seed)
    world.sql(
        "UPDATE wrangler.job_attempt SET started_at = ended_at"
        " - make_interval(secs => :s) WHERE part_id IN"
        " (SELECT id FROM wrangler.job_part WHERE job_id = :j AND stage = 0)",
        s=seconds,
        j=job.id,
    )


def _estimate(world, *, method="pmm", kind="imputation", cells=3, rounds=10):
    return world.database.run(
        estimates.part_seconds, kind=kind, method=method, cells=cells, rounds=rounds
    )


def test_nothing_is_said_of_what_was_never_seen(world):
    assert _estimate(world) is None
    _ran(world, 1, 4.0)
    assert _estimate(world) is None, "one part is no experience"


def test_the_median_is_scaled_by_cells_and_rounds(world):
    for seed, seconds in ((1, 4.0), (2, 5.0), (3, 60.0)):
        _ran(world, seed, seconds)
    assert _estimate(world) == pytest.approx(5.0)
    assert _estimate(world, cells=6) == pytest.approx(10.0)
    assert _estimate(world, rounds=20) == pytest.approx(10.0)


def test_other_methods_kinds_and_sizes_teach_nothing(world):
    for seed in range(3):
        _ran(world, seed, 4.0)
    assert _estimate(world, method="rf") is None
    assert _estimate(world, kind="analysis", method=None) is None
    assert _estimate(world, cells=3 * 31) is None


def test_failed_jobs_teach_nothing(world):
    for seed in range(3):
        world.submit(seed=seed)
        world.fail(world.claim(world.dispatch()[0]))
    assert _estimate(world) is None


def test_slots_are_those_of_living_workers(world):
    assert world.database.run(estimates.slots, alive_s=20) == 1
    world.register(slots=3)
    gone = world.register(slots=4)
    assert world.database.run(estimates.slots, alive_s=20) == 7
    world.sql("UPDATE wrangler.worker SET draining = true WHERE id = :w", w=gone)
    assert world.database.run(estimates.slots, alive_s=20) == 3


def test_a_job_says_what_it_was_thought_to_take(world):
    assert world.submit().estimate_s is None
    job = world.submit(seed=1, estimate_s=12.5)
    assert world.job(job).estimate_s == 12.5

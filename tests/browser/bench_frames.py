"""Measure how long the side panel takes to draw with 500 jobs in its list.

    python -m pytest -s tests/browser/bench_frames.py

Prints a Markdown table: milliseconds between two frames while a job goes on, first with
the panel at rest and then while its list is scrolled, and the processor time that the
page's scripts, layout and painting took for each of these frames.
"""

from __future__ import annotations

import itertools
import statistics

import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import expect

from tests.browser import test_side_panel
from tests.browser.test_side_panel import LONG, QUICK, section
from tests.waiting import until

JOBS = 500
#: Frames that are measured.
FRAMES = 600
#: Moves the list by some pixels at each frame, and gives the times of all frames.
SCROLL = """async ([count, step]) => {
  const list = document.querySelector('.jp-Wrangler-jobs li');
  let place = list.parentElement;
  while (place.scrollHeight <= place.clientHeight + 1) place = place.parentElement;
  const at = [];
  let down = true;
  for (let i = 0; i <= count; i++) {
    at.push(await new Promise(requestAnimationFrame));
    if (place.scrollTop + place.clientHeight >= place.scrollHeight - 1) down = false;
    if (place.scrollTop <= 0) down = true;
    place.scrollTop += down ? step : -step;
  }
  return at;
}"""

page = test_side_panel.page


@pytest.fixture
def settings(lab):
    """Have all jobs listed."""
    yield from test_side_panel.listed(lab, JOBS)


def spent(session) -> dict[str, float]:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return {one["name"]: one["value"] for one in metrics}


def test_frames_with_500_jobs(settings, page, submit, penguins, api):
    assert settings == JOBS
    for number in range(JOBS - 1):
        submit(penguins, f"job {number}", **QUICK)
    until(lambda: all(job.final for job in api.jobs()), pause=1.0)
    submit(penguins, "the long one", **LONG)
    items = section(page, "jobs").get_by_role("listitem")
    expect(items).to_have_count(JOBS)
    expect(
        items.filter(has_text="the long one").get_by_role("progressbar")
    ).to_be_visible()
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    print("\n| panel | half of the frames within | 95 % | 99 % | work for each |")
    print("|---|--:|--:|--:|--:|")
    for what, step in (("at rest", 0), ("scrolled", 40)):
        before = spent(session)
        at = page.evaluate(SCROLL, [FRAMES, step])
        after = spent(session)
        gaps = [b - a for a, b in itertools.pairwise(at)]
        parts = statistics.quantiles(gaps, n=100)
        work = 1000 * (after["TaskDuration"] - before["TaskDuration"]) / FRAMES
        print(
            f"| {what} | {parts[49]:.1f} ms | {parts[94]:.1f} ms | {parts[98]:.1f} ms "
            f"| {work:.1f} ms |"
        )

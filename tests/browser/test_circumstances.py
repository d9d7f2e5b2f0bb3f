"""Below a path, at 200 %, over a slow network, with a wrong clock, in two tabs."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Locator, Page, expect

from tests.browser.panels import DATA, OPEN, panel_of, quiet
from tests.browser.test_bad_days import LONG, QUICK, job_of, opened_panel
from tests.browser.test_card import state_of, streams
from tests.waiting import until


@pytest.fixture(scope="module")
def lab(prefixed_lab):
    """All of these are below a path: what holds there holds without one."""
    return prefixed_lab


#: Controls of an element that reach beyond its right edge, or are nowhere.
OUTSIDE = """node => {
  const right = node.getBoundingClientRect().right + 1;
  return [...node.querySelectorAll('button, select, input, summary')]
    .filter(one => one.checkVisibility())
    .filter(one => !one.closest('.jw-scroll, .jw-grid-scroll, .jw-table'))
    .filter(one => {
      const box = one.getBoundingClientRect();
      return box.right > right || box.width === 0;
    })
    .map(one => one.outerHTML);
}"""


def outside(place: Locator) -> list[str]:
    return place.evaluate(OUTSIDE)


def jobs_of(page: Page) -> Locator:
    page.wait_for_function("window.jupyterapp?.restored")
    page.evaluate("jupyterapp.restored.then(() => 0)")
    # a click on its icon would close what is open
    page.evaluate("jupyterapp.shell.activateById('jp-Wrangler-panel')")
    return page.get_by_role("region", name="Jobs Section")


def test_below_a_path_card_panel_and_side_panel_are_live(opened):
    with opened(DATA % 91, LONG, OPEN) as page, quiet(page):
        assert "/user/ann%40home/lab" in page.url
        card = state_of(page, "long", "running")
        # the side panel is a region of this name too
        panel = opened_panel(page.locator(".jp-NotebookPanel"))
        job_of(panel, "running")
        jobs = jobs_of(page)
        expect(jobs.get_by_text("live", exact=True)).to_be_visible()
        expect(jobs.get_by_role("listitem", name="long")).to_be_visible()
        card.get_by_role("button", name="Cancel long").click()
        state_of(page, "long", "cancelled")
        job_of(panel, "cancelled")


def test_at_200_percent_each_control_is_in_reach(opened):
    with opened(DATA % 92, QUICK, OPEN) as page, quiet(page):
        card = state_of(page, "quick", "succeeded")
        panel = opened_panel(page)
        # what a window of 1 280 x 1 024 pixels has at 200 %, without the files
        page.set_viewport_size({"width": 640, "height": 512})
        page.evaluate("jupyterapp.shell.collapseLeft()")
        card.scroll_into_view_if_needed()
        until(lambda: outside(card) == [])
        card.get_by_role("button", name="Copy the code of quick").click()
        for step in ("Judge and keep", "Run", "Plan", "Look"):
            button = panel.get_by_role("button", name=step, exact=True)
            button.scroll_into_view_if_needed()
            button.click()
            expect(panel.locator("[aria-current=step]")).to_contain_text(step)
            until(lambda: outside(panel) == [])


#: Some years and minutes ahead of the servers.
AHEAD = """
const Right = Date;
const ahead = 3 * 365 * 86_400_000 + 1_234_567;
window.Date = class extends Right {
  constructor(...given) {
    if (given.length) { super(...given); } else { super(Right.now() + ahead); }
  }
  static now() { return Right.now() + ahead; }
};
"""


def test_with_a_wrong_clock_a_job_is_followed_and_its_times_are_right(opened):
    with opened(DATA % 93, LONG, OPEN, script=AHEAD) as page, quiet(page):
        assert page.evaluate("new Date().getFullYear()") >= 2029
        card = state_of(page, "long", "running")
        bar = card.get_by_role("progressbar")
        before = float(bar.get_attribute("value") or 0)
        until(lambda: float(bar.get_attribute("value") or 0) > before)
        jobs = jobs_of(page)
        expect(jobs.get_by_text("live", exact=True)).to_be_visible()
        card.get_by_role("button", name="Cancel long").click()
        state_of(page, "long", "cancelled")
        # as the servers measured it: not years
        expect(card).to_contain_text(re.compile(r"took \d+(\.\d)? (s|min)"))


def test_over_a_slow_network_the_panel_works_and_the_card_is_cancelled(opened):
    with opened(DATA % 94, LONG, OPEN) as page, quiet(page):
        card = state_of(page, "long", "running")
        slow = page.context.new_cdp_session(page)
        slow.send("Network.enable")
        conditions = {
            "offline": False,
            "latency": 1_500,
            "downloadThroughput": 30_000,
            "uploadThroughput": 15_000,
        }
        slow.send("Network.emulateNetworkConditions", conditions)
        card.get_by_role("button", name="Cancel long").click()
        state_of(page, "long", "cancelled")
        panel = opened_panel(page)
        job_of(panel, "cancelled")
        panel.get_by_role("button", name="Look", exact=True).click()
        panel_of(page)


#: With the same seed the first job would be found again, under its name.
OTHER = LONG.replace("'long'", "'other'").replace("random_state=0", "random_state=1")


def test_two_tabs_share_one_stream_and_pass_it_on(opened, api):
    with opened(DATA % 95, LONG, OTHER) as page:
        state_of(page, "long", "running")
        page.evaluate("jupyterapp.commands.execute('docmanager:save')")
        second = page.context.new_page()
        second.goto(page.url.replace("workspaces/", "workspaces/second-"))

        def both_live(name: str, state: str) -> None:
            # cards and side panel in both; the kernel's own stream is the second
            for one in (page, second):
                expect(jobs_of(one).get_by_text("live", exact=True)).to_be_visible()
                state_of(one, name, state)
            until(lambda: streams(api) <= 2)

        def cancel(one: Page, name: str) -> None:
            card = one.get_by_role("region", name=f"Job {name}", exact=True)
            card.get_by_role("button", name=f"Cancel {name}").click()

        both_live("long", "running")
        # the page that held the stream begins anew: the other one opens it
        page.reload()
        both_live("long", "running")
        cancel(page, "long")
        both_live("long", "cancelled")
        second.close()
        expect(jobs_of(page).get_by_text("live", exact=True)).to_be_visible()
        state_of(page, "other", "running")
        cancel(page, "other")
        state_of(page, "other", "cancelled")
        until(lambda: streams(api) <= 2)

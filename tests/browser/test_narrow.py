"""The panel in a narrow place: nothing is cut off, only what is meant to scrolls."""

from __future__ import annotations

import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Locator, Page, expect

from tests.browser.panels import DATA, OPEN, panel_of

#: Pixels; two such panels fit beside a notebook on a small screen.
WIDTH = 400
#: What lies outside the panel, or is cut off in it, but for what scrolls by design.
OUTSIDE = """(panel, scrolling) => {
  const edge = panel.getBoundingClientRect();
  const wrong = [...panel.querySelectorAll('*')].filter(node => {
    if (node.closest(scrolling) || node.closest('.jw-hidden')) {
      return false;
    }
    const box = node.getBoundingClientRect();
    return box.width > 0 && (box.right > edge.right + 1 || box.left < edge.left - 1);
  });
  if (panel.scrollWidth > panel.clientWidth) {
    wrong.unshift(panel);
  }
  // and what scrolls is itself inside
  for (const node of panel.querySelectorAll(scrolling)) {
    if (node.getBoundingClientRect().right > edge.right + 1) {
      wrong.push(node);
    }
  }
  return wrong.map(node => node.outerHTML.slice(0, 200));
}"""
SCROLLING = ".jw-wide, .jw-grid, .jw-code pre"
#: The name of a line of a table that was scrolled to its end is still in sight.
NAMES = """panel => [
  ...panel.querySelectorAll('section:not(.jw-board) > .jw-wide')
].map(wide => {
  wide.scrollLeft = wide.scrollWidth;
  const name = wide.querySelector('tbody th').getBoundingClientRect();
  const edge = wide.getBoundingClientRect();
  wide.scrollLeft = 0;
  return name.left >= edge.left - 1 && name.right <= edge.right + 1;
})"""


def fits(page: Page, panel: Locator) -> None:
    page.evaluate("document.fonts.ready")
    assert panel.evaluate("panel => panel.offsetWidth") == WIDTH
    assert panel.evaluate(OUTSIDE, SCROLLING) == []
    assert all(panel.evaluate(NAMES))


def test_each_step_fits_into_a_narrow_place(opened):
    with opened(DATA % 81, OPEN) as page:
        page.add_style_tag(content=f".jw-panel {{ width: {WIDTH}px !important; }}")
        panel = panel_of(page)
        panel.get_by_text("Code of this step").click()
        fits(page, panel)
        panel.get_by_role("button", name="Plan the imputation").click()
        run = panel.get_by_role("button", name="Run this plan")
        expect(run).to_be_visible()
        panel.get_by_role("button", name="Compare", exact=True).click()
        expect(panel.get_by_role("button", name="Take its best")).to_be_enabled()
        panel.locator("tbody summary").first.click()
        fits(page, panel)
        run.click()
        judge = panel.get_by_role("button", name="Judge the result")
        expect(judge).to_be_visible()
        fits(page, panel)
        judge.click()
        mark = panel.locator("[role=gridcell] mark").first
        mark.click()
        expect(panel.locator(".jw-why")).to_contain_text("row 0")
        panel.get_by_role("button", name="Accept").click()
        expect(panel.get_by_text("Kept. The same as code:")).to_be_visible()
        fits(page, panel)

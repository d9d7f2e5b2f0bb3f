"""Each control of each view, by mouse and by keyboard: the laws of laws.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Page, expect

from tests.browser import test_card as cards
from tests.browser.laws import hold
from tests.browser.panels import DATA, OPEN, panel_of, quiet, run_all
from tests.browser.test_file_browser import fresh, listed, patients, put_file, view
from tests.browser.test_panel import opened as opened_lab
from tests.browser.test_result_tab import finished, grid, open_result
from tests.browser.test_side_panel import (
    FRAMES_OF_TWO,
    done,
    notebook,
    saved,
    section,
)
from tests.waiting import until

# used as fixtures
__all__ = ["done", "put_file", "saved"]
ENDLESS = {"method": "pmm", "n_imputations": 400, "max_iter": 500}
QUICK = {"method": "median", "methods": {"sex": "most_frequent"}}


@pytest.fixture
def page(browser, lab, api) -> Iterator[Page]:
    assert api
    with opened_lab(browser, lab) as page, quiet(page):
        yield page


def test_of_the_panel_in_each_step(opened):
    with opened(DATA % 71, OPEN) as page, quiet(page):
        panel = panel_of(page)
        panel.get_by_text("Code of this step").click()
        hold(page, panel)
        panel.get_by_role("button", name="Plan the imputation").click()
        run = panel.get_by_role("button", name="Run this plan")
        expect(run).to_be_visible()
        for more in panel.locator("tbody summary").all():
            more.click()
        expect(panel.get_by_text("Recommended methods")).to_be_visible()
        hold(page, panel)
        panel.get_by_role("button", name="Compare", exact=True).click()
        best = panel.get_by_role("button", name="Take its best")
        expect(best).to_be_enabled()
        hold(page, panel)
        run.click()
        judge = panel.get_by_role("button", name="Judge the result")
        expect(judge).to_be_visible()
        hold(page, panel)
        judge.click()
        expect(panel.locator("[role=gridcell] mark").first).to_be_visible()
        panel.get_by_label("Variable").fill("df")
        panel.get_by_role("button", name="Accept").click()
        expect(panel.get_by_role("button", name="Replace it")).to_be_visible()
        hold(page, panel)


def test_of_the_panel_while_a_job_goes_on(opened):
    # so many rows that the job does not end by itself
    many = f"{DATA % 72}df = pd.concat([df] * 300, ignore_index=True)"
    with opened(many, OPEN) as page, quiet(page):
        panel = panel_of(page)
        panel.get_by_role("button", name="Plan the imputation").click()
        panel.get_by_label("Imputations").fill("1000")
        panel.get_by_role("button", name="Run this plan").click()
        expect(panel.get_by_role("button", name="Cancel the job")).to_be_visible()
        hold(page, panel)
        panel.get_by_role("button", name="Cancel the job").click()
        expect(panel.get_by_role("button", name="Try the job again")).to_be_visible()
        hold(page, panel)


def test_of_cards_in_each_state(page, put, stored, submit, penguins, api):
    jobs = {
        "succeeded": finished(api, submit(penguins, "succeeded", **QUICK)),
        "failed": finished(api, submit(penguins, "failed", method="constant")),
        "running": submit(penguins, "running", **ENDLESS),
    }
    until(lambda: api.job(jobs["running"].id).state == "running")
    jobs["queued"] = submit(penguins, "queued", **ENDLESS)
    gone = submit(penguins, "cancelled", **ENDLESS)
    api.cancel(gone.id)
    jobs["cancelled"] = finished(api, gone)
    until(lambda: api.job(jobs["queued"].id).queue)
    notebook(page, put(fresh("cards.ipynb"), *map(stored, jobs.values())))
    for state in jobs:
        card = cards.state_of(page, state, state)
        for more in card.locator("summary").all():
            more.click()
        hold(page, card)


def test_of_the_side_panel(page, put, saved, done, submit, penguins):
    # with nothing in them; without a notebook there is no control for its data
    for name in ("jobs", "results", "recipes"):
        hold(page, section(page, name))
    service = section(page, "service")
    expect(service).to_contain_text("Workers")
    hold(page, service)
    kept = fresh("patients")
    saved(kept, note="first look")
    saved(kept)
    done("failed", method="constant")
    submit(penguins, "running", **ENDLESS)
    submit(penguins, "queued", **ENDLESS)
    source = put(fresh("frames.ipynb"), cards.nbformat.v4.new_code_cell(FRAMES_OF_TWO))
    notebook(page, source)
    run_all(page)
    for name, shown in {
        "jobs": "queued",
        "data": "df",
        "results": kept,
        "recipes": f"{kept}@2",
    }.items():
        found = section(page, name)
        item = found.get_by_role("listitem", name=shown, exact=True)
        expect(item).to_be_visible()
        if name == "results":
            item.get_by_role("button", name=f"Versions of {kept}").click()
        hold(page, found)


def test_of_the_tab_of_a_result(page, submit, penguins, api):
    finished(api, submit(penguins, "tab", n_imputations=3, max_iter=3, method="pmm"))
    head = open_result(page, "tab")
    head.get_by_text("Summary").click()
    form = head.get_by_role("form", name="Filter rows")
    form.get_by_role("button", name="Filter").click()
    grid(page).focus()
    for key in ("ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    expect(page.get_by_role("region", name="Why this value")).to_contain_text("Draws")
    # what the charts draw is there as numbers too
    side = page.get_by_role("complementary", name="The selected cell")
    side.get_by_text("Show as table").first.press("Enter")
    cell = side.get_by_role("row", name="observed").get_by_role("cell").first
    mean = penguins[penguins.columns[2]].mean()
    assert float(cell.inner_text()) == pytest.approx(mean, rel=1e-6)
    hold(page, page.locator(".jp-Wrangler-result"))


def test_of_the_tab_of_a_file(page, put_file):
    name = fresh("controls.csv")
    put_file(name, patients(60))
    listed(page, name).click(button="right")
    page.get_by_role("menuitem", name="Impute missing values…").click()
    tab = view(page, name)
    run = tab.get_by_role("button", name="Run")
    expect(run).to_be_enabled()
    whole = page.locator(".jp-Wrangler-file")
    tab.get_by_text("The same as code").click()
    hold(page, whole)
    run.click()
    form = page.get_by_role("form", name="Save next to the source")
    expect(form.get_by_role("button", name="Save")).to_be_enabled()
    hold(page, whole)
    listed(page, name).click(button="right")
    page.get_by_role("menuitem", name="Profile missing values").click()
    expect(page.locator(".jp-Wrangler-file-middle")).to_contain_text("60 rows")
    hold(page, whole)

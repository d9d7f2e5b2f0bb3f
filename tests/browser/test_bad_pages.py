"""Odd pages and odd frames: many panels, two windows, nothing stored, many columns."""

from __future__ import annotations

import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Error, Locator, Page, expect

from tests.browser.panels import DATA, OPEN, panel_of, quiet, told, visit
from tests.browser.test_card import state_of
from tests.waiting import until

WIDE = """\
import numpy as np, pandas as pd, jupyter_wrangler as jw
x = np.random.default_rng(0).normal(size=(50, 5000))
x[::7, ::3] = np.nan
df = pd.DataFrame(x).add_prefix("c")
"""


def test_of_5_000_columns_the_page_holds_some_and_each_is_found(opened):
    with opened(WIDE, "panel = jw.wrangle(df)\npanel", "") as page, quiet(page):
        panel = panel_of(page)
        expect(panel).to_contain_text("5,000 of 5,000 columns")
        elements = panel.locator("*")
        assert elements.count() < 3000
        panel.get_by_role("searchbox").fill("c4998")
        expect(panel.locator(".jw-table tbody tr")).to_have_count(1)
        expect(panel.get_by_role("rowheader", name="c4998")).to_be_visible()
        grid = panel.get_by_role("grid")
        grid.locator("[role=gridcell]").first.click()
        page.keyboard.press("End")
        expect(panel.locator("[role=gridcell]:focus")).to_have_attribute(
            "data-column", "4999"
        )
        panel.get_by_role("button", name="Plan the imputation").click()
        # what tries methods on 1 667 columns takes long; one need not wait for it
        panel.get_by_role("button", name="Stop recommending").click()
        expect(panel.get_by_role("button", name="Run this plan")).to_be_enabled()
        panel.get_by_label("Method for c0", exact=True).select_option("norm")
        expect(panel.get_by_role("button", name="Undo")).to_be_enabled()
        assert elements.count() < 3000
        size = told(page, "import json; len(json.dumps(panel.view))")
        assert int(size) < 100_000


EVIL = """\
import numpy as np, pandas as pd, jupyter_wrangler as jw
rng = np.random.default_rng(21)
a = rng.normal(size=60)
EVIL = "<script>window.hit = 1</script><img src=x onerror='window.hit = 1'>"
b = a + rng.normal(size=60)
df = pd.DataFrame({"a": a, EVIL: b, "<script>": ["x<b>", "y"] * 30})
df.loc[::9, [EVIL, "<script>"]] = None
"""


def test_markup_in_names_and_cells_is_text_on_each_step_and_on_the_card(opened):
    name = "<script>window.hit = 1</script>"
    run = f"jw.impute(df, n_imputations=1, random_state=0, name={name!r}).wait()"
    with opened(EVIL, run, OPEN) as page, quiet(page):
        state_of(page, name, "succeeded")
        panel = page.get_by_role("region", name="Jupyter Wrangler").last
        for step in ("Judge and keep", "Run", "Plan", "Look"):
            panel.get_by_role("button", name=step, exact=True).click()
            expect(panel.locator("[aria-current=step]")).to_contain_text(step)
            if step != "Run":
                expect(panel).to_contain_text("<script>window.hit = 1</script>")
            assert panel.locator("script, img, b").count() == 0
        assert page.locator(".jp-Wrangler-card").locator("script, img").count() == 0
        assert page.evaluate("window.hit") is None


def panel_in(page: Page, k: int) -> Locator:
    """Return the panel of a cell; JupyterLab draws those that are in sight."""
    cell = page.locator(".jp-CodeCell").nth(k)
    cell.scroll_into_view_if_needed()
    return cell.get_by_role("region", name="Jupyter Wrangler")


def test_ten_panels_each_do_their_own_work(opened):
    one = f"{DATA}{OPEN}"
    cells = [one.replace("df", f"df{k}") % (40 + k) for k in range(10)]
    with opened(*cells) as page, quiet(page):
        seen: set[str] = set()
        for k in range(10):
            panel = panel_in(page, k)
            expect(panel.get_by_role("heading", name="Columns")).to_be_visible()
            expect(panel.get_by_role("grid")).not_to_contain_text("…")
            seen.add(panel.get_by_role("grid").inner_text())
        assert len(seen) == 10
        for k in (9, 0):
            panel = panel_in(page, k)
            panel.get_by_role("button", name="Plan the imputation").click()
            panel.get_by_role("button", name="Run this plan").click()
            judge = panel.get_by_role("button", name="Judge the result")
            expect(judge).to_be_visible()
        # the eight others are where they were
        for k in range(1, 9):
            expect(panel_in(page, k).locator("[aria-current=step]")).to_contain_text(
                "Look"
            )


def test_two_windows_on_one_notebook_show_and_do_the_same(opened, browser, lab, files):
    with opened(DATA % 23, OPEN) as page, quiet(page):
        panel = panel_of(page)
        for _ in range(3):
            panel.get_by_role("button", name="Column", exact=True).click()
        ((path,),) = [[one["path"]] for one in files.get("api/sessions").json()]

        def saved() -> bool:
            page.locator('[data-command="docmanager:save"]').first.click()
            page.wait_for_timeout(300)
            return "Panel of df: Look" in lab.text(path)

        until(saved)
        with visit(browser, lab, path) as other, quiet(other):
            there = panel_of(other)
            there.get_by_role("button", name="Plan the imputation").click()
            # both show the same model
            for one in (panel, there):
                expect(one.locator("[aria-current=step]")).to_contain_text("Plan")
            panel.get_by_role("button", name="Run this plan").click()
            judge = there.get_by_role("button", name="Judge the result")
            judge.click()
            for one in (panel, there):
                expect(one.get_by_role("heading", name="What was done")).to_be_visible()
                # nobody is said to be slow who has sent less than the other
                expect(one.locator("[data-code=kernel_busy]")).to_have_count(0)
            other.wait_for_timeout(2_000)
            for one in (panel, there):
                expect(one.locator("[data-code=kernel_busy]")).to_have_count(0)


#: As in a browser that was told to keep nothing of a site.  JupyterLab itself does not
#: start without localStorage: it looks for a workspace, fails, and loads anew.
BLOCKED = """
const refuse = () => { throw new DOMException('Access is denied', 'SecurityError'); };
Object.defineProperty(window, 'sessionStorage', { get: refuse });
Object.defineProperty(document, 'cookie', { get: () => '', set: () => undefined });
"""


def test_without_cookies_and_storage_the_card_is_drawn_live_and_acts(
    browser, lab, put, stored, submit, penguins
):
    job = submit(penguins, "long", method="pmm", n_imputations=400, max_iter=500)
    put("blocked.ipynb", stored(job))
    with visit(browser, lab, "blocked.ipynb", BLOCKED) as page, quiet(page):
        with pytest.raises(Error, match="Access is denied"):
            page.evaluate("sessionStorage.length")
        found = state_of(page, "long", "running")
        page.locator('.jp-SideBar [data-id="jp-Wrangler-panel"]').click()
        jobs = page.get_by_role("region", name="Jobs Section")
        expect(jobs.get_by_role("listitem", name="long")).to_be_visible()
        found.get_by_role("button", name="Cancel long").click()
        page.get_by_role("dialog").get_by_role("button", name="Yes").click()
        state_of(page, "long", "cancelled")

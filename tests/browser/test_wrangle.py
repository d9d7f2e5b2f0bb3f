"""The panel `jw.wrangle(df)` in JupyterLab, over the real stack."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Page, expect

from tests.browser.panels import DATA, OPEN, panel_of, restart, told
from tests.browser.test_panel import frozen
from tests.waiting import CEILING_MS, until

AXE = Path(__file__).parents[2] / "labextension" / "node_modules" / "axe-core"


def current(panel):
    return panel.locator("[aria-current=step]")


def serious(page: Page) -> list[str]:
    """What axe-core finds in the panel that is serious or critical."""
    page.evaluate((AXE / "axe.min.js").read_text("utf-8"))
    found = page.evaluate("axe.run('.jw-panel', {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {[node['html'] for node in one['nodes']]}"
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
    ]


def test_from_look_to_an_accepted_result_by_mouse(opened):
    with opened(DATA % 1, OPEN, "") as page:
        panel = panel_of(page)
        expect(panel.get_by_role("checkbox", name="-999.0 in a")).to_be_checked()
        expect(panel.get_by_role("rowheader", name="<script>").first).to_be_visible()
        assert panel.locator("script").count() == 0
        assert serious(page) == []
        panel.get_by_role("button", name="Column", exact=True).click()
        expect(
            panel.get_by_role("columnheader", name="Column", exact=True)
        ).to_have_attribute("aria-sort", "ascending")
        panel.get_by_role("button", name="Plan the imputation").click()
        stop = panel.get_by_role("button", name="Stop recommending")
        expect(panel.get_by_role("button", name="Run this plan")).to_be_visible()
        if stop.is_visible():
            with contextlib.suppress(Exception):
                stop.click(timeout=1000)
        panel.get_by_label("Method for <script>").select_option("norm")
        expect(panel.get_by_role("button", name="Undo")).to_be_enabled()
        panel.get_by_role("button", name="Undo").click()
        expect(panel.get_by_label("Method for <script>")).to_have_value("pmm")
        panel.get_by_role("button", name="Redo").click()
        expect(panel.get_by_label("Method for <script>")).to_have_value("norm")
        panel.get_by_text("Code of this step").click()
        expect(panel.locator(".jw-code pre").first).to_contain_text(
            'plan["<script>"] = "norm"'
        )
        assert serious(page) == []
        panel.get_by_role("button", name="Run this plan").click()
        panel.get_by_role("button", name="Judge the result").click(timeout=CEILING_MS)
        expect(panel.get_by_role("heading", name="What was done")).to_be_visible()
        mark = panel.locator("[role=gridcell] mark").first
        expect(mark).to_be_visible()
        mark.click()
        expect(panel.locator(".jw-why")).to_contain_text("row 0")
        assert serious(page) == []
        panel.get_by_label("Variable").fill("clean")
        panel.get_by_role("button", name="Accept").click()
        expect(panel.get_by_text("Kept. The same as code:")).to_be_visible()
        assert told(
            page, "int(clean.isna().sum().sum()), int(df.isna().sum().sum())"
        ) == ("(0, 7)")


def tab_to(page: Page, panel, name: str) -> None:
    """Press Tab until the control of this name has the focus; it must show it."""
    for _ in range(150):
        page.keyboard.press("Tab")
        here = page.evaluate(
            """() => {
              const e = document.activeElement;
              const label = e.labels && e.labels.length ? e.labels[0].textContent : '';
              return [e.getAttribute('aria-label') || label || e.textContent,
                      getComputedStyle(e).outlineStyle];
            }"""
        )
        if here[0].startswith(name):
            assert here[1] != "none", f"{name} does not show the focus"
            return
    pytest.fail(f"{name} was not reached by Tab:\n{panel.inner_text()}")


def test_from_look_to_an_accepted_result_by_keyboard_alone(opened):
    with opened(DATA % 2, OPEN, "") as page:
        panel = panel_of(page)
        # from here on no mouse
        panel.get_by_role("searchbox").focus()
        page.keyboard.type("scr")
        expect(panel.locator("tbody tr")).to_have_count(1)
        grid = panel.get_by_role("grid")
        expect(grid).to_have_attribute("aria-rowcount", "61")
        for _ in range(60):
            page.keyboard.press("Tab")
            if (
                page.evaluate("document.activeElement.getAttribute('role')")
                == "gridcell"
            ):
                break
        focused = panel.locator("[role=gridcell]:focus")
        expect(focused).to_have_attribute("data-row", "0")
        page.keyboard.press("Control+End")
        expect(focused).to_have_attribute("data-row", "59")
        expect(focused).to_have_attribute("data-column", "1")
        page.keyboard.press("Home")
        page.keyboard.press("PageUp")
        page.keyboard.press("ArrowUp")
        expect(focused).to_have_attribute("data-column", "0")
        assert int(focused.get_attribute("data-row")) < 58
        page.keyboard.press("Escape")
        expect(panel.locator("[role=gridcell]:focus")).to_have_count(0)
        tab_to(page, panel, "Plan the imputation")
        page.keyboard.press("Enter")
        expect(current(panel)).to_contain_text("Plan")
        expect(panel.get_by_role("button", name="Run this plan")).to_be_visible()
        tab_to(page, panel, "Method for <script>")
        tab_to(page, panel, "Run this plan")
        page.keyboard.press("Enter")
        expect(panel.get_by_role("button", name="Judge the result")).to_be_visible()
        tab_to(page, panel, "Judge the result")
        page.keyboard.press("Enter")
        expect(panel.get_by_role("heading", name="What was done")).to_be_visible()
        tab_to(page, panel, "Variable")
        page.keyboard.press("Control+a")
        page.keyboard.type("clean")
        tab_to(page, panel, "Accept")
        page.keyboard.press("Enter")
        expect(panel.get_by_text("Kept. The same as code:")).to_be_visible()


def test_after_a_restart_of_the_kernel_the_panel_finds_its_job(opened):
    with opened(DATA % 3, OPEN, "") as page:
        panel = panel_of(page)
        panel.get_by_role("button", name="Plan the imputation").click()
        panel.get_by_role("button", name="Run this plan").click()
        expect(panel.get_by_role("button", name="Judge the result")).to_be_visible()
        job = panel.locator(".jw-job code").inner_text()
        restart(page, "Restart Kernel and Run All Cells…")
        again = page.get_by_role("region", name="Jupyter Wrangler").last
        expect(again.locator(".jw-job code")).to_have_text(job)
        expect(current(again)).to_contain_text("Run")


@pytest.mark.slow
def test_a_service_that_is_down_is_named_and_the_panel_goes_on(opened, stack_settings):
    with opened(DATA % 4, OPEN, "") as page:
        panel = panel_of(page)
        panel.get_by_role("button", name="Plan the imputation").click()
        expect(panel.get_by_role("button", name="Run this plan")).to_be_visible()
        with frozen(stack_settings, "postgres"):
            panel.get_by_role("button", name="Run this plan").click()
            problem = panel.get_by_role("alert")
            expect(problem).to_contain_text(re.compile("does not answer|is busy"))
        expect(panel.get_by_role("button", name="Judge the result")).to_be_visible()
        expect(problem).to_have_count(0)


def test_a_million_rows_scroll(opened):
    long = (
        "import numpy as np, pandas as pd, jupyter_wrangler as jw\n"
        "x = np.arange(3_000_000.0).reshape(-1, 3)\n"
        "df = pd.DataFrame(x, columns=list('abc'))\n"
        "df.loc[5, 'a'] = None"
    )
    with opened(long, OPEN, "") as page:
        panel = panel_of(page)
        grid = panel.get_by_role("grid")
        expect(grid).to_have_attribute("aria-rowcount", "1000001")
        expect(grid.get_by_role("gridcell", name="missing")).to_be_visible()
        grid.locator("[role=gridcell]").first.click()
        page.keyboard.press("Control+End")
        expect(panel.locator("[role=gridcell]:focus")).to_have_text("3e+06")
        assert grid.locator("[role=gridcell]").count() < 200
        scroller = panel.locator(".jw-grid-scroll")
        scroller.evaluate("e => { e.scrollTop = e.scrollHeight / 2 }")

        def middle() -> bool:
            page.wait_for_timeout(100)
            first = grid.get_by_role("rowheader").first.inner_text()
            return first.isdigit() and 450_000 < int(first) < 550_000

        until(middle, log=grid.inner_text)

"""Card, panel, side panel and results in Notebook 7, over the real stack."""

from __future__ import annotations

import contextlib
import re
import uuid
from collections.abc import Iterator

import httpx
import nbformat
import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Locator, Page, expect

from tests.browser.panels import DATA, OPEN, panel_of, quiet, restart, told
from tests.browser.test_bad_days import LONG, QUICK
from tests.browser.test_card import state_of
from tests.browser.test_side_panel import EXECUTE, HAS
from tests.waiting import CEILING_MS, until

#: Thrown by Notebook 7.6 itself on each page, also without our extension: it reads the
#: schema of its shortcuts before it has loaded it.
NOTEBOOKS_OWN = "Cannot read properties of undefined (reading 'schema')"

IDLE = """() => window.jupyterapp.shell.currentWidget?.sessionContext?.session
  ?.kernel?.status === 'idle'"""


@pytest.fixture
def client(notebook7) -> Iterator[httpx.Client]:
    """The files and kernels of Notebook 7."""
    auth = {"Authorization": f"token {notebook7.token}"}
    with httpx.Client(base_url=notebook7.url, headers=auth, timeout=30) as client:
        yield client
        for session in client.get("api/sessions").json():
            client.delete(f"api/sessions/{session['id']}")


@contextlib.contextmanager
def visit(browser, notebook7, path: str) -> Iterator[Page]:
    """Open a page; errors of scripts are errors of the test."""
    with contextlib.closing(
        browser.new_context(viewport={"width": 1400, "height": 1200})
    ) as context:
        page = context.new_page()
        thrown: list[str] = []
        page.on("pageerror", lambda error: thrown.append(str(error)))
        page.goto(f"{notebook7.url}{path}?token={notebook7.token}")
        page.wait_for_function(
            HAS, arg="jupyter-wrangler:show-jobs", timeout=CEILING_MS
        )
        with quiet(page):
            yield page
        assert [one for one in thrown if one != NOTEBOOKS_OWN] == []


@pytest.fixture
def run(browser, notebook7, client, api):
    """Open a new notebook with these cells, and run all of them."""
    assert api

    @contextlib.contextmanager
    def _run(*cells: str) -> Iterator[Page]:
        path = f"{uuid.uuid4()}.ipynb"
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(source) for source in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        body = {"type": "notebook", "content": notebook}
        client.put(f"api/contents/{path}", json=body).raise_for_status()
        with visit(browser, notebook7, f"notebooks/{path}") as page:
            page.wait_for_function(IDLE, timeout=CEILING_MS)
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.get_by_text("Run All Cells", exact=True).click()
            yield page

    return _run


def command(page: Page, name: str) -> None:
    page.evaluate(EXECUTE, f"jupyter-wrangler:{name}")


def readable(tab: Locator) -> None:
    """Wait until a tab has the room that rows need."""

    def roomy() -> bool:
        box = tab.bounding_box()
        return box is not None and box["height"] > 300 and box["width"] > 1000

    until(roomy)


def result_of(page: Page, name: str) -> Locator:
    """Return the tab of a result, once it has rows that can be seen."""
    head = page.get_by_role("region", name=f"Result of {name}", exact=True)
    expect(head).to_be_visible()
    expect(head).to_contain_text("60 rows")
    tab = page.locator(".jp-Wrangler-result")
    readable(tab)
    return tab


def test_a_card_runs_and_outlives_its_kernel_and_is_cancelled(run):
    with run(DATA % 71, LONG) as page:
        found = state_of(page, "long", "running")
        restart(page, "Restart Kernel…")
        expect(found.get_by_role("progressbar")).to_be_visible()
        found.get_by_role("button", name="Cancel long").click()
        state_of(page, "long", "cancelled")


def test_the_panel_goes_from_look_to_an_accepted_result(run):
    with run(DATA % 72, OPEN, "") as page:
        panel = panel_of(page)
        panel.get_by_role("button", name="Plan the imputation").click()
        panel.get_by_role("button", name="Run this plan").click()
        panel.get_by_role("button", name="Judge the result").click()
        expect(panel.get_by_role("heading", name="What was done")).to_be_visible()
        panel.get_by_label("Variable").fill("clean")
        panel.get_by_role("button", name="Accept").click()
        expect(panel.get_by_text("Kept. The same as code:")).to_be_visible()
        assert told(page, "int(clean.isna().sum().sum())") == "0"


def test_results_open_below_and_the_side_panel_at_the_right(run):
    with run(DATA % 73, QUICK) as page:
        found = state_of(page, "quick", "succeeded")
        found.get_by_role("button", name="Open the result").click()
        tab = result_of(page, "quick")
        tab.get_by_role("button", name="Insert into notebook").click()
        expect(page.locator(".jp-CodeCell")).to_have_count(3)
        page.get_by_role("menuitem", name="View", exact=True).click()
        page.get_by_role("menuitem", name="Wrangler: Show jobs").click()
        jobs = page.get_by_role("region", name=re.compile("^jobs ", re.IGNORECASE))
        item = jobs.get_by_role("listitem", name="quick")
        expect(item).to_contain_text("Done")
        expect(item.get_by_role("button", name="Open the result")).to_be_enabled()


def test_the_palette_has_our_commands_and_a_notebook_begins_with_the_example(
    browser, notebook7, client, api
):
    assert api
    assert client
    with visit(browser, notebook7, "tree") as page:
        page.get_by_role("menuitem", name="View", exact=True).click()
        page.get_by_text("Activate Command Palette").click()
        page.locator(".lm-CommandPalette-input").fill("Wrangler: New notebook")
        entry = page.get_by_role("menuitem", name="Wrangler: New notebook")
        expect(entry).to_be_visible()
        with page.expect_popup() as opened:
            page.keyboard.press("Enter")
        expect(opened.value.locator(".jp-CodeCell").first).to_contain_text(
            "jw.data.airquality()"
        )


def test_a_file_of_the_list_is_planned_below_it(browser, notebook7, api):
    assert api
    (notebook7.folder / "patients.csv").write_text("a,b\n1,2\n,3\n4,5\n6,\n")
    with visit(browser, notebook7, "tree") as page:
        item = page.locator(".jp-DirListing-item", has_text="patients.csv")
        item.click(button="right")
        page.get_by_role("menuitem", name="Impute missing values…").click()
        tab = page.locator(".jp-Wrangler-file")
        expect(
            tab.get_by_role("combobox", name=re.compile("Method"))
        ).not_to_have_count(0)
        readable(tab)

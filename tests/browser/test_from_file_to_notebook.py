"""A CSV becomes an imputed frame in a notebook, and nothing has to be read for it.

Right-click, plan, run; the page is closed while the job goes on. In a new page the
result is opened, a value says why it is what it is, and the job is dragged into a
notebook, where its cell is run. With ``WRANGLER_PICTURES`` naming a folder the pictures
of docs/jupyterlab.md are drawn again.
"""

from __future__ import annotations

import os
import re
import uuid
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Locator, Page, expect

from tests.browser.panels import ended, visit
from tests.browser.test_file_browser import listed, patients, put_file, view
from tests.browser.test_panel import row
from tests.browser.test_result_tab import grid
from tests.browser.test_side_panel import EXECUTE, cells, section
from tests.waiting import CEILING_MS, until

# used as a fixture
__all__ = ["put_file"]

ROWS = 2_000


def picture(page: Page, name: str) -> None:
    """Draw what is seen, if pictures are asked for."""
    if folder := os.environ.get("WRANGLER_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def begin(page: Page) -> None:
    """Wait until the file browser and the notebook can be used."""
    page.set_viewport_size({"width": 1280, "height": 800})
    page.wait_for_function(
        "window.jupyterapp?.commands.hasCommand('filebrowser:refresh')",
        timeout=CEILING_MS,
    )
    page.evaluate("jupyterapp.restored.then(() => true)")
    expect(cells(page).first).to_be_visible()


def planned(page: Page, name: str) -> Locator:
    """Right-click a file, and wait for its plan for several imputations."""
    listed(page, name).click(button="right")
    entry = page.get_by_role("menuitem", name="Impute missing values…")
    expect(entry).to_be_visible()
    entry.hover()
    picture(page, "from-file-1-menu")
    entry.click()
    tab = view(page, name)
    plan = tab.get_by_role("region", name="Plan")
    expect(plan.get_by_role("row", name=re.compile("^weight"))).to_contain_text(
        "16.7 %"
    )
    tab.get_by_label("Imputations").fill("5")
    # several imputations need methods that draw, which are scored by it
    expect(plan).to_contain_text("CRPS")
    run = tab.get_by_role("button", name="Run")
    expect(run).to_have_attribute("aria-disabled", "false")
    run.evaluate("e => e.scrollIntoView({block: 'end'})")
    picture(page, "from-file-2-plan")
    return tab


def drag(page: Page, handle: Locator, target: Locator) -> None:
    """Drag something below a cell of a notebook."""
    handle.hover()
    page.mouse.down()
    box = target.bounding_box()
    assert box
    page.mouse.move(box["x"] + 60, box["y"] + 30, steps=8)
    page.mouse.move(box["x"] + 60, box["y"] + 45, steps=8)
    page.mouse.up()


def test_a_csv_becomes_an_imputed_frame_in_a_notebook(
    browser, lab, api, files, put, put_file
):
    # the folder is its own, so that files of other tests are not in it
    folder = f"study-{uuid.uuid4().hex[:8]}"
    files.put(f"api/contents/{folder}", json={"type": "directory"}).raise_for_status()
    name, target = "patients.csv", "study.ipynb"
    put_file(f"{folder}/{name}", patients(ROWS))
    put(
        f"{folder}/{target}", nbformat.v4.new_code_cell("import jupyter_wrangler as jw")
    )
    with ended(files), visit(browser, lab, f"{folder}/{target}") as page:
        begin(page)
        planned(page, name).get_by_role("button", name="Run").click()
        card = page.get_by_role("region", name=f"Job {name}", exact=True)
        expect(card).to_be_visible()
    # no page and no kernel is left
    (job,) = api.jobs()
    until(lambda: api.job(job.id).final, pause=0.1)
    assert api.job(job.id).state == "succeeded"
    with ended(files), visit(browser, lab, f"{folder}/{target}") as page:
        begin(page)
        item = row(section(page, "jobs"), name)
        expect(item.get_by_text("Done")).to_be_visible()
        picture(page, "from-file-3-back")
        page.evaluate(EXECUTE, "application:toggle-left-area")
        item.get_by_role("button", name=f"Open the result of {name}").click()
        head = page.get_by_role("region", name=f"Result of {name}", exact=True)
        expect(head).to_contain_text(f"{ROWS:,} rows")
        # the first row lacks its weight
        grid(page).focus()
        for key in ("ArrowRight", "ArrowRight"):
            page.keyboard.press(key)
        side = page.get_by_role("complementary", name="The selected cell")
        why = side.get_by_role("region", name="Why this value")
        expect(why).to_contain_text("Draws: ")
        told = api.request(
            "GET", f"jobs/{job.id}/result/why", params={"row": 0, "column": "weight"}
        ).json()
        assert told["imputed"]
        expect(why).to_contain_text(told["reasons"][0])
        picture(page, "from-file-4-why")
        page.locator(".lm-TabBar-tab", has_text=target).first.click()
        expect(cells(page).first).to_be_visible()
        drag(page, item.get_by_role("heading", name=name), cells(page).first)
        expect(page.locator(".jp-NotebookPanel .jp-CodeCell")).to_have_count(2)
        code = f'jw.job("{str(job.id)[:8]}").result()'
        assert sum(code in text for text in cells(page).all_text_contents()) == 1
        # the press moved over texts, and selected none of them
        assert page.evaluate("getSelection().toString()") == ""
        page.evaluate(EXECUTE, "notebook:run-all-cells")
        out = page.locator(".jp-NotebookPanel .jp-OutputArea-output").last
        expect(out).to_contain_text("Are the imputed values plausible?")
        expect(out).to_contain_text("516 cells imputed")
        picture(page, "from-file-5-notebook")

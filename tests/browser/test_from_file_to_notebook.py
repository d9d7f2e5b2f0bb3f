"""A CSV becomes an imputed frame in a notebook, and nothing has to be read for it.

Right-click, plan, run; the window is closed while the job goes on; in another one the
result is opened, a value says why it is what it is, and the job is dragged into a
notebook, whose cell is run.  With ``WRANGLER_PICTURES`` naming a folder the
pictures of docs/jupyterlab.md are drawn again.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Page, expect

from tests.browser.panels import ended, visit
from tests.browser.test_file_browser import (  # noqa: F401  a fixture
    fresh,
    listed,
    patients,
    put_file,
    view,
)
from tests.browser.test_panel import row
from tests.browser.test_result_tab import grid
from tests.browser.test_side_panel import cells, section
from tests.waiting import CEILING_MS, until

#: Rows for which a job goes on for some seconds.
ROWS = 2_000


def picture(page: Page, name: str) -> None:
    """Draw what is seen, if pictures are asked for."""
    if folder := os.environ.get("WRANGLER_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def begin(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.wait_for_function(
        "window.jupyterapp?.commands.hasCommand('filebrowser:refresh')",
        timeout=CEILING_MS,
    )
    page.evaluate("jupyterapp.restored.then(() => true)")
    expect(cells(page).first).to_be_visible(timeout=CEILING_MS)


def test_a_csv_becomes_an_imputed_frame_in_a_notebook(
    browser,
    lab,
    api,
    files,
    put,
    put_file,  # noqa: F811
):
    name = fresh("patients.csv")
    put_file(name, patients(ROWS))
    target = fresh("study.ipynb")
    put(target, nbformat.v4.new_code_cell("import jupyter_wrangler as jw"))
    with visit(browser, lab, target) as page:
        begin(page)
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
        expect(plan).to_contain_text("16.7% missing")
        tab.get_by_label("Imputations").fill("5")
        plan.scroll_into_view_if_needed()
        picture(page, "from-file-2-plan")
        tab.get_by_role("button", name="Run").click()
        card = page.get_by_role("region", name=f"Job {name}", exact=True)
        expect(card).to_be_visible()
    # the laptop is closed: no window, no kernel
    (job,) = api.jobs()
    until(lambda: api.job(job.id).final, pause=0.1)
    assert api.job(job.id).state == "succeeded"
    with ended(files), visit(browser, lab, target) as page:
        begin(page)
        item = row(section(page, "jobs"), name)
        expect(item.get_by_text("Done")).to_be_visible(timeout=CEILING_MS)
        picture(page, "from-file-3-back")
        item.get_by_role("button", name=f"Open the result of {name}").click()
        head = page.get_by_role("region", name=f"Result of {name}", exact=True)
        expect(head).to_contain_text(f"{ROWS:,} rows", timeout=CEILING_MS)
        # the first row lacks its weight
        grid(page).focus()
        for key in ("ArrowRight", "ArrowRight"):
            page.keyboard.press(key)
        side = page.get_by_role("complementary", name="The selected cell")
        why = side.get_by_role("region", name="Why this value")
        expect(why).to_contain_text("Draws: ", timeout=CEILING_MS)
        told = api.request(
            "GET", f"jobs/{job.id}/result/why", params={"row": 0, "column": "weight"}
        ).json()
        assert told["imputed"]
        expect(why).to_contain_text(told["reasons"][0])
        picture(page, "from-file-4-why")
        page.locator(".lm-TabBar-tab", has_text=target).first.click()
        expect(cells(page).first).to_be_visible()
        item.get_by_role("heading", name=name).hover()
        page.mouse.down()
        box = cells(page).first.bounding_box()
        assert box
        page.mouse.move(box["x"] + 60, box["y"] + 30, steps=8)
        page.mouse.move(box["x"] + 60, box["y"] + 45, steps=8)
        page.mouse.up()
        code = f'jw.job("{str(job.id)[:8]}").result()'
        expect(page.locator(".jp-NotebookPanel .jp-CodeCell")).to_have_count(2)
        assert sum(code in text for text in cells(page).all_text_contents()) == 1
        page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
        out = page.locator(".jp-NotebookPanel .jp-OutputArea-output").last
        expect(out).to_contain_text("imputed", timeout=CEILING_MS)
        out.scroll_into_view_if_needed()
        picture(page, "from-file-5-notebook")

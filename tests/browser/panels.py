"""What the tests of the panel share: a notebook in JupyterLab, and the panel in it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import httpx
from playwright.sync_api import Browser, Locator, Page, expect

from tests.waiting import CEILING_MS

DATA = """\
import numpy as np, pandas as pd, jupyter_wrangler as jw
rng = np.random.default_rng(%d)
a = rng.normal(50.0, 5.0, 60).round(1)
df = pd.DataFrame({"a": a, "<script>": a * 2 + rng.normal(size=60)})
df.loc[::9, "<script>"] = None
df.loc[[3, 4], "a"] = -999.0
"""
OPEN = "jw.wrangle(df)"


@contextlib.contextmanager
def visit(browser: Browser, lab, path: str, script: str = "") -> Iterator[Page]:
    """Open a notebook; errors of scripts are errors of the test.

    `script` runs before those of each page.
    """
    with contextlib.closing(
        browser.new_context(
            viewport={"width": 1400, "height": 1400},
            permissions=["clipboard-read", "clipboard-write"],
        )
    ) as context:
        page = context.new_page()
        if script:
            page.add_init_script(script)
        thrown: list[str] = []
        page.on("pageerror", lambda error: thrown.append(str(error)))
        page.goto(lab.page.replace("?", f"/tree/{path}?"))
        page.wait_for_selector(
            "#jupyterlab-splash", state="detached", timeout=CEILING_MS
        )
        yield page
        assert thrown == []


@contextlib.contextmanager
def ended(files: httpx.Client) -> Iterator[None]:
    """End all kernels afterwards."""
    try:
        yield
    finally:
        for session in files.get("api/sessions").json():
            files.delete(f"api/sessions/{session['id']}")


@contextlib.contextmanager
def quiet(page: Page) -> Iterator[None]:
    """Errors that our scripts write to the console are errors of the test.

    Not the lines that the browser itself writes for each request that failed.
    """
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
    yield
    ours = [one for one in said if "wrangler" in one.lower()]
    assert [one for one in ours if "Failed to load resource" not in one] == []


def restart(page: Page, command: str) -> None:
    """Restart the kernel by a command of the menu."""
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_text(command, exact=True).click()
    page.get_by_role("button", name="Confirm Kernel Restart").click()


def told(page: Page, source: str) -> str:
    """Run a line in the last cell, and return what it says."""
    cell = page.locator(".jp-CodeCell").last
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(source)
    page.keyboard.press("Control+Enter")
    output = cell.locator(".jp-OutputArea-output")
    expect(output).to_be_visible()
    return output.inner_text().strip()


def run_all(page: Page) -> None:
    """Run all cells, as soon as there is a kernel."""
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()


def panel_of(page: Page) -> Locator:
    """Wait for the panel."""
    panel = page.get_by_role("region", name="Jupyter Wrangler").last
    expect(panel.get_by_role("heading", name="Columns")).to_be_visible()
    return panel

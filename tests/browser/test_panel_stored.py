"""The panel without its kernel: what is stored is shown, and how to get it back."""

from __future__ import annotations

import nbformat
import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Page, expect

from tests.browser.panels import DATA, OPEN, ended, panel_of, restart, run_all, visit
from tests.waiting import CEILING_MS, until

PANEL = "application/vnd.jupyter-wrangler.panel.v1+json"
WIDGET = "application/vnd.jupyter.widget-view+json"


def is_stored(page: Page, *words: str) -> None:
    """Wait until what is stored is shown in place of the panel, and holds words."""
    output = page.locator(".jp-Wrangler-panelOutput")
    expect(output.get_by_role("status")).to_contain_text(
        "No kernel runs this panel any more", timeout=CEILING_MS
    )
    for word in words:
        expect(output).to_contain_text(word)
    # no dead controls, and not what ipywidgets says
    expect(output.get_by_role("button")).to_have_count(0)
    expect(page.get_by_text("model not found")).not_to_be_visible()
    expect(page.get_by_role("region", name="Jupyter Wrangler")).not_to_be_visible()


def save_until(page: Page, lab, path: str, word: str) -> None:
    """Save until the file holds a word."""

    def saved() -> bool:
        page.locator('[data-command="docmanager:save"]').first.click()
        page.wait_for_timeout(300)
        return word in lab.text(path)

    until(saved)


def test_without_its_kernel_a_panel_is_shown_as_it_was_until_it_is_run_again(
    opened, browser, lab, files
):
    with opened(DATA % 5, OPEN) as page:
        panel = panel_of(page)
        panel.get_by_role("button", name="Plan the imputation").click()
        panel.get_by_label("Method for <script>").select_option("norm")
        panel.get_by_role("button", name="Run this plan").click()
        expect(panel.get_by_role("button", name="Judge the result")).to_be_visible()
        code = panel.locator(".jw-job code").inner_text()
        ((path,),) = [[one["path"]] for one in files.get("api/sessions").json()]
        words = ("df · Run", 'plan["<script>"] = "norm"', code, "done")
        save_until(page, lab, path, "<p>done")
        restart(page, "Restart Kernel…")
        is_stored(page, *words)
        # closed, without a kernel, and opened again in a session of its own
        page.close()
        for session in files.get("api/sessions").json():
            files.delete(f"api/sessions/{session['id']}")
    with ended(files), visit(browser, lab, path) as page:
        is_stored(page, *words)
        run_all(page)
        again = page.get_by_role("region", name="Jupyter Wrangler").last
        expect(again.locator(".jw-job code")).to_have_text(code, timeout=CEILING_MS)
        expect(page.locator(".jp-Wrangler-lost")).not_to_be_visible()


def test_a_panel_of_somebody_else_is_drawn_by_the_sanitizer_alone(
    browser, lab, files, api
):
    assert api
    data = {
        PANEL: {"at": "2026-11-30T14:02:00+00:00", "step": "plan"},
        WIDGET: {"version_major": 2, "version_minor": 0, "model_id": "f" * 32},
        "text/html": "<p>df · Plan</p><script>window.hit = 1</script>"
        "<img src=x onerror='window.hit = 1'><button>Press</button>",
        "text/plain": "Panel of df: Plan",
    }
    cell = nbformat.v4.new_code_cell(
        OPEN, outputs=[nbformat.v4.new_output("display_data", data=data)]
    )
    body = {"type": "notebook", "content": nbformat.v4.new_notebook(cells=[cell])}
    files.put("api/contents/theirs.ipynb", json=body).raise_for_status()
    with visit(browser, lab, "theirs.ipynb") as page:
        output = page.locator(".jp-Wrangler-panelOutput")
        expect(output.get_by_role("status")).to_contain_text(
            "This notebook is not trusted", timeout=CEILING_MS
        )
        expect(output).to_contain_text("df · Plan")
        assert output.locator("script, [onerror]").count() == 0
        assert page.evaluate("window.hit") is None


def test_after_a_reload_of_the_page_the_panel_goes_on_with_its_kernel(
    opened, files, lab
):
    with opened(DATA % 6, OPEN) as page:
        panel = panel_of(page)
        panel.get_by_role("button", name="Plan the imputation").click()
        panel.get_by_label("Method for <script>").select_option("norm")
        ((path,),) = [[one["path"]] for one in files.get("api/sessions").json()]
        save_until(page, lab, path, "Panel of df: Plan")
        page.reload()
        again = page.get_by_role("region", name="Jupyter Wrangler").last
        expect(again.get_by_label("Method for <script>")).to_have_value("norm")
        expect(page.locator(".jp-Wrangler-lost")).not_to_be_visible()
        again.get_by_role("button", name="Undo").click()
        expect(again.get_by_label("Method for <script>")).to_have_value("pmm")

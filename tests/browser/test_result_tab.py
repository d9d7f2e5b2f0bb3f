"""The tab of a result, over the real service: rows, order, filters, exits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_panel import open_panel, opened, row
from tests.waiting import CEILING_MS, until

QUICK = {"method": "median", "methods": {"sex": "most_frequent"}}
AXE = Path(__file__).parents[2] / "labextension/node_modules/axe-core/axe.min.js"


@pytest.fixture
def page(browser, lab, api) -> Iterator[Page]:
    assert api
    with opened(browser, lab) as page:
        yield page


def finished(api, job):
    """Wait until a job has ended."""
    until(lambda: api.job(job.id).final, pause=0.1)
    return api.job(job.id)


def open_result(page: Page, name: str) -> Locator:
    """Open the tab of a job from the list of jobs."""
    panel = open_panel(page)
    item = row(panel, name)
    item.get_by_role("button", name=f"Open the result of {name}").click()
    head = page.get_by_role("region", name=f"Result of {name}", exact=True)
    expect(head).to_be_visible(timeout=CEILING_MS)
    return head


def grid(page: Page) -> Locator:
    return page.get_by_role("application", name="Rows; arrow keys move")


def heard(page: Page) -> Locator:
    """Text twin of the grid, which a screen reader says."""
    return page.locator(".jp-Wrangler-grid [role=status]")


def test_the_rows_are_read_by_keyboard_and_imputed_cells_are_told(
    page, submit, api, penguins
):
    finished(api, submit(penguins, "penguins", **QUICK))
    head = open_result(page, "penguins")
    expect(head).to_contain_text("344 rows")
    grid(page).focus()
    expect(heard(page)).to_have_text("Row 0, species: Adelie")
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    expect(heard(page)).to_contain_text("imputed")
    said = heard(page).text_content() or ""
    column = penguins.columns[2]
    median = penguins[column].median()
    assert said.startswith(f"Row 3, {column}: {median:g}")
    side = page.get_by_role("complementary", name="The selected cell")
    expect(side).to_contain_text("imputed by median")
    page.keyboard.press("Control+End")
    expect(heard(page)).to_contain_text("Row 343")
    page.keyboard.press("Escape")
    expect(grid(page)).not_to_be_focused()


def test_rows_are_sorted_and_filtered_by_the_service(page, submit, api, penguins):
    finished(api, submit(penguins, "sorted", **QUICK))
    head = open_result(page, "sorted")
    head.get_by_label("Sort by").select_option("body_mass_g")
    head.get_by_role("button", name="rising").click()
    expect(head).to_contain_text("344 rows, sorted by body_mass_g, falling")
    heaviest = penguins["body_mass_g"].idxmax()
    grid(page).focus()
    page.keyboard.press("Home")
    expect(heard(page)).to_contain_text(f"Row {heaviest}, ")
    head.get_by_role("button", name="Filter").click()
    incomplete = int(penguins.isna().any(axis=1).sum())
    expect(head).to_contain_text(f"{incomplete} rows, sorted")
    form = head.get_by_role("form", name="Filter rows")
    form.get_by_label("Column").select_option("species")
    form.get_by_label("Comparison").select_option("contains")
    form.get_by_label("Value").fill("gent")
    form.get_by_role("button", name="Filter").click()
    gentoo = penguins[penguins["species"] == "Gentoo"]
    both = int(gentoo.isna().any(axis=1).sum())
    expect(head).to_contain_text(f"{both} rows, sorted")
    head.get_by_role("button", name="Remove the filter: species contains gent").click()
    expect(head).to_contain_text(f"{incomplete} rows, sorted")


def test_what_the_service_refuses_is_said_and_can_be_undone(
    page, submit, api, penguins
):
    finished(api, submit(penguins, "refused", **QUICK))
    head = open_result(page, "refused")
    form = head.get_by_role("form", name="Filter rows")
    form.get_by_label("Column").select_option("body_mass_g")
    form.get_by_label("Comparison").select_option(">")
    form.get_by_label("Value").fill("heavy")
    form.get_by_role("button", name="Filter").click()
    expect(head.get_by_role("alert")).to_contain_text("cannot be compared with 'heavy'")
    head.get_by_role("button", name="Remove the filter: body_mass_g > heavy").click()
    expect(head.get_by_role("alert")).to_have_count(0)
    expect(head).to_contain_text("344 rows")


def test_the_exits_give_code_and_files_and_a_new_job(
    page, submit, api, penguins, tmp_path
):
    job = finished(api, submit(penguins, "exits", **QUICK))
    head = open_result(page, "exits")
    head.get_by_role("button", name="Insert into notebook").click()
    expect(head).to_contain_text("No notebook is open; the code was copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert f'jw.job("{str(job.id)[:8]}").result()' in copied
    for form, read in (
        ("CSV", pd.read_csv),
        ("Parquet", pd.read_parquet),
        ("Excel", pd.read_excel),
    ):
        with page.expect_download() as download:
            head.get_by_role("button", name=f"Export as {form}").click()
        goal = tmp_path / download.value.suggested_filename
        download.value.save_as(goal)
        assert goal.name.startswith("exits.imputed.")
        found = read(goal)
        assert found.shape == penguins.shape
        assert not found.isna().to_numpy().any()
    head.get_by_role("button", name="Run again").click()
    until(lambda: len(list(api.jobs())) == 2)
    expect(page.get_by_role("tab", name="exits")).to_have_count(2)


def test_an_imputed_cell_tells_why_and_a_saved_one_when_its_job_is_gone(
    page, submit, api, penguins
):
    job = finished(
        api, submit(penguins, "reasons", method="pmm", n_imputations=3, random_state=0)
    )
    # what is saved outlives the tests before, and their reruns
    name = f"penguins {str(job.id)[:4]}"
    saved = api.request(
        "POST", "results", json={"name": name, "job_id": str(job.id)}
    ).json()
    api.delete(job.id)
    page.evaluate(
        "(args) => jupyterapp.commands.execute('jupyter-wrangler:open-result', args)",
        {"result_id": saved["result_id"], "n": saved["n"]},
    )
    head = page.get_by_role("region", name=f"Result of {name}@1", exact=True)
    expect(head).to_be_visible(timeout=CEILING_MS)
    expect(head).to_contain_text("3 imputations by pmm")
    grid(page).focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    side = page.get_by_role("complementary", name="The selected cell")
    why = side.get_by_role("region", name="Why this value")
    expect(why).to_contain_text("Draws: ", timeout=CEILING_MS)
    told = api.request(
        "GET",
        f"results/{saved['result_id']}/versions/1/why",
        params={"row": 3, "column": penguins.columns[2]},
    ).json()
    assert told["imputed"]
    expect(why).to_contain_text(told["reasons"][0])
    for donor in told["donors"]:
        expect(why.get_by_role("table").first).to_contain_text(donor["value"])
    page.keyboard.press("ArrowUp")
    expect(why).to_be_hidden()
    head.get_by_role("button", name="Insert into notebook").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert f'jw.load("{name}@1")' in copied
    with page.expect_download() as download:
        head.get_by_role("button", name="Export as CSV").click()
    assert download.value.suggested_filename == f"{name}@1.imputed.csv"
    head.get_by_role("button", name="Run again").click()
    until(lambda: [job.name for job in api.jobs()] == [name])


def test_the_tab_of_a_running_job_shows_its_card_and_then_its_rows(
    page, submit, penguins
):
    job = submit(penguins, "running", n_imputations=20, max_iter=10, method="pmm")
    page.evaluate(
        """id => document.dispatchEvent(new CustomEvent(
            'jupyter-wrangler:open-result', {detail: {id}, cancelable: true}))""",
        str(job.id),
    )
    card = page.get_by_role("region", name="Job running", exact=True)
    expect(card).to_be_visible(timeout=CEILING_MS)
    head = page.get_by_role("region", name="Result of running", exact=True)
    expect(head).to_be_visible(timeout=CEILING_MS)
    expect(head.get_by_label("Imputation")).to_be_visible()


def test_a_million_rows_scroll_and_few_are_fetched(page, submit, api):
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"a": rng.normal(size=1_000_000)})
    data["b"] = np.arange(1_000_000)
    data.loc[::10, "a"] = np.nan
    finished(api, submit(data, "million", method="mean"))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    head = open_result(page, "million")
    expect(head).to_contain_text("1,000,000 rows", timeout=CEILING_MS)
    grid(page).focus()
    page.keyboard.press("Control+End")
    expect(heard(page)).to_contain_text("Row 999999, b: 999999", timeout=CEILING_MS)
    asked.clear()
    # a wheel that runs over 40 000 rows, 400 pages, asks for few of them
    box = grid(page).bounding_box()
    assert box
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    for _ in range(50):
        page.mouse.wheel(0, -20_000)
    page.keyboard.press("ArrowUp")
    expect(heard(page)).to_contain_text("Row 999998", timeout=CEILING_MS)
    assert len([url for url in asked if "result/rows" in url]) < 100


def test_the_tab_survives_a_reload(page, submit, api, penguins):
    finished(api, submit(penguins, "kept", **QUICK))
    open_result(page, "kept")
    with page.expect_response(
        lambda r: "/api/workspaces/" in r.url and r.request.method == "PUT",
        timeout=CEILING_MS,
    ):
        pass
    page.reload()
    head = page.get_by_role("region", name="Result of kept", exact=True)
    expect(head).to_contain_text("344 rows", timeout=CEILING_MS)


def test_it_is_drawn_again_in_another_theme(page, submit, api, penguins):
    finished(api, submit(penguins, "dark", n_imputations=3, max_iter=5))
    open_result(page, "dark")
    grid(page).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    charts = page.locator(".jp-Wrangler-charts [role=img]")
    expect(charts.first.locator("canvas, svg.marks").first).to_be_visible(
        timeout=CEILING_MS
    )
    corner = """() => {
        const c = document.querySelector('.jp-Wrangler-grid canvas');
        const at = [20, 20, 1, 1];
        return [...c.getContext('2d').getImageData(...at).data].join();
    }"""
    light = page.evaluate(corner)
    page.get_by_role("menuitem", name="Settings").click()
    page.get_by_text("Theme", exact=True).click()
    page.get_by_text("JupyterLab Dark", exact=True).click()
    until(lambda: page.evaluate(corner) != light)
    expect(charts.first.locator("canvas, svg.marks").first).to_be_visible(
        timeout=CEILING_MS
    )


def test_nobody_is_kept_out(page, submit, api, penguins):
    finished(api, submit(penguins, "axe", **QUICK))
    open_result(page, "axe")
    grid(page).focus()
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("axe.run('.jp-Wrangler-result')")["violations"]
    serious = [one for one in found if one["impact"] in {"serious", "critical"}]
    assert serious == []


def test_a_job_that_is_gone_is_told(page):
    page.evaluate(
        """id => document.dispatchEvent(new CustomEvent(
            'jupyter-wrangler:open-result', {detail: {id}, cancelable: true}))""",
        "6b2a8f0e-0000-4000-8000-000000000001",
    )
    problem = page.locator(".jp-Wrangler-result").get_by_role("alert")
    expect(problem).to_contain_text(re.compile("There is no job|does not know"))

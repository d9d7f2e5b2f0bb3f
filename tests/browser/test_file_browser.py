"""A file of the file browser, over the real stack: looked at, planned, run, saved."""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_panel import opened
from tests.waiting import CEILING_MS

AXE = Path(__file__).parents[2] / "labextension/node_modules/axe-core/axe.min.js"


@pytest.fixture
def page(browser, lab, api) -> Iterator[Page]:
    assert api
    with opened(browser, lab) as page:
        yield page


@pytest.fixture
def put_file(files):
    """Write a file below the root of JupyterLab, and read one."""

    def put(name: str, data: bytes) -> None:
        body = {
            "type": "file",
            "format": "base64",
            "content": base64.b64encode(data).decode(),
        }
        files.put(f"api/contents/{name}", json=body).raise_for_status()

    def get(name: str) -> bytes:
        found = files.get(f"api/contents/{name}?format=base64&type=file")
        found.raise_for_status()
        return base64.b64decode(found.json()["content"])

    put.get = get
    return put


def patients(n: int = 120) -> bytes:
    rng = np.random.default_rng(0)
    age = rng.integers(20, 80, n)
    frame = pd.DataFrame(
        {
            "id": [f"{k:05d}" for k in range(n)],
            "age": age,
            "weight": (50 + age / 4 + rng.normal(size=n)).round(1),
            "ward": rng.choice(["north", "süd"], n),
        }
    )
    frame.loc[::6, "weight"] = np.nan
    frame.loc[::11, "ward"] = None
    text = frame.to_csv(index=False, sep=";", decimal=",", lineterminator="\r\n")
    return text.encode("cp1252")


def fresh(name: str) -> str:
    """Make a name that no other test, and no other run of this one, has."""
    return f"{uuid.uuid4().hex[:8]}-{name}"


def listed(page: Page, name: str) -> Locator:
    """Find a file in the list of the file browser."""
    page.evaluate("jupyterapp.commands.execute('filebrowser:refresh')")
    item = page.locator(".jp-DirListing-item", has_text=name).first
    expect(item).to_be_visible()
    return item


def view(page: Page, name: str) -> Locator:
    """Find the tab of a file."""
    found = page.get_by_role("region", name=name, exact=True)
    expect(found).to_be_visible()
    return found


def test_a_file_is_imputed_and_saved_from_the_file_browser(page, api, put_file):
    name = fresh("patients.csv")
    done = name.replace(".csv", ".imputed.csv")
    put_file(name, patients())
    listed(page, name).click(button="right")
    page.get_by_role("menuitem", name="Impute missing values…").click()
    tab = view(page, name)
    # how it is written is found and told
    expect(tab).to_contain_text("120 rows, 4 columns")
    expect(tab.get_by_label("Separator")).to_contain_text("semicolon (found)")
    expect(tab.get_by_label("Decimal mark")).to_contain_text("comma (found)")
    expect(tab.get_by_label("Encoding")).to_contain_text("cp1252 (found)")
    expect(tab).to_contain_text("lines end as on Windows (CR LF)")
    # the plan has reasons
    plan = tab.get_by_role("region", name="Plan")
    expect(plan.get_by_role("row", name=re.compile("^weight"))).to_contain_text(
        "20 (16.7 %)"
    )
    expect(plan).to_contain_text("16.7% missing")
    plan.get_by_label("Method for weight").select_option("pmm")
    expect(plan).to_contain_text("You chose it. Recommended:")
    tab.get_by_text("The same as code").click()
    expect(tab.locator("pre")).to_contain_text(
        f"pd.read_csv('{name}', sep=';', decimal=',', encoding='cp1252')"
    )
    expect(tab.locator("pre")).to_contain_text('"weight": "pmm"')
    tab.get_by_role("button", name="Run").click()
    card = page.get_by_role("region", name=f"Job {name}", exact=True)
    expect(card).to_be_visible()
    form = page.get_by_role("form", name="Save next to the source")
    save = form.get_by_role("button", name="Save")
    expect(save).to_have_attribute("aria-disabled", "false")
    (job,) = api.jobs()
    assert job.spec.methods["weight"] == "pmm"
    # nothing is written that was not asked for
    assert not list(page.locator(".jp-DirListing-item", has_text=done).all())
    save.click()
    expect(form).to_contain_text(f"Saved: {done} (")
    was = put_file.get(name).decode("cp1252").split("\r\n")
    now = put_file.get(done).decode("cp1252").split("\r\n")
    assert now[0] == was[0] == "id;age;weight;ward"
    assert [line for line in now if ";;" in line or line.endswith(";")] == []
    assert now[2] == was[2]
    # a second time it is asked about first
    save.click()
    alert = tab.get_by_role("alert")
    expect(alert).to_contain_text(f"'{done}' is there already")
    form.get_by_role("button", name="Replace it").click()
    expect(form).to_contain_text(f"Saved: {done} (")
    card.get_by_role("button", name=re.compile("Open the result")).click()
    head = page.get_by_role("region", name=f"Result of {name}", exact=True)
    expect(head).to_contain_text("120 rows")


def test_by_keyboard_alone(page, put_file):
    """Reach each step by keys, and hear what is done."""
    name = fresh("keys.csv")
    put_file(name, patients(60))
    listed(page, name).click()
    page.keyboard.press("Control+Shift+C")
    page.keyboard.type("Wrangler: Impute missing values of a file")
    page.keyboard.press("Enter")
    tab = view(page, name)
    method = tab.get_by_label("Method for weight")
    expect(method).to_be_visible()
    method.focus()
    before = method.input_value()
    page.keyboard.press("ArrowUp")
    expect(method).not_to_have_value(before)
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Run":
            break
    page.keyboard.press("Enter")
    form = page.get_by_role("form", name="Save next to the source")
    expect(form.get_by_role("button", name="Save")).to_have_attribute(
        "aria-disabled", "false"
    )
    form.get_by_label("Save next to the source as").focus()
    page.keyboard.press("Enter")
    expect(form.get_by_role("status")).to_contain_text("Saved: ")
    assert put_file.get(name.replace(".csv", ".imputed.csv"))


def test_a_profile_is_shown_and_turns_into_a_plan(page, put_file):
    name = fresh("profile.csv")
    put_file(name, patients())
    listed(page, name).click(button="right")
    page.get_by_role("menuitem", name="Profile missing values").click()
    tab = view(page, name)
    found = page.locator(".jp-Wrangler-file-middle")
    expect(found).to_contain_text("120 rows and 4 columns")
    for words in (r"of 120 rows lack", r"patterns; .* of 120 rows"):
        chart = found.get_by_role("img", name=re.compile(words))
        expect(chart.locator("canvas, svg").first).to_be_visible()
    tab.get_by_role("button", name="Impute missing values…").click()
    expect(tab.get_by_role("region", name="Plan")).to_contain_text("weight")
    expect(found).not_to_contain_text("120 rows and 4 columns")


def test_all_rows_of_a_file_are_looked_through(page, put_file):
    name = fresh("long.csv")
    put_file(name, b"1;1,5\n" + b"2;\n" * 30_000 + b"3;x\n")
    listed(page, name).click(button="right")
    page.get_by_role("menuitem", name="Impute missing values…").click()
    tab = view(page, name)
    about = tab.get_by_role("region", name="About the rows")
    # more than are read to find out how it is written, and none of them is a plan
    expect(about).to_contain_text("30,001 rows")
    grid = tab.get_by_role("application", name="Rows; arrow keys move")
    heard = tab.locator(".jp-Wrangler-grid [role=status]")
    grid.focus()
    expect(heard).to_have_text("Row 1, 1: 2")
    page.keyboard.press("Control+End")
    expect(heard).to_have_text("Row 30001, 1,5: x")
    page.keyboard.press("ArrowUp")
    expect(heard).to_have_text("Row 30000, 1,5: missing")
    expect(about).to_contain_text("If the first line is no line of names")
    tab.get_by_label("The first line holds the names").uncheck()
    expect(about).to_contain_text("30,002 rows")
    grid.focus()
    expect(heard).to_have_text("Row 1, column_1: 1")
    # what changes between two pages is noticed
    put_file(name, b"1;1,5\n" * 40_000)
    page.keyboard.press("Control+End")
    alert = tab.get_by_role("alert")
    expect(alert).to_contain_text("has changed since the preview")
    alert.get_by_role("button", name="Look again").click()
    expect(about).to_contain_text("40,000 rows")


def test_a_notebook_has_no_such_menu(page, put_file):
    name = fresh("notes.txt")
    put_file(name, b"a,b\n")
    listed(page, name).click(button="right")
    expect(page.get_by_role("menuitem", name="Rename")).to_be_visible()
    expect(page.get_by_role("menuitem", name="Impute missing values…")).to_have_count(0)


def test_a_file_that_changed_is_looked_at_again(page, api, put_file):
    name = fresh("changing.csv")
    put_file(name, patients(60))
    listed(page, name).click(button="right")
    page.get_by_role("menuitem", name="Impute missing values…").click()
    tab = view(page, name)
    expect(tab.get_by_role("button", name="Run")).to_be_visible()
    put_file(name, patients(80))
    tab.get_by_role("button", name="Run").click()
    expect(tab.get_by_role("alert")).to_contain_text("has changed since the preview")
    assert list(api.jobs()) == []
    tab.get_by_role("alert").get_by_role("button", name="Look again").click()
    expect(tab).to_contain_text("80 rows, 4 columns")
    expect(tab.get_by_role("alert")).to_have_count(0)


def test_the_tab_and_its_job_survive_a_reload(page, api, put_file):
    name = fresh("kept.csv")
    put_file(name, patients(60))
    listed(page, name).click(button="right")
    page.get_by_role("menuitem", name="Impute missing values…").click()
    view(page, name).get_by_role("button", name="Run").click()
    card = page.get_by_role("region", name=f"Job {name}", exact=True)
    expect(card).to_be_visible()
    with page.expect_response(
        lambda r: "/api/workspaces/" in r.url and r.request.method == "PUT",
        timeout=CEILING_MS,
    ):
        pass
    page.reload()
    expect(card).to_be_visible()
    assert len(list(api.jobs())) == 1
    form = page.get_by_role("form", name="Save next to the source")
    expect(form.get_by_role("button", name="Save")).to_have_attribute(
        "aria-disabled", "false"
    )


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_nothing_keeps_people_out(page, put_file, theme, tmp_path):
    name = fresh("patients.csv")
    put_file(name, patients())
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate(
        "theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme
    )
    listed(page, name).click(button="right")
    page.get_by_role("menuitem", name="Impute missing values…").click()
    tab = view(page, name)
    expect(tab.get_by_role("region", name="Plan")).to_contain_text("weight")
    tab.get_by_label("Method for weight").select_option("norm")
    expect(page.locator("#jupyterlab-splash")).to_have_count(0)
    page.screenshot(path=tmp_path / "file.png")
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run('.jp-Wrangler-file')")["violations"]
    bad = [v for v in found if v["impact"] in {"serious", "critical"}]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in bad] == []

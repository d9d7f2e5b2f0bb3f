"""The sections of the side panel in a real browser, over the real service."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import httpx
import nbformat
import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Locator, Page, expect

from tests.browser.panels import run_all
from tests.browser.test_panel import opened, row
from tests.waiting import CEILING_MS, CEILING_S, until

HAS = "id => window.jupyterapp?.commands.hasCommand(id) ?? false"
EXECUTE = "id => window.jupyterapp.commands.execute(id)"
QUICK = {"method": "median", "methods": {"sex": "most_frequent"}}
LONG = {"method": "pmm", "n_imputations": 400, "max_iter": 500}


@pytest.fixture
def page(browser, lab, api) -> Iterator[Page]:
    assert api
    with opened(browser, lab) as page:
        yield page


@pytest.fixture
def done(api, submit, penguins):
    """Submit a job and wait for its end."""

    def _done(name: str, **spec):
        job = submit(penguins, name, **(spec or QUICK))
        until(lambda: api.job(job.id).final, pause=0.1)
        return api.job(job.id)

    return _done


@pytest.fixture
def saved(api, done):
    """Save a result under a name that no other test has."""
    names = []

    def _saved(name: str, note: str | None = None, **spec) -> str:
        job = done(name, **spec)
        names.append(name)
        body = {"job_id": str(job.id), "name": name, "note": note}
        return api.request("POST", "results", json=body).json()

    yield _saved
    for one in api.request("GET", "results").json()["items"]:
        if one["name"] in names:
            api.request("DELETE", f"results/{one['id']}", params={"force": True})


def command(page: Page, name: str) -> None:
    """Run a command, as menus and the palette do."""
    page.wait_for_function(HAS, arg=f"jupyter-wrangler:{name}", timeout=CEILING_MS)
    page.evaluate(EXECUTE, f"jupyter-wrangler:{name}")


def section(page: Page, name: str) -> Locator:
    """Show a section of the panel by its command."""
    command(page, f"show-{name}")
    found = page.get_by_role("region", name=re.compile(f"^{name} ", re.IGNORECASE))
    expect(found).to_be_visible()
    return found


def choose(page: Page, item: Locator, name: str, action: str) -> None:
    """Choose something of the menu of a row."""
    more = f"More actions for {name}"
    item.get_by_role("button", name=more, exact=True).click()
    page.get_by_role("menuitem", name=action).click()


def press(page: Page, label: str) -> None:
    page.locator(".jp-Dialog").get_by_role("button", name=label).click()


def cells(page: Page) -> Locator:
    return page.locator(".jp-NotebookPanel .jp-Cell .cm-content")


def notebook(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=CEILING_MS)
    expect(cells(page).first).to_be_visible(timeout=CEILING_MS)


def test_a_job_is_renamed_and_deleted_with_a_question(page, done, api):
    job = done("draft")
    jobs = section(page, "jobs")
    item = row(jobs, "draft")
    choose(page, item, "draft", "Rename…")
    page.locator(".jp-Dialog input").fill("baseline")
    press(page, "Rename")
    item = row(jobs, "baseline")
    expect(item).to_be_visible()
    assert api.job(job.id).name == "baseline"
    choose(page, item, "baseline", "Delete…")
    press(page, "Keep it")
    expect(item).to_be_visible()
    choose(page, item, "baseline", "Delete…")
    expect(page.locator(".jp-Dialog")).to_contain_text("cannot be undone")
    press(page, "Delete")
    expect(jobs.get_by_text("No jobs yet")).to_be_visible()
    assert list(api.jobs()) == []


def test_what_cannot_be_done_says_why(page, submit, penguins, api):
    job = submit(penguins, "endless", **LONG)
    item = row(section(page, "jobs"), "endless")
    item.get_by_role("button", name="More actions for endless").click()
    delete = page.get_by_role("menuitem", name="Delete… (cancel it first)")
    expect(delete).to_have_attribute("aria-disabled", "true")
    page.get_by_role("menuitem", name="Before my other jobs").click()
    until(lambda: api.job(job.id).priority == "high")
    command(page, "cancel-job")
    expect(item.get_by_text("Cancelled")).to_be_visible(timeout=CEILING_MS)


def test_code_of_a_job_reaches_the_notebook_by_button_and_by_mouse(page, done, put):
    job = done("source")
    notebook(page, put("target.ipynb", nbformat.v4.new_code_cell("1 + 1")))
    item = row(section(page, "jobs"), "source")
    item.get_by_role("button", name="Insert the code").click()
    code = f'jw.job("{str(job.id)[:8]}").result()'
    expect(cells(page).nth(1)).to_contain_text(code)
    item.get_by_role("heading", name="source").hover()
    page.mouse.down()
    box = cells(page).first.bounding_box()
    assert box
    page.mouse.move(box["x"] + 60, box["y"] + 30, steps=8)
    page.mouse.move(box["x"] + 60, box["y"] + 5, steps=8)
    page.mouse.up()
    expect(page.locator(".jp-NotebookPanel .jp-CodeCell")).to_have_count(3)
    assert sum(code in text for text in cells(page).all_text_contents()) == 2


def test_the_jobs_of_this_notebook_are_those_with_a_card_in_it(page, done, put, stored):
    here, _ = done("inside"), done("outside")
    notebook(page, put("cards.ipynb", stored(here)))
    jobs = section(page, "jobs")
    expect(row(jobs, "outside")).to_be_visible()
    jobs.get_by_label("This notebook").check()
    expect(row(jobs, "outside")).to_have_count(0)
    expect(row(jobs, "inside")).to_be_visible()
    jobs.get_by_label("This notebook").uncheck()
    jobs.get_by_label("Search jobs").fill("outs")
    expect(row(jobs, "inside")).to_have_count(0)


def test_versions_are_noted_compared_restored_and_deleted(page, saved, api):
    name = f"patients {uuid.uuid4().hex[:6]}"
    first = saved(name, note="first look")
    saved(name, method="mean", methods={"sex": "most_frequent"})
    results = section(page, "results")
    item = results.get_by_role("listitem", name=name, exact=True)
    expect(item).to_contain_text("version 2")
    choose(page, item, name, "Note…")
    page.locator(".jp-Dialog input").fill("with means")
    press(page, "Save")
    expect(item).to_contain_text("with means")
    choose(page, item, name, "Compare with another version…")
    dialog = page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("the imputed values differ")
    expect(dialog.get_by_role("row", name=re.compile("method"))).to_contain_text("mean")
    press(page, "Close")
    item.get_by_role("button", name=f"Versions of {name}").click()
    old = item.get_by_role("listitem", name=f"{name}@1")
    expect(old).to_contain_text("first look")
    choose(page, old, f"{name}@1", "Restore as newest version")
    expect(item.get_by_role("listitem", name=f"{name}@3")).to_be_visible()
    choose(page, old, f"{name}@1", "Delete this version…")
    press(page, "Delete")
    expect(old).to_have_count(0)
    path = f"results/{first['result_id']}/versions"
    left = api.request("GET", path).json()["items"]
    assert [one["n"] for one in left] == [3, 2]
    choose(page, item, f"{name}", "Delete all versions…")
    press(page, "Delete")
    expect(item).to_have_count(0)


def test_the_service_is_told_and_copied_for_an_administrator(page):
    service = section(page, "service")
    expect(service).to_contain_text("Workers")
    expect(service).to_contain_text("Oldest wait")
    service.get_by_role("button", name="Copy this as a text").click()
    report = page.evaluate("navigator.clipboard.readText()")
    assert "Nothing is wrong" in report
    assert re.search(r"Your storage: .+ of .+", report)
    assert "127.0.0.1" not in report


FRAMES_OF_TWO = """import pandas as pd
df = pd.DataFrame({"age": [1.0, None, 3.0, 4.0], "sex": ["f", "m", None, "f"]})
class Mine(pd.DataFrame):
    @property
    def shape(self):
        raise RuntimeError("code of the user ran")
mine = Mine()
n_runs = globals().get("n_runs", 0) + 1"""


def test_frames_of_the_notebook_are_listed_and_nothing_of_the_user_runs(page, put):
    source = nbformat.v4.new_code_cell(FRAMES_OF_TWO)
    notebook(page, put("frames.ipynb", source))
    data = section(page, "data")
    run_all(page)
    item = data.get_by_role("listitem", name="df", exact=True)
    expect(item).to_contain_text("4 rows, 2 columns · 25 % missing")
    expect(data.get_by_role("listitem")).to_have_count(1)
    item.get_by_role("button", name="Profile df").click()
    last = page.locator(".jp-NotebookPanel .jp-CodeCell").nth(1)
    expect(last.locator(".cm-content")).to_contain_text("jw.profile(df)")
    # the inspection takes no number: this is the second execution
    expect(last.locator(".jp-InputPrompt")).to_have_text("[2]:")


def test_a_recipe_is_applied_to_a_frame_by_code(page, saved, put):
    name = f"model {uuid.uuid4().hex[:6]}"
    saved(name)
    notebook(page, put("recipe.ipynb", nbformat.v4.new_code_cell("1 + 1")))
    item = section(page, "recipes").get_by_role("listitem", name=f"{name}@1")
    item.get_by_role("button", name=f"applies {name} to df").click()
    code = f'job = jw.transform(df, "{name}@1")'
    expect(cells(page).nth(1)).to_contain_text(code)


def test_the_sections_are_as_before_after_a_reload(page):
    section(page, "service")
    section(page, "results")
    with page.expect_response(lambda found: "workspaces" in found.url) as saved:
        page.get_by_role("heading", name="Jobs Section").click()
    assert saved.value.ok
    page.reload()
    page.wait_for_selector("#jupyterlab-splash", state="detached")
    for name in ("results", "service"):
        region = page.get_by_role("region", name=re.compile(f"^{name} ", re.IGNORECASE))
        expect(region).to_be_visible()
    expect(page.get_by_role("region", name="Jobs Section")).to_be_hidden()


def listed(lab, count: int) -> Iterator[int]:
    """Have the settings say that more jobs are listed than by default."""
    path = f"{lab.url}lab/api/settings/jupyter-wrangler:plugin"
    auth = {"Authorization": f"token {lab.token}"}

    def save(raw: str) -> None:
        answer = httpx.put(path, json={"raw": raw}, headers=auth, timeout=CEILING_S)
        answer.raise_for_status()

    save(f'{{"jobsShown": {count}}}')
    yield count
    save("{}")


@pytest.fixture
def shown(lab) -> Iterator[int]:
    yield from listed(lab, 60)


def test_of_many_jobs_those_out_of_view_are_not_laid_out(
    shown, page, done, submit, penguins
):
    done("the last of all")
    for number in range(shown):
        submit(penguins, f"job {number}", **QUICK)
    items = section(page, "jobs").get_by_role("listitem")
    expect(items).to_have_count(shown)
    expect(items.filter(has_text="the last of all")).to_have_count(0)
    assert items.last.evaluate(SKIPPED)
    items.last.scroll_into_view_if_needed()
    assert not items.last.evaluate(SKIPPED)


#: Whether the browser has left out the contents of an element, or of one around it.
SKIPPED = """e => !e.checkVisibility({ contentVisibilityAuto: true })
  || !e.firstElementChild.checkVisibility({ contentVisibilityAuto: true })"""

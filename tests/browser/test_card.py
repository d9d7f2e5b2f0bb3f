"""The card of a job in a notebook: it tells the truth, whatever happens around it."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import nbformat
import pytest
from nbconvert import HTMLExporter

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Locator, Page, expect

from tests.waiting import CEILING_MS, until

ROOT = Path(__file__).parents[2]
AXE = ROOT / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
CARD = "application/vnd.jupyter-wrangler.job.v1+json"
#: A job that does not end by itself while a test looks at it.
LONG = {"method": "pmm", "n_imputations": 400, "max_iter": 500}
QUICK = {"method": "median", "methods": {"sex": "most_frequent"}}


@pytest.fixture
def page(browser, api) -> Iterator[Page]:
    """A page; errors of its scripts are errors of the test."""
    assert api
    with contextlib.closing(browser.new_context()) as context:
        page = context.new_page()
        thrown: list[str] = []
        page.on("pageerror", lambda error: thrown.append(str(error)))
        yield page
        assert thrown == []


def visit(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=CEILING_MS)


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=f"Job {name}", exact=True)


def state_of(page: Page, name: str, state: str) -> Locator:
    """Wait until a card is in a state."""
    found = card(page, name)
    expect(found).to_have_attribute("data-state", state, timeout=CEILING_MS)
    return found


def read(lab, name: str) -> nbformat.NotebookNode:
    """Return a notebook as its file holds it, when it is whole."""

    def whole() -> nbformat.NotebookNode | None:
        with contextlib.suppress(nbformat.reader.NotJSONError):
            return nbformat.reads(lab.text(name), as_version=4)
        return None

    return until(whole)


def on_disk(lab, name: str, cell: int = 0) -> dict[str, Any]:
    """Return what the file holds as the first output of a cell."""
    outputs = read(lab, name)["cells"][cell]["outputs"]
    return outputs[0]["data"] if outputs else {}


def streams(api) -> int:
    return api.request("GET", "health/ready").json()["streams"]


def serious(page: Page) -> list[str]:
    """What axe-core finds on the cards that keeps people out."""
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("axe.run('.jp-Wrangler-card')")["violations"]
    return [
        f"{one['id']}: {[node['html'] for node in one['nodes']]}"
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]


RUN = f"""
import pandas as pd, jupyter_wrangler as jw
df = pd.concat([pd.read_csv({str(ROOT / "notebooks/data/penguins.csv")!r})] * 20)
df = df.reset_index(drop=True)
job = jw.impute(df, n_imputations=60, random_state=0, name='ours', force=True)
job
"""


def test_a_job_outlives_kernel_tab_and_session_and_is_saved_as_it_ended(
    page, put, files, api, lab
):
    address = put(
        "ours.ipynb",
        nbformat.v4.new_code_cell(RUN),
        nbformat.v4.new_code_cell("import time; time.sleep(3600)"),
    )
    visit(page, address)
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(
        timeout=CEILING_MS
    )
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    found = state_of(page, "ours", "running")
    bar = found.get_by_role("progressbar", name="Progress of ours")
    expect(bar).to_be_visible()
    # the kernel is restarted in the middle, by whatever
    (kernel,) = files.get("api/kernels").json()
    files.post(f"api/kernels/{kernel['id']}/restart").raise_for_status()
    before = float(bar.get_attribute("value") or 0)
    until(
        lambda: (
            float(bar.get_attribute("value", timeout=1000) or 0) > before
            if bar.count()
            else True
        )
    )
    # saved while it runs, the notebook says as of when
    page.keyboard.press("Control+s")
    until(lambda: CARD in on_disk(lab, "ours.ipynb"))
    page.reload()
    page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=CEILING_MS)
    state_of(page, "ours", "succeeded")
    expect(card(page, "ours").locator("mark").first).to_be_visible()

    def saved() -> bool:
        page.keyboard.press("Control+s")
        page.wait_for_timeout(300)
        data = on_disk(lab, "ours.ipynb")
        return data[CARD]["job"]["state"] == "succeeded"

    until(saved)
    content = read(lab, "ours.ipynb")
    html, _ = HTMLExporter().from_notebook_node(content)
    assert "<p>done" in html
    assert "waiting for a worker" not in html
    # closed, without a kernel, reopened in a session of its own
    for session in files.get("api/sessions").json():
        files.delete(f"api/sessions/{session['id']}")
    visit(page, address.replace("workspaces/", "workspaces/again-"))
    state_of(page, "ours", "succeeded")
    until(lambda: streams(api) == 0)


def test_cancel_works_while_a_cell_is_busy(page, put, api):
    cells = [RUN.replace("n_imputations=60", "n_imputations=900"), "while True: pass"]
    address = put("busy.ipynb", *map(nbformat.v4.new_code_cell, cells))
    visit(page, address)
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(
        timeout=CEILING_MS
    )
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    found = state_of(page, "ours", "running")
    expect(page.get_by_text("Python 3 (ipykernel) | Busy")).to_be_visible()
    found.get_by_role("button", name="Cancel ours").click()
    state_of(page, "ours", "cancelled")
    (job,) = api.jobs()
    assert job.state == "cancelled"
    expect(found).to_contain_text("ept")
    page.close()


def test_a_stored_card_follows_its_job_and_acts_on_it_by_keyboard(
    page, put, stored, submit, penguins, api
):
    job = submit(penguins, "long", **LONG)
    visit(page, put("stored.ipynb", stored(job)))
    found = state_of(page, "long", "running")
    # nobody of this browser has run it: it asks before it acts
    found.get_by_role("button", name="Cancel long").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("This notebook is not trusted")
    dialog.get_by_role("button", name="No").click()
    assert not api.job(job.id).final
    found.get_by_role("button", name="Cancel long").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Yes").click()
    state_of(page, "long", "cancelled")
    found.get_by_role("button", name="Retry long").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Yes").click()
    state_of(page, "long", "running")
    assert not api.job(job.id).final


def test_five_cards_share_one_stream_that_ends_when_none_is_seen(
    page, put, stored, submit, penguins, api
):
    jobs = [submit(penguins, f"job {i}", **LONG) for i in range(5)]
    until(lambda: streams(api) == 0)
    visit(page, put("five.ipynb", *map(stored, jobs)))
    for job in jobs:
        expect(card(page, job.name)).to_be_visible(timeout=CEILING_MS)
    until(lambda: streams(api) == 1)
    for job in jobs:
        api.cancel(job.id)
    for job in jobs:
        state_of(page, job.name, "cancelled")
    # nothing goes on any more
    until(lambda: streams(api) == 0)


def test_a_card_of_each_state_says_what_it_is_and_keeps_nobody_out(
    page, put, stored, submit, penguins, api
):
    done = submit(penguins, "done", **QUICK)
    until(lambda: api.job(done.id).final)
    gone = submit(penguins, "gone", **QUICK)
    until(lambda: api.job(gone.id).final)
    left = stored(gone)
    api.delete(gone.id)
    evil = submit(penguins, "<img src=x onerror=alert(1)>", **LONG)
    cancelled = submit(penguins, "cancelled", **LONG)
    api.cancel(cancelled.id)
    until(lambda: api.job(cancelled.id).final)
    cells = [stored(done), left, stored(evil), stored(cancelled)]
    visit(page, put("states.ipynb", *cells))
    found = state_of(page, "done", "succeeded")
    expect(found).to_contain_text("Filled 19 of 19 missing values")
    expect(
        found.get_by_role("button", name=re.compile("Open the result"))
    ).to_be_visible()
    expect(card(page, "gone")).to_contain_text(
        "The service does not know this job", timeout=CEILING_MS
    )
    expect(card(page, "gone").get_by_role("button")).to_have_count(0)
    state_of(page, evil.name, "running")
    assert page.locator(".jp-Wrangler-card img").count() == 0
    expect(card(page, "cancelled").get_by_role("button", name="Retry")).to_be_visible()
    assert serious(page) == []


def test_insert_code_puts_the_code_of_the_result_below(
    page, put, stored, submit, penguins, api
):
    job = submit(penguins, "done", **QUICK)
    until(lambda: api.job(job.id).final)
    visit(page, put("insert.ipynb", stored(job), nbformat.v4.new_code_cell("last = 1")))
    found = state_of(page, "done", "succeeded")
    code = f'res = jw.job("{str(job.id)[:8]}").result()'
    expect(found.locator("code")).to_contain_text(code)
    found.get_by_role("button", name="Insert the code that gives the result").click()
    expect(page.locator(".jp-CodeCell")).to_have_count(3)
    expect(page.locator(".jp-CodeCell").nth(1)).to_contain_text(code)


def test_open_result_opens_its_rows_in_a_tab(page, put, stored, submit, penguins, api):
    job = submit(penguins, "done", **QUICK)
    until(lambda: api.job(job.id).final)
    visit(page, put("open.ipynb", stored(job)))
    found = state_of(page, "done", "succeeded")
    found.get_by_role("button", name="Open the result of done in a tab").click()
    head = page.get_by_role("region", name="Result of done", exact=True)
    expect(head).to_contain_text("344 rows", timeout=CEILING_MS)
    head.get_by_role("button", name="Insert into notebook").click()
    expect(head).to_contain_text("The code is in the notebook.")


def test_without_a_service_the_last_snapshot_is_shown_with_the_reason(
    browser, lab_without_service, stored, submit, penguins
):
    job = submit(penguins, "far", **LONG)
    notebook = nbformat.v4.new_notebook(cells=[stored(job)])
    lab = lab_without_service
    body = {"type": "notebook", "content": notebook}
    auth = {"Authorization": f"token {lab.token}"}
    httpx.put(f"{lab.url}api/contents/far.ipynb", json=body, headers=auth)
    with contextlib.closing(browser.new_context()) as context:
        page = context.new_page()
        visit(page, lab.page.replace("?", "/tree/far.ipynb?"))
        found = card(page, "far")
        expect(found.get_by_role("alert")).to_contain_text(
            "The Wrangler service does not answer", timeout=CEILING_MS
        )
        expect(found).to_contain_text(re.compile(r"as of \d\d:\d\d"))
        assert json.dumps(notebook).count("http") == 0

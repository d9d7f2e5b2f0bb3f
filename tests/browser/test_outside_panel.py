"""What is outside the panel: palette, launcher, status bar, notices, what runs."""

from __future__ import annotations

import contextlib
import re

import nbformat
import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Error, Locator, Page, expect

from tests.browser.panels import run_all
from tests.browser.test_panel import opened, show
from tests.browser.test_side_panel import (
    EXECUTE,
    FRAMES_OF_TWO,
    LONG,
    QUICK,
    cells,
    notebook,
)
from tests.waiting import CEILING_MS, until

#: Each action of the palette that needs no selection.
ACTIONS = (
    "Impute missing values of a file…",
    "Profile missing values of a file…",
    "New notebook that imputes missing values",
    "Profile a DataFrame…",
    "Impute a DataFrame…",
    "Recommend methods for a DataFrame…",
    "Correlate the columns of a DataFrame…",
    "Compare methods on a DataFrame…",
    "Apply a recipe to a DataFrame…",
    "Open a result…",
    "Cancel all jobs that go on…",
    "Copy report on the service",
    "Show jobs",
    "Show data in this notebook",
    "Show saved results",
    "Show recipes",
    "Show service",
)
#: Those on the job, and on the result, that is selected in the panel.
OF_JOB = (
    "Open result of job",
    "Insert code of job",
    "Copy code of job",
    "Cancel job",
    "Finish job now",
    "Retry job",
    "Rename job…",
    "Delete job…",
    "Run job before my other jobs",
    "Run job in its turn",
    "Run job after my other jobs",
)
OF_RESULT = (
    "Open saved result",
    "Insert code that loads the result",
    "Copy code that loads the result",
    "Note of saved result…",
    "Compare saved result with another version…",
    "Restore version of saved result",
    "Rename saved result…",
    "Delete version of saved result…",
    "Delete saved result…",
)


@pytest.fixture
def page(browser, lab, api):
    assert api
    with opened(browser, lab) as page:
        yield page


def palette(page: Page, words: str) -> Locator:
    """Open the command palette and search in it."""
    search = page.locator(".lm-CommandPalette-input")

    def there() -> bool:
        # what is drawn late, such as a notebook, takes the focus and closes it
        if not search.is_visible():
            page.evaluate(EXECUTE, "apputils:activate-command-palette")
        with contextlib.suppress(Error):
            search.fill(words, timeout=1_000)
        return search.is_visible() and search.input_value() == words

    until(there, pause=0.2)
    return search


def choose(page: Page, action: str) -> None:
    """Run an action of the palette, by keyboard."""
    search = palette(page, f"Wrangler: {action}")
    first = page.locator(".lm-CommandPalette-item.lm-mod-active")
    expect(first).to_contain_text(f"Wrangler: {action}")
    search.press("Enter")


def cell_with(page: Page, code: str) -> Locator:
    return page.locator(".jp-NotebookPanel .jp-CodeCell").filter(has_text=code)


def test_the_palette_lists_every_action_and_says_what_each_is_for(page):
    palette(page, "Wrangler:")
    entries = page.locator(".lm-CommandPalette-item")
    expect(entries.filter(has_text="Show jobs")).to_have_count(1)
    listed = entries.all_inner_texts()
    ours = [one.splitlines()[0] for one in listed if one.startswith("Wrangler: ")]
    nothing = {
        **dict.fromkeys(OF_JOB, " (no job is selected in the panel)"),
        **dict.fromkeys(OF_RESULT, " (no result is selected in the panel)"),
    }
    names = [*ACTIONS, *OF_JOB, *OF_RESULT]
    assert sorted(ours) == sorted(f"Wrangler: {n}{nothing.get(n, '')}" for n in names)


def test_frames_are_asked_for_from_the_palette(page, put):
    source = FRAMES_OF_TWO.replace("class Mine", "other = df.copy()\nclass Mine")
    notebook(page, put("palette.ipynb", nbformat.v4.new_code_cell(source)))
    choose(page, "Profile a DataFrame…")
    dialog = page.locator(".jp-Dialog")
    expect(dialog).to_contain_text(re.compile("no DataFrames yet|no kernel yet"))
    dialog.get_by_role("button", name="OK").click()
    run_all(page)
    expect(page.locator(".jp-InputPrompt").first).to_have_text("[1]:")
    choose(page, "Recommend methods for a DataFrame…")
    dialog.get_by_role("combobox").select_option("other")
    page.keyboard.press("Enter")
    made = cell_with(page, "jw.recommend(other)")
    expect(made.locator(".jp-OutputArea-output").first).to_be_visible()
    choose(page, "Compare methods on a DataFrame…")
    dialog.get_by_role("combobox").select_option("df")
    page.keyboard.press("Enter")
    # it would run for long, so it is only inserted
    expect(cell_with(page, "jw.compare(df)").locator(".jp-InputPrompt")).to_have_text(
        "[ ]:"
    )


def test_results_are_opened_and_jobs_cancelled_from_the_palette(
    page, api, submit, penguins
):
    # other tests may have left some
    for one in api.request("GET", "results").json()["items"]:
        api.request("DELETE", f"results/{one['id']}", params={"force": True})
    choose(page, "Open a result…")
    dialog = page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("There is no result yet")
    dialog.get_by_role("button", name="OK").click()
    job = submit(penguins, "quick", **QUICK)
    until(lambda: api.job(job.id).final)
    choose(page, "Open a result…")
    head = page.get_by_role("region", name="Result of quick", exact=True)
    expect(head).to_be_visible()
    others = [submit(penguins, name, **LONG) for name in ("one", "two")]
    choose(page, "Cancel all jobs that go on…")
    expect(dialog).to_contain_text("Cancel 2 jobs?")
    dialog.get_by_role("button", name="Cancel").click()
    until(lambda: all(api.job(one.id).state == "cancelled" for one in others))
    assert api.job(job.id).state == "succeeded"
    choose(page, "Copy report on the service")
    until(lambda: "Nothing is wrong" in page.evaluate("navigator.clipboard.readText()"))


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_the_launcher_begins_a_notebook_that_runs(page, by):
    card = page.locator(".jp-LauncherCard", has_text="Impute missing values")
    if by == "mouse":
        card.click()
    else:
        card.press("Enter")
    expect(cells(page).first).to_contain_text("jw.data.airquality()")


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_the_status_bar_tells_what_goes_on_and_leads_to_it(
    page, submit, penguins, api, by
):
    item = page.locator("#jp-main-statusbar").get_by_role(
        "button", name=re.compile("job")
    )
    expect(item).to_have_count(0)
    job = submit(penguins, "long", **LONG)
    show(page)
    expect(item).to_contain_text("1 job")
    # shown again by the item
    page.locator('.jp-SideBar [data-id="jp-Wrangler-panel"]').click()
    jobs = page.get_by_role("region", name="Jobs Section")
    expect(jobs).to_be_hidden()
    if by == "mouse":
        item.click()
    else:
        item.press("Enter")
    expect(jobs.get_by_role("listitem", name="long")).to_be_visible()
    api.cancel(job.id)
    expect(item).to_have_count(0)


def ended_notice(page: Page, submit, penguins, name: str) -> Locator:
    """Have a job end that this tab has seen; return what tells of it."""
    show(page)
    submit(penguins, name, **QUICK)
    notice = page.locator(".Toastify__toast", has_text=name)
    expect(notice).to_be_visible(timeout=CEILING_MS)
    return notice


def test_the_notice_of_an_end_shows_the_result(page, submit, penguins):
    notice = ended_notice(page, submit, penguins, "seen")
    notice.get_by_role("button", name="Show result").click()
    head = page.get_by_role("region", name="Result of seen", exact=True)
    expect(head).to_be_visible()


def test_the_notice_of_an_end_inserts_code_by_keyboard(page, submit, penguins, put):
    notebook(page, put("notice.ipynb", nbformat.v4.new_code_cell("1 + 1")))
    notice = ended_notice(page, submit, penguins, "coded")
    notice.get_by_role("button", name="Insert code").press("Enter")
    expect(cells(page).nth(1)).to_contain_text("jw.job(")


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_jobs_are_listed_among_what_runs_and_cancelled_there(
    page, submit, penguins, api, by
):
    job = submit(penguins, "long", **LONG)
    show(page)
    page.locator('.jp-SideBar [data-id="jp-running-sessions"]').click()
    item = page.get_by_role("treeitem", name="long", exact=False)
    expect(item).to_be_visible()
    if by == "mouse":
        item.hover()
        item.locator(".jp-RunningSessions-itemShutdown").click()
    else:
        bar = page.get_by_role("toolbar", name="Wrangler jobs toolbar")
        bar.get_by_role("button", name="Cancel all").press("Enter")
        dialog = page.locator(".jp-Dialog")
        expect(dialog).to_contain_text("What is finished is kept")
        page.keyboard.press("Enter")
    until(lambda: api.job(job.id).state == "cancelled")
    expect(item).to_have_count(0)

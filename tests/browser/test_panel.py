"""The side panel in a real browser, over the real service, database and worker."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import psutil
import pytest

from jupyter_wrangler.stack import state_file

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Page, expect

from tests.waiting import CEILING_MS, until

#: A job that does not end by itself while a test looks at it.
LONG = {"method": "pmm", "n_imputations": 400, "max_iter": 500}


@contextlib.contextmanager
def opened(browser, lab) -> Iterator[Page]:
    """JupyterLab in the browser; errors of its scripts are errors of the test."""
    with contextlib.closing(
        browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    ) as context:
        page = context.new_page()
        thrown: list[str] = []
        page.on("pageerror", lambda error: thrown.append(str(error)))
        page.goto(lab.page)
        page.wait_for_selector(
            "#jupyterlab-splash", state="detached", timeout=CEILING_MS
        )
        # drawn last, it takes the focus from whatever a test has begun with
        page.wait_for_selector(".jp-Launcher:focus-within", timeout=CEILING_MS)
        yield page
        assert thrown == []


@pytest.fixture
def page(browser, lab, api) -> Iterator[Page]:
    assert api
    with opened(browser, lab) as page:
        yield page


def toggle(page: Page) -> None:
    page.locator('.jp-SideBar [data-id="jp-Wrangler-panel"]').click()


def show(page: Page) -> None:
    page.get_by_role("menuitem", name="View").click()
    page.get_by_text("Wrangler: Show jobs").click()


def open_panel(page: Page):
    toggle(page)
    panel = page.get_by_role("region", name="Jobs Section")
    expect(panel).to_be_visible()
    return panel


def row(panel, name: str):
    return panel.get_by_role("listitem", name=name)


def tab_to(page: Page, button) -> None:
    """Go from the beginning of the section to a button, by keyboard alone."""
    page.evaluate("document.querySelector('.jp-Wrangler-panel').focus()")
    for _ in range(12):
        page.keyboard.press("Tab")
        if button.evaluate("node => node === document.activeElement"):
            return
    expect(button).to_be_focused()


def streams(api) -> int:
    """Count the open event streams that the service knows of."""
    return api.request("GET", "health/ready").json()["streams"]


def test_without_jobs_it_teaches_and_copies_the_example(page):
    panel = open_panel(page)
    expect(panel.get_by_text("No jobs yet")).to_be_visible()
    panel.get_by_role("button", name="Copy the example").click()
    expect(panel.get_by_text("Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == panel.locator("pre").text_content()


def test_the_command_palette_opens_it(page):
    page.get_by_role("menuitem", name="View").click()
    page.get_by_text("Activate Command Palette").click()
    page.locator(".lm-CommandPalette-input").fill("Wrangler: Show jobs")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Jobs Section")).to_be_visible()


def test_the_view_menu_opens_it(page):
    show(page)
    expect(page.get_by_role("region", name="Jobs Section")).to_be_visible()


def test_a_job_is_followed_live_from_submission_to_summary(page, submit, penguins):
    panel = open_panel(page)
    expect(panel.get_by_text("live", exact=True)).to_be_visible()
    job = submit(penguins, "penguins", n_imputations=10, max_iter=10)
    item = row(panel, "penguins")
    expect(item).to_be_visible()
    expect(item.get_by_role("progressbar", name="Progress of penguins")).to_be_visible()
    expect(item.get_by_text(re.compile(r"^\d+ %$"))).to_be_visible(timeout=CEILING_MS)
    expect(item.get_by_text("Done")).to_be_visible(timeout=CEILING_MS)
    missing = int(penguins.isna().sum().sum())
    expect(item).to_contain_text(f"Filled {missing} of {missing} missing values")
    expect(item).to_contain_text("10 completed data sets")
    expect(panel.get_by_role("status")).to_have_text("Job penguins is done.")
    item.get_by_role("button", name="More actions for penguins").click()
    page.get_by_role("menuitem", name="Copy code").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f'res = jw.job("{str(job.id)[:8]}").result()\nres'


def test_cancel_by_keyboard_ends_the_job(page, submit, penguins, api):
    job = submit(penguins, "endless", **LONG)
    panel = open_panel(page)
    item = row(panel, "endless")
    expect(item.get_by_role("progressbar")).to_be_visible(timeout=CEILING_MS)
    button = item.get_by_role("button", name="Cancel endless")
    tab_to(page, button)
    page.keyboard.press("Enter")
    expect(button).to_have_text("Cancelling…")
    expect(item.get_by_text("Cancelled")).to_be_visible(timeout=CEILING_MS)
    assert api.job(job.id).state == "cancelled"


def test_retry_by_keyboard_begins_the_job_again(page, submit, penguins, api):
    job = submit(penguins, "again", **LONG)
    panel = open_panel(page)
    item = row(panel, "again")
    expect(item.get_by_role("progressbar")).to_be_visible(timeout=CEILING_MS)
    expect(item.get_by_role("button", name="Retry again")).to_have_count(0)
    api.cancel(job.id)
    expect(item.get_by_text("Cancelled")).to_be_visible(timeout=CEILING_MS)
    button = item.get_by_role("button", name="Retry again")
    tab_to(page, button)
    page.keyboard.press("Enter")
    expect(button).to_have_count(0, timeout=10_000)
    # anyone who works by keyboard is not thrown back to the top of the page
    expect(item).to_be_focused()
    expect(item.get_by_role("progressbar")).to_be_visible(timeout=CEILING_MS)
    assert api.job(job.id).state in {"queued", "running"}
    item.get_by_role("button", name="Cancel again").click()
    expect(item.get_by_text("Cancelled")).to_be_visible(timeout=CEILING_MS)


def test_what_moves_under_a_pressed_pointer_is_clicked_all_the_same(
    page, submit, penguins, api
):
    job = submit(penguins, "pressed", **LONG)
    panel = open_panel(page)
    item = row(panel, "pressed")
    button = item.get_by_role("button", name="Cancel pressed")
    button.hover()
    page.mouse.down()
    above = submit(penguins, "above", **LONG)
    # drawn only after the release: it would push the button away
    page.wait_for_timeout(1_500)
    expect(row(panel, "above")).to_have_count(0)
    page.mouse.up()
    expect(row(panel, "above")).to_be_visible()
    expect(item.get_by_text("Cancelled")).to_be_visible()
    assert api.job(job.id).state == "cancelled"
    assert not api.job(above.id).final


def test_a_button_stays_where_it_is_while_its_job_goes_on(page, submit, penguins):
    submit(penguins, "steady", **LONG)
    panel = open_panel(page)
    item = row(panel, "steady")
    button = item.get_by_role("button", name="Cancel steady")
    expect(button).to_be_visible()
    before = button.bounding_box()
    expect(item.get_by_text("imputation")).to_be_visible()
    assert button.bounding_box() == before


def test_a_retry_that_is_refused_is_reported_at_the_job(page, submit, penguins, api):
    job = submit(penguins, "refused", **LONG)
    api.cancel(job.id)
    panel = open_panel(page)
    item = row(panel, "refused")
    expect(item.get_by_text("Cancelled")).to_be_visible(timeout=CEILING_MS)
    page.route("**/retry*", lambda route: route.abort())
    item.get_by_role("button", name="Retry refused").click()
    expect(item).to_contain_text("Not retried: The Jupyter server does not answer")
    expect(item.get_by_role("button", name="Retry refused")).to_be_enabled()


def test_names_are_text(page, submit, penguins):
    evil = "<img src=x onerror=alert(1)> & <b>bold</b>"
    submit(penguins, evil, method="mean", methods={"sex": "most_frequent"})
    panel = open_panel(page)
    expect(panel.get_by_role("heading", name=evil)).to_be_visible()
    assert panel.locator("img, b").count() == 0


def test_jobs_of_before_are_there_after_a_reload(page, submit, penguins):
    submit(penguins, "earlier", method="median", methods={"sex": "most_frequent"})
    panel = open_panel(page)
    expect(row(panel, "earlier").get_by_text("Done")).to_be_visible(timeout=CEILING_MS)
    page.reload()
    page.wait_for_selector("#jupyterlab-splash", state="detached")
    show(page)
    panel = page.get_by_role("region", name="Jobs Section")
    expect(row(panel, "earlier")).to_contain_text("Filled")


def test_it_holds_a_stream_only_while_it_can_be_seen(page, api):
    until(lambda: streams(api) == 0)
    panel = open_panel(page)
    expect(panel.get_by_text("live", exact=True)).to_be_visible()
    until(lambda: streams(api) == 1)
    toggle(page)
    until(lambda: streams(api) == 0)
    toggle(page)
    until(lambda: streams(api) == 1)


@contextlib.contextmanager
def frozen(settings, name: str):
    """Keep a process of the stack, and what it started, from answering."""
    found = state_file.read(settings.home / "stack.json")
    assert found
    parent = psutil.Process(found.children[name].pid)
    family = [parent, *parent.children(recursive=True)]
    for process in family:
        process.suspend()
    try:
        yield
    finally:
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("child", "code", "title"),
    [
        ("worker", "no_worker", "No worker is running"),
        ("valkey", "redis_unreachable", "Redis does not answer"),
        ("postgres", "database_unreachable", "The database does not answer"),
    ],
)
def test_what_is_down_is_distinguished(page, stack_settings, child, code, title):
    panel = open_panel(page)
    expect(panel.get_by_text("live", exact=True)).to_be_visible()
    problem = panel.get_by_role("alert")
    with frozen(stack_settings, child):
        expect(problem).to_contain_text(title, timeout=CEILING_MS)
        expect(problem).to_have_attribute("data-code", code)
        panel.get_by_role("button", name="Copy the command").click()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == "jupyter wrangler doctor"
    panel.get_by_role("button", name="Look again").click()
    expect(problem).to_have_count(0, timeout=CEILING_MS)
    expect(panel.get_by_text("live", exact=True)).to_be_visible()


def test_a_service_that_does_not_answer_is_reported_without_its_address(
    browser, lab_without_service
):
    with opened(browser, lab_without_service) as page:
        panel = open_panel(page)
        problem = panel.get_by_role("alert")
        expect(problem).to_contain_text("The Wrangler service does not answer")
        expect(problem).to_contain_text("jupyter wrangler up")
        assert "127.0.0.1" not in (panel.text_content() or "")

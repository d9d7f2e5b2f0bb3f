"""What can be done with a job on its card and in the panel, by mouse and keyboard."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import expect

from tests.browser.panels import DATA, OPEN, quiet
from tests.browser.test_bad_days import LONG, job_of, opened_panel
from tests.browser.test_card import serious as serious_on_cards
from tests.browser.test_card import state_of, visit
from tests.browser.test_wrangle import serious, tab_to
from tests.waiting import until

ENDLESS = {"method": "pmm", "n_imputations": 400, "max_iter": 500}


@pytest.fixture
def page(browser, api):
    assert api
    context = browser.new_context()
    yield context.new_page()
    context.close()


def test_finish_now_on_the_card_by_keyboard_keeps_what_is_done(opened):
    with opened(DATA % 61, LONG, OPEN) as page, quiet(page):
        found = state_of(page, "long", "running")
        panel = opened_panel(page)
        job_of(panel, "running")
        assert serious(page) == []
        button = found.get_by_role("button", name="Finish long now")
        expect(button).to_have_attribute("aria-disabled", "false")
        button.press("Enter")
        state_of(page, "long", "succeeded")
        expect(found).to_contain_text(re.compile(r"Finished early with \d+ of 1,?000"))
        # the panel shows the same, and goes on with it
        job = job_of(panel, "succeeded")
        expect(job).to_contain_text(re.compile(r"\d+ of 1,?000 imputations kept"))
        panel.get_by_role("button", name="Judge the result").click()
        expect(panel.get_by_role("heading", name="What was done")).to_be_visible()
        assert serious(page) == []


def test_finish_now_and_retry_in_the_panel_by_mouse_and_by_keyboard(opened):
    with opened(DATA % 62, LONG, OPEN) as page, quiet(page):
        panel = opened_panel(page)
        job = job_of(panel, "running")
        panel.get_by_role("button", name="Cancel the job").focus()
        page.keyboard.press("Enter")
        job_of(panel, "cancelled")
        panel.get_by_role("button", name="Undo").focus()
        tab_to(page, panel, "Try the job again")
        page.keyboard.press("Enter")
        job_of(panel, "running")
        panel.get_by_role("button", name="Finish now").click()
        expect(job).to_have_attribute("data-state", "succeeded")
        expect(job).to_contain_text("imputations kept")


def test_a_card_that_waits_says_its_place_and_is_given_another_turn(
    page, put, stored, submit, penguins, api
):
    first = submit(penguins, "first", **ENDLESS)
    until(lambda: api.job(first.id).state == "running")
    others = [submit(penguins, name, **ENDLESS) for name in ("second", "third")]
    until(lambda: all(api.job(one.id).queue for one in others))
    visit(page, put("turns.ipynb", *map(stored, others)))
    found = state_of(page, "third", "queued")
    expect(found).to_contain_text(re.compile(r"Number \d+ in the queue: behind"))
    assert serious_on_cards(page) == []
    turn = found.get_by_role("combobox", name="Turn of third among your jobs")
    expect(turn).to_have_value("normal")
    turn.focus()
    page.keyboard.press("ArrowUp")
    page.get_by_role("dialog").get_by_role("button", name="Yes").click()
    until(lambda: api.job(others[1].id).priority == "high")
    expect(turn).to_have_value("high")
    turn.select_option("low")
    page.get_by_role("dialog").get_by_role("button", name="Yes").click()
    until(lambda: api.job(others[1].id).priority == "low")


def test_a_card_that_failed_says_why_and_is_retried_by_mouse(
    page, put, stored, submit, penguins, api
):
    job = submit(penguins, "failing", method="constant")
    until(lambda: api.job(job.id).final)
    visit(page, put("failed.ipynb", stored(job)))
    found = state_of(page, "failing", "failed")
    expect(found.locator(".jp-Wrangler-error").first).to_contain_text("constant")
    tried = api.job(job.id).finished_at
    found.get_by_role("button", name="Retry failing").click()
    page.get_by_role("dialog").get_by_role("button", name="Yes").click()
    until(lambda: api.job(job.id).finished_at not in {None, tried})
    state_of(page, "failing", "failed")


def test_each_step_of_the_panel_inserts_its_code_below(opened):
    with opened(DATA % 63, OPEN, "last = 1") as page, quiet(page):
        panel = opened_panel(page)
        expect(panel.get_by_role("heading", name="Columns")).to_be_visible()
        cells = page.locator(".jp-CodeCell")
        panel.get_by_text("Code of this step").click()
        panel.get_by_role("button", name="Insert below: code of this step").click()
        expect(cells).to_have_count(4)
        expect(cells.nth(2)).to_contain_text("jw.profile(df)")
        panel.get_by_role("button", name="Plan the imputation").click()
        button = panel.get_by_role("button", name="Insert below: code of all steps")
        button.focus()
        page.keyboard.press("Enter")
        expect(cells).to_have_count(5)
        # below the panel's own cell, above what was inserted before
        expect(cells.nth(2)).to_contain_text("plan = jw.")
        expect(cells.nth(4)).to_contain_text("last = 1")

"""Bad days, with a card and a panel of the same job open: said in words, and over."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Locator, Page, expect

from tests.browser.panels import DATA, OPEN, panel_of, quiet, restart, told
from tests.browser.test_card import card, state_of
from tests.browser.test_panel import frozen
from tests.waiting import until

#: A job that does not end by itself while a test looks at it.
LONG = (
    "jw.impute(df, method='pmm', n_imputations=1000, max_iter=1000, random_state=0, "
    "name='long')"
)
QUICK = "jw.impute(df, method='median', random_state=0, name='quick').wait()"


def opened_panel(page: Page | Locator) -> Locator:
    return page.get_by_role("region", name="Jupyter Wrangler").last


def job_of(panel: Locator, state: str) -> Locator:
    """Wait until the job in a panel is in a state."""
    found = panel.locator(".jw-job")
    expect(found).to_have_attribute("data-state", state)
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("child", "code", "title"),
    [
        ("service", "service_unreachable", "The Wrangler service does not answer"),
        ("valkey", "redis_unreachable", "Redis does not answer"),
        ("postgres", "database_unreachable", "The database does not answer"),
        ("worker", "no_worker", "No worker is running"),
    ],
)
def test_what_is_down_is_named_on_card_and_panel_and_both_go_on_by_themselves(
    opened, stack_settings, child, code, title
):
    with opened(DATA % 11, LONG, OPEN) as page, quiet(page):
        found = state_of(page, "long", "running")
        panel = opened_panel(page)
        job_of(panel, "running")
        with frozen(stack_settings, child):
            for place in (found, panel):
                problem = place.get_by_role("alert")
                expect(problem).to_contain_text(title)
                expect(problem).to_have_attribute("data-code", code)
                expect(problem).to_contain_text("jupyter wrangler")
        for place in (found, panel):
            expect(place.get_by_role("alert")).to_have_count(0)
        found.get_by_role("button", name="Cancel long").click()
        state_of(page, "long", "cancelled")
        job_of(panel, "cancelled")


@pytest.mark.slow
def test_what_was_asked_for_while_the_service_was_down_is_done_when_it_is_back(
    opened, stack_settings
):
    with opened(DATA % 12, LONG, OPEN) as page, quiet(page):
        panel = opened_panel(page)
        job_of(panel, "running")
        with frozen(stack_settings, "postgres"):
            panel.get_by_role("button", name="Cancel the job").click()
            expect(panel.get_by_role("alert")).to_contain_text(
                re.compile("does not answer|is busy")
            )
        job_of(panel, "cancelled")
        expect(panel.get_by_role("alert")).to_have_count(0)


def test_a_restart_of_the_kernel_leaves_the_card_and_the_panel_finds_its_job(opened):
    with opened(DATA % 13, LONG, OPEN) as page, quiet(page):
        found = state_of(page, "long", "running")
        panel = opened_panel(page)
        code = job_of(panel, "running").locator("code").inner_text()
        restart(page, "Restart Kernel…")
        output = page.locator(".jp-Wrangler-panelOutput")
        expect(output.get_by_role("status")).to_contain_text("Run the cell again")
        expect(output.get_by_role("button")).to_have_count(0)
        expect(output).to_contain_text(code)
        state_of(page, "long", "running")
        expect(found.get_by_role("button", name="Cancel long")).to_be_enabled()
        restart(page, "Restart Kernel and Run All Cells…")
        again = opened_panel(page)
        expect(job_of(again, "running").locator("code")).to_have_text(code)
        again.get_by_role("button", name="Cancel the job").click()
        job_of(again, "cancelled")
        state_of(page, "long", "cancelled")


def test_data_that_changed_between_look_and_run_are_said_and_asked_about(opened):
    with opened(DATA % 14, OPEN, "") as page, quiet(page):
        panel = panel_of(page)
        panel.get_by_role("button", name="Plan the imputation").click()
        told(page, "df.loc[1, 'a'] = 51.5; df.shape")
        panel.get_by_role("button", name="Run this plan").click()
        asked = panel.get_by_role("alert")
        expect(asked).to_contain_text("df has changed since it was looked at")
        asked.get_by_role("button", name="Look again").press("Enter")
        expect(panel.get_by_role("heading", name="Columns")).to_be_visible()
        expect(asked).to_have_count(0)
        panel.get_by_role("button", name="Plan the imputation").click()
        told(page, "df = df.assign(c=1.0); df.shape")
        panel.get_by_role("button", name="Run this plan").click()
        expect(asked).to_contain_text("df is another DataFrame")
        asked.get_by_role("button", name="Run on the data that were looked at").click()
        job_of(panel, "succeeded")
        expect(asked).to_have_count(0)


def test_a_result_that_was_deleted_elsewhere_is_said_on_card_tab_and_panel(opened, api):
    with opened(DATA % 15, QUICK, OPEN) as page, quiet(page):
        found = state_of(page, "quick", "succeeded")
        panel = opened_panel(page)
        panel.get_by_role("button", name="Judge the result").click()
        expect(panel.get_by_role("heading", name="What was done")).to_be_visible()
        (job,) = api.jobs()
        api.delete(job.id)
        panel.get_by_role("button", name="Save", exact=True).click()
        expect(panel.get_by_role("alert")).to_contain_text("The job was deleted")
        found.get_by_role("button", name="Open the result").click()
        tab = page.locator(".jp-Wrangler-result")
        expect(tab.get_by_role("alert")).to_contain_text("it was deleted")
        expect(tab.get_by_role("button")).to_have_count(0)
        page.get_by_role("tab", name=re.compile("ipynb")).click()
        expect(found).to_contain_text("The service does not know this job")
        expect(found.get_by_role("button")).to_have_count(0)


def test_a_job_that_was_deleted_elsewhere_is_said_where_one_acts_on_it(opened, api):
    with opened(DATA % 16, LONG, OPEN) as page, quiet(page):
        panel = opened_panel(page)
        job_of(panel, "running")
        (job,) = api.jobs()
        api.cancel(job.id)
        found = state_of(page, "long", "cancelled")
        job_of(panel, "cancelled")
        until(lambda: api.job(job.id).final)
        api.delete(job.id)
        found.get_by_role("button", name="Retry long").click()
        expect(card(page, "long")).to_contain_text("The service does not know this job")
        expect(found.get_by_role("button")).to_have_count(0)
        panel.get_by_role("button", name="Try the job again").click()
        expect(panel.get_by_role("alert")).to_contain_text("The job was deleted")
        here = panel.locator(".jw-job").get_by_role("button")
        expect(here).to_have_text(["Back to the plan"])

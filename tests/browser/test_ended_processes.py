"""Processes that end, with a card and a panel of the same job open: said, and over."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import launch, state_file
from tests.conftest import stack_in

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import expect

from tests.browser.panels import DATA, OPEN, quiet
from tests.browser.test_bad_days import LONG, job_of, opened_panel
from tests.browser.test_card import state_of
from tests.waiting import CEILING_S, until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stack_settings() -> Iterator[Settings]:
    """A stack of this file's own: others must not lose theirs."""
    with stack_in() as settings:
        yield settings


@pytest.fixture(scope="module")
def stack(stack_settings) -> Path:
    """The socket of its service."""
    return launch.ensure(stack_settings, timeout=CEILING_S)


def found(settings: Settings) -> state_file.Record | None:
    return state_file.read(settings.home / "stack.json")


@contextlib.contextmanager
def ended(settings: Settings, child: str) -> Iterator[None]:
    """End a process of the stack; it is started again afterwards, by the supervisor."""
    state = found(settings)
    assert state
    supervisor = psutil.Process(state.supervisor.pid)
    before = state.children[child]
    supervisor.suspend()
    try:
        psutil.Process(before.pid).kill()
        yield
    finally:
        supervisor.resume()

    def again() -> bool:
        now = found(settings)
        return now is not None and now.children.get(child, before) != before

    until(again)


@pytest.mark.parametrize(
    ("child", "code", "title"),
    [
        ("service", "service_unreachable", "The Wrangler service does not answer"),
        ("valkey", "redis_unreachable", "Redis does not answer"),
        ("postgres", "database_unreachable", "The database does not answer"),
        ("worker", "no_worker", "No worker is running"),
    ],
)
def test_what_ended_is_named_and_card_and_panel_go_on_when_it_is_back(
    opened, stack_settings, child, code, title
):
    with opened(DATA % 81, LONG, OPEN) as page, quiet(page):
        card = state_of(page, "long", "running")
        panel = opened_panel(page)
        job_of(panel, "running")
        with ended(stack_settings, child):
            for place in (card, panel):
                problem = place.get_by_role("alert")
                expect(problem).to_contain_text(title)
                expect(problem).to_have_attribute("data-code", code)
        for place in (card, panel):
            expect(place.get_by_role("alert")).to_have_count(0)
        # the same job, on both
        state_of(page, "long", "running")
        card.get_by_role("button", name="Cancel long").click()
        state_of(page, "long", "cancelled")
        job_of(panel, "cancelled")

"""What a card costs while its job runs: updates, messages of the kernel, bytes."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Page

from tests.browser.test_card import CARD, ROOT, state_of
from tests.waiting import until

#: As long as is counted; updates at most, and bytes of a stored card.
SECONDS, PER_SECOND, BYTES = 5, 4, 60_000
#: Many short steps, and no end while somebody looks.
RUN = f"""
import numpy as np, pandas as pd, jupyter_wrangler as jw
df = pd.read_csv({str(ROOT / "notebooks/data/penguins.csv")!r})
job = jw.impute(df, n_imputations=400, max_iter=500, random_state=0, force=True,
                name="paced")
job
"""
#: Note when the card changes, and what the kernel says meanwhile.
WATCH = """() => {
  window.changed = [];
  window.said = [];
  const card = document.querySelector('[aria-label="Job paced"]');
  new MutationObserver(() => window.changed.push(performance.now())).observe(
    card, {subtree: true, childList: true, attributes: true, characterData: true});
  const {sessionContext} = jupyterapp.shell.currentWidget;
  sessionContext.session.kernel.iopubMessage.connect((_, message) =>
    window.said.push([message.header.msg_type, message.content.execution_state]));
}"""


@pytest.fixture
def page(opened) -> Page:
    with opened(RUN) as page:
        state_of(page, "paced", "running")
        yield page


def test_a_card_is_drawn_four_times_a_second_at_most_and_its_kernel_rests(page, api):
    page.evaluate(WATCH)
    page.wait_for_timeout(SECONDS * 1000)
    changed = page.evaluate("window.changed")
    # it moves, but what is drawn at once counts once
    assert len(changed) > 1
    draws = [b for a, b in zip([0.0, *changed], changed, strict=False) if b - a > 20]
    assert len(draws) <= PER_SECOND * (SECONDS + 1)
    # updates of the stored card come from a thread of the kernel: nothing is executed
    said = page.evaluate("window.said")
    assert [one for one in said if one[1] == "busy"] == []
    updates = [one for one in said if one[0] == "update_display_data"]
    assert len(updates) <= PER_SECOND * (SECONDS + 1)
    (job,) = api.jobs()
    card = api.request("GET", f"jobs/{job.id}/card").json()["data"]
    assert CARD in card
    assert len(json.dumps(card)) <= BYTES


def test_when_a_job_has_ended_nobody_hears_a_stream_any_more(page, api):
    def streams() -> int:
        return api.request("GET", "health/ready").json()["streams"]

    # that of the page and that of the kernel, which both are still there at the end
    until(lambda: streams() == 2)
    (job,) = api.jobs()
    api.cancel(job.id)
    state_of(page, "paced", "cancelled")
    until(lambda: streams() == 0)

"""The side panel in German, as JupyterLab speaks it when its language pack is there."""

from __future__ import annotations

import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import expect

from tests.browser.test_panel import opened
from tests.waiting import CEILING_MS

HAS = "id => window.jupyterapp?.commands.hasCommand(id) ?? false"
EXECUTE = "id => window.jupyterapp.commands.execute(id)"


def test_the_panel_speaks_the_language_of_jupyterlab(browser, german_lab, api):
    assert api
    with opened(browser, german_lab) as page:
        command = "jupyter-wrangler:show-jobs"
        page.wait_for_function(HAS, arg=command, timeout=CEILING_MS)
        page.evaluate(EXECUTE, command)
        panel = page.locator("#jp-Wrangler-panel")
        for title in ("Daten in diesem Notebook", "Ergebnisse", "Rezepte", "Dienst"):
            expect(panel).to_contain_text(title)
        expect(panel).to_contain_text("Noch keine Jobs")
        label = "i => window.jupyterapp.commands.label(i)"
        assert page.evaluate(label, command) == "Wrangler: Jobs zeigen"

"""The panel in a notebook that a real kernel runs: what is stored, and what is not."""

import json

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from tests.waiting import CEILING_S

PANEL = "application/vnd.jupyter-wrangler.panel.v1+json"
VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def cells():
    return [
        "import asyncio, time, pandas as pd, jupyter_wrangler as jw",
        "df = pd.DataFrame({'<b>age': [50.0, None, 61.0, 47.0, 55.0, 50.0, 44.0] * 3})",
        "other = jw.wrangle(df)\nassert other.session.looked.wait(240)\nother",
        "panel = jw.wrangle(df)\npanel",
        (
            "from jupyter_wrangler.widgets.panel.widget import PACE_S\n"
            "writes = []\n"
            "panel.observe(lambda _: writes.append(time.monotonic()), 'view')\n"
            "for k in range(40):\n"
            "    asked = {'do': 'search', 'of': 'look', 'text': str(k)}\n"
            "    panel._receive(None, asked, [])\n"
            "    await asyncio.sleep(0.05)\n"
            "await asyncio.sleep(1)\n"
            "gaps = [b - a for a, b in zip(writes, writes[1:])]\n"
            "print(len(writes) > 3, min(gaps) > PACE_S / 2)"
        ),
        (
            "panel._receive(None, {'do': 'search', 'of': 'look', 'text': ''}, [])\n"
            "panel._receive(None, {'do': 'go', 'step': 'plan'}, [])\n"
            "while panel.session.model.plan.standard is None:\n"
            "    await asyncio.sleep(0.05)\n"
            "panel"
        ),
        (
            "names = [f'{k:04}' * 20 for k in range(5000)]\n"
            "wide = jw.wrangle(pd.DataFrame({name: [1, None] for name in names}))\n"
            "assert wide.session.looked.wait(240)\nwide"
        ),
        "panel.close()\nassert panel.comm is None",
    ]


@pytest.fixture
def executed(stack_env, monkeypatch, cells):
    for name, value in stack_env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("JUPYTER_WRANGLER_TOKEN", "a-secret-token")
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    return NotebookClient(notebook, timeout=CEILING_S).execute()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_notebook_keeps_what_the_panel_said_and_no_secret(executed):
    look, moved, plan = (executed.cells[i].outputs[-1]["data"] for i in (2, 3, 5))
    assert {VIEW, PANEL} <= look.keys()
    assert look["text/plain"].startswith("Panel of df: Look")
    assert "21 rows and 1 column" in look["text/html"]
    assert "<b>age" not in look["text/html"]
    assert "Panel of df: Plan" in plan["text/plain"]
    assert "plan = jw." in plan["text/html"]
    # the cell that opened it holds what became of it
    assert moved["text/html"] == plan["text/html"]
    assert moved[PANEL]["step"] == "plan"
    wide = executed.cells[6].outputs[-1]["data"]
    assert "5,000 columns" in wide["text/html"]
    assert len(json.dumps(wide)) < 60_000
    assert executed.cells[4].outputs[-1]["text"].strip() == "True True"
    saved = json.dumps(executed)
    for secret in ("a-secret-token", "http://127", ".sock"):
        assert secret not in saved
    executed.metadata.pop("widgets", None)
    page, _ = HTMLExporter().from_notebook_node(executed)
    assert "21 rows and 1 column" in page

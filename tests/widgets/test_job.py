"""What a notebook stores for a job: dated, small, safe, and true without a kernel."""

import datetime as dt
import json

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

import jupyter_wrangler as jw
from jupyter_wrangler.client.views.card import CARD
from jupyter_wrangler.widgets.job import bundle
from tests.waiting import CEILING_S

DF = pd.DataFrame({"age": [50.0, None, 61.0, 47.0, 55.0, 50.0, 44.0]})
VIEW = "application/vnd.jupyter.widget-view+json"
STATES = "application/vnd.jupyter.widget-state+json"


def test_in_a_terminal_the_text_says_the_state():
    job = jw.impute(DF, random_state=34, name="ages").wait(CEILING_S)
    found = bundle(job)
    assert found["text/plain"] == "Job 'ages': 1 imputation by pmm, done"
    assert set(found) == {CARD, "text/html", "text/plain"}
    card = found[CARD]
    assert (card["id"], card["kind"], card["name"]) == (job.id, "imputation", "ages")
    age = dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(card["at"])
    assert dt.timedelta(0) <= age < dt.timedelta(seconds=CEILING_S)


#: What the cells of the notebooks here begin with.
HEAD = (
    "import pandas as pd, jupyter_wrangler as jw\n"
    "df = pd.DataFrame({'age': [50.0, None, 61.0, 47.0, 55.0, 50.0, 44.0]})"
)
LONG = (
    "import numpy as np\n"
    "x = np.random.default_rng(1).normal(size=(60_000, 40))\n"
    "x[x > 1] = np.nan\n"
    "job = jw.impute(pd.DataFrame(x).add_prefix('x'), n_imputations=30, force=True)\n"
    "job"
)


@pytest.fixture
def run(stack_env, monkeypatch):
    """Run the cells of a notebook by a real kernel, with no front end."""
    for name, value in stack_env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("JUPYTER_WRANGLER_TOKEN", "a-secret-token")

    def _run(*cells):
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(source) for source in (HEAD, *cells)],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        NotebookClient(notebook, timeout=CEILING_S).execute()
        nbformat.validate(notebook)
        return notebook

    return _run


def shown(notebook, cell):
    """Return what the first output of a cell holds."""
    return notebook.cells[cell].outputs[0]["data"]


IMPUTE = "job = jw.impute(df, random_state=35, name='ages', force=True)\njob"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("waiting", ["job.result()", "job.wait();", "await job;"])
def test_a_cell_that_waits_leaves_the_end_in_the_cell_that_submitted(run, waiting):
    notebook = run(IMPUTE, waiting, "job")
    for cell in (1, 3):
        data = shown(notebook, cell)
        assert data["text/plain"] == "Job 'ages': 1 imputation by pmm"
        assert data[CARD]["job"]["state"] == "succeeded"
        assert "<p>done · <i>ended " in data["text/html"]
        assert "<mark" in data["text/html"]
        assert VIEW not in data
    assert STATES not in notebook.metadata.get("widgets", {})
    page, _ = HTMLExporter().from_notebook_node(notebook)
    assert "<p>done · <i>ended " in page
    assert "waiting for a worker" not in page
    saved = json.dumps(notebook)
    for secret in ("a-secret-token", "http://", ".sock"):
        assert secret not in saved


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_job_that_goes_on_is_dated_and_a_later_cell_stores_its_end(run):
    notebook = run(
        LONG,
        "while not (job.progress and job.progress.done):\n    pass",
        "job.cancel()",
        "display(job)",
        "job.wait()",
    )
    data = shown(notebook, 1)
    assert data[CARD]["job"]["state"] == "cancelled"
    assert "<p>cancelled" in data["text/html"]
    notebook = run(LONG, "id = job.id")
    data = shown(notebook, 1)
    assert data[CARD]["job"]["state"] in {"queued", "running"}
    assert "· <i>as of " in data["text/html"]
    jw.job(data[CARD]["id"]).cancel()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_output_that_was_cleared_is_followed_no_more(run):
    # the id of the cell comes from the front end, which nbclient is not
    seen = (
        "from jupyter_wrangler.widgets import stored_output\n"
        "for output in list(stored_output._outputs): output.cell = 'a'\n"
        "stored_output._running_cell = lambda: 'a'\n"
        "stored_output._forget_cleared()\n"
        "[len(stored_output._outputs), jw.job(job.id).cancel()]"
    )
    notebook = run(LONG, seen)
    assert shown(notebook, 2)["text/plain"] == "[0, True]"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_front_ends_without_our_labextension_get_a_widget_while_the_job_goes_on(run):
    notebook = run(
        "__vsc_ipynb_file__ = 'a.ipynb'  # as the extension of VS Code sets it",
        LONG,
        "job.cancel(); job.wait();",
        f"{IMPUTE}.wait()",
    )
    assert VIEW not in shown(notebook, 2), "the end is static"
    views = notebook.metadata["widgets"][STATES]["state"].values()
    bars = [v["state"].get("value", "") for v in views]
    assert any('aria-label="Progress of ' in str(bar) for bar in bars)
    assert VIEW not in shown(notebook, 4)

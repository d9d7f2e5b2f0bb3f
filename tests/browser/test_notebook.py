"""The notebooks in JupyterLab, as a reader runs them."""

from __future__ import annotations

import contextlib
from pathlib import Path

import httpx
import nbformat
import pytest

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Locator, Page, expect

from tests.waiting import CEILING_MS, until

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
#: The quickstart is looked at more closely.
OTHERS = sorted(path.stem for path in NOTEBOOKS.glob("0[!1]_*.ipynb"))
CARD = "application/vnd.jupyter-wrangler.job.v1+json"
MARKED = "mark[title^=imputed]"
COMPLAINTS = "[data-mime-type$='stderr'], [data-mime-type$='error']"


@pytest.fixture
def put(lab):
    """Copy a notebook to JupyterLab, with the outputs of nobody."""

    def _put(name: str = "01_quickstart", *, until: str | None = None) -> str:
        notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        if until is not None:
            ids = [cell.id for cell in notebook.cells]
            del notebook.cells[ids.index(until) + 1 :]
        _save(lab, "data", type="directory")
        for file in NOTEBOOKS.glob("data/*.csv"):
            text = file.read_text("utf-8")
            _save(lab, f"data/{file.name}", type="file", format="text", content=text)
        _save(lab, f"{name}.ipynb", type="notebook", content=notebook)
        return lab.page.replace("?", f"/tree/{name}.ipynb?")

    return _put


def _saved(lab, name: str) -> list[nbformat.NotebookNode]:
    """Return the code cells of a notebook as JupyterLab has saved it."""
    cells = nbformat.reads(lab.text(f"{name}.ipynb"), as_version=4).cells
    return [cell for cell in cells if cell.cell_type == "code"]


def _save(lab, path: str, **model) -> None:
    auth = {"Authorization": f"token {lab.token}"}
    address = f"{lab.url}api/contents/{path}"
    httpx.put(address, json=model, headers=auth, timeout=20).raise_for_status()


@contextlib.contextmanager
def run_all(browser, address: str):
    """Open a notebook and run all its cells; scripts that fail, fail the test."""
    with contextlib.closing(browser.new_context()) as context:
        page = context.new_page()
        thrown: list[str] = []
        page.on("pageerror", lambda error: thrown.append(str(error)))
        page.goto(address)
        page.wait_for_selector(
            "#jupyterlab-splash", state="detached", timeout=CEILING_MS
        )
        expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(
            timeout=CEILING_MS
        )
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        yield page
        assert thrown == []


def cell(page: Page, source: str) -> Locator:
    return page.locator(".jp-CodeCell").filter(
        has=page.locator(".jp-InputArea", has_text=source)
    )


def test_run_all_ends_with_tables_whose_imputed_cells_are_marked(
    browser, put, without_jobs, penguins
):
    incomplete = penguins[penguins.isna().any(axis=1)]
    marks = int(incomplete.head(10).isna().to_numpy().sum())
    with run_all(browser, put()) as page:
        last = cell(page, "air_job.wait()")
        expect(last.locator(MARKED)).to_have_count(marks, timeout=CEILING_MS)
        assert page.locator(COMPLAINTS).count() == 0
        card = cell(page, "jw.impute(df, n_imputations=5, random_state=0").first
        shown = card.get_by_role("region", name="Job penguins")
        expect(shown).to_have_attribute("data-state", "succeeded", timeout=CEILING_MS)
        expect(card.locator(MARKED)).to_have_count(marks)
        result = cell(page, "res = job.result()")
        expect(result).to_contain_text("5 completed data sets of 344 rows")
        expect(result.locator(MARKED)).to_have_count(marks)
        colour = "e => getComputedStyle(e).backgroundColor"
        assert result.locator(MARKED).first.evaluate(colour) == "rgb(255, 216, 168)"
        expect(cell(page, "unwanted.cancel()")).to_contain_text("'cancelled'")
    states = {job.name: job.state for job in without_jobs.jobs()}
    assert states.items() >= {
        ("penguins", "succeeded"),
        ("airquality", "succeeded"),
        ("far too many", "cancelled"),
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_run_all_ends_without_an_error_and_is_saved_as_it_ended(
    browser, lab, put, without_jobs, name
):
    with run_all(browser, put(name)) as page:

        def saved() -> list[nbformat.NotebookNode] | None:
            page.wait_for_timeout(1000)
            page.evaluate("jupyterapp.commands.execute('docmanager:save')")
            cells = _saved(lab, name)
            return cells if all(cell.execution_count for cell in cells) else None

        # the kernel answers the cells in their order
        ended = until(saved)
    outputs = [output for cell in ended for output in cell.outputs]
    assert [o for o in outputs if o.output_type == "error"] == []
    assert [o for o in outputs if o.get("name") == "stderr"] == []
    cards = [o.data["text/html"] for o in outputs if CARD in o.get("data", {})]
    assert [card for card in cards if "ended" not in card] == []
    assert all(job.final for job in without_jobs.jobs())


def test_a_job_is_watched_in_its_cell_and_cancelled_by_its_button(
    browser, put, without_jobs
):
    with run_all(browser, put(until="unwanted")) as page:
        card = cell(page, "unwanted = jw.impute").get_by_role(
            "region", name="Job far too many"
        )
        bar = card.get_by_role("progressbar", name="Progress of far too many")
        expect(bar).to_be_visible(timeout=CEILING_MS)
        before = _share(bar)

        def grows() -> bool:
            page.wait_for_timeout(100)
            return _share(bar) > before

        until(grows, log=card.inner_text)
        card.get_by_role("button", name="Cancel").click()
        expect(card.get_by_text("Kept: ")).to_be_visible(timeout=CEILING_MS)
        expect(card).to_have_attribute("data-state", "cancelled")
        expect(card.get_by_role("button", name="Cancel")).to_be_hidden()
        expect(bar).to_be_hidden()
    (unwanted,) = (job for job in without_jobs.jobs() if job.name == "far too many")
    assert unwanted.state == "cancelled"


def _share(bar: Locator) -> float:
    """How much of a job is done, in per cent."""
    return float(bar.get_attribute("value") or 0)

"""The quickstart as a script, as a page and under nbval; what is saved is whole."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import psutil
import pytest

from jupyter_wrangler.client.session import Client

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
NAME = "01_quickstart"
SAVED = nbformat.read(NOTEBOOKS / f"{NAME}.ipynb", as_version=4)


@pytest.fixture
def copy(tmp_path) -> Path:
    """The notebook and its data, where nothing else of the repository is."""
    shutil.copytree(NOTEBOOKS / "data", tmp_path / "data")
    shutil.copy(NOTEBOOKS / f"{NAME}.ipynb", tmp_path)
    return tmp_path


def run(*command: str | Path, cwd: Path, **env: str) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=cwd,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def nbconvert(*options: str, cwd: Path, **env: str) -> None:
    run("-m", "jupyter", "nbconvert", *options, f"{NAME}.ipynb", cwd=cwd, **env)


def states(env, settings) -> dict[str | None, str]:
    assert env
    client = Client(settings=settings)
    try:
        found = {job.name: job.state for job in reversed(client.jobs(100))}
    finally:
        client.close()
    return {name: found.get(name) for name in ("penguins", "airquality")}


class Page(HTMLParser):
    """What a page shows where no script runs."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.marks, self.tables, self.text, self._hidden = 0, 0, "", 0
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):
        self._hidden += tag in {"script", "style"}
        title = dict(attrs).get("title") or ""
        self.marks += tag == "mark" and title.startswith("imputed")
        self.tables += tag == "table"

    def handle_endtag(self, tag):
        self._hidden -= tag in {"script", "style"}

    def handle_data(self, data):
        self.text += "" if self._hidden else data


# ── what is saved ──


def test_outputs_are_saved_and_none_is_an_error():
    cells = [cell for cell in SAVED.cells if cell.cell_type == "code"]
    silent = [cell.source for cell in cells if not cell.outputs]
    assert silent == ["panel.close()"]
    kinds = {output.output_type for cell in cells for output in cell.outputs}
    # a card is displayed, so that it can be updated; nothing is printed or warned
    assert kinds == {"execute_result", "display_data"}


def test_what_is_saved_names_no_place_and_holds_no_state_of_widgets():
    text = nbformat.writes(SAVED)
    for private in ("/tmp", "/home/", "/root", ".sock", "http://127", "object at 0x"):  # noqa: S108
        assert private not in text
    assert "widgets" not in SAVED.metadata
    assert "widget-view" not in text


def test_every_job_saved_as_done_shows_its_tables(tmp_path):
    nbformat.write(SAVED, tmp_path / f"{NAME}.ipynb")
    nbconvert("--to", "html", cwd=tmp_path)
    page = Page(tmp_path / f"{NAME}.html")
    # three cards and the result: a summary and a preview each, 14 marks for penguins
    assert page.marks == 3 * 14 + 12
    assert page.tables >= 8
    assert "5 completed data sets of 344 rows" in page.text


# ── run again ──


@pytest.mark.slow
@pytest.mark.usefixtures("without_jobs")
def test_it_runs_as_a_script(copy, stack_env, stack_settings):
    nbconvert("--to", "script", cwd=copy)
    run("-W", "error", f"{NAME}.py", cwd=copy, **stack_env)
    assert states(stack_env, stack_settings) == {
        "penguins": "succeeded",
        "airquality": "succeeded",
    }


@pytest.mark.slow
@pytest.mark.usefixtures("without_jobs")
def test_executed_by_nbconvert_every_card_says_how_it_ended_without_scripts(copy, stack_env):
    nbconvert("--to", "html", "--execute", cwd=copy, **stack_env)
    page = Page(copy / f"{NAME}.html")
    # three cards and the result; a card that was shown while its job ran says how it ended
    assert page.marks == 4 * 14 - 2
    assert page.text.count("penguins · 5 imputations by pmm") == 2
    assert page.text.count("done · ended") == 3
    assert page.text.count("cancelled · ended") == 1


def nbval(folder: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Run the notebooks of a folder under nbval, as `make test` does."""
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env"]
    command += ["--nbval-cell-timeout=120", "-p", "no:cacheprovider", str(folder)]
    command += ["--nbval-sanitize-with", str(folder / "nbval_sanitize.cfg")]
    return subprocess.run(
        [*command, "-c", str(ROOT / "pyproject.toml"), f"--rootdir={folder}"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )


@pytest.mark.slow
def test_nbval_sees_a_changed_output_and_leaves_nothing_behind(tmp_path):
    folder = tmp_path / "notebooks"
    # the other notebooks run by themselves
    shutil.copytree(NOTEBOOKS, folder, ignore=shutil.ignore_patterns("0[!1]_*"))
    changed = nbformat.from_dict(SAVED)
    (counts,) = (cell for cell in changed.cells if cell.id == "counts")
    data = counts.outputs[0].data
    data["text/plain"] = data["text/plain"].replace("11", "12")
    nbformat.write(changed, folder / f"{NAME}.ipynb")
    # its servers must be able to enter its temp folder, and their paths be short
    with tempfile.TemporaryDirectory(prefix="jwn-") as home:
        Path(home).chmod(0o711)
        done = nbval(folder, Path(home))
        others = sum(cell.cell_type == "code" for cell in changed.cells) - 1
        assert f"1 failed, {others} passed" in done.stdout, done.stdout[-3000:]
        assert list(Path(home).glob("jwn-*")) == []
        left = [p for p in psutil.process_iter(["cmdline"]) if home in _line(p)]
        assert left == []


def _line(process: psutil.Process) -> str:
    return " ".join(process.info["cmdline"] or ())

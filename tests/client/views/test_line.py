"""What people see while they wait: in terminals, in notebooks, where nobody looks."""

import io
import os
import pty
import re
import subprocess
import sys
import termios
import textwrap
import threading

import nbformat
import pytest
from nbclient import NotebookClient

import jupyter_wrangler as jw
from jupyter_wrangler.client.transport.console import write_notice
from jupyter_wrangler.client.views.line import AFTER_S, Line
from tests.client.views.test_html import STEP, job
from tests.waiting import CEILING_S, until

SEEN = job(progress=STEP)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def screen(monkeypatch) -> Terminal:
    """Give what is written to a terminal from now on.

    No fixture: pytest sets standard error again before a test begins.
    """
    monkeypatch.setattr(sys, "stderr", Terminal())
    return sys.stderr


def waited() -> Line:
    """Make a line after a wait that is worth one."""
    line = Line()
    line._since -= AFTER_S
    return line


def test_section_5_a_terminal_shows_how_far_a_job_is(monkeypatch):
    terminal = screen(monkeypatch)
    line = waited()
    line.show(SEEN)
    shown = terminal.getvalue()
    assert re.search(r"patients:  62%\|[█▌▍▎▏▋▊▉#\d]+ *\| about 40 s left", shown)
    line.show(job("cancelling"))
    assert "62%|" in terminal.getvalue().split("\r")[-1], "it never goes back"
    assert "cancelling" in terminal.getvalue().split("\r")[-1]
    line.close()
    assert terminal.getvalue().endswith("\r")
    assert not terminal.getvalue().split("\r")[-2].strip(), "it is taken away"


def test_section_5_a_short_wait_shows_nothing(monkeypatch):
    terminal = screen(monkeypatch)
    line = Line()
    line.show(SEEN)
    line.close()
    assert not terminal.getvalue()


def test_section_5_quiet_is_quiet(monkeypatch):
    terminal = screen(monkeypatch)
    monkeypatch.setenv("JUPYTER_WRANGLER_QUIET", "1")
    line = waited()
    line.show(SEEN)
    line.close()
    write_notice("A sentence.")
    assert not terminal.getvalue()


def test_section_5_where_nobody_looks_nothing_is_written(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    line = waited()
    line.show(SEEN)
    line.close()
    write_notice("A sentence.")
    assert not sys.stderr.getvalue()


def test_section_5_other_threads_write_nothing(monkeypatch):
    terminal = screen(monkeypatch)

    def wait():
        waited().show(SEEN)
        write_notice("A sentence.")

    thread = threading.Thread(target=wait)
    thread.start()
    thread.join()
    assert not terminal.getvalue()


class Process:
    """A script whose standard error is a terminal."""

    def __init__(self, script: str, env: dict[str, str]) -> None:
        self._own, other = pty.openpty()
        termios.tcsetwinsize(other, (24, 80))
        self.seen = ""
        self.process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(script)],
            stdout=subprocess.PIPE,
            stderr=other,
            text=True,
            env={**os.environ, **env},
        )
        os.close(other)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        data = b""
        while True:
            try:
                more = os.read(self._own, 4096)
            except OSError:
                # Linux says so when the other end is closed
                more = b""
            if not more:
                return
            data += more
            self.seen = data.decode(errors="replace")

    def end(self) -> str:
        """Wait for its end, and give what it wrote to the terminal."""
        self.process.communicate(timeout=CEILING_S)
        self._reader.join()
        os.close(self._own)
        return self.seen


LONG = """
    import numpy as np, pandas as pd, jupyter_wrangler as jw
    rng = np.random.default_rng(SEED)
    work = pd.DataFrame(rng.normal(size=(60_000, 40))).add_prefix("x")
    work = work.mask(rng.random(work.shape) < 0.2)
"""


@pytest.mark.usefixtures("client")
def test_section_5_a_script_in_a_terminal_shows_its_job_until_it_ends(stack_env):
    script = (
        LONG.replace("SEED", "61")
        + """
    job = jw.impute(work, n_imputations=5, random_state=61)
    print(job.id, flush=True)
    try:
        job.result()
    except jw.errors.JobCancelled:
        print("cancelled")
    """
    )
    run = Process(script, stack_env)
    job = jw.job(run.process.stdout.readline().strip())
    until(lambda: re.search(r"work:  *\d+%\|", run.seen), process=run.process)
    job.cancel()
    seen = run.end()
    assert run.process.returncode == 0, seen
    assert not seen.rstrip("\r\n").split("\r")[-1].strip(), "nothing stays"


@pytest.mark.usefixtures("stack_env")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_section_5_a_notebook_shows_a_bar_and_keeps_nothing_of_it():
    """A saved notebook would show the first line of the bar for ever."""
    wait = """
    job = jw.impute(work, n_imputations=5, random_state=62)
    try:
        job.result(timeout=2 * AFTER_S + 1)
    except TimeoutError:
        job.cancel()
    """.replace("AFTER_S", str(AFTER_S))
    cells = [LONG.replace("SEED", "62"), wait]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(textwrap.dedent(cell)) for cell in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    runner = NotebookClient(notebook, timeout=CEILING_S)
    runner.execute()
    (left,) = runner.nb.cells[1].outputs
    assert left["data"] == {"text/plain": ""}
    state = runner.widget_state.values()
    (bar,) = [one for one in state if one["_model_name"] == "FloatProgressModel"]
    assert bar["bar_style"] != "danger"
    texts = [one["value"] for one in state if one["_model_name"] == "HTMLModel"]
    assert any("work:" in text and "█" not in text for text in texts), texts


NOWHERE = {
    # no folder can be made there, so that the start ends soon
    "JUPYTER_WRANGLER_HOME": "/dev/null/home",
    "JUPYTER_WRANGLER_RUNTIME_DIR": "/dev/null/run",
}
START = """
    import jupyter_wrangler as jw
    try:
        jw.connect()
    except Exception as error:
        print(error)
"""


def test_section_5_the_first_start_is_announced():
    seen = Process(START, NOWHERE).end()
    assert "Starting a private PostgreSQL" in seen
    assert "in /dev/null/home; the first time takes about ten seconds" in seen
    assert "`jupyter wrangler down` stops them" in seen


def test_section_5_a_start_that_nobody_watches_is_not_announced():
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(START)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **NOWHERE},
    )
    assert not run.stderr
    assert "/dev/null" in run.stdout

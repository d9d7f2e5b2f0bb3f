"""Run the notebooks for real and save what they show: python notebooks/refresh.py.

Each runs twice over a private stack of its own, and the second run is saved: there,
jobs are done when their cells show them, so that the saved cards are whole.
Widget state is not saved, for it changes with every run; each card has static HTML.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import launch

HERE = Path(__file__).parent
VIEW = "application/vnd.jupyter.widget-view+json"
#: What a card says in the second run only.
AGAIN = " · found again: the same data and spec (force=True computes again)"


@contextlib.contextmanager
def own_stack() -> Iterator[None]:
    """Let kernels start a stack in a home that vanishes afterwards."""
    home = Path(tempfile.mkdtemp(prefix="jwn-"))
    home.chmod(0o711)  # root's servers run as another user
    os.environ["JUPYTER_WRANGLER_HOME"] = str(home / "home")
    os.environ["JUPYTER_WRANGLER_RUNTIME_DIR"] = str(home / "run")
    # what is written while a cell waits differs from run to run
    os.environ["JUPYTER_WRANGLER_QUIET"] = "1"
    try:
        yield
    finally:
        launch.stop(Settings())
        shutil.rmtree(home)


def refresh(path: Path) -> None:
    """Run one notebook and save its outputs in it."""
    where = {"metadata": {"path": str(path.parent)}}
    for _ in range(2):
        notebook = nbformat.read(path, as_version=4)
        NotebookClient(notebook, timeout=300, resources=where).execute()
    notebook.metadata.pop("widgets", None)
    # the version of Python would change with who runs this
    notebook.metadata["language_info"].pop("version", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            data.pop(VIEW, None)
            if "text/html" in data:
                data["text/html"] = "".join(data["text/html"]).replace(AGAIN, "")
    nbformat.write(notebook, path)


if __name__ == "__main__":
    with own_stack():
        for found in sorted(HERE.glob("*.ipynb")):
            refresh(found)

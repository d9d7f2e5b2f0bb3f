"""What shows the output of this kernel, as far as a kernel can know."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from IPython.core.getipython import get_ipython
from jupyter_core.paths import jupyter_path

#: Set by a Jupyter server for the kernels of its notebooks.
_SESSION = "JPY_SESSION_NAME"


def notebook_shell() -> Any:
    """Return IPython's shell if it belongs to a kernel, else None."""
    shell = get_ipython()
    return shell if getattr(shell, "kernel", None) is not None else None


def draws_cards() -> bool:
    """Whether the labextension draws jobs here, which it does without this kernel.

    Taken from where it is installed: JupyterLab and Notebook 7 of the same environment
    find it there.
    """
    if _SESSION not in os.environ:
        return False
    folders = jupyter_path("labextensions", "jupyter-wrangler")
    return any(Path(folder, "package.json").is_file() for folder in folders)


def runs_widgets_only() -> bool:
    """Whether this is a front end that has widgets and no extensions of JupyterLab.

    JupyterLab itself never gets a widget for a job: stored in a notebook, it would be
    an error message as soon as the kernel is gone.
    """
    if "google.colab" in sys.modules:
        return True
    shell = notebook_shell()
    # the extension of VS Code names the file of the notebook in this variable
    return shell is not None and "__vsc_ipynb_file__" in shell.user_ns

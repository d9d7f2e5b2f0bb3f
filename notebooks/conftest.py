"""Notebooks under nbval: over a private stack in a home of its own, gone afterwards.

The first cell that needs the stack starts it, as it does for a user; the end of the
session stops it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import launch

_HOME = pytest.StashKey[Path]()


def pytest_sessionstart(session: pytest.Session) -> None:
    # Kernels inherit the environment; nothing of the developer's own may reach them.
    for name in list(os.environ):
        if name.startswith(("JUPYTER_WRANGLER_", "JUPYTERHUB_")):
            del os.environ[name]
    # Not below pytest's temp folder: its path is too long for a socket, and closed to
    # the user that root's servers run as.
    home = Path(tempfile.mkdtemp(prefix="jwn-"))
    home.chmod(0o711)
    session.stash[_HOME] = home
    os.environ["JUPYTER_WRANGLER_HOME"] = str(home / "home")
    os.environ["JUPYTER_WRANGLER_RUNTIME_DIR"] = str(home / "run")
    (home / "config.toml").touch()
    os.environ["JUPYTER_WRANGLER_CONFIG"] = str(home / "config.toml")
    # what is written while a cell waits differs from run to run
    os.environ["JUPYTER_WRANGLER_QUIET"] = "1"
    # should this session be killed, its stack goes soon
    os.environ["JUPYTER_WRANGLER_IDLE_STOP_S"] = "120"


def pytest_collectstart(collector: pytest.Collector) -> None:
    # ids and times of jobs; the HTML beside it says the same, and is compared
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("application/vnd.jupyter-wrangler.job.v1+json",)


def pytest_sessionfinish(session: pytest.Session) -> None:
    home = session.stash.get(_HOME, None)
    if home is not None:
        launch.stop(Settings())
        shutil.rmtree(home)

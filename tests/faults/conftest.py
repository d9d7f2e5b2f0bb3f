"""Fixtures of the tests of faults."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import launch
from tests.acceptance.conftest import system
from tests.faults.cluster import cluster as a_cluster

__all__ = ["cluster", "system"]


@pytest.fixture(scope="module")
def cluster():
    """A deployment of two workers that the tests of one file share."""
    home = Path(tempfile.mkdtemp(prefix="jwf-"))
    home.chmod(0o711)
    try:
        with a_cluster(home) as found:
            yield found
    finally:
        launch.stop(Settings(home=home / "home", runtime_dir=home / "run"))
        shutil.rmtree(home)

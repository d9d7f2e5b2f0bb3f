"""Fixtures of the acceptance tests."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.acceptance.system import System


@pytest.fixture
def system(fresh):
    with tempfile.TemporaryDirectory(prefix="jwa-") as folder:
        found = System(fresh, Path(folder))
        try:
            yield found
        finally:
            found.close()


@pytest.fixture
def running(system):
    """A service and one worker."""
    system.service()
    system.first_worker = system.worker()
    return system

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


@pytest.fixture(scope="module")
def shared(fresh_module):
    """A service and one worker that the tests of one file share."""
    with tempfile.TemporaryDirectory(prefix="jwm-") as folder:
        found = System(fresh_module, Path(folder))
        try:
            found.service()
            found.first_worker = found.worker()
            yield found
        finally:
            found.close()

"""The fixtures of the state machine's tests, and real processes."""

from tests.acceptance.conftest import system
from tests.store.conftest import world

__all__ = ["system", "world"]

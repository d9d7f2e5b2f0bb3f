"""How many threads the libraries below NumPy and scikit-learn may use."""

from __future__ import annotations

import sys

from threadpoolctl import ThreadpoolController

#: The libraries as they were found, and how many modules were loaded then.
_found: tuple[int, ThreadpoolController] | None = None


def controller() -> ThreadpoolController:
    """Find the libraries of threads, again where a module was loaded since.

    To look for them takes a millisecond or two, as long as a small imputation.
    """
    global _found  # noqa: PLW0603  what the process has loaded is as global
    loaded = len(sys.modules)
    if _found is None or _found[0] != loaded:
        _found = loaded, ThreadpoolController()
    return _found[1]

"""What the libraries below NumPy and scikit-learn can do, and with how many threads."""

from __future__ import annotations

import functools
import sys

from threadpoolctl import ThreadpoolController

#: Processors for which OpenBLAS has a way without copies for small products.
_SMALL_PRODUCTS = {"skylakex", "cooperlake", "sapphirerapids"}

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


@functools.cache
def multiplies_small_fast() -> bool:
    """Whether products of small matrices cost less than those of large ones by pieces.

    Told by the name of the processor and not by a clock, so that a machine gives the
    same digits each time.
    """
    names = [
        str(library.get("architecture", "")).lower()
        for library in controller().info()
        if library["user_api"] == "blas"
    ]
    return bool(names) and all(name in _SMALL_PRODUCTS for name in names)

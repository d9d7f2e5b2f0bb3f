"""Sentences for people, written only where somebody reads them.

Nothing is written by scripts whose output goes to a file, by workers and tests, by
other threads than the main one, and with JUPYTER_WRANGLER_QUIET=1.
"""

from __future__ import annotations

import sys
import threading

from jupyter_wrangler.settings import Settings


def in_notebook() -> bool:
    """Whether this process is the kernel of a notebook."""
    loaded = sys.modules.get("IPython")
    shell = loaded.get_ipython() if loaded is not None else None
    return getattr(shell, "kernel", None) is not None


def is_watched() -> bool:
    """Whether somebody sees what this thread writes, and wants to see it."""
    if threading.current_thread() is not threading.main_thread():
        return False
    if not in_notebook() and not sys.stderr.isatty():
        return False
    return not Settings().quiet


def write_notice(sentence: str) -> None:
    """Write a sentence, if somebody sees it."""
    if is_watched():
        # what goes to standard error is shown on red in notebooks
        stream = sys.stdout if in_notebook() else sys.stderr
        stream.write(f"{sentence}\n")
        stream.flush()

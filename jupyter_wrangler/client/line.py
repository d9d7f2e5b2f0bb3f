"""What people see while they wait: a line of progress, and a word at the first start.

Nothing is written where nobody looks (scripts whose output goes to a file, workers,
tests), in other threads than the main one, and with JUPYTER_WRANGLER_QUIET=1.
"""

from __future__ import annotations

import sys
import threading
import time
from importlib import import_module
from typing import Any

from jupyter_wrangler import contract
from jupyter_wrangler.client import words
from jupyter_wrangler.settings import Settings

#: Shorter waits show nothing.
AFTER_S = 1.5
#: Seconds between two looks at the progress.
EVERY_S = 0.5
#: How the line is laid out: what, how far, and what tqdm calls the postfix.
_FORMAT = "{desc}: {percentage:3.0f}%|{bar:20}| {postfix}"


def in_notebook() -> bool:
    """Whether this process is the kernel of a notebook."""
    loaded = sys.modules.get("IPython")
    shell = loaded.get_ipython() if loaded is not None else None
    return getattr(shell, "kernel", None) is not None


def watched() -> bool:
    """Whether somebody looks at what this thread writes, and wants to see it."""
    if threading.current_thread() is not threading.main_thread():
        return False
    if not in_notebook() and not sys.stderr.isatty():
        return False
    return not Settings().quiet


def say(sentence: str) -> None:
    """Write a sentence, if somebody looks."""
    if watched():
        sys.stderr.write(f"{sentence}\n")
        sys.stderr.flush()


class Line:
    """A line that says how far a job is, from when the wait is worth it to its end."""

    def __init__(self) -> None:
        self.on = watched()
        self._since = time.monotonic()
        self._bar: Any = None

    def show(self, seen: contract.Job) -> None:
        """Show the job as it stands now."""
        if not self.on or time.monotonic() - self._since < AFTER_S:
            return
        if self._bar is None:
            self._bar = self._make(seen)
        share = seen.progress.fraction if seen.progress else 0.0
        # never back: parts that end may have reported less than all
        self._bar.n = max(self._bar.n, min(100.0, 100.0 * share))
        self._bar.set_postfix_str(self._said(seen), refresh=False)
        self._bar.refresh()

    def close(self) -> None:
        """Take the line away; the result says the rest."""
        if self._bar is not None:
            self._bar.close()

    @staticmethod
    def _make(seen: contract.Job) -> Any:
        # only where somebody looks
        module = import_module("tqdm.notebook" if in_notebook() else "tqdm.std")
        return module.tqdm(
            total=100.0,
            desc=words.title(seen),
            bar_format=_FORMAT,
            leave=False,
            dynamic_ncols=True,
            file=None if in_notebook() else sys.stderr,
        )

    @staticmethod
    def _said(seen: contract.Job) -> str:
        if seen.state == "running" and seen.progress:
            left = words.about(seen.progress.eta_s)
            return left or seen.progress.message
        return words.STATES.get(seen.state, seen.state)

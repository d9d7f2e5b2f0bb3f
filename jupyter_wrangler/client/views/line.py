"""The line of progress that people see while they wait for a job."""

from __future__ import annotations

import sys
import time
from importlib import import_module
from typing import Any

from jupyter_wrangler import contract
from jupyter_wrangler.client.transport.console import in_notebook, is_watched
from jupyter_wrangler.client.views import formatting

#: Shorter waits show nothing.
AFTER_S = 1.5
#: Seconds between two looks at the progress.
EVERY_S = 0.5
#: How the line is laid out: what, how far, and words, which take the place of tqdm's
#: unit (before a postfix it sets a comma).
_FORMAT = "{desc}: {percentage:3.0f}%|{bar:20}| {unit}"
#: In a notebook the bar is an element of its own.
_PARTS = "{desc}: {percentage:3.0f}%|{bar}| {unit}"


class Line:
    """A line that says how far a job is, from when the wait is worth it to its end."""

    def __init__(self) -> None:
        self.on = is_watched()
        self._since = time.monotonic()
        self._bar: Any = None
        #: What takes the bar out of the output of a cell again.
        self._shown: Any = None

    def show(self, seen: contract.Job) -> None:
        """Show how far the job is."""
        if not self.on or time.monotonic() - self._since < AFTER_S:
            return
        if self._bar is None:
            self._bar = self._make_bar(formatting.job_title(seen), self._unit(seen))
            if in_notebook():
                display = import_module("IPython.display").display
                self._shown = display(self._bar.container, display_id=True)
        share = seen.progress.fraction if seen.progress else 0.0
        # never back: parts that end may have reported less than all
        self._bar.n = max(self._bar.n, min(100.0, 100.0 * share))
        self._bar.unit = self._unit(seen)
        self._bar.refresh()

    def close(self) -> None:
        """Take the line away; the result says the rest."""
        if self._bar is None:
            return
        if self._shown is not None:
            # tqdm leaves a red bar where a loop has not come to its end, and a saved
            # notebook would keep the first line
            self._bar.n = self._bar.total
            self._shown.update({"text/plain": ""}, raw=True)
        self._bar.close()
        self._bar = self._shown = None

    @staticmethod
    def _make_bar(title: str, unit: str) -> Any:
        # imported only where somebody sees it
        kind: dict[str, Any] = {"file": sys.stderr, "bar_format": _FORMAT}
        if in_notebook():
            kind = {"display": False, "bar_format": _PARTS}
        module = import_module("tqdm.notebook" if in_notebook() else "tqdm.std")
        return module.tqdm(
            total=100.0,
            desc=title,
            unit=unit,
            leave=False,
            dynamic_ncols=True,
            **kind,
        )

    @staticmethod
    def _unit(seen: contract.Job) -> str:
        if seen.state == "running" and seen.progress:
            left = formatting.time_left(seen.progress.eta_s)
            return left or seen.progress.message
        return formatting.STATES.get(seen.state, seen.state)

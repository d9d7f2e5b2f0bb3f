"""The panel as a widget: one model, drawn in the browser by the files in `static`.

One widget for the whole panel, not one for each control: a frame of 5 000 columns
makes no 5 000 widgets, and every label, heading and live region is ours to set.  All
that is drawn is in the trait `view`, written a few times a second at most; what the
user does comes back as messages.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from IPython.core.getipython import get_ipython

from jupyter_wrangler.client.session import Client
from jupyter_wrangler.widgets.front_end import notebook_shell
from jupyter_wrangler.widgets.pacing import Pacer
from jupyter_wrangler.widgets.panel import static_html
from jupyter_wrangler.widgets.panel.actions import ACTIONS
from jupyter_wrangler.widgets.panel.looking import look
from jupyter_wrangler.widgets.panel.session import Session
from jupyter_wrangler.widgets.stored_output import StoredOutput

#: Seconds between two writes of the view.
PACE_S = 0.25
#: Seconds for which a cell waits for the look at the frame.
PATIENCE_S = 2.0
#: Seconds between two updates of what is stored; each is a change of the document.
STORED_PACE_S = 1.0
_STATIC = Path(__file__).parent / "static"
#: Files of the browser, each after those it uses; the last one draws the panel.
_SCRIPTS = ("dom", "parts", "grid", "look", "plan", "run", "judge", "panel")


def _source() -> str:
    """Join the scripts: a widget is one module, which imports nothing."""
    return "\n".join((_STATIC / f"{name}.js").read_text("utf-8") for name in _SCRIPTS)


class Panel(anywidget.AnyWidget):
    """Look, plan, run, judge and keep: what `jw.wrangle` returns.

    Parameters
    ----------
    frame : pandas.DataFrame or polars.DataFrame
        The data; never changed.
    data : str
        What the caller calls them.
    client : Client, optional
        The service to use.
    """

    _esm = _source()
    _css = (_STATIC / "panel.css").read_text("utf-8")
    view = traitlets.Dict().tag(sync=True)

    def __init__(self, frame: Any, data: str, *, client: Client | None = None) -> None:
        self._answered = 0
        #: The outputs of cells that show it.
        self._outputs: list[StoredOutput] = []
        self._pacer = Pacer(self._draw, PACE_S)
        self.session = Session(
            frame,
            data,
            self._pacer.ask,
            actions=ACTIONS,
            answer=self._answer,
            client=client,
            namespace=_user_variables(),
        )
        super().__init__(view=self._content())
        self.on_msg(self._receive)
        look(self.session)

    def _content(self) -> dict[str, Any]:
        return {**self.session.view(), "answered": self._answered}

    def _draw(self) -> None:
        if self.comm is None:
            return
        self.view = self._content()
        for output in list(self._outputs):
            output.changed()

    def _receive(self, _: Any, message: Any, __: Any) -> None:
        """Take a message of the browser; may run in any thread."""
        if not isinstance(message, dict):
            return
        if isinstance(message.get("n"), int):
            # several windows may show it, and count on from the largest
            self._answered = max(self._answered, message["n"])
        answer = self.session.handle(message)
        if answer:
            self.send(answer)

    def _answer(self, answer: dict[str, Any]) -> None:
        """Send what took time, unless the panel was closed meanwhile."""
        if self.comm is not None:
            self.send(answer)

    def close(self) -> None:
        """Close the panel and end its work; jobs go on."""
        self.session.close()
        self._pacer.stop()
        for output in self._outputs:
            output.update()
            output.forget()
        super().close()

    def __repr__(self) -> str:
        return static_html.text(self.session.model)

    def _ipython_display_(self) -> None:
        """Show the panel in a notebook, where its output is then kept up to date."""
        if notebook_shell() is None:
            # IPython then shows the bundle
            raise NotImplementedError
        # what is stored in the notebook is to hold what was found, if that is soon
        self.session.looked.wait(PATIENCE_S)
        output = StoredOutput(
            self._bundle, self._version, STORED_PACE_S, self.session.lock
        )
        self._outputs.append(output)
        output.show()
        output.keep()

    def _bundle(self) -> dict[str, Any]:
        data: dict[str, Any] = self._repr_mimebundle_()[0]
        return data

    def _version(self) -> object:
        return static_html.version(self.session.model)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        found = super()._repr_mimebundle_(**kwargs)
        data, metadata = found if isinstance(found, tuple) else (found or {}, {})
        if notebook_shell() is None:
            data = {}
        with self.session.lock:
            return {**data, **static_html.forms(self.session.model)}, metadata


def _user_variables() -> MutableMapping[str, Any] | None:
    shell = get_ipython()
    space: MutableMapping[str, Any] | None = getattr(shell, "user_ns", None)
    return space

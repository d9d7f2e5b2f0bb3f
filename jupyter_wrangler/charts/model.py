"""A chart: a table, the finding in one sentence, and two ways to draw both.

The same chart becomes a Vega-Lite dict, which JupyterLab draws in its own theme,
matplotlib Axes, for papers, and words, for those who see no pictures.
"""

from __future__ import annotations

import base64
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from jupyter_wrangler.charts import vegalite
from jupyter_wrangler.charts.marks import Panel
from jupyter_wrangler.charts.theme import Look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Marks at most, over all layers of a chart: more are neither read nor drawn well.
MOST = 5_000
_SHOWN = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class Chart:
    """One chart, made by the functions of this package.

    Examples
    --------
    >>> from jupyter_wrangler import charts
    >>> df = pd.DataFrame({"a": [1.0, None, 3.0, None], "b": [1, 2, 3, 4]})
    >>> chart = charts.missing_bar(df)
    >>> chart.sentence
    "2 of 4 rows lack 'a' (50 %), the most of 2 columns; 1 column has no missing value."
    >>> chart.to_frame()
      column  missing  share
    0      a        2    0.5
    1      b        0    0.0
    >>> sorted(chart.to_vegalite())
    ['$schema', 'config', 'description', 'height', 'layer', 'title', 'width']
    """

    title: str
    #: The finding, one plain sentence computed from the data.
    sentence: str
    #: From top to bottom.
    panels: tuple[Panel, ...]
    #: The numbers of the finding and of the marks.
    table: pd.DataFrame
    #: Label of a series -> its look; the legend, in this order.
    looks: Mapping[str, Look] = field(default_factory=dict)
    #: What was sampled, left out or put together, in whole sentences.
    notes: tuple[str, ...] = ()

    @property
    def findings(self) -> tuple[str, ...]:
        """What stands out, in whole sentences, as profiles and leaderboards have it."""
        return (self.sentence,)

    @property
    def lines(self) -> tuple[str, ...]:
        """Sentence and notes: what stands under the title."""
        return (self.sentence, *self.notes)

    @property
    def n_marks(self) -> int:
        """Lines of the tables of all layers."""
        return sum(len(layer.data) for panel in self.panels for layer in panel.layers)

    def to_frame(self) -> pd.DataFrame:
        """Give the numbers as a new table.

        Returns
        -------
        DataFrame
            Its columns differ from chart to chart.
        """
        return self.table.copy()

    def to_vegalite(self) -> dict[str, Any]:
        """Give the chart as a Vega-Lite specification.

        Returns
        -------
        dict
            Version 5, with the data inside and without colours of text and ground,
            which belong to the theme of the front end.
        """
        return vegalite.spec(self.title, self.lines, self.panels, self.looks)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the chart by matplotlib.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw, in the colours of its style; default: a new figure of its
            own, unknown to pyplot (so that nothing has to be closed), in the colours
            of the present style.

        Returns
        -------
        Axes
            `ax.figure` is the figure. A chart of several panels has them in
            `ax.child_axes`.

        Raises
        ------
        ModuleNotFoundError
            Without matplotlib.
        """
        if not _has_matplotlib():
            raise ModuleNotFoundError(
                "matplotlib is not installed, and drawing needs it; install it by "
                "pip install 'jupyter-wrangler[plot]', or use .to_vegalite().",
                name="matplotlib",
            )
        from jupyter_wrangler.charts import mpl_renderer  # noqa: PLC0415  loads matplotlib

        return mpl_renderer.draw(self.title, self.lines, self.panels, self.looks, ax)

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, Any]:
        """Show a picture in notebooks, and the numbers where there are no pictures.

        No HTML: front ends would take it before the picture.
        """
        del include, exclude
        bundle: dict[str, Any] = {
            "text/plain": str(self),
            vegalite.MIME: self.to_vegalite(),
        }
        if _has_matplotlib():
            from jupyter_wrangler.charts import mpl_renderer  # noqa: PLC0415  as above

            png = mpl_renderer.png(self.title, self.lines, self.panels, self.looks)
            bundle["image/png"] = base64.b64encode(png).decode("ascii")
        return bundle

    def __str__(self) -> str:
        n = len(self.table)
        head = self.table.head(_SHOWN).to_string(index=False)
        rest = [f"... {n - _SHOWN:,} more lines: .to_frame()"] if n > _SHOWN else []
        return "\n".join([self.title, *self.lines, "", head, *rest])

    def __repr__(self) -> str:
        return f"{self.title}: {self.sentence}"


def _has_matplotlib() -> bool:
    return importlib.util.find_spec("matplotlib") is not None

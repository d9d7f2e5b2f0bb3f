"""The verb `wrangle`: open the panel."""

from __future__ import annotations

from typing import Any

from jupyter_wrangler import frames
from jupyter_wrangler.calls import public, variable_of
from jupyter_wrangler.client.session import Client
from jupyter_wrangler.widgets.panel.widget import Panel


@public
def wrangle(df: Any, *, client: Client | None = None) -> Panel:
    """Open the panel: look at the data, plan, run, judge and keep, in one view.

    Each action of the panel shows the code that it stands for.  Where a job of the
    same data was submitted before, as before a restart of the kernel, the panel goes
    on with it.

    Parameters
    ----------
    df : pandas.DataFrame or polars.DataFrame
        The data; never changed.
    client : Client, optional
        The service to use; see `connect`.

    Returns
    -------
    Panel
        A widget; ``panel.close()`` ends its work, and jobs go on.

    Raises
    ------
    UnsupportedFrame
        If it is no DataFrame.

    Examples
    --------
    >>> wrangle([1.0, None])
    Traceback (most recent call last):
    ...
    jupyter_wrangler.errors.UnsupportedFrame: A list was given, but a pandas ...
    """
    frames.as_pandas(df)
    return Panel(df, variable_of(df) or "df", client=client)

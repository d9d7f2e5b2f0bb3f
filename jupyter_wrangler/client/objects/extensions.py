"""What objects of the client use, and do not import: views, charts, and a verb.

The view of a job loads ipywidgets, and charts load their own libraries; verbs return
these objects, so that none of them can import a verb.  All are
found by entry points of the group ``jupyter_wrangler.client`` at first use, so that
importing the client stays quick.  Where several packages offer the same name, our own
is taken, so that installing another package changes nothing that is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from jupyter_wrangler.errors import InvalidSpec

#: Group of the entry points; see `pyproject.toml`.
GROUP = "jupyter_wrangler.client"


@cache
def load_extension(name: str) -> Callable[..., Any] | None:
    """Return the function that an installed package offers under a name.

    Parameters
    ----------
    name : str
        ``"job_view"`` takes a job and returns a MIME bundle; ``"job_display"`` takes
        a job, shows it and returns whether it did; ``"plots"`` takes what the client
        returns and returns its charts; ``"submit_rows"`` is the verb `transform`.

    Returns
    -------
    callable or None
        None if no installed package offers it.
    """
    offered = sorted(entry_points(group=GROUP, name=name), key=_is_foreign)
    found = offered[0] if offered else None
    return None if found is None else found.load()


def _is_foreign(point: EntryPoint) -> bool:
    return not point.value.startswith("jupyter_wrangler.")


def job_bundle(job: Any) -> dict[str, Any]:
    """Return what a notebook shows for a job: MIME type -> content."""
    view = load_extension("job_view")
    found: dict[str, Any] = view(job) if view else {"text/plain": repr(job)}
    return found


def display_job(job: Any) -> bool:
    """Show a job in the notebook; return whether that was done."""
    show = load_extension("job_display")
    return show is not None and bool(show(job))


def plots_of(found: Any) -> Any:
    """Return the charts of a result, a profile, a correlation or a leaderboard.

    Raises
    ------
    InvalidSpec
        If the package is not installed, only its files are there.
    """
    return _registered("plots", "charts")(found)


def submit_rows(df: Any, recipe: Any, service: Any, **how: Any) -> Any:
    """Submit later rows to the service that has a recipe; return the job.

    Raises
    ------
    InvalidSpec
        If the package is not installed, only its files are there.
    """
    return _registered("submit_rows", "verbs")(df, recipe, service, **how)


def _registered(name: str, what: str) -> Callable[..., Any]:
    found = load_extension(name)
    if found is None:
        raise InvalidSpec(
            f"The {what} of jupyter-wrangler are not registered in this environment. "
            "Install the package again: pip install --force-reinstall jupyter-wrangler"
        )
    return found

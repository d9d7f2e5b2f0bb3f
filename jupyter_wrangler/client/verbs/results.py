"""Find saved results again: `load` and `results`."""

from __future__ import annotations

from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects.result import Result
from jupyter_wrangler.client.objects.saved_results import SavedResults
from jupyter_wrangler.client.verbs.connect import default_client


@public
def load(name: str) -> Result:
    """Give a saved result, also in a new process and when its job is gone.

    Parameters
    ----------
    name : str
        ``"patients"`` for the latest version of that name, ``"patients@3"`` for its
        third.

    Raises
    ------
    ResultNotFound
        If there is no such name or version; says which there are.
    InvalidSpec
        If what follows the ``@`` is no number.
    """
    return default_client().load(name)


@public
def results(limit: int = 100) -> SavedResults:
    """List your saved results, newest first.

    Parameters
    ----------
    limit : int, default=100
        Names at most.
    """
    return default_client().results(limit)

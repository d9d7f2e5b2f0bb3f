"""Choose the service; the client that all public functions share."""

from __future__ import annotations

import threading

from jupyter_wrangler.calls import public
from jupyter_wrangler.client.session import Client

_lock = threading.Lock()
_default: Client | None = None


@public
def connect(url: str | None = None, token: str | None = None) -> Client:
    """Choose the service that the other verbs use, and check that it answers.

    Parameters
    ----------
    url : str, optional
        Address of the service; None looks for it.
    token : str, optional
        Token to send; None uses what is configured.

    Returns
    -------
    Client
        The client; also the default of all verbs from now on.
    """
    global _default
    client = Client(url, token)
    client.api.me()
    with _lock:
        before, _default = _default, client
    if before is not None:
        before.close()
    return client


def default_client() -> Client:
    """Return the client that the verbs use; the first call makes it."""
    global _default  # noqa: PLW0603  the one default client of a process
    with _lock:
        if _default is None:
            _default = Client()
        return _default

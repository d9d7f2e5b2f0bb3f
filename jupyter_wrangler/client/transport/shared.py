"""One connection and one event stream for all unpickled jobs of a service."""

from __future__ import annotations

import threading

from jupyter_wrangler.client.transport.api import Api
from jupyter_wrangler.client.transport.connection import Way
from jupyter_wrangler.client.transport.stream import Stream

_lock = threading.Lock()
_shared: dict[Way, tuple[Api, Stream]] = {}


def shared_transport(way: Way) -> tuple[Api, Stream]:
    """Return what all unpickled jobs of one service share in this process."""
    with _lock:
        if way not in _shared:
            api = Api.by(way)
            _shared[way] = api, Stream(api)
        return _shared[way]

"""One connection and one event stream for all unpickled jobs of a service."""

from __future__ import annotations

import threading

from jupyter_wrangler.client.transport.api import Api
from jupyter_wrangler.client.transport.connection import ServiceLocation
from jupyter_wrangler.client.transport.stream import Stream

_lock = threading.Lock()
_shared: dict[ServiceLocation, tuple[Api, Stream]] = {}


def shared_transport(location: ServiceLocation) -> tuple[Api, Stream]:
    """Return what all unpickled jobs of one service share in this process."""
    with _lock:
        if location not in _shared:
            api = Api.from_location(location)
            _shared[location] = api, Stream(api)
        return _shared[location]

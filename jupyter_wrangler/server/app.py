"""The extension itself: what a Jupyter server loads, starts and stops."""

from __future__ import annotations

from jupyter_server.extension.application import ExtensionApp

from jupyter_wrangler._version import __version__
from jupyter_wrangler.server.file_handlers import file_handlers
from jupyter_wrangler.server.file_worker import FileWorker
from jupyter_wrangler.server.handlers import handlers
from jupyter_wrangler.server.upstream import Upstream


class WranglerApp(ExtensionApp):
    """Mount the service below ``<base_url>api/wrangler/v1/``.

    It holds no secret and starts nothing by itself: the first request finds the
    service, and on a laptop starts it.
    """

    name = "jupyter_wrangler"
    version = __version__
    extension_url = "/lab"
    load_other_extensions = True

    def initialize_handlers(self) -> None:
        """Register the route table."""
        self.upstream = Upstream()
        self.file_worker = FileWorker()
        # before the handler of whatever is not there
        self.handlers.extend(file_handlers(self.file_worker))
        self.handlers.extend(handlers(self.upstream))

    async def stop_extension(self) -> None:
        """Close the connections to the service; jobs go on."""
        await self.file_worker.close()
        await self.upstream.close()

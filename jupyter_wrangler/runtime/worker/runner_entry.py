"""Where the process of a runner begins.

Kept apart from the runner, so that the worker, which names this function to the fork
server, does not load the statistics: only the fork server does, once for all runners.
"""

from __future__ import annotations

from multiprocessing.connection import Connection


def start_runner(pipe: Connection) -> None:
    """Run a runner; its imports are done already, in the fork server."""
    from jupyter_wrangler.runtime.worker import runner  # noqa: PLC0415  see above

    runner.main(pipe)

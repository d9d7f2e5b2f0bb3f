"""``python -m jupyter_wrangler.stack``: the supervisor as a process of its own.

It reads its configuration on standard input.  ``--detach`` leaves the process that
started it at once, so that nobody has to wait for it (or keeps a zombie).
"""

from __future__ import annotations

import os
import sys

from jupyter_wrangler.stack import supervisor
from jupyter_wrangler.stack.processes import reset_signals
from jupyter_wrangler.stack.supervisor_config import SupervisorConfig


def main() -> None:
    """Read the configuration, detach if asked to, and run the stack."""
    config = SupervisorConfig.from_json(sys.stdin.read())
    # what the caller blocks or ignores would be blocked and ignored in every server
    reset_signals()
    if "--detach" in sys.argv and os.fork():
        os._exit(0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.umask(0o077)
    sys.exit(supervisor.main(config))


if __name__ == "__main__":
    main()

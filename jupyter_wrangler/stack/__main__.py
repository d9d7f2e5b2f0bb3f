"""``python -m jupyter_wrangler.stack``: the supervisor as a process of its own.

It reads its orders on standard input.  ``--detach`` leaves the process that started it
at once, so that nobody has to wait for it (or keeps a zombie).
"""

from __future__ import annotations

import os
import sys

from jupyter_wrangler.stack.orders import Orders
from jupyter_wrangler.stack.supervisor import main

if __name__ == "__main__":
    orders = Orders.from_json(sys.stdin.read())
    if "--detach" in sys.argv and os.fork():
        os._exit(0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.umask(0o077)
    sys.exit(main(orders))

"""``python -m jupyter_wrangler.stack``: the supervisor as a process of its own.

``--detach`` leaves the process that started it at once, so that nobody has to wait
for it (or keeps a zombie); ``--components postgres,valkey`` runs only these.
"""

from __future__ import annotations

import argparse
import os
import sys

from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack.supervisor import COMPONENTS, main

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m jupyter_wrangler.stack")
    parser.add_argument("--detach", action="store_true")
    parser.add_argument("--components", default=",".join(COMPONENTS))
    words = parser.parse_args()
    if words.detach and os.fork():
        os._exit(0)
    os.umask(0o077)
    sys.exit(main(Settings(), words.components.split(",")))

"""``python -m jupyter_wrangler``: the same as ``jupyter wrangler``."""

from __future__ import annotations

from jupyter_wrangler.cli import main

if __name__ == "__main__":
    main()

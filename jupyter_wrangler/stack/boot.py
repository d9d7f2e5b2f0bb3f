"""Start a process of the stack from the package that this file belongs to.

Run as a file, ``python -P .../stack/boot.py service``, not with ``-m``: the package is
then found without a change of PYTHONPATH.  What stands on PYTHONPATH comes before the
standard library, so that one obsolete backport among the installed packages (pathlib,
enum34, typing) would keep the stack from starting.
"""

from __future__ import annotations

import importlib.util
import os
import runpy
import sys
import sysconfig
from pathlib import Path

#: The folder that holds the package.
ROOT = Path(__file__).absolute().parents[2]


def prepare_path() -> None:
    """Let this interpreter find our package, where it does not by itself.

    That is so where the caller changed its own `sys.path` (a checkout that is not
    installed).  Our folder then comes after the standard library and before the
    installed packages, which may hold another version.
    """
    found = importlib.util.find_spec("jupyter_wrangler")
    if found is not None and found.origin is not None:
        there = Path(found.origin)
        if there.exists() and there.samefile(ROOT / "jupyter_wrangler/__init__.py"):
            return
    library = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib")}
    library |= {str(Path(path, "lib-dynload")) for path in library}
    last = max((i for i, p in enumerate(sys.path) if p in library), default=-1)
    sys.path.insert(last + 1, str(ROOT))
    # for the processes that this one starts without this file
    before = os.environ.get("PYTHONPATH", "")
    os.environ["PYTHONPATH"] = os.pathsep.join(p for p in (str(ROOT), before) if p)


def main() -> None:
    """Become the supervisor (``stack``), or run a command."""
    prepare_path()
    name = (
        "jupyter_wrangler.stack" if sys.argv[1:2] == ["stack"] else "jupyter_wrangler"
    )
    runpy.run_module(name, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()

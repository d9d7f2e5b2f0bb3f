"""Where runners are born: a fork server, which has done their imports once.

It loads little itself, so that the worker can load beside it.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading

from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack.environment import NUMERICS, PYTHON

#: What a runner may find in its environment; in particular no URL and no token.
ENVIRONMENT = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    *PYTHON,
    *NUMERICS,
)
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
#: Arrow's allocator would reserve a gigabyte of address space at its first use, which
#: counts against the limit of a runner; in KiB.
RESERVE = {"MIMALLOC_ARENA_RESERVE": str(64 * 1024)}
_RUNNER = "jupyter_wrangler.runtime.worker.runner"
#: What is loaded only when it is needed, as every part does. The last two write the
#: models that an imputation keeps; with scikit-learn's base classes they take half a
#: second, which each part would spend again, and 45 MB, which all runners share.
_ENGINE = (
    "scipy.special",
    "scipy.spatial",
    "pyarrow.pandas_compat",
    "jupyter_wrangler.engine.estimator.kept",
    "jupyter_wrangler.frames.imputers",
)
#: For trees, forests, boosting and correlation; a third of all memory, and of the
#: time that loading takes.
_LEARNING = ("sklearn.ensemble", "sklearn.tree", "sklearn.feature_selection")


def start(settings: Settings) -> None:
    """Start the fork server: no credentials, few threads, imports done.

    Returns at once.  A runner that is asked for meanwhile waits for the imports.
    This process keeps its settings but loses its environment, which its children
    would inherit.
    """
    threads = str(max(1, (os.cpu_count() or 1) // settings.slots))
    kept = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    os.environ.clear()
    os.environ.update(kept)
    os.environ.update(dict.fromkeys(_THREADS, threads))
    os.environ.update(RESERVE)
    # a runner must not import the command line again, as it would for `-m`
    main = sys.modules["__main__"]
    main.__spec__ = None
    vars(main).pop("__file__", None)
    context = multiprocessing.get_context("forkserver")
    learning = _LEARNING if settings.preload == "all" else ()
    context.set_forkserver_preload([_RUNNER, *_ENGINE, *learning])
    threading.Thread(target=_start_first_runner, args=(context,), daemon=True).start()


def _start_first_runner(context: multiprocessing.context.ForkServerContext) -> None:
    process = context.Process(target=_do_nothing)
    process.start()
    process.join()


def _do_nothing() -> None:
    """Wake the fork server, so that its imports are done before the first job."""

"""How much memory a runner may take, where no setting says so.

A file of some kilobytes can unfold to more than the machine has.  Without a limit the
kernel would end something then, and who knows what.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import sys
from pathlib import Path

#: Of the memory of the machine or container.
SHARE = 0.8
#: Makes a runner what the kernel ends first when memory is short; 1000 is the most.
_FIRST = 500


def bound(asked: int | None) -> int:
    """Bound the address space of this process; return the limit in bytes, or 0.

    Parameters
    ----------
    asked : int or None
        Bytes; 0 for no limit; None for what it has now and `SHARE` of all memory.
    """
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(_FIRST), "ascii")
    limit = _default_limit() if asked is None else asked
    if limit:
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        if hard != resource.RLIM_INFINITY:
            limit = min(limit, hard)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    return limit


def present(root: Path = Path("/")) -> int:
    """Return the bytes of memory of this machine, or of this container if fewer."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    groups = ""
    with contextlib.suppress(OSError):
        groups = (root / "proc/self/cgroup").read_text("utf-8")
    for line in groups.splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            mount, name = root / "sys/fs/cgroup", "memory.max"
        elif "memory" in controllers.split(","):
            mount, name = root / "sys/fs/cgroup/memory", "memory.limit_in_bytes"
        else:
            continue
        # a limit of a group holds for those below it
        own = mount / path.strip("/")
        for folder in (own, *own.parents):
            with contextlib.suppress(OSError, ValueError):
                found.append(int((folder / name).read_text("ascii")))
            if folder == mount:
                break
    return min(found)


def for_runners() -> int:
    """Return the bytes that all runners of a worker together may take."""
    return int(SHARE * present())


def forget_peak() -> None:
    """Let `peak_kib` count from now; Linux only, elsewhere it goes on."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", "ascii")


def release() -> None:
    """Give memory that is free, but held by allocators, back to the system."""
    import pyarrow as pa  # noqa: PLC0415  the worker, which loads this, does without

    pa.default_memory_pool().release_unused()
    with contextlib.suppress(OSError, AttributeError):
        # of glibc; others have no such function
        ctypes.CDLL(None).malloc_trim(0)


def peak_kib() -> int:
    """Return the most memory that this process has had lately, in KiB.

    Since it began, or since `forget_peak`.
    """
    # macOS counts bytes
    scale = 1024 if sys.platform == "darwin" else 1
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // scale


def _default_limit() -> int:
    if sys.platform != "linux":
        return 0
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE") + int(SHARE * present())

"""Which file system holds a path, and whether a database may lie there."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from pathlib import Path

from jupyter_wrangler.errors import StackFailed

#: File systems whose locks and fsync cannot be trusted with a database.
NETWORK_FILE_SYSTEMS = frozenset(
    {
        "nfs",
        "nfs4",
        "lustre",
        "cifs",
        "smb3",
        "9p",
        "afs",
        "beegfs",
        "ceph",
        "gpfs",
        "fuse.sshfs",
        "fuse.s3fs",
        "fuse.glusterfs",
    }
)


def file_system(path: Path) -> str:
    """Name the type of the file system that holds a path, or "" where unknown.

    Read from /proc, which macOS does not have: there the answer is "".

    Examples
    --------
    >>> import sys
    >>> file_system(Path("/proc")) == ("proc" if sys.platform == "linux" else "")
    True
    """
    if sys.platform != "linux":
        return ""
    target = os.path.realpath(path)
    best, kind = "", ""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/mountinfo").read_bytes().splitlines():
            left, _, right = os.fsdecode(line).partition(" - ")
            mount = _unescaped(left.split(" ")[4])
            inside = target == mount or target.startswith(mount.rstrip("/") + "/")
            if inside and len(mount) >= len(best):
                best, kind = mount, right.split()[0]
    return kind


def _unescaped(mount: str) -> str:
    r"""Undo the octal numbers that stand for spaces, tabs and line breaks.

    Examples
    --------
    >>> _unescaped(r"/mnt/ä\040b")
    '/mnt/ä b'
    """
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), mount)


def check_local(home: Path, refused: frozenset[str] = NETWORK_FILE_SYSTEMS) -> None:
    """Refuse a home on a network file system.

    Raises
    ------
    StackFailed
        Two hosts could open the same database at once, and lose it.
    """
    kind = file_system(home)
    if kind in refused:
        raise StackFailed(
            f"The home {home} is on a network file system ({kind}), where a database "
            "can be damaged; set JUPYTER_WRANGLER_HOME to a folder on a local disk."
        )

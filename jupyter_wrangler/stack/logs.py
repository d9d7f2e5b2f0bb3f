"""Log files that stay small without their writers' help."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

#: A log file larger than this becomes ``<name>.log.1``.
LARGEST = 5 * 1024 * 1024


def rotate(folder: Path, largest: int = LARGEST) -> None:
    """Set large log files aside, each replacing its forerunner.

    Copied and cut short rather than renamed: the writers have the files open (for
    appending, so that they go on at the new end).
    """
    for path in folder.glob("*.log"):
        with contextlib.suppress(OSError):
            if path.stat().st_size > largest:
                shutil.copyfile(path, path.with_name(f"{path.name}.1"))
                with path.open("r+b") as log:
                    log.truncate(0)


def tail(path: Path, characters: int = 600) -> str:
    """Return the end of a log, for an error message."""
    try:
        with path.open("rb") as log:
            size = log.seek(0, 2)
            log.seek(max(0, size - characters))
            return log.read().decode("utf-8", errors="replace").strip()
    except OSError:
        return ""

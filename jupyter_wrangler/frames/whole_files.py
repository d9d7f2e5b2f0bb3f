"""Files that are seen whole or not at all."""

from __future__ import annotations

from pathlib import Path


def replace_file(path: str | Path, data: bytes) -> None:
    """Write a file beside its goal and rename it, so that no half of it is ever seen.

    Raises
    ------
    OSError
        If it cannot be written; an earlier file is then as it was.
    """
    goal = Path(path)
    partial = goal.with_name(f".{goal.name}.part")
    try:
        partial.write_bytes(data)
        partial.replace(goal)
    finally:
        partial.unlink(missing_ok=True)

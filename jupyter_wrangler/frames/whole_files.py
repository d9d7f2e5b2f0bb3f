"""Files that are seen whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def write_whole(
    goal: Path, make: Callable[[Path], object], *, overwrite: bool = True
) -> None:
    """Write a file beside its goal and rename it, so that no half of it is ever seen.

    Parameters
    ----------
    goal : Path
        The file; of a link, that to which it leads.  A pipe or a device is written to.
    make : callable
        Writes the path that it is given, which lies in the same folder.
    overwrite : bool, default=True
        Whether a file that is there is replaced.

    Raises
    ------
    FileExistsError
        If there is one, and it is not to be replaced.
    OSError
        If it cannot be written; all is then as it was.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     goal = Path(folder, "x.csv")
    ...     write_whole(goal, lambda path: path.write_text("a,b"))
    ...     goal.read_text()
    'a,b'
    """
    if not overwrite:
        # taken at once, so that nobody else writes there meanwhile
        goal.open("xb").close()
    if overwrite and goal.exists() and not goal.is_file():
        # a pipe or a device, which must stay what it is
        make(goal)
        return
    name, goal = goal.name, goal.resolve()
    try:
        with tempfile.TemporaryDirectory(dir=goal.parent, prefix=".jw-") as folder:
            made = Path(folder, name)
            make(made)
            made.chmod(0o666 & ~_umask())
            made.replace(goal)
    except BaseException:
        if not overwrite:
            goal.unlink(missing_ok=True)
        raise


def replace_file(path: str | Path, data: bytes) -> None:
    """Write bytes as `write_whole` does; an earlier file is replaced.

    Raises
    ------
    OSError
        If it cannot be written; an earlier file is then as it was.
    """
    write_whole(Path(path), lambda made: made.write_bytes(data))


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask

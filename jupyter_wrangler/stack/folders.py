"""Folders of the private stack: made closed to other users, or as open as need be."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from jupyter_wrangler.errors import StackFailed
from jupyter_wrangler.stack.paths import Paths


def make_folders(paths: Paths) -> None:
    """Make home, logs and the runtime folder, closed to other users.

    Started by root, home and runtime can be passed through (0711), since the
    servers below them run as another user; what is inside is closed.

    Raises
    ------
    StackFailed
        If a folder cannot be made, belongs to somebody else or is a symlink.
    """
    mode = 0o700 if os.getuid() else 0o711
    make_private(paths.home, mode, setting="JUPYTER_WRANGLER_HOME")
    make_private(paths.logs, 0o700, setting="JUPYTER_WRANGLER_HOME")
    make_private(paths.runtime, mode, setting="JUPYTER_WRANGLER_RUNTIME_DIR")
    if paths.short in paths.postgres_sockets.parents:
        make_private(paths.short, mode, setting="JUPYTER_WRANGLER_RUNTIME_DIR")


def make_private(path: Path, mode: int, *, setting: str) -> None:
    """Make one folder of ours, or make sure that the one there is ours.

    The temp folder is open to everybody, so that another user may have put a folder
    or a symlink in our place: that is refused, never repaired.
    """
    try:
        _make_above(path)
        path.mkdir(mode=mode)
    except FileExistsError:
        pass
    except OSError as exc:
        raise StackFailed(
            f"The folder {path} cannot be made ({exc.strerror}); a local folder that "
            f"you may write is wanted. Set {setting} to one."
        ) from exc
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise StackFailed(
            f"{path} is no folder of its own (a file or a symlink stands there); move "
            f"it away, or set {setting} to another folder."
        )
    if found.st_uid != os.getuid():
        raise StackFailed(
            f"The folder {path} belongs to uid {found.st_uid}, and you are uid "
            f"{os.getuid()}; set {setting} to a folder of your own."
        )
    if stat.S_IMODE(found.st_mode) != mode:
        path.chmod(mode)
    if not os.access(path, os.W_OK | os.X_OK):
        raise StackFailed(
            f"The folder {path} cannot be written; make room on a disk that is not "
            f"read-only, or set {setting} to another folder."
        )


def open_folder(path: Path) -> None:
    """Make a folder, if it is not there, that everybody may read, whatever the umask.

    The servers of root run as another user, and the supervisor's umask closes what
    it makes.
    """
    path.mkdir(exist_ok=True)
    if stat.S_IMODE(path.stat().st_mode) != 0o755:
        path.chmod(0o755)


def own_folder(path: Path, user: tuple[int, int]) -> None:
    """Make a folder for the servers' user, closed to all others, whatever the umask."""
    path.mkdir(mode=0o700, exist_ok=True)
    os.chown(path, *user, follow_symlinks=False)
    if stat.S_IMODE(path.lstat().st_mode) != 0o700:
        path.chmod(0o700)


def _make_above(path: Path) -> None:
    """Make the folders above one, as open as those that root's servers pass through.

    Their mode is not left to the umask: a closed one would keep the servers' user out.
    """
    for folder in reversed(path.parents):
        if not folder.exists():
            folder.mkdir()
            if os.getuid() == 0:
                folder.chmod(0o755)

"""The record (``stack.json``) and the lock of a home: who runs a stack here.

The lock decides, the record tells: the process that holds the lock is the supervisor of
this home; the record says where its sockets are and which processes are its children.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from jupyter_wrangler._version import __version__
from jupyter_wrangler.errors import StackFailed
from jupyter_wrangler.stack.processes import (
    ProcessId,
    boot_id,
    machine_id,
    process_space,
)

if sys.platform != "win32":
    import fcntl

#: A supervisor touches its record this often ...
HEARTBEAT_S = 10.0
#: ... and one on another host that has not done so for this long is gone.
FORGOTTEN_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Record:
    """What a supervisor says about itself."""

    state: Literal["starting", "ready", "stopping"]
    supervisor: ProcessId
    #: Name of its host, for people; it may change while the stack runs.
    host: str = field(default_factory=socket.gethostname)
    #: Which start of which machine it runs in, and in which space of process ids.
    boot: str = field(default_factory=boot_id)
    machine: str = field(default_factory=machine_id)
    space: str = field(default_factory=process_space)
    version: str = __version__
    #: Seconds since 1970.
    started_at: float = field(default_factory=time.time)
    #: Name of a server -> its socket.
    sockets: dict[str, str]
    #: Name of a child -> its process.
    children: dict[str, ProcessId] = field(default_factory=dict)
    #: Name of a private server -> its version.
    versions: dict[str, str] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Replace the record in one step, readable by its owner only."""
        draft = path.with_suffix(f".{os.getpid()}.tmp")
        fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(fd, "w", encoding="utf-8") as out:
            json.dump(asdict(self), out, indent=1)
        draft.replace(path)

    @property
    def here(self) -> bool:
        """Whether it speaks of processes of this machine, as they are numbered here.

        The machine is known by its boot, not by its host name.  Where the system
        does not name its boots, the host name must do.
        """
        if not self.boot or not boot_id():
            return self.host == socket.gethostname()
        if self.boot == boot_id():
            return self.space == process_space()
        # the machine has started again: what the record names is gone
        return bool(self.machine) and self.machine == machine_id()

    @property
    def beside(self) -> bool:
        """Whether it speaks of another container on the machine that we run on.

        One kernel looks after both, so that the lock of the home can be relied on.
        """
        return bool(self.boot) and self.boot == boot_id() and not self.here


def read(path: Path) -> Record | None:
    """Read the record, or None where there is none or it makes no sense."""
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        found["supervisor"] = ProcessId(**found["supervisor"])
        found["children"] = {
            name: ProcessId(**child) for name, child in found["children"].items()
        }
        return Record(**found)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def age(path: Path) -> float:
    """Seconds since the record was last touched; infinite where there is none."""
    try:
        return max(0.0, time.time() - path.stat().st_mtime)
    except OSError:
        return float("inf")


def elsewhere(path: Path) -> str:
    """Say that a stack runs on another host or in another container; "" if none does.

    Anyone who finds a record of another host that was not touched for a minute may take
    the home: that host is gone, or the home was moved.
    """
    found = read(path)
    left = FORGOTTEN_S - age(path)
    if found is None or found.here or left <= 0:
        return ""
    at = time.strftime("%H:%M:%S", time.localtime(time.time() + left))
    where = "the container" if found.beside else "the host"
    return (
        f"The stack of {path.parent} runs {'in' if found.beside else 'on'} {where} "
        f"{found.host}; one at a time can use a home. Run 'jupyter wrangler down' "
        "there, or set JUPYTER_WRANGLER_HOME to another folder here. If that is gone, "
        f"or the home was moved here, it is free in {left:.0f} s, at {at}."
    )


class Lock:
    """The lock of a home, held as long as this object is open.

    The kernel lets go of it when the holder dies, however it dies.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def take(self) -> bool:
        """Take the lock; False if another process has it."""
        # Closed on exec, so that no child keeps the lock of a dead supervisor.
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return False
        except OSError as exc:
            os.close(fd)
            raise StackFailed(
                f"{self._path} cannot be locked ({exc.strerror}); a file system with "
                "locks is wanted. Set JUPYTER_WRANGLER_HOME to a folder on a local "
                "disk."
            ) from exc
        self._fd = fd
        return True

    def release(self) -> None:
        """Let go of the lock, if it is held."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def is_locked(path: Path) -> bool:
    """Tell whether a supervisor holds the lock now."""
    if not path.exists():
        return False
    with contextlib.suppress(PermissionError), Lock(path) as lock:
        return not lock.take()
    return True

"""What a dead supervisor left behind, and how it is cleared away.

Only processes are ended whose id and start time stand in the record, or that
PostgreSQL itself names in its data directory and that run on that very directory.
Anyone who clears must hold the lock of the home: then nobody else runs a stack here.
"""

from __future__ import annotations

import contextlib
import os
import platform
import signal
import subprocess
from pathlib import Path

from jupyter_wrangler.errors import StackFailed
from jupyter_wrangler.stack import state_file as records
from jupyter_wrangler.stack.paths import Paths
from jupyter_wrangler.stack.processes import ProcessId, wait_gone

#: Seconds that orphans get to end by themselves.
WAIT_S = 5.0
#: How each server is asked to end, soonest first.  PostgreSQL: fast, then immediate
#: shutdown; both lose nothing that was committed.
_ASK = {"postgres": (signal.SIGINT, signal.SIGQUIT)}
_ASK_OTHERS = (signal.SIGTERM, signal.SIGKILL)


def clear(paths: Paths) -> tuple[str, ...]:
    """End orphans and remove what would stand in the way of a new start.

    Returns
    -------
    tuple of str
        Names of the servers that were still running.

    Raises
    ------
    StackFailed
        If the stack of this home lives on another host, or an orphan will not end.
    """
    found = records.read(paths.record)
    # beside us the lock, which we hold, says that it is gone
    if found and not found.beside and (text := records.elsewhere(paths.record)):
        raise StackFailed(text)
    orphans: dict[str, ProcessId] = {}
    if found and found.here:
        orphans = {n: p for n, p in found.children.items() if p.alive}
    postmaster = running_postmaster(paths.postgres_data)
    if postmaster:
        orphans["postgres"] = postmaster
    # The users of the database go before the database.
    for name in sorted(orphans, key=["worker", "service", "valkey", "postgres"].index):
        _end_process(name, orphans[name])
    for path in paths.sockets.values():
        with contextlib.suppress(OSError):
            path.unlink()
    with contextlib.suppress(OSError):
        paths.record.unlink()
    return tuple(orphans)


def _end_process(name: str, process: ProcessId) -> None:
    for number in _ASK.get(name, _ASK_OTHERS):
        process.send(number)
        if wait_gone([process], WAIT_S):
            return
    raise StackFailed(
        f"A {name} process (pid {process.pid}) left by an earlier stack does not end; "
        f"end it with 'kill -9 {process.pid}' and try again."
    )


def running_postmaster(data: Path) -> ProcessId | None:
    """Return the PostgreSQL that runs on this directory, if one does."""
    try:
        pid = int((data / "postmaster.pid").read_bytes().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None
    process = ProcessId.of(pid)
    if process.alive and pid != os.getpid() and str(data) in _command_of(pid):
        return process
    return None


def _command_of(pid: int) -> str:
    if platform.system() == "Linux":
        with contextlib.suppress(OSError):
            raw = Path(f"/proc/{pid}/cmdline").read_bytes()
            return os.fsdecode(raw.replace(b"\0", b" "))
        return ""
    found = subprocess.run(  # noqa: S603  a fixed command and a number
        ["/bin/ps", "-o", "command=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout

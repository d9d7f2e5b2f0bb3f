"""Starting processes that cannot outlive us, and telling ours from others.

A process id alone proves nothing: ids are used again.  A process is known here by
its id *and* the moment it started, so that nothing but our own is ever killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import platform
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jupyter_wrangler.retrying import wait_until

_PR_SET_PDEATHSIG = 1
_LINUX = platform.system() == "Linux"
# Loaded before any fork: between fork and exec nothing may take a lock.
_PRCTL = ctypes.CDLL(None).prctl if _LINUX else None


@dataclass(frozen=True, kw_only=True)
class ProcessId:
    """One process, not to be mistaken for a later one of the same number."""

    pid: int
    #: When it started, in the system's own words; "" if it is gone.
    started: str

    @classmethod
    def of(cls, pid: int) -> ProcessId:
        """Identify a process that runs now.

        Examples
        --------
        >>> ProcessId.of(os.getpid()).alive
        True
        """
        return cls(pid=pid, started=start_time(pid))

    @property
    def alive(self) -> bool:
        """Whether this very process still runs (a zombie does not)."""
        return bool(self.started) and start_time(self.pid) == self.started

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless the process is gone."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def as_json(self) -> dict[str, Any]:
        """Return what `ProcessId(**...)` takes."""
        return asdict(self)


def start_time(pid: int) -> str:
    """Tell when a process started, or "" if it is gone or a zombie."""
    if _LINUX:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text("ascii", errors="replace")
        except OSError:
            return ""
        # The name in brackets may itself hold spaces and brackets.
        fields = stat.rpartition(")")[2].split()
        return "" if fields[0] in "ZX" else f"{boot_id()}/{fields[19]}"
    found = subprocess.run(  # noqa: S603  a fixed command and a number
        ["/bin/ps", "-o", "state=,lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    state, _, started = found.stdout.strip().partition(" ")
    return "" if not started or state.startswith("Z") else started.strip()


@functools.cache
def boot_id() -> str:
    """Name this boot of the machine: start times are counted from it."""
    if not _LINUX:
        return _sysctl("kern.bootsessionuuid")
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    return ""


def process_space() -> str:
    """Name the space in which process ids mean something; a container has its own."""
    with contextlib.suppress(OSError):
        return str(Path("/proc/self/ns/pid").stat().st_ino)
    return ""


@functools.cache
def machine_id() -> str:
    """Name this machine, also after it has started again; "" where nothing does.

    Not by its host name, which changes with the network that a laptop is in.
    """
    if not _LINUX:
        return _sysctl("kern.uuid")
    for path in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        with contextlib.suppress(OSError):
            found = Path(path).read_text("ascii", errors="replace").strip()
            if found:
                return found
    return ""


def _sysctl(name: str) -> str:
    with contextlib.suppress(OSError):
        return subprocess.run(  # noqa: S603  a fixed command
            ["/usr/sbin/sysctl", "-n", name],
            capture_output=True,
            text=True,
            check=False,
        ).stdout.strip()
    return ""


def spawn(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    cwd: Path,
    log: Path,
    death_signal: signal.Signals,
    user: tuple[int, int] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a process that gets `death_signal` when we die.

    Parameters
    ----------
    command : sequence of str or Path
        The program, by its full path, and its arguments.
    env : mapping
        Its whole environment.
    cwd : Path
        Its working folder.
    log : Path
        Where its standard output and error are appended.
    death_signal : signal.Signals
        Sent by the kernel when the supervisor dies (Linux only; elsewhere the next
        supervisor finds the orphan by its recorded id).
    user : tuple of (uid, gid), optional
        Whom to become first.

    Returns
    -------
    subprocess.Popen
        In a session of its own, so that a Ctrl-C in a terminal does not reach it.
    """
    # Opened by us, for a log folder that the other user cannot enter.
    with log.open("ab") as out:
        return subprocess.Popen(  # noqa: S603  our own commands
            [str(word) for word in command],
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # Runs after the change of user, which would clear the setting.
            preexec_fn=_tie_to_parent(death_signal),  # noqa: PLW1509  the supervisor has one thread
            umask=0o077,
            **as_user(user),
        )


def reset_signals(*, ignored: bool = True) -> None:
    """Undo what the process that started this one blocks or ignores.

    Both are inherited by each new program.  A server that blocks SIGTERM never hears
    that it should end; one that ignores SIGCHLD never hears that a child died.

    Parameters
    ----------
    ignored : bool, default=True
        Whether signals that are ignored get their default meaning again too.
    """
    if ignored:
        # Python itself ignores the last two, and restores them in what it starts
        for number in signal.valid_signals() - {signal.SIGPIPE, signal.SIGXFSZ}:
            if signal.getsignal(number) == signal.SIG_IGN:
                with contextlib.suppress(OSError, ValueError):
                    signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def as_user(user: tuple[int, int] | None) -> dict[str, Any]:
    """Return the arguments of Popen that give up root for good."""
    if user is None:
        return {}
    return {"user": user[0], "group": user[1], "extra_groups": []}


def _tie_to_parent(number: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()

    def tie() -> None:
        if _PRCTL is not None:
            _PRCTL(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
            if os.getppid() != parent:  # it died before we could ask
                os._exit(1)

    return tie


def wait_gone(processes: Sequence[ProcessId], timeout: float) -> bool:
    """Wait until none of these processes runs; tell whether that came true."""
    return wait_until(
        lambda: not any(process.alive for process in processes),
        within_s=timeout,
        every_s=0.02,
    )

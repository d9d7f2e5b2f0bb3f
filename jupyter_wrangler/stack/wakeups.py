"""A sleep that signals and sockets end early."""

from __future__ import annotations

import contextlib
import select
import signal
import socket
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def wakeups(
    on_signal: Callable[[int], None],
) -> Iterator[Callable[[float, socket.socket | None], None]]:
    """Yield a sleep that any signal ends early, or something to read on a socket.

    The death of a child is a signal too.
    """
    ours, theirs = socket.socketpair()
    ours.setblocking(False)  # noqa: FBT003  a builtin's signature
    theirs.setblocking(False)  # noqa: FBT003  a builtin's signature
    signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, lambda number, _: on_signal(number))
    signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def wait(seconds: float, other: socket.socket | None) -> None:
        watched = [ours] if other is None else [ours, other]
        if ours in select.select(watched, [], [], seconds)[0]:
            with contextlib.suppress(BlockingIOError):
                while ours.recv(4096):
                    pass

    with ours, theirs:
        try:
            yield wait
        finally:
            signal.set_wakeup_fd(-1)

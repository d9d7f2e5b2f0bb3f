"""A proxy between a program and a server, which can misbehave as networks do."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path


class Proxy:
    """Passes bytes on between a socket of its own and a server's.

    `hold` is a link that is half open: what is connected stays connected, and hears
    nothing any more; new connections are fine.  `cut_after` breaks the connection on
    which the server is sent these words, after they were sent and before the answer
    comes back.
    """

    def __init__(self, here: Path, there: Path) -> None:
        self.here, self.there = here, there
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(here))
        self._listener.listen(64)
        self._held: set[socket.socket] = set()
        self._open: set[socket.socket] = set()
        self._words: tuple[bytes, ...] = ()
        self._cuts = True
        #: How many connections were broken or held for what they said.
        self.cuts = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def hold(self) -> None:
        """Let all that is connected now hear nothing any more."""
        self._held |= self._open

    def cut_after(self, *words: bytes) -> None:
        """Break the next connection that says these words one after the other."""
        self._words, self._cuts = words, True

    def hold_at(self, *words: bytes) -> None:
        """Let the next connection that says these words be heard no more."""
        self._words, self._cuts = words, False

    def close(self) -> None:
        """Break everything."""
        for sock in (self._listener, *self._open):
            _break(sock)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            try:
                far.connect(str(self.there))
            except OSError:
                near.close()
                far.close()
                continue
            self._open |= {near, far}
            for source, goal in ((near, far), (far, near)):
                threading.Thread(
                    target=self._pass_on,
                    args=(source, goal, source is near),
                    daemon=True,
                ).start()

    def _pass_on(
        self, source: socket.socket, goal: socket.socket, asking: bool
    ) -> None:
        said = 0
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if source in self._held:
                    continue
                if asking:
                    said = self._count(data, said)
                over = asking and bool(self._words) and said == len(self._words)
                if over:
                    # whatever the server answers, nobody hears it
                    self._held |= {source, goal}
                    self._words = ()
                    self.cuts += 1
                if not over or self._cuts:
                    goal.sendall(data)
                if over and self._cuts:
                    break
        for sock in (source, goal):
            if sock not in self._held or sock is source:
                _break(sock)
        if goal in self._held and asking:
            # the server shall finish what it was told before it loses us
            with contextlib.suppress(OSError):
                goal.shutdown(socket.SHUT_WR)

    def _count(self, data: bytes, said: int) -> int:
        """Return how many of the words were said, now that these bytes were."""
        for word in self._words[said:]:
            if word not in data:
                break
            data = data[data.index(word) + len(word) :]
            said += 1
        return said


def _break(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    sock.close()

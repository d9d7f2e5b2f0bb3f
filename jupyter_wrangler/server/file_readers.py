"""Processes that stay: each pages through one file, and remembers where its rows are.

They are few, they end when nobody asks for a while, and a new one takes the place of
the one that rested longest.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from jupyter_wrangler.errors import InvalidData, from_code

#: Processes that are kept, seconds that one rests before it ends, and that an answer
#: may take.
KEPT: Final = 3
REST: Final = 60.0
PATIENCE: Final = 60.0

Process = asyncio.subprocess.Process


@dataclass
class _Reader:
    start: Callable[[], Awaitable[Process]]
    #: One question at a time.
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    process: Process | None = None
    rest: asyncio.TimerHandle | None = None
    #: Questions that wait or are answered.
    busy: int = 0


class FileReaders:
    """Asks the process of a file, which is started where there is none.

    Parameters
    ----------
    start, end : callable
        Start a process, and end one.
    """

    def __init__(
        self,
        start: Callable[[], Awaitable[Process]],
        end: Callable[[Process], Awaitable[None]],
    ) -> None:
        self._start, self._end = start, end
        self._readers: dict[str, _Reader] = {}
        self._ending: set[asyncio.Task[None]] = set()

    async def ask(self, file: str, question: Any) -> Any:
        """Return some rows of a file.

        Parameters
        ----------
        file : str
            Path in the file system.
        question : JSON
            As the contract describes it.

        Raises
        ------
        WranglerError
            What the process says, or InvalidData if it took too long or died.
        """
        seen = {name: question.get(name) for name in ("fingerprint", "options")}
        key = json.dumps([file, seen], sort_keys=True)
        reader = self._reader(key)
        asked = {"verb": "rows", "file": file, "question": question}
        reader.busy += 1
        try:
            async with reader.turn:
                line = await self._answer(key, reader, asked)
        finally:
            reader.busy -= 1
            if not reader.busy:
                reader.rest = asyncio.get_running_loop().call_later(
                    REST, self._drop, key, reader
                )
        if failed := line.get("error"):
            raise from_code(**failed)
        return line["answer"]

    def _reader(self, key: str) -> _Reader:
        reader = self._readers.pop(key, None)
        if reader is None:
            while len(self._readers) >= KEPT:
                idle = (k for k, one in self._readers.items() if not one.busy)
                oldest = next(idle, None)
                if oldest is None:
                    raise InvalidData(
                        f"{KEPT} files are looked through at the moment; close a tab "
                        "of another file, or try again when its rows are there."
                    )
                self._drop(oldest, self._readers[oldest])
            reader = _Reader(self._start)
        if reader.rest is not None:
            reader.rest.cancel()
            reader.rest = None
        # the last of them is the one that was asked last
        self._readers[key] = reader
        return reader

    async def _answer(
        self, key: str, reader: _Reader, asked: dict[str, Any]
    ) -> dict[str, Any]:
        whole = False
        try:
            async with asyncio.timeout(PATIENCE):
                if reader.process is None:
                    reader.process = await reader.start()
                stdin, stdout = reader.process.stdin, reader.process.stdout
                assert stdin is not None  # noqa: S101  for the type checker
                assert stdout is not None  # noqa: S101
                stdin.write(json.dumps(asked).encode() + b"\n")
                await stdin.drain()
                line: dict[str, Any] = json.loads(await stdout.readline())
            whole = True
        except TimeoutError:
            raise InvalidData(
                f"To read these rows took more than {PATIENCE:g} s and was stopped. "
                "Try again when the disk is less busy."
            ) from None
        except (OSError, ValueError) as error:
            raise InvalidData(
                "The process that reads this file ended, most likely for want of "
                "memory. Close other programs, and try again."
            ) from error
        finally:
            # also if whoever asked has left: the answer would be taken for another's
            if not whole:
                self._drop(key, reader)
        return line

    def _drop(self, key: str, reader: _Reader) -> None:
        if self._readers.get(key) is reader:
            del self._readers[key]
        if reader.rest is not None:
            reader.rest.cancel()
        if reader.process is not None:
            task = asyncio.ensure_future(self._end(reader.process))
            reader.process = None
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def close(self) -> None:
        """End all processes."""
        for key, reader in list(self._readers.items()):
            self._drop(key, reader)
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*self._ending)

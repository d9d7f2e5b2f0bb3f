"""Processes that work with files of the user: one for each question but for rows.

Files are never read in the Jupyter server: what they can do harm to is a process with
bounded memory that is ended when it takes too long.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, Literal

from jupyter_wrangler.errors import InvalidData, WranglerError, from_code
from jupyter_wrangler.server.file_readers import PATIENCE, FileReaders

FileVerb = Literal["preview", "rows", "plan", "profile", "run", "save"]

#: Seconds that the work may take: a file is large, a disk or a network slow.
SECONDS: Final[Mapping[FileVerb, float]] = {
    "preview": 60.0,
    "rows": PATIENCE,
    "plan": 600.0,
    "profile": 1800.0,
    "run": 1800.0,
    "save": 1800.0,
}
#: Processes at a time, of the verbs that take long and of the others; more wait.
_AT_ONCE: Final = 2
#: Verbs that read a whole file.
LONG: Final[frozenset[FileVerb]] = frozenset({"plan", "profile", "run", "save"})
#: Bytes of the longest line of an answer.
_LONGEST: Final = 64 * 2**20
#: Verbs that need the service, and so the token of this server where it has one.
_WITH_SERVICE: Final = frozenset({"run", "save"})
_TOKENS: Final = ("JUPYTERHUB_API_TOKEN", "JPY_API_TOKEN", "JUPYTER_WRANGLER_TOKEN")
#: Room that allocators reserve counts as memory where that is bounded.
_SPARING: Final = {"MIMALLOC_ARENA_RESERVE": "65536", "OMP_NUM_THREADS": "1"}


class FileWorker:
    """Starts processes, hears what they report, and ends them."""

    def __init__(self) -> None:
        self._rooms = {long: asyncio.Semaphore(_AT_ONCE) for long in (False, True)}
        self._closed = False
        self._running: set[asyncio.subprocess.Process] = set()
        self._readers = FileReaders(lambda: self._start("rows"), self._end)

    async def ask(
        self, verb: FileVerb, file: str, question: Any
    ) -> AsyncGenerator[dict[str, Any], None]:
        """Work with a file; give reports of progress, and the answer at last.

        Parameters
        ----------
        verb : {"preview", "rows", "plan", "profile", "run", "save"}
            What to do.
        file : str
            Path in the file system.
        question : JSON
            As the contract describes it for this verb.

        Yields
        ------
        dict
            ``{"progress": ...}`` any number of times, then ``{"answer": ...}``.

        Raises
        ------
        WranglerError
            What the process says, or InvalidData if it took too long or died.
        """
        if verb == "rows":
            yield {"answer": await self._readers.ask(file, question)}
            return
        asked = {"verb": verb, "file": file, "question": question}
        async with self._rooms[verb in LONG], self._process(verb) as process:
            try:
                async with asyncio.timeout(SECONDS[verb]):
                    process.stdin.write(json.dumps(asked).encode() + b"\n")
                    await process.stdin.drain()
                    while line := await process.stdout.readline():
                        report = json.loads(line)
                        if failed := report.get("error"):
                            raise from_code(**failed)
                        yield report
                        if "answer" in report:
                            return
            except TimeoutError:
                raise InvalidData(
                    f"The work with this file took more than {SECONDS[verb]:g} s and "
                    "was stopped. Take a part of the file, or try again when the disk "
                    "is less busy."
                ) from None
            except WranglerError:
                raise
            except (OSError, ValueError) as error:
                raise _died() from error
            raise _died()

    @asynccontextmanager
    async def _process(self, verb: FileVerb) -> AsyncIterator[Any]:
        process = await self._start(verb)
        try:
            yield process
        finally:
            await self._end(process)

    async def _start(self, verb: FileVerb) -> asyncio.subprocess.Process:
        if self._closed:
            raise InvalidData("The Jupyter server stops; begin again when it is back.")
        kept = dict(os.environ)
        if verb not in _WITH_SERVICE:
            kept = {name: v for name, v in kept.items() if name not in _TOKENS}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "jupyter_wrangler.files",
            env=kept | _SPARING,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LONGEST,
        )
        self._running.add(process)
        return process

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        self._running.discard(process)
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()

    async def close(self) -> None:
        """End all processes, and start no more; jobs that were submitted go on."""
        self._closed = True
        await self._readers.close()
        for process in list(self._running):
            with contextlib.suppress(ProcessLookupError):
                process.kill()


def _died() -> InvalidData:
    return InvalidData(
        "The process that reads this file ended, most likely for want of memory. Take "
        "a part of the file's rows or columns, or close other programs."
    )

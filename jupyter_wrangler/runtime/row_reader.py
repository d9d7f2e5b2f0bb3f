"""The service's side of the process that reads rows.

Files of users are never parsed in the service: what they can do harm to is a process
without credentials, with bounded memory, that is ended when it takes too long.  It is
started by the first question and ended when none came for a while.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from typing import Any

from jupyter_wrangler.contract import (
    ExportFormat,
    RowPage,
    RowQuestion,
    WhyDocument,
)
from jupyter_wrangler.errors import Internal, ServerUnreachable, from_code
from jupyter_wrangler.runtime.worker.forkserver import ENVIRONMENT, RESERVE

#: Seconds for one page, and without a question after which the process is ended.
ANSWER_S, IDLE_S = 60.0, 60.0
#: Seconds for the file of all rows.
EXPORT_S = 240.0
#: Bytes of the longest answer.
_LONGEST = 64 * 2**20


class RowReader:
    """Reads one page at a time, in a process that may die."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._idle: asyncio.TimerHandle | None = None
        #: Pages that were computed.
        self.computed = 0

    async def read(
        self, data: str, cells: str | None, question: RowQuestion, *, max_cells: int
    ) -> RowPage:
        """Return a page of a Parquet file, completed by the cells of another one.

        Raises
        ------
        InvalidSpec, InvalidData
            As the reading process says.
        ServerUnreachable
            If it took too long or died.
        """
        asked = {"question": question.model_dump(mode="json")}
        found = await self._answer(asked, data, cells, max_cells)
        if "page" not in found:
            raise Internal("The process that reads rows gave no page.")
        return RowPage.model_validate(found["page"])

    async def why(
        self,
        data: str,
        cells: str,
        others: list[str],
        question: dict[str, Any],
        *,
        max_cells: int,
    ) -> WhyDocument:
        """Tell why a cell holds its value.

        Parameters
        ----------
        data : str
            A Parquet file.
        cells, others : str, list of str
            The cells of the imputation that is explained, and of all others.
        question : dict
            A `WhyQuestion` with `spec`, `methods`, and `numbers` of all imputations.
        max_cells : int
            Cells of the data at most.

        Raises
        ------
        InvalidSpec, InvalidData
            As the reading process says.
        ServerUnreachable
            If it took too long or died.
        """
        asked = {"why": {"cells": cells, "others": others, **question}}
        found = await self._answer(asked, data, None, max_cells)
        if "why" not in found:
            raise Internal("The process that reads rows gave no reasons.")
        return WhyDocument.model_validate(found["why"])

    async def export(
        self,
        data: str,
        cells: str | None,
        form: ExportFormat,
        goal: str,
        *,
        max_cells: int,
    ) -> None:
        """Write a Parquet file, completed by the cells of another one, to a file.

        Raises
        ------
        InvalidSpec, InvalidData, StorageFull
            As the reading process says.
        ServerUnreachable
            If it took too long or died.
        """
        asked = {"export": {"format": form, "path": goal}}
        await self._answer(asked, data, cells, max_cells, EXPORT_S)

    async def _answer(
        self,
        asked: dict[str, Any],
        data: str,
        cells: str | None,
        max_cells: int,
        seconds: float = ANSWER_S,
    ) -> dict[str, Any]:
        """Ask something of the rows of a file, completed by the cells of another."""
        given = {"data": data, "cells": cells, "max_cells": max_cells}
        line = json.dumps(given | asked).encode() + b"\n"
        async with self._lock:
            self._keep()
            self.computed += 1
            try:
                async with asyncio.timeout(seconds):
                    found = await self._ask(line)
            except BaseException as error:
                # what was not read would be taken for the answer to the next question
                await self._end()
                if isinstance(error, TimeoutError | OSError | ValueError):
                    raise ServerUnreachable(
                        "The rows could not be read in time, or the data take more "
                        "memory than there is. Ask for fewer rows or columns, or try "
                        "again."
                    ) from error
                raise
            self._idle = asyncio.get_running_loop().call_later(IDLE_S, self._stop)
        if failed := found.get("error"):
            raise from_code(failed["code"], failed["message"], failed["details"])
        return found

    async def _ask(self, line: bytes) -> dict[str, Any]:
        if self._process is None or self._process.returncode is not None:
            self._process = await _start()
        pipes = self._process.stdin, self._process.stdout
        if pipes[0] is None or pipes[1] is None:
            raise OSError("no pipe")
        pipes[0].write(line)
        await pipes[0].drain()
        found: dict[str, Any] = json.loads(await pipes[1].readline())
        return found

    def _keep(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _stop(self) -> None:
        """End the process that nobody asked anything for a while."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def close(self) -> None:
        """End the process."""
        self._keep()
        async with self._lock:
            await self._end()


async def _start() -> asyncio.subprocess.Process:
    kept = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "jupyter_wrangler.runtime.row_reading",
        env=kept | RESERVE,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST,
    )

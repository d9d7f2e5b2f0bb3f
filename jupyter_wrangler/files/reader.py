"""Answers questions for the rows of one file after another."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import IO, Any

from jupyter_wrangler.contract import FileOptions, FileRows, FileRowsQuestion
from jupyter_wrangler.errors import InvalidSpec
from jupyter_wrangler.files.opening import same
from jupyter_wrangler.files.pages import Pages, pages_of

#: Seconds that rows are counted on when only that is asked.
_COUNTING = 1.0


def reading_options(options: FileOptions) -> dict[str, Any]:
    """Return how a file is to be read, as `read` takes it.

    Raises
    ------
    InvalidSpec
        If a comma would stand for two things.
    """
    if options.separator == options.decimal == ",":
        raise InvalidSpec(
            "A comma cannot stand between fields and before decimals at once; choose "
            "another one for either."
        )
    return options.model_dump()


class Reader:
    """Keeps the file that was asked about last open, and what is known of it."""

    def __init__(self) -> None:
        self._open = contextlib.ExitStack()
        self._pages: Pages | None = None
        self._of: object = None

    def rows(self, path: Path, asked: FileRowsQuestion, _: object) -> FileRows:
        """Return some rows of a file, or count them on.

        Raises
        ------
        FileChanged
            If it is not the file that was looked at.
        UnsupportedFrame
            If the rows cannot be read.
        """
        with same(path, asked.fingerprint):
            pages = self._pages_of(path, asked)
            columns = slice(asked.first_column, asked.first_column + asked.n_columns)
            cells = (
                pages.cells(asked.offset, asked.limit, columns) if asked.limit else ()
            )
            counted = pages.count(0.0 if asked.limit else _COUNTING)
        return FileRows(
            offset=asked.offset,
            cells=cells,
            n_rows=counted.n_rows,
            counted=counted.whole,
            share=counted.share,
        )

    def _pages_of(self, path: Path, asked: FileRowsQuestion) -> Pages:
        of = (path.absolute(), asked.fingerprint, asked.options)
        if self._pages is None or self._of != of:
            self._open.close()
            self._pages = None

            def opened() -> IO[bytes]:
                return self._open.enter_context(path.open("rb"))

            self._pages = pages_of(path, opened, reading_options(asked.options))
            self._of = of
        return self._pages

"""Files of a user's Jupyter server: what is asked about them, and answered."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from jupyter_wrangler.contract.base import Label, Request, View
from jupyter_wrangler.contract.plan import PlanDocument

#: A path below the root of the Jupyter server, as its file browser has it.
FilePath = Annotated[Label, StringConstraints(min_length=1, max_length=4096)]
#: Size and time of a file when it was looked at.
Fingerprint = Annotated[str, StringConstraints(pattern=r"^\d+-\d+$", max_length=64)]


class FileOptions(Request):
    """How a file is to be read; what is None is looked for in it."""

    separator: Annotated[str, StringConstraints(pattern=r'^[^"\r\n]$')] | None = None
    decimal: Literal[".", ","] | None = None
    encoding: Annotated[str, StringConstraints(max_length=40)] | None = None
    #: Words for missing values, beside those that are always taken for one.
    missing: tuple[Annotated[str, StringConstraints(max_length=100)], ...] = Field(
        default=(), max_length=100
    )
    #: Worksheet of a workbook; the first by default.
    sheet: Annotated[Label, StringConstraints(max_length=255)] | None = None
    #: Whether the first line, or row of a sheet, holds the names of the columns.
    header: bool = True


class FileQuestion(Request):
    """Asks what a file holds."""

    path: FilePath
    options: FileOptions = FileOptions()


class SeenFile(FileQuestion):
    """Asks about a file that was looked at: it must be the same still."""

    fingerprint: Fingerprint


class FileRowsQuestion(SeenFile):
    """Asks for some rows and columns of a file, or to count its rows on."""

    offset: int = Field(default=0, ge=0, le=2**53)
    #: Rows at most; 0: only count, for about a second.
    limit: int = Field(default=100, ge=0, le=500)
    first_column: int = Field(default=0, ge=0, le=10**6)
    n_columns: int = Field(default=50, ge=1, le=100)


class FilePlanQuestion(SeenFile):
    """Asks which method is recommended for each column."""

    n_imputations: int = Field(default=1, ge=1, le=1000)


class FileRun(SeenFile):
    """Imputes a file."""

    plan: PlanDocument
    n_imputations: int = Field(default=1, ge=1, le=1000)
    random_state: int = Field(default=0, ge=0, le=2**53)


class FileSave(SeenFile):
    """Writes completed data next to the file that they come from."""

    job_id: uuid.UUID
    #: Name of the new file; of several imputations each gets a number.
    name: Annotated[Label, StringConstraints(min_length=1, max_length=255)]
    overwrite: bool = False


class FileDialect(View):
    """How a text file is written."""

    separator: str
    decimal: str
    encoding: str
    #: Whether it begins with a byte order mark.
    marked: bool
    #: Whether its lines end as on Windows.
    windows: bool


class FileColumn(View):
    """A column, by the rows that were read."""

    name: str
    type: Literal["integer", "float", "boolean", "datetime", "text"]
    n_missing: int


class FilePreview(View):
    """What a file holds, by its first rows."""

    name: str
    kind: str
    #: Bytes.
    size: int
    fingerprint: str
    #: None of files that are no text.
    dialect: FileDialect | None
    sheets: tuple[str, ...]
    sheet: str | None
    #: Rows that were read, those of the whole file, and an estimate of them.
    rows_read: int
    n_rows: int | None
    about_rows: int | None
    columns: tuple[FileColumn, ...]
    #: Cells of the first rows and columns as text; None is missing.
    rows: tuple[tuple[str | None, ...], ...]
    notes: tuple[str, ...]
    #: Name under which completed data would be saved.
    save_as: str
    #: Python that reads the file into `df`, with its imports.
    code: str


class FileRows(View):
    """Some rows of a file."""

    offset: int
    #: Cells as text; None is missing.
    cells: tuple[tuple[str | None, ...], ...]
    #: Rows that are known so far; of all if `counted`.
    n_rows: int
    counted: bool
    #: Share of the file that was counted.
    share: float


class FilePlan(View):
    """A plan, and what could be chosen instead."""

    plan: PlanDocument
    #: Level of a column -> methods that can fill it.
    choices: dict[str, tuple[str, ...]]
    #: Rows that it rests on, those that they were drawn from, and whether these are
    #: all rows of the file.
    rows_used: int
    rows_seen: int
    seen_all: bool


class FileChart(View):
    """A chart as Vega-Lite 5, what it shows in one sentence, and its numbers."""

    title: str
    sentence: str
    spec: dict[str, Any]
    heads: tuple[str, ...]
    rows: tuple[tuple[str | float, ...], ...]


class FileProfile(View):
    """A look at a whole file, as HTML and charts."""

    html: str
    n_rows: int
    charts: tuple[FileChart, ...] = ()


class FileJob(View):
    """What became of a file that was handed in."""

    job_id: uuid.UUID
    #: What there is to know about the data, in whole sentences.
    notes: tuple[str, ...]


class SavedFiles(View):
    """Files that were written."""

    paths: tuple[str, ...]
    n_imputed: int

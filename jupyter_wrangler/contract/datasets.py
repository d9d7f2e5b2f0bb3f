"""Bytes on their way in, and the datasets made of them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated

from pydantic import Field

from jupyter_wrangler.contract.base import (
    Bounded,
    Label,
    Name,
    Request,
    Sha256,
    View,
)

#: Bytes in one upload chunk at most.
CHUNK = 8 * 1024 * 1024


class UploadRequest(Request):
    """Announces bytes: the service answers whether it has them already."""

    sha256: Sha256
    size: int = Field(gt=0)


class Upload(View):
    """An upload under way, or (`known`) bytes that need no upload."""

    id: uuid.UUID | None
    sha256: Sha256
    size: int
    received: int
    known: bool


class ColumnInfo(Request):
    """One column as the client saw it."""

    name: Label
    dtype: Label
    missing: int = Field(ge=0)


class DatasetRequest(Request):
    """Makes a dataset version of bytes that were uploaded."""

    sha256: Sha256
    #: None lets the service name it after its digest.
    name: Name | None = None
    n_rows: int = Field(ge=1)
    columns: Annotated[tuple[ColumnInfo, ...], Bounded] = Field(min_length=1)


class DatasetPatch(Request):
    """Renames a dataset."""

    name: Name


class DatasetVersion(View):
    """One immutable state of a dataset."""

    id: uuid.UUID
    dataset_id: uuid.UUID
    name: str
    n: int
    sha256: Sha256
    size: int
    n_rows: int
    n_columns: int
    #: Empty in lists: names of thousands of columns take megabytes.
    columns: tuple[ColumnInfo, ...] = ()
    created_at: dt.datetime


class Dataset(View):
    """A named series of versions."""

    id: uuid.UUID
    name: str
    created_at: dt.datetime
    latest: DatasetVersion

    def __repr__(self) -> str:
        last = self.latest
        rows = f"{last.n_rows:,} row{'s' * (last.n_rows != 1)}"
        columns = f"{last.n_columns:,} column{'s' * (last.n_columns != 1)}"
        made = last.created_at.astimezone(dt.UTC)
        return (
            f"Dataset {self.name!r}: {rows} × {columns}, "  # noqa: RUF001  as pandas
            f"{last.size / 1e6:.1f} MB, {made:%Y-%m-%d %H:%M} UTC"
        )

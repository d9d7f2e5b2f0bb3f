"""The desk's verbs for data: uploads in chunks, datasets and their versions."""

from __future__ import annotations

import asyncio
import hashlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from jupyter_wrangler.contract import (
    CHUNK,
    Dataset,
    DatasetPage,
    DatasetRequest,
    DatasetVersion,
    Quota,
    Upload,
    UploadRequest,
)
from jupyter_wrangler.errors import (
    Conflict,
    DatasetTooLarge,
    DigestMismatch,
    InvalidData,
    StorageFull,
    UploadNotFound,
    UploadOutOfStep,
)
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store import datasets, quotas, uploads
from jupyter_wrangler.store.blobs import BlobStore
from jupyter_wrangler.store.database import Database
from jupyter_wrangler.store.uploads import Stored

#: First and last bytes of every Parquet file.
_MAGIC = b"PAR1"


class DataDesk:
    """Uploads and datasets."""

    settings: Settings
    database: Database
    blobs: BlobStore

    @property
    def quota(self) -> Quota:
        """What users may use of whom the table of quotas says nothing."""
        return Quota(
            max_running=self.settings.max_running,
            max_queued=self.settings.max_queued,
            max_bytes=self.settings.max_stored_bytes,
            max_cells=self.settings.max_cells,
            max_streams=self.settings.max_streams,
        )

    # ── uploads ──

    async def begin_upload(self, owner: uuid.UUID, request: UploadRequest) -> Upload:
        """Say whether these bytes are known, or where to continue sending them."""
        if request.size > self.settings.max_bytes:
            raise DatasetTooLarge("bytes", request.size, self.settings.max_bytes)
        sha = bytes.fromhex(request.sha256)
        size = await self.database.run(uploads.known, owner, sha)
        if size is not None:
            return Upload(
                id=None, sha256=request.sha256, size=size, received=size, known=True
            )
        return await self.database.run(
            uploads.begin, owner, sha, request.size, quota=self.quota
        )

    async def upload(self, owner: uuid.UUID, upload_id: uuid.UUID) -> Upload:
        """Return where an upload stands."""
        return await self.database.run(uploads.get, owner, upload_id)

    async def add_chunk(
        self,
        owner: uuid.UUID,
        upload_id: uuid.UUID,
        *,
        offset: int,
        data: bytes | bytearray,
        sha256: str | None,
    ) -> Upload:
        """Stage a chunk; sending one again after a lost answer does no harm."""
        if not data or len(data) > CHUNK:
            raise InvalidData(
                f"A chunk of {len(data)} bytes was sent; chunks hold 1 to {CHUNK} "
                "bytes. Split the upload."
            )
        if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256.lower():
            raise DigestMismatch("The chunk was damaged on its way; send it again.")
        standing = await self.database.run(uploads.get, owner, upload_id)
        if offset != standing.received or offset + len(data) > standing.size:
            raise UploadOutOfStep(offset, standing.received)
        try:
            await asyncio.to_thread(
                self.blobs.staging.write_at, upload_id, offset, data
            )
        except StorageFull:
            # what cannot become whole must not keep the room from others
            await self._drop_upload(owner, upload_id)
            raise
        return await self.database.run(
            uploads.advance, owner, upload_id, offset, len(data)
        )

    async def complete_upload(self, owner: uuid.UUID, upload_id: uuid.UUID) -> Upload:
        """Check the whole and keep it."""
        standing = await self.database.run(uploads.get, owner, upload_id)
        if standing.received != standing.size:
            raise Conflict(
                f"The upload stands at {standing.received} of {standing.size} bytes; "
                "send the rest before completing it."
            )
        sha = bytes.fromhex(standing.sha256)
        staged = self.blobs.staging.path(upload_id)
        try:
            _check_magic(await asyncio.to_thread(_ends, staged))
            _, _, key = await asyncio.to_thread(self.blobs.adopt, owner, upload_id, sha)
        except FileNotFoundError:
            # somebody completes it at the same moment
            raise UploadNotFound(
                f"Upload {upload_id} is completed already; announce its bytes again, "
                "and they are known."
            ) from None
        except (DigestMismatch, InvalidData, StorageFull):
            await self._drop_upload(owner, upload_id)
            raise
        try:
            kept = await self.database.run(uploads.finish, owner, upload_id, sha, key)
        except UploadNotFound:
            # it was completed twice at the same time, or given up meanwhile
            await asyncio.to_thread(self.blobs.delete, key)
            raise
        if kept != key:
            await asyncio.to_thread(self.blobs.delete, key)
        return standing.model_copy(update={"id": None, "known": True})

    async def _drop_upload(self, owner: uuid.UUID, upload_id: uuid.UUID) -> None:
        self.blobs.staging.discard(upload_id)
        await self.database.run(uploads.drop, owner, upload_id)

    # ── datasets ──

    async def add_dataset(
        self, owner: uuid.UUID, request: DatasetRequest
    ) -> tuple[DatasetVersion, bool]:
        """Make a dataset version of stored bytes; tell whether it is new."""
        quota = await self.database.run(quotas.effective, owner, self.quota)
        columns = len(request.columns)
        for what, found, limit in (
            ("rows", request.n_rows, self.settings.max_rows),
            ("columns", columns, self.settings.max_columns),
            (
                "cells",
                request.n_rows * columns,
                min(quota.max_cells, self.settings.max_cells),
            ),
        ):
            if found > limit:
                raise DatasetTooLarge(what, found, limit)
        return await self.database.run(datasets.add, owner, request)

    async def datasets(
        self, owner: uuid.UUID, *, after: uuid.UUID | None, limit: int
    ) -> DatasetPage:
        """List datasets, newest first."""
        return await self.database.run(datasets.page, owner, after=after, limit=limit)

    async def dataset(self, owner: uuid.UUID, dataset_id: uuid.UUID) -> Dataset:
        """Return a dataset with its latest version."""
        return await self.database.run(datasets.get, owner, dataset_id)

    async def rename_dataset(
        self, owner: uuid.UUID, dataset_id: uuid.UUID, name: str
    ) -> Dataset:
        """Rename a dataset."""
        return await self.database.run(datasets.rename, owner, dataset_id, name)

    async def delete_dataset(self, owner: uuid.UUID, dataset_id: uuid.UUID) -> None:
        """Hide a dataset that no unfinished job reads."""
        await self.database.run(datasets.delete, owner, dataset_id)

    async def version(self, owner: uuid.UUID, version_id: uuid.UUID) -> DatasetVersion:
        """Return a version by its id."""
        return await self.database.run(datasets.version, owner, version_id)

    async def numbered_version(
        self, owner: uuid.UUID, dataset_id: uuid.UUID, n: int
    ) -> DatasetVersion:
        """Return a version by its number."""
        return await self.database.run(datasets.numbered, owner, dataset_id, n)

    async def content(self, owner: uuid.UUID, version: DatasetVersion) -> Stored:
        """Say where a version's bytes lie."""
        sha = bytes.fromhex(version.sha256)
        return await self.database.run(uploads.find, owner, sha)

    def read(self, stored: Stored) -> Iterator[bytes]:
        """Yield stored bytes in blocks."""
        return self.blobs.read(stored.key)


def _ends(path: Path) -> tuple[bytes, bytes]:
    with path.open("rb") as file:
        head = file.read(4)
        file.seek(max(0, file.seek(0, os.SEEK_END) - 4))
        return head, file.read(4)


def _check_magic(ends: tuple[bytes, bytes]) -> None:
    """Refuse what is no Parquet; it is parsed only in a runner."""
    if ends != (_MAGIC, _MAGIC):
        raise InvalidData(
            "The uploaded bytes are no Parquet file; send DataFrame.to_parquet() "
            "output, or use the client, which does."
        )

"""The job_service's verbs for data: uploads in chunks, datasets and their versions."""

from __future__ import annotations

import asyncio
import hashlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_wrangler.contract import (
    CHUNK,
    Dataset,
    DatasetPage,
    DatasetRequest,
    DatasetVersion,
    Limits,
    Quota,
    Upload,
    UploadRequest,
)
from jupyter_wrangler.errors import (
    Conflict,
    DatasetTooLarge,
    DigestMismatch,
    InvalidData,
    NotFound,
    StorageFull,
    StorageUnreachable,
    UploadNotFound,
    UploadOutOfStep,
)
from jupyter_wrangler.runtime.default_quota import default_quota
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store import datasets, garbage, quotas, uploads
from jupyter_wrangler.store.blobs.base import BlobStore
from jupyter_wrangler.store.database import Database
from jupyter_wrangler.store.rls import for_owner
from jupyter_wrangler.store.uploads import Stored

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: First and last bytes of every Parquet file.
_MAGIC = b"PAR1"
#: Seconds for which bytes that no row knows may still be taken up: much less than
#: after which they are cleared away.
_STRANDED_S = 6 * 3600.0


class DatasetService:
    """Uploads and datasets."""

    settings: Settings
    database: Database
    blobs: BlobStore

    @property
    def quota(self) -> Quota:
        """What users may use of whom the table of quotas says nothing."""
        return default_quota(self.settings)

    def limits(self, quota: Quota) -> Limits:
        """Say what one data set of a user with this quota may hold."""
        return Limits(
            max_rows=self.settings.max_rows,
            max_columns=self.settings.max_columns,
            max_cells=min(quota.max_cells, self.settings.max_cells),
            max_bytes=self.settings.max_bytes,
        )

    # ── uploads ──

    async def begin_upload(self, owner: uuid.UUID, request: UploadRequest) -> Upload:
        """Say whether these bytes are known, or where to continue sending them."""
        if request.size > self.settings.max_bytes:
            raise DatasetTooLarge("bytes", request.size, self.settings.max_bytes)
        sha = bytes.fromhex(request.sha256)
        known = await self.database.run(uploads.known, owner, sha)
        if known is not None and await self._is_stored(known):
            return Upload(
                id=None,
                sha256=request.sha256,
                size=known.size,
                received=known.size,
                known=True,
            )
        upload = await self.database.run(
            uploads.begin, owner, sha, request.size, quota=self.quota
        )
        if upload.id is None or await asyncio.to_thread(
            self._is_staged, upload.id, upload.received
        ):
            return upload
        # its bytes are gone: somebody died between keeping them and saying so
        found = await self._recover_upload(owner, upload.id, upload)
        if found is not None:
            return found
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
        """Check the whole and keep it; asked again, the answer is the same."""
        try:
            standing = await self.database.run(uploads.get, owner, upload_id)
        except UploadNotFound:
            done = await self.database.run(uploads.finished, owner, upload_id)
            if done is None:
                raise
            return done
        if standing.received != standing.size:
            raise Conflict(
                f"The upload stands at {standing.received} of {standing.size} bytes; "
                "send the rest before completing it."
            )
        sha = bytes.fromhex(standing.sha256)
        staged = self.blobs.staging.path(upload_id)
        try:
            _check_magic(await asyncio.to_thread(_first_and_last_bytes, staged))
            _, _, key = await asyncio.to_thread(self.blobs.adopt, owner, upload_id, sha)
        except FileNotFoundError:
            # somebody completes it at the same moment, or died while at it
            found = await self._recover_upload(owner, upload_id, standing)
            if found is None:
                raise UploadNotFound(
                    f"The bytes of upload {upload_id} were lost before they were "
                    "kept; begin it again with POST /uploads."
                ) from None
            return found
        except (DigestMismatch, InvalidData, StorageFull):
            await self._drop_upload(owner, upload_id)
            raise
        return await self._record_bytes(owner, upload_id, standing, key)

    def _is_staged(self, upload_id: uuid.UUID, received: int) -> bool:
        """Whether the bytes that were received are still there."""
        try:
            size = self.blobs.staging.path(upload_id).stat().st_size
        except FileNotFoundError:
            return not received
        return size >= received

    async def _record_bytes(
        self, owner: uuid.UUID, upload_id: uuid.UUID, upload: Upload, key: str
    ) -> Upload:
        """Record bytes that lie in the store under a key of ours."""
        sha = bytes.fromhex(upload.sha256)
        known = upload.model_copy(
            update={"id": None, "received": upload.size, "known": True}
        )
        try:
            kept = await self.database.run(uploads.finish, owner, upload_id, sha, key)
        except UploadNotFound:
            # completed twice at the same time, maybe with these very bytes, or given
            # up meanwhile
            for unknown in await self.database.run(garbage.unknown_keys, [key]):
                await asyncio.to_thread(self.blobs.delete, unknown)
            if await self.database.run(uploads.known, owner, sha) is None:
                raise
            return known
        if kept != key:
            before = Stored(key=kept, size=upload.size, form="parquet")
            if not await self._is_stored(before) and await self.database.run(
                uploads.replace, owner, sha, kept, key
            ):
                return known
            await asyncio.to_thread(self.blobs.delete, key)
        return known

    async def _is_stored(self, stored: Stored) -> bool:
        """Whether bytes that the database knows are in the store, as far as is known.

        They may not be: a disk was restored from an older copy, say.
        """
        try:
            return await asyncio.to_thread(self.blobs.has, stored.key, stored.size)
        except StorageUnreachable:
            return True

    async def _recover_upload(
        self, owner: uuid.UUID, upload_id: uuid.UUID, upload: Upload
    ) -> Upload | None:
        """Finish an upload whose staged bytes are gone, or forget it."""
        sha = bytes.fromhex(upload.sha256)
        if await self.database.run(uploads.known, owner, sha) is not None:
            await self._drop_upload(owner, upload_id)
            return upload.model_copy(
                update={"id": None, "received": upload.size, "known": True}
            )
        # a file has its name only when it is whole
        if upload.received == upload.size and (
            key := await asyncio.to_thread(self._find_unrecorded, owner, upload)
        ):
            return await self._record_bytes(owner, upload_id, upload, key)
        await self._drop_upload(owner, upload_id)
        return None

    def _find_unrecorded(self, owner: uuid.UUID, upload: Upload) -> str | None:
        """Return the key of bytes that were kept without a word in the database."""
        sha = bytes.fromhex(upload.sha256)
        found = self.blobs.find(owner, sha, younger_s=_STRANDED_S)
        return next((key for key, size in found if size == upload.size), None)

    async def _drop_upload(self, owner: uuid.UUID, upload_id: uuid.UUID) -> None:
        self.blobs.staging.discard(upload_id)
        await self.database.run(uploads.drop, owner, upload_id)

    # ── datasets ──

    async def add_dataset(
        self, owner: uuid.UUID, request: DatasetRequest
    ) -> tuple[DatasetVersion, bool]:
        """Make a dataset version of stored bytes; tell whether it is new."""
        version, new, stored = await self.database.run(
            for_owner(self._add_dataset), owner, request
        )
        if self.blobs.near and not await self._is_stored(stored):
            raise UploadNotFound(
                f"The bytes with digest {request.sha256[:12]}... are no longer where "
                "they were stored; upload them again with POST /uploads."
            )
        return version, new

    def _add_dataset(
        self, c: Connection, owner: uuid.UUID, request: DatasetRequest
    ) -> tuple[DatasetVersion, bool, Stored]:
        quota = quotas.effective(c, owner, self.quota)
        self.limits(quota).check(request.n_rows, len(request.columns))
        version, new = datasets.add(c, owner, request, quota)
        return version, new, uploads.find(c, owner, bytes.fromhex(request.sha256))

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

    async def require(self, stored: Stored) -> None:
        """Look whether bytes can be read that the database knows.

        Raises
        ------
        NotFound
            If the store has lost them.
        """
        if not await self._is_stored(stored):
            raise NotFound(
                "These bytes are no longer where they were stored. Upload the data "
                "again, or compute the result again: submit the job with force=True."
            )

    def read(self, stored: Stored) -> Iterator[bytes]:
        """Yield stored bytes in blocks."""
        return self.blobs.read(stored.key)


def _first_and_last_bytes(path: Path) -> tuple[bytes, bytes]:
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

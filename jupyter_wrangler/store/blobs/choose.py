"""Choosing the store of bytes that the settings name."""

from __future__ import annotations

from jupyter_wrangler.settings import Settings
from jupyter_wrangler.store.blobs.base import BlobStore
from jupyter_wrangler.store.blobs.folder import BlobFolder
from jupyter_wrangler.store.blobs.staging import OwnStaging, Staging


def open_blobs(settings: Settings, *, alone: bool = False) -> BlobStore:
    """Return the configured store; what is fetched is this process's own if `alone`."""
    if settings.bucket is not None:
        from jupyter_wrangler.store.blobs.bucket import (  # noqa: PLC0415  slow, and rare
            BlobBucket,
        )

        folder = settings.blob_dir / "staging"
        staging = OwnStaging(folder) if alone else Staging(folder)
        return BlobBucket(settings.bucket, staging, settings.aws)
    return BlobFolder(settings.blob_dir)

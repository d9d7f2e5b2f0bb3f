"""Bytes in an S3 bucket, for services and workers that share no folder.

Credentials are those of AWS (`AWS_ACCESS_KEY_ID`, a profile, the machine's role);
only the service and the workers have them.  A runner reads and writes local files,
which its worker fetches and sends.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pyarrow import fs

from jupyter_wrangler.errors import StorageUnreachable, WranglerError
from jupyter_wrangler.store.blobs.base import (
    BLOCK,
    checked,
    folder_of,
    is_key,
    new_key,
)
from jupyter_wrangler.store.blobs.staging import Staging, room


class BlobBucket:
    """Bytes as objects below a prefix of one bucket.

    Parameters
    ----------
    place : str
        Bucket, and prefix if any: ``bucket/some/prefix``.
    staging : Staging
        What is on its way in or out, on the local disk.
    environment : Mapping of str to str
        AWS's variables, such as ``AWS_ACCESS_KEY_ID``.

    Notes
    -----
    An object appears when it is complete; the prefix must be used by one installation
    only, since what its database does not know is cleared away.
    """

    near = False

    def __init__(
        self, place: str, staging: Staging, environment: Mapping[str, str]
    ) -> None:
        self.place = place
        self.staging = staging
        self._fs = fs.S3FileSystem(**_options(environment))

    def prepare(self) -> None:
        """Make the local folder; the bucket must be there."""
        self.staging.prepare()

    def mark(self) -> str | None:
        """Leave nothing: a bucket is the same for all who have its name."""
        return None

    def fault(self, mark: str) -> str | None:
        """Say that the service keeps its data in a folder, and this is none."""
        del mark
        return (
            "The service keeps data in a folder, and the worker looks for them in a "
            "bucket; set JUPYTER_WRANGLER_STORAGE alike for both."
        )

    def adopt(
        self, owner: uuid.UUID, name: uuid.UUID, expected: bytes | None
    ) -> tuple[bytes, int, str]:
        """Send staged bytes to the bucket; return (digest, size, key)."""
        sha, size = checked(self.staging, name, expected)
        key = new_key(owner, sha)
        with (
            _answers(),
            self.staging.path(name).open("rb") as source,
            self._fs.open_output_stream(self._at(key)) as sink,
        ):
            shutil.copyfileobj(source, sink, 8 * BLOCK)
        self.staging.discard(name)
        return sha, size, key

    def read(self, key: str) -> Iterator[bytes]:
        """Yield stored bytes in blocks."""
        with _answers(), self._fs.open_input_stream(self._at(key)) as source:
            while block := source.read(BLOCK):
                yield block

    def has(self, key: str, size: int) -> bool:
        """Whether so many bytes are stored under that key."""
        with _answers():
            found = self._fs.get_file_info(self._at(key))
        return bool(found.type == fs.FileType.File and found.size == size)

    def local(self, key: str, name: uuid.UUID) -> Path:
        """Fetch the bytes into a staged file."""
        path = self.staging.path(name)
        with (
            _answers(),
            room(),
            self._fs.open_input_stream(self._at(key)) as source,
            path.open("wb") as sink,
        ):
            shutil.copyfileobj(source, sink, 8 * BLOCK)
        return path

    def delete(self, key: str) -> None:
        """Delete stored bytes; nothing happens if they are gone."""
        with _answers(), contextlib.suppress(FileNotFoundError):
            self._fs.delete_file(self._at(key))

    def keys(self, *, older_s: float) -> Iterator[str]:
        """Yield the keys of what was written longer ago than that."""
        limit = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=older_s)
        found = fs.FileSelector(self.place, recursive=True, allow_not_found=True)
        with _answers():
            listed = self._fs.get_file_info(found)
        for info in listed:
            key = info.path.removeprefix(f"{self.place}/")
            if info.type == fs.FileType.File and info.mtime < limit and is_key(key):
                yield key

    def find(
        self, owner: uuid.UUID, sha: bytes, *, younger_s: float
    ) -> list[tuple[str, int]]:
        """List (key, size) of an owner's bytes of this digest, if not older."""
        limit = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=younger_s)
        where = fs.FileSelector(self._at(folder_of(owner, sha)), allow_not_found=True)
        with _answers():
            listed = self._fs.get_file_info(where)
        return [
            (info.path.removeprefix(f"{self.place}/"), info.size)
            for info in listed
            if info.type == fs.FileType.File
            and info.base_name.startswith(f"{sha.hex()}.")
            and info.mtime > limit
        ]

    def _at(self, key: str) -> str:
        return f"{self.place}/{key}"


@contextlib.contextmanager
def _answers() -> Iterator[None]:
    """Turn a bucket in trouble into an error that says what to do."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        if isinstance(error, WranglerError):
            raise
        raise StorageUnreachable(
            "The bucket where data and results lie does not answer, or refuses. Try "
            "again; if that does not help, check its name in JUPYTER_WRANGLER_STORAGE "
            "and the credentials AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the "
            "service and the workers."
        ) from error


def _options(environment: Mapping[str, str]) -> dict[str, Any]:
    """Read what AWS's tools read."""
    options: dict[str, Any] = {}
    for name, variable in (
        ("access_key", "AWS_ACCESS_KEY_ID"),
        ("secret_key", "AWS_SECRET_ACCESS_KEY"),
        ("session_token", "AWS_SESSION_TOKEN"),
        ("region", "AWS_REGION"),
    ):
        if environment.get(variable):
            options[name] = environment[variable]
    if "region" not in options and environment.get("AWS_DEFAULT_REGION"):
        options["region"] = environment["AWS_DEFAULT_REGION"]
    endpoint = environment.get("AWS_ENDPOINT_URL_S3") or environment.get(
        "AWS_ENDPOINT_URL"
    )
    if endpoint:
        scheme, _, host = endpoint.rpartition("://")
        options |= {"scheme": scheme or "https", "endpoint_override": host}
    return options

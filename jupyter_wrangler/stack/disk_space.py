"""What takes the room of a home."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

_SHOWN = 4
_UNITS = ((1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB"))
_LARGEST = """
    SELECT d.name, max(b.size)
      FROM wrangler.dataset d
      JOIN wrangler.dataset_version v ON v.dataset_id = d.id
      JOIN wrangler.blob b ON b.owner_id = v.owner_id AND b.sha256 = v.blob_sha
     GROUP BY d.id ORDER BY 2 DESC LIMIT 4"""


def by_folder(home: Path, blobs: Path) -> list[tuple[str, int]]:
    """Measure the folders of a home, the largest first.

    Parameters
    ----------
    home, blobs : Path
        The home, and the folder of bytes, which may lie elsewhere.

    Returns
    -------
    list of (name, bytes)
        Without what holds nothing.
    """
    folders = {blobs}
    with contextlib.suppress(OSError):
        folders |= {path for path in home.iterdir() if path.is_dir()}
    found = [(folder.name, _folder_size(folder)) for folder in folders]
    return sorted((f for f in found if f[1]), key=lambda one: one[1], reverse=True)


def largest_datasets(url: str) -> list[tuple[str, int]]:
    """Ask the database for the largest data sets; none if it does not answer."""
    import psycopg  # noqa: PLC0415  kernels that only look do not need a driver

    with (
        contextlib.suppress(psycopg.Error),
        psycopg.connect(url.replace("+psycopg", "", 1), connect_timeout=5) as c,
    ):
        c.execute("SET wrangler.machinery = 'on'")
        return [(repr(name), int(size)) for name, size in c.execute(_LARGEST)]
    return []


def in_words(found: Sequence[tuple[str, int]]) -> str:
    """List names with their sizes.

    Examples
    --------
    >>> in_words([("blobs", 3 * 1024**3), ("logs", 2048)])
    'blobs 3.0 GiB, logs 2.0 KiB'
    """
    return ", ".join(f"{name} {_format_size(size)}" for name, size in found[:_SHOWN])


def clear_files(home: Path) -> int:
    """Delete what no program needs: dumps but the newest, and logs set aside.

    Returns
    -------
    int
        How many files.
    """
    old: list[Path] = sorted((home / "backups").glob("*.dump"))[:-1]
    old += (home / "logs").glob("*.log.1")
    return sum(_delete_files(old))


def _delete_files(paths: Iterable[Path]) -> Iterable[bool]:
    for path in paths:
        with contextlib.suppress(OSError):
            path.unlink()
            yield True


def _folder_size(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                # what it takes on the disk, which is less for a file with gaps
                total += Path(place, name).lstat().st_blocks * 512
    return total


def _format_size(size: int) -> str:
    for unit, name in _UNITS:
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} bytes"

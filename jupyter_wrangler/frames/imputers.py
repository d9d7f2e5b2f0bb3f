"""A fitted imputer as one file, without pickle.

The file is a zip archive: ``imputer.json`` says what there is and how it hangs;
``arrays.npy.zst`` are arrays of numbers, one after the other as `numpy.save` writes
them, compressed by Zstandard; ``columns.parquet`` holds columns in their own dtype.
Reading it makes numbers and names, and runs nothing.  Digests show damage; they do not
show who wrote the file, so load only what you would believe.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from jupyter_wrangler._version import __version__
from jupyter_wrangler.calls import public
from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.engine.state import State
from jupyter_wrangler.errors import UnreadableImputer, WranglerError
from jupyter_wrangler.frames.cells import cells_from_parquet, cells_to_parquet
from jupyter_wrangler.frames.whole_files import replace_file

#: What the file says it is, and the form of what follows.
KIND, FORMAT = "jupyter-wrangler-imputer", 2
_HEAD, _COLUMNS, _ARRAYS = "imputer.json", "columns.parquet", "arrays.npy.zst"
#: Times their compressed bytes that arrays may take; noise gets no smaller, and zeros
#: by about this.
_RATIO = 20_000
#: What zip archives raise where bits have flipped.
_DAMAGED = (zipfile.BadZipFile, zlib.error)
#: Every member has this date, so that the same imputer is the same bytes.
_DATE = (1980, 1, 1, 0, 0, 0)


def save_imputer(imputer: Imputer, path: str | Path) -> None:
    """Write a fitted imputer to a file.

    Parameters
    ----------
    imputer : Imputer
        Fitted.
    path : str or Path
        Where to; an existing file is replaced at once or not at all.

    Raises
    ------
    InvalidSpec
        If a part of it has no plain form, for example a function in `post`.
    UnsupportedFrame
        If a column cannot be stored; names it.
    """
    write(imputer.to_state(), path)


@public
def load_imputer(path: str | Path) -> Imputer:
    """Read a fitted imputer from a file that `Imputer.save` has written.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    Imputer
        Ready to `transform`.

    Raises
    ------
    UnreadableImputer
        If the file is none of ours, was damaged or changed, or comes from a version
        whose imputers look different.
    FileNotFoundError
        If there is no file.

    Notes
    -----
    Nothing in the file is run.  Its digests show damage, not who wrote it.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> df = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "y": [2.0, 4.0, 6.0, None]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_imputer(Imputer("linear").fit(df), f"{folder}/linear.zip")
    ...     again = load_imputer(f"{folder}/linear.zip")
    >>> again.transform(pd.DataFrame({"x": [2.5], "y": [None]})).round(2)
         x    y
    0  2.5  5.0
    """
    return _load(path)


def imputer_from_bytes(data: bytes) -> Imputer:
    """Read a fitted imputer from bytes, see `load_imputer`."""
    return _load(io.BytesIO(data))


def _load(source: str | Path | io.BytesIO) -> Imputer:
    try:
        with zipfile.ZipFile(source) as archive:
            state = _read(archive)
        return Imputer.from_state(state)
    except (zipfile.BadZipFile, NotImplementedError, OverflowError) as error:
        raise UnreadableImputer("it is no archive of ours") from error
    except RecursionError as error:
        raise UnreadableImputer("its description is nested too deeply") from error


def imputer_to_bytes(imputer: Imputer) -> bytes:
    """Write a fitted imputer as the bytes of a file, the same always as the same.

    Raises
    ------
    InvalidSpec
        If a part of it has no plain form, for example a function in `post`.
    UnsupportedFrame
        If a column cannot be stored; names it.
    """
    return state_to_bytes(imputer.to_state())


def state_to_bytes(state: State) -> bytes:
    """Write a state as the bytes of a file."""
    arrays = _npy(state.arrays)
    members = {
        _ARRAYS: _codec().compress(arrays, asbytes=True),
        _COLUMNS: cells_to_parquet(
            {str(k): values for k, values in enumerate(state.columns)},
            {str(k): np.arange(len(values)) for k, values in enumerate(state.columns)},
            called={str(k): name for k, name in enumerate(state.names)},
        ),
    }
    head = {
        "kind": KIND,
        "format": FORMAT,
        "version": __version__,
        "sha256": {name: _digest(data) for name, data in members.items()},
        "tree": state.tree,
        "objects": state.objects,
        "columns": len(state.columns),
        "arrays": len(state.arrays),
        "bytes": len(arrays),
    }
    body = json.dumps(head, separators=(",", ":"), allow_nan=False)
    members[_HEAD] = json.dumps(
        {"sha256": _digest(body.encode()), "head": body}
    ).encode()
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, data in sorted(members.items()):
            entry = zipfile.ZipInfo(name, date_time=_DATE)
            # what is compressed already would only cost time
            packed = name != _HEAD
            entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return sink.getvalue()


def write(state: State, path: str | Path) -> None:
    """Write a state to a file, replacing what is there at once."""
    replace_file(path, state_to_bytes(state))


def _read(archive: zipfile.ZipFile) -> State:
    try:
        outer = json.loads(_member(archive, _HEAD))
        body: str = outer["head"]
        head: dict[str, Any] = json.loads(body)
        kind, form = head["kind"], head["format"]
    except (KeyError, ValueError, TypeError) as error:
        raise UnreadableImputer("it is no archive of ours") from error
    if kind != KIND:
        raise UnreadableImputer("it is no archive of ours")
    if form != FORMAT:
        raise UnreadableImputer(
            f"version {head.get('version')} wrote it in form {form}, and this version "
            f"({__version__}) reads form {FORMAT}"
        )
    if _digest(body.encode()) != outer.get("sha256"):
        raise UnreadableImputer("its description was changed")
    try:
        data = {name: _member(archive, name) for name in head["sha256"]}
    except (KeyError, ValueError) as error:
        raise UnreadableImputer(
            f"a part of it is missing or damaged: {error}"
        ) from error
    for name, digest in head["sha256"].items():
        if _digest(data[name]) != digest:
            raise UnreadableImputer(f"its part {name!r} was changed")
    try:
        cells = cells_from_parquet(data[_COLUMNS])
        return State(
            tree=head["tree"],
            objects=head["objects"],
            arrays=_arrays(data[_ARRAYS], head["arrays"], head["bytes"]),
            columns=[cells.values[str(k)] for k in range(head["columns"])],
        )
    except (KeyError, ValueError, TypeError, OSError, WranglerError) as error:
        raise UnreadableImputer(f"its parts do not fit together ({error})") from error


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except (*_DAMAGED, EOFError, NotImplementedError, RuntimeError) as error:
        raise ValueError(f"{name}: {error}") from error


def _codec() -> pa.Codec:
    return pa.Codec("zstd", compression_level=1)


def _npy(arrays: list[Any]) -> bytes:
    sink = io.BytesIO()
    for array in arrays:
        np.save(sink, array, allow_pickle=False)
    return sink.getvalue()


def _arrays(data: bytes, count: int, size: int) -> list[Any]:
    """Read as many arrays as there are said to be, of no more bytes than can be."""
    if not 0 <= size <= _RATIO * len(data):
        raise ValueError(f"{len(data)} bytes cannot hold {size}")
    source = io.BytesIO(_codec().decompress(data, size, asbytes=True))
    return [np.load(source, allow_pickle=False) for _ in range(count)]


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

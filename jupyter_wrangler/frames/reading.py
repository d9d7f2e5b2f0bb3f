"""What is wrong with a file that cannot be read, in words.

Files come from users, and anyone who reads one must expect anything in it: cut off,
damaged, made by another program, or made to do harm.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
from collections.abc import Iterator

from jupyter_wrangler.errors import UnreadableFile, WranglerError

#: What is wrong -> pattern of how a library says it.
_MEANINGS = {
    "it is cut off, or no Parquet file": (
        "magic bytes not found|file size is|smaller than"
    ),
    "it is encrypted, and only plain files are read": "encrypt|decrypt",
    "its description (the footer) is damaged": (
        "deserialize thrift|TProtocol|flatbuffers|footer|IPC"
    ),
    "its data are damaged: they cannot be decompressed": (
        "decompress|ZSTD|Snappy|LZ4|GZip|Brotli|compressed data|zlib"
    ),
    "it is cut off": "unexpected end of stream|end of file|EOF|no more data",
    "it uses a part of the Parquet format that is not read here": (
        "not (yet )?implemented|unsupported|unknown encoding|codec"
    ),
}
#: Characters of the library's own words that are quoted.
_QUOTED = 120


@contextlib.contextmanager
def reading() -> Iterator[None]:
    """Turn whatever a malformed file makes a library raise into UnreadableFile.

    Errors of ours, of memory and of the disk pass: they are not about the file.

    Examples
    --------
    >>> with reading():
    ...     json.loads("{")
    Traceback (most recent call last):
    ...
    jupyter_wrangler.errors.UnreadableFile: The file cannot be read: our notes in it ...
    """
    try:
        yield
    except (WranglerError, MemoryError):
        raise
    except OSError as error:
        # Arrow gives no number where a file cannot be mapped for want of memory
        if error.errno is not None or os.strerror(errno.ENOMEM) in str(error):
            raise
        raise UnreadableFile(_why(error)) from error
    except Exception as error:
        raise UnreadableFile(_why(error)) from error


def _why(error: Exception) -> str:
    text = " ".join(str(error).split())
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return "our notes in it are damaged"
    for meaning, pattern in _MEANINGS.items():
        if re.search(pattern, text, re.IGNORECASE):
            return meaning
    if isinstance(error, KeyError):
        return f"our notes in it lack {text[:_QUOTED]}"
    found = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return f"our notes in it and its columns do not fit together ({found[:_QUOTED]})"

"""The process that works with one file: `python -m jupyter_wrangler.files`.

It gets questions, each a line of JSON, reports its progress and gives one answer to
each, as lines of JSON as well; it ends with its input.  Its memory is bounded, so that
no file can take that of the Jupyter server.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from pydantic import ValidationError

from jupyter_wrangler.contract import (
    FilePlanQuestion,
    FileQuestion,
    FileRowsQuestion,
    FileRun,
    FileSave,
    SeenFile,
)
from jupyter_wrangler.errors import Internal, InvalidData, InvalidSpec, WranglerError
from jupyter_wrangler.files import verbs
from jupyter_wrangler.files.reader import Reader
from jupyter_wrangler.runtime import memory

#: Verb -> what it asks, and what answers it.
_VERBS: dict[str, tuple[Any, Callable[..., Any]]] = {
    "preview": (FileQuestion, verbs.preview),
    # what it has read of a file stays for the next question
    "rows": (FileRowsQuestion, Reader().rows),
    "plan": (FilePlanQuestion, verbs.plan),
    "profile": (SeenFile, verbs.profile),
    "run": (FileRun, verbs.run),
    "save": (FileSave, verbs.save),
}
#: Verbs that read the head of a file only, and bytes of memory that they may take
#: beyond what the libraries do.
_SMALL, _LITTLE = frozenset({"preview", "rows", "plan"}), 2**30
_PR_SET_PDEATHSIG = 1
#: Options of the command line that messages name.
_OPTIONS = re.compile(r"--(sep|decimal|encoding)\b")
_WORDS = {"sep": "the separator", "decimal": "the decimal mark", "encoding": "encoding"}


def main() -> None:
    """Answer questions until there are no more."""
    # whatever prints, prints elsewhere
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    bounded = False
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        if not bounded:
            memory.bound(_present() + _LITTLE if asked["verb"] in _SMALL else None)
            bounded = True
        _say(out, answer(asked, lambda *stage: _say(out, _progress(*stage))))


def answer(asked: dict[str, Any], report: verbs.Report) -> dict[str, Any]:
    """Answer a question, whatever happens."""
    try:
        request, verb = _VERBS[asked["verb"]]
        path = Path(asked["file"])
        # messages name a file as its user does
        os.chdir(path.parent)
        question = request.model_validate(asked["question"])
        return {
            "answer": verb(Path(path.name), question, report).model_dump(mode="json")
        }
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the body"
        failed: WranglerError = InvalidSpec(f"{where}: {first['msg']}.")
    except WranglerError as error:
        failed = _too_large() if "out of memory" in error.message else error
    except MemoryError:
        failed = _too_large()
    except OSError as error:
        failed = InvalidData(
            f"The file cannot be used: {error.strerror or error}. Check the disk and "
            "the permissions of its folder."
        )
    except Exception as error:  # noqa: BLE001  the server must hear of it
        # the class alone: the message may quote the data
        failed = Internal(
            f"The file could not be read ({type(error).__name__}). Check that it is "
            "whole and is what its name says, or read it in a notebook."
        )
    message = _OPTIONS.sub(lambda found: _WORDS[found[1]], failed.message)
    return {"error": {"code": failed.code, "message": message, "details": {}}}


def _too_large() -> InvalidData:
    return InvalidData(
        "To read this file takes more memory than there is here. Take a part of its "
        "rows or columns, or save it as Parquet, which takes less."
    )


def _progress(stage: str, done: int, total: int) -> dict[str, Any]:
    return {"progress": {"stage": stage, "done": done, "total": total}}


def _present() -> int:
    """Return the bytes of address space that this process has."""
    if sys.platform != "linux":
        return 2**40
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _say(out: IO[bytes], what: dict[str, Any]) -> None:
    out.write(json.dumps(what).encode() + b"\n")
    out.flush()


if __name__ == "__main__":
    main()

"""The process that reads rows: `python -m jupyter_wrangler.runtime.row_reading`.

It gets questions and gives answers as lines of JSON, holds no credentials, and keeps
the frames that it read last, so that the next page costs milliseconds.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import resource
import signal
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from jupyter_wrangler import frames
from jupyter_wrangler.contract import (
    ImputationSpec,
    RowQuestion,
    WhyDocument,
    WhyQuestion,
)
from jupyter_wrangler.engine.estimator.judgement.why import why_at
from jupyter_wrangler.errors import (
    DatasetTooLarge,
    Internal,
    StorageFull,
    WranglerError,
)
from jupyter_wrangler.frames.cells import ImputedCells
from jupyter_wrangler.frames.exports import export
from jupyter_wrangler.frames.pages import page_of
from jupyter_wrangler.runtime import memory

#: Frames that are kept, and cells of all of them.
_MOST_KEPT, _MOST_CELLS = 4, 50_000_000
_PR_SET_PDEATHSIG = 1

Completed = tuple[pd.DataFrame, dict[str, Any]]


class _Frames:
    """The frames that were read last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str | None], Completed] = OrderedDict()

    def read(self, data: str, cells: str | None, max_cells: int) -> Completed:
        """Return a data set, completed if `cells` are given, and where it was."""
        key = data, cells
        if key not in self._kept:
            self._kept[key] = _read(data, cells, max_cells)
        self._kept.move_to_end(key)
        while len(self._kept) > 1 and (
            len(self._kept) > _MOST_KEPT
            or sum(df.size for df, _ in self._kept.values()) > _MOST_CELLS
        ):
            self._kept.popitem(last=False)
        return self._kept[key]


def _read(data: str, cells: str | None, max_cells: int) -> Completed:
    rows, columns = frames.shape_of(data)
    if rows * columns > max_cells:
        raise DatasetTooLarge("cells", rows * columns, max_cells)
    df = frames.from_parquet(data, labels=False)
    if cells is None:
        return df, {}
    found = frames.cells_from_parquet(Path(cells).read_bytes())
    return frames.complete(df, found), {k: np.asarray(v) for k, v in found.rows.items()}


def _cells(path: str, column: str | None = None) -> ImputedCells:
    """Read imputed cells; of one column only where no other one is looked at."""
    found = frames.cells_from_parquet(Path(path).read_bytes())
    if column is None:
        return found

    def only(given: dict[str, Any]) -> dict[str, Any]:
        return {column: given[column]} if column in given else {}

    return ImputedCells(
        values=only(found.values),
        rows=only(found.rows),
        n_iter=found.n_iter,
        donors=only(found.donors),
    )


def _why(df: pd.DataFrame, wanted: dict[str, Any]) -> WhyDocument:
    asked = WhyQuestion.model_validate(
        {name: wanted[name] for name in WhyQuestion.model_fields}
    )
    numbers = wanted["numbers"]
    others = iter(wanted["others"])
    cells = [
        _cells(wanted["cells"])
        if k == asked.imputation
        else _cells(next(others), asked.column)
        for k in numbers
    ]
    return why_at(
        frames.imputations_of(df, cells),
        ImputationSpec.model_validate(wanted["spec"]),
        asked.row,
        asked.column,
        wanted["methods"],
        imputation=asked.imputation,
        numbers=numbers,
    )


def _export(df: pd.DataFrame, wanted: dict[str, Any]) -> dict[str, Any]:
    try:
        export(df, wanted["format"], Path(wanted["path"]))
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise StorageFull(
            "The disk of the service is full, so this file cannot be written. Free "
            "room there, or take a smaller kind of file (Parquet)."
        ) from error
    return {"written": True}


def answer(kept: _Frames, line: bytes) -> dict[str, Any]:
    """Answer one question, whatever happens."""
    try:
        asked = json.loads(line)
        df, imputed = kept.read(asked["data"], asked["cells"], asked["max_cells"])
        if wanted := asked.get("why"):
            return {"why": _why(df, wanted).model_dump(mode="json")}
        if wanted := asked.get("export"):
            return _export(df, wanted)
        question = RowQuestion.model_validate(asked["question"])
        return {"page": page_of(df, imputed, question).model_dump(mode="json")}
    except WranglerError as error:
        failed = error
    except MemoryError:
        failed = DatasetTooLarge("bytes of memory", 0, 0)
    except Exception as error:  # noqa: BLE001  the service must hear of it
        # the class alone: the message may quote the data
        failed = Internal(f"The rows could not be read ({type(error).__name__}).")
    return {
        "error": {
            "code": failed.code, "message": failed.message, "details": failed.details
        }
    }  # fmt: skip


def main() -> None:
    """Answer until the service closes the pipe."""
    os.umask(0o077)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    memory.bound(None)
    kept = _Frames()
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(json.dumps(answer(kept, line)).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()

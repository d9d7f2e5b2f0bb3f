"""The runner: one process per running part, without credentials.

It reads Parquet, pulls the engine's generator, and reports steps up a pipe as
JSON.  After a small part it may go on with the summary of the same job.  To cancel
is to stop pulling.  It opens no socket and knows no server.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import resource
import signal
import sys
import time
import traceback
import uuid
from collections.abc import Generator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from jupyter_wrangler import frames
from jupyter_wrangler.contract import AnySpec, ImputationSpec
from jupyter_wrangler.engine.estimator import summary
from jupyter_wrangler.engine.strategies import impute
from jupyter_wrangler.errors import (
    DatasetTooLarge,
    OutOfMemory,
    StorageFull,
    WranglerError,
    raising,
)
from jupyter_wrangler.runtime import memory
from jupyter_wrangler.runtime.worker.job_kinds import findings, look, parse
from jupyter_wrangler.runtime.worker.messages import CANCEL, Task
from jupyter_wrangler.runtime.worker.warmup import warm_up

#: Steps are reported at most this often.
REPORT_S = 0.2
#: Who has waited for this long waits in reserve, and warms up.
IDLE_S = 0.02
#: Files that a runner may have open.
OPEN_FILES = 512
_PR_SET_PDEATHSIG = 1

Found = TypeVar("Found")


class _Cancelled(Exception):
    pass


def main(pipe: Connection) -> None:
    """Run one part, and others of the same job if asked to, and end the process."""
    _settle()
    if not pipe.poll(IDLE_S):
        warm_up(pipe.poll)
    limit: int | None = None
    while (task := _next(pipe)) is not None:
        if limit is None:
            with contextlib.suppress(OSError):
                # killable as a group, and known by it as one that computes
                os.setpgid(0, 0)
            # of the process, and so the same for all it computes
            limit = memory.bound(task.memory)
            _limit(task)
        spent = _cpu_s()
        answer = _outcome(pipe, task, limit)
        answer["usage"] = {"rss_peak_kb": _peak_kib(), "cpu_s": _cpu_s() - spent}
        _report(pipe, answer)
    pipe.close()


def _next(pipe: Connection) -> Task | None:
    """Wait for a part; None if the supervisor is done with us."""
    while True:
        try:
            message = pipe.recv_bytes()
        except (EOFError, OSError):
            return None
        # a cancellation of what has just ended comes too late
        if message != CANCEL:
            return Task.model_validate_json(message)


def _outcome(pipe: Connection, task: Task, limit: int) -> dict[str, Any]:
    try:
        return _answer(pipe, task)
    except _Cancelled:
        return {"t": "cancelled"}
    except MemoryError:
        # nothing big may be built here: the traceback holds the arrays alive
        return _out_of_memory(limit)
    except WranglerError as error:
        return _error(error)
    except BaseException as error:  # noqa: BLE001  the supervisor must hear of it
        if isinstance(error, OSError) and os.strerror(errno.ENOMEM) in str(error):
            # a file was to be mapped into memory; Arrow gives no number
            return _out_of_memory(limit)
        reference = uuid.uuid4().hex[:8]
        # where it happened and in which class; the message may quote the data
        where = "".join(traceback.format_tb(error.__traceback__))
        sys.stderr.write(f"runner error {reference}\n{where}{type(error).__name__}\n")
        return {
            "t": "error",
            "code": "internal",
            "message": (
                f"The computation failed by a mistake of ours ({type(error).__name__}, "
                f"reference {reference} in the worker's log). Please report it; "
                "another method may work meanwhile."
            ),
            "details": {"reference": reference},
        }


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _peak_kib() -> int:
    scale = 1024 if sys.platform == "darwin" else 1
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // scale


def _settle() -> None:
    """Die with the parent, write for this user only, and be polite."""
    os.umask(0o077)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == 1:
            os._exit(1)
    with contextlib.suppress(OSError):
        os.nice(10)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit(task: Task) -> None:
    """Bound what else a computation may take."""
    for what, most in (
        (resource.RLIMIT_CPU, task.cpu_s),
        (resource.RLIMIT_FSIZE, task.file_bytes),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
    ):
        _, hard = resource.getrlimit(what)
        if most and (hard == resource.RLIM_INFINITY or most < hard):
            resource.setrlimit(what, (most, most))


def _report(pipe: Connection, message: dict[str, Any]) -> None:
    try:
        pipe.send_bytes(json.dumps(message).encode())
    except OSError:
        # the supervisor is gone, and with it all use of what we compute
        os._exit(1)


def _answer(pipe: Connection, task: Task) -> dict[str, Any]:
    spec = parse(task.spec)
    if isinstance(spec, ImputationSpec):
        return _summarise(task, spec) if task.stage else _impute(pipe, task, spec)
    return _document(task, spec) if task.stage else _look(pipe, task, spec)


def _read(task: Task) -> pd.DataFrame:
    # what was announced need not be true, and few bytes may unfold to many
    rows, columns = frames.shape_of(task.data)
    for what, found, limit in (
        ("columns", columns, task.max_columns),
        ("cells", rows * columns, task.max_cells),
    ):
        if found > limit:
            raise DatasetTooLarge(what, found, limit)
    return frames.from_parquet(task.data, labels=False)


def _load(pipe: Connection, task: Task) -> pd.DataFrame:
    frame = _read(task)
    # the data are there and the algorithm begins: people see this at once
    _report(pipe, {"t": "step", "done": 0, "total": 1, "message": "starting"})
    return frame


def _look(pipe: Connection, task: Task, spec: AnySpec) -> dict[str, Any]:
    """Compute one part of a look at the data; leaves JSON."""
    frame = _load(pipe, task)
    began, before = time.monotonic(), _peak_kib()
    part = _pull(pipe, look(spec.kind).part(frame, spec, task.k))
    # the engine has no clock; a comparison shows what each method cost
    seconds, peak = time.monotonic() - began, (_peak_kib() - before) / 1024
    part |= {"seconds": seconds, "peak_mib": peak}
    _write(task, json.dumps({"k": task.k, "part": part}, allow_nan=False).encode())
    return {"t": "done"}


def _document(task: Task, spec: AnySpec) -> dict[str, Any]:
    """Make one document of the parts that were computed, and of why others were not."""
    found = {k: {"error": message} for k, message in task.failures.items()}
    for path in task.results:
        one = json.loads(Path(path).read_bytes())
        found[one["k"]] = one["part"]
    frame = _read(task)
    parts = [found[k] for k in sorted(found)]
    document = look(spec.kind).document(frame, spec, parts)
    _write(task, document.model_dump_json().encode())
    summary = findings(spec.kind, document)
    return {"t": "done", "stored": True, "summary": summary.model_dump(mode="json")}


def _write(task: Task, data: bytes) -> None:
    try:
        Path(task.output).write_bytes(data)
    except OSError as error:
        raise StorageFull(
            f"The result could not be stored ({error.strerror}); nothing that was "
            "there is lost. Free some space where results are stored, then submit "
            "the job again."
        ) from error


def _impute(pipe: Connection, task: Task, spec: ImputationSpec) -> dict[str, Any]:
    frame = _load(pipe, task)
    beside = frames.beside_of(task.data)
    given = impute.Given(where=beside.where, start=beside.start)
    done = _pull(pipe, impute.impute(frame, spec, task.k, given))
    data = frames.cells_to_parquet(
        done.values,
        done.rows,
        events=[event.model_dump(mode="json") for event in done.events],
        n_iter=done.n_iter,
        chains=done.chains,
        donors=done.donors,
    )
    _write(task, data)
    return {"t": "done"}


def _pull(pipe: Connection, run: Generator[impute.Step, None, Found]) -> Found:
    next_report = 0.0
    while True:
        try:
            step = next(run)
        except StopIteration as stop:
            result: Found = stop.value
            return result
        now = time.monotonic()
        if now >= next_report:
            next_report = now + REPORT_S
            _report(
                pipe,
                {
                    "t": "step",
                    "done": step.done,
                    "total": step.total,
                    "message": step.message,
                    "round": step.round,
                    "max_iter": step.max_iter,
                    "column": step.column,
                },
            )
        if pipe.poll():
            run.close()
            raise _Cancelled


def _summarise(task: Task, spec: ImputationSpec) -> dict[str, Any]:
    frame = _read(task)
    imputations = [
        impute.Imputation(
            values=cells.values,
            rows=cells.rows,
            events=cells.events,
            n_iter=cells.n_iter,
            chains=cells.chains,
            donors=cells.donors,
        )
        for cells in map(_cells, task.results)
    ]
    found = summary.summarise(frame, spec, imputations)
    return {"t": "done", "summary": found.model_dump(mode="json")}


def _cells(path: str) -> frames.ImputedCells:
    return frames.cells_from_parquet(Path(path).read_bytes())


def _error(error: WranglerError) -> dict[str, Any]:
    return {
        "t": "error",
        "code": error.code,
        "message": error.message,
        "details": json.loads(json.dumps(error.details, default=str)),
    }


def _out_of_memory(limit: int) -> dict[str, Any]:
    bound = f" of {limit / 2**30:.1f} GiB" if limit else ""
    # each of these is measured in the tests
    return _error(
        OutOfMemory(
            f"The computation needed more memory than the limit{bound} allows. Hand in "
            "a frame of fewer columns (to name fewer in columns= does not help), use "
            "'linear' or 'norm', which take a third less than 'pmm', or fit on some of "
            "the rows and complete the others piece by piece: jw.Imputer('linear')"
            ".fit(df.sample(100_000)), then transform(df[:100_000]) and so on. Where "
            "the machine has more memory, "
            f"{raising('JUPYTER_WRANGLER_RUNNER_MEMORY')}."
        )
    )

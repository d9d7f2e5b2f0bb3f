"""The runner: one process per running part, without credentials.

It reads Parquet, pulls the engine's generator, and reports steps up a pipe
(`messages`).  After a small part it may go on with another one of the same user, for
whom it starts afresh: limits are set anew and nothing is kept.  To cancel is to stop
pulling.  It opens no socket and knows no server.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import gc
import math
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
from typing import TypeVar

import pandas as pd

from jupyter_wrangler import frames
from jupyter_wrangler.contract import parse_spec
from jupyter_wrangler.engine.types import Step
from jupyter_wrangler.errors import (
    DatasetTooLarge,
    OutOfMemory,
    StorageFull,
    WranglerError,
    raising,
)
from jupyter_wrangler.runtime import memory
from jupyter_wrangler.runtime.worker.job_kinds import (
    PartTask,
    SummaryTask,
    handler_for,
)
from jupyter_wrangler.runtime.worker.messages import (
    CANCEL,
    Answer,
    Cancelled,
    Done,
    Failed,
    StepReport,
    Task,
    Usage,
    encode,
)
from jupyter_wrangler.runtime.worker.warmup import warm_up

#: Steps are reported at most this often.
REPORT_S = 0.2
#: Who has waited for this long waits in reserve, and warms up.
IDLE_S = 0.02
#: Seconds of the processor that all parts but the first may take of a process.
SPARE_CPU_S = 3600
#: Files that a runner may have open.
OPEN_FILES = 512
_PR_SET_PDEATHSIG = 1

Found = TypeVar("Found")


class _CancelRequested(Exception):
    pass


def main(pipe: Connection) -> None:
    """Run one part, and others of the same user if asked to, and end the process."""
    _set_up_process()
    if not pipe.poll(IDLE_S):
        warm_up(pipe.poll)
    limit: int | None = None
    while (task := _next_task(pipe)) is not None:
        _lead_group()
        if limit is None:
            # of the process: parts of one worker all have the same
            limit = memory.bound(task.memory)
        else:
            memory.forget_peak()
        _limit_resources(task)
        spent = _cpu_s()
        answer = _run_task(pipe, task, limit)
        usage = Usage(rss_peak_kb=memory.peak_kib(), cpu_s=_cpu_s() - spent)
        del task
        if not isinstance(answer, Done):
            # nothing follows
            _leave_group()
        _send(pipe, answer.model_copy(update={"usage": usage}))
        del answer
        if not pipe.poll(IDLE_S):
            _clear()
    pipe.close()


def _lead_group() -> None:
    """Become killable as a group, and known by it as one that computes."""
    with contextlib.suppress(OSError):
        os.setpgid(0, 0)


def _leave_group() -> None:
    """Be known as one that does not compute."""
    with contextlib.suppress(OSError):
        os.setpgid(0, os.getpgid(os.getppid()))


def _clear() -> None:
    """Give back what a part has left, and wait."""
    gc.collect()
    memory.release()
    _leave_group()


def _next_task(pipe: Connection) -> Task | None:
    """Wait for a part; None if the supervisor is done with us."""
    while True:
        try:
            message = pipe.recv_bytes()
        except (EOFError, OSError):
            return None
        # a cancellation of what has just ended comes too late
        if message != CANCEL:
            return Task.model_validate_json(message)


def _run_task(pipe: Connection, task: Task, limit: int) -> Answer:
    """Compute a part, and say how it ended, whatever happens."""
    try:
        return _compute(pipe, task)
    except _CancelRequested:
        return Cancelled()
    except MemoryError:
        # nothing big may be built here: the traceback holds the arrays alive
        return _out_of_memory(limit)
    except WranglerError as error:
        return _failed(error)
    except BaseException as error:  # noqa: BLE001  the supervisor must hear of it
        if isinstance(error, OSError) and os.strerror(errno.ENOMEM) in str(error):
            # a file was to be mapped into memory; Arrow gives no number
            return _out_of_memory(limit)
        reference = uuid.uuid4().hex[:8]
        # where it happened and in which class; the message may quote the data
        where = "".join(traceback.format_tb(error.__traceback__))
        sys.stderr.write(f"runner error {reference}\n{where}{type(error).__name__}\n")
        return Failed(
            code="internal",
            message=(
                f"The computation failed by a mistake of ours ({type(error).__name__}, "
                f"reference {reference} in the worker's log). Please report it; "
                "another method may work meanwhile."
            ),
            details={"reference": reference},
        )


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _set_up_process() -> None:
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
    # what is there now stays: neither looked at by the collector nor copied for it
    gc.freeze()


def _limit_resources(task: Task) -> None:
    """Bound what else a computation may take; processor time counts from now."""
    used = math.ceil(_cpu_s())
    for what, most, spare in (
        (resource.RLIMIT_CPU, task.cpu_s and used + task.cpu_s, SPARE_CPU_S),
        (resource.RLIMIT_FSIZE, task.file_bytes, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES, 0),
    ):
        _, hard = resource.getrlimit(what)
        if not most:
            continue
        if hard == resource.RLIM_INFINITY or most + spare < hard:
            hard = most + spare
        resource.setrlimit(what, (min(most, hard), hard))


def _send(pipe: Connection, message: StepReport | Answer) -> None:
    try:
        pipe.send_bytes(encode(message))
    except OSError:
        # the supervisor is gone, and with it all use of what we compute
        os._exit(1)


def _compute(pipe: Connection, task: Task) -> Done:
    spec = parse_spec(task.spec)
    handler = handler_for(spec.kind)
    if task.stage:
        outcome = handler.document(
            SummaryTask(
                frame=_read_frame(task),
                spec=spec,
                results=task.results,
                failures=task.failures,
                recipe=task.recipe,
            )
        )
        if outcome.document is not None:
            _write_output(task.output, outcome.document)
        return Done(
            stored=outcome.document is not None,
            summary=outcome.summary.model_dump(mode="json"),
            more_parts=outcome.more_parts,
            more_reason=outcome.more_reason,
        )
    frame = _read_and_report(pipe, task)
    part = PartTask(
        frame=frame,
        path=task.data,
        spec=spec,
        k=task.k,
        recipe=task.recipe,
        max_model_bytes=task.max_model_bytes,
    )
    made = _run_steps(pipe, handler.part(part))
    _write_output(task.output, made.data)
    if made.recipe is not None:
        _write_output(task.recipe_output, made.recipe)
    return Done(
        stored=True,
        recipe=made.recipe is not None,
        recipe_note=made.recipe_note or None,
    )


def _read_frame(task: Task) -> pd.DataFrame:
    # what was announced need not be true, and few bytes may unfold to many
    rows, columns = frames.shape_of(task.data)
    for what, found, limit in (
        ("columns", columns, task.max_columns),
        ("cells", rows * columns, task.max_cells),
    ):
        if found > limit:
            raise DatasetTooLarge(what, found, limit)
    return frames.from_parquet(task.data, labels=False)


def _read_and_report(pipe: Connection, task: Task) -> pd.DataFrame:
    frame = _read_frame(task)
    # the data are there and the algorithm begins: people see this at once
    _send(pipe, StepReport(done=0, total=1, message="starting"))
    return frame


def _write_output(path: str, data: bytes) -> None:
    try:
        Path(path).write_bytes(data)
    except OSError as error:
        raise StorageFull(
            f"The result could not be stored ({error.strerror}); nothing that was "
            "there is lost. Free some space where results are stored, then submit "
            "the job again."
        ) from error


def _run_steps(pipe: Connection, run: Generator[Step, None, Found]) -> Found:
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
            _send(
                pipe,
                StepReport(
                    done=step.done,
                    total=step.total,
                    message=step.message,
                    round=step.round,
                    max_iter=step.max_iter,
                    column=step.column,
                ),
            )
        if pipe.poll():
            run.close()
            raise _CancelRequested


def _failed(error: WranglerError) -> Failed:
    return Failed(code=error.code, message=error.message, details=error.details)


def _out_of_memory(limit: int) -> Failed:
    bound = f" of {limit / 2**30:.1f} GiB" if limit else ""
    # each of these is measured in the tests
    return _failed(
        OutOfMemory(
            f"The computation needed more memory than the limit{bound} allows. Hand in "
            "a frame of fewer columns (to name fewer in columns= does not help), or "
            "fit on some of the rows and complete the others piece by piece: "
            "jw.Imputer('linear').fit(df.sample(100_000)), then "
            "transform(df[:100_000]) and so on. Where the machine has more memory, "
            f"{raising('JUPYTER_WRANGLER_RUNNER_MEMORY')}."
        )
    )

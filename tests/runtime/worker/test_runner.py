"""What a runner may take, looked at before it takes it."""

from __future__ import annotations

import contextlib
import hashlib
import multiprocessing
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_wrangler import errors, frames
from jupyter_wrangler.contract import (
    AnalysisSpec,
    CorrelationSpec,
    DatasetRequest,
    ImputationSpec,
    JobRequest,
)
from jupyter_wrangler.runtime.worker import runner
from jupyter_wrangler.runtime.worker.messages import Task
from tests.acceptance.system import incomplete_frame
from tests.waiting import CEILING_S, until


def test_a_runner_is_bounded_and_goes_first(system):
    system.service()
    worker = system.worker(JUPYTER_WRANGLER_PART_TIMEOUT_S="100")
    job = system.client().submit(
        incomplete_frame(3000, 10), ImputationSpec(max_iter=1000, n_imputations=1)
    )
    until(lambda: job.refresh().seen.progress)
    # beside it one may wait in reserve, or end
    until(lambda: any(_is_bounded(pid) for pid in system.runners(worker)))
    own = Path(f"/proc/{worker.pid}/oom_score_adj").read_text("ascii")
    assert own.strip() != "500"


def _is_bounded(pid: int) -> bool:
    process = Path(f"/proc/{pid}")
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        limits = (process / "limits").read_text("ascii")
        return (
            (process / "oom_score_adj").read_text("ascii").strip() == "500"
            and re.search(r"Max open files +512 ", limits) is not None
            and 100 <= _limit("Max cpu time", limits) < 100_000
            and _limit("Max file size", limits) >= 2**32
        )
    return False


def _limit(name: str, limits: str) -> int:
    found = re.search(rf"{name} +([0-9]+) ", limits)
    return int(found[1]) if found else -1


def test_data_that_are_more_than_was_announced_are_not_computed_with(system):
    """The quota of its owner holds, not only that of everybody."""
    system.service()
    system.worker()
    client = system.client()
    packed = frames.to_parquet(incomplete_frame())
    client.api.upload(packed.data, packed.sha256)
    version = client.api.make_dataset(
        DatasetRequest(sha256=packed.sha256, n_rows=1, columns=packed.columns)
    )
    system.sql("INSERT INTO wrangler.quota (owner_id, max_cells)"
               ' SELECT id, 799 FROM wrangler."user"')  # fmt: skip
    body = JobRequest(dataset_version_id=version.id, spec=ImputationSpec(method="mean"))
    with system.http() as http:
        answer = http.post(
            "/jobs",
            content=body.model_dump_json(),
            headers={"Content-Type": "application/json"},
        )
    job = client.job(answer.json()["id"])
    error = job.exception(timeout=CEILING_S)
    assert isinstance(error, errors.DatasetTooLarge), error
    assert (error.found, error.limit) == (800, 799)


def test_the_size_is_looked_at_before_the_data_are_read(tmp_path):
    """The data pages are rubbish here, and the footer is not."""
    data = frames.to_parquet(incomplete_frame(5000, 4)).data
    footer = int.from_bytes(data[-8:-4], "little") + 8
    path = tmp_path / "data"
    path.write_bytes(data[:4] + bytes(len(data) - footer - 4) + data[-footer:])
    assert frames.shape_of(path) == (5000, 4)
    task = Task(
        stage=0,
        k=0,
        spec={},
        data=str(path),
        results=[],
        failures={},
        output="",
        recipe_output=str(tmp_path / "recipe"),
        max_model_bytes=1 << 20,
        max_columns=10_000,
        max_cells=19_999,
        memory=0,
        cpu_s=0,
        file_bytes=0,
    )
    pipe, _ = multiprocessing.Pipe()
    with pytest.raises(errors.DatasetTooLarge):
        runner._read_and_report(pipe, task)


def test_fault_4_10_a_damaged_file_ends_its_job_in_words(system):
    """By whatever job it is read; the service looks at both ends of a file only."""
    system.service()
    system.worker(JUPYTER_WRANGLER_MAX_ATTEMPTS="1")
    client = system.client()
    packed = frames.to_parquet(incomplete_frame())
    middle = len(packed.data) // 2
    damaged = {
        "it is cut off": packed.data[:-400] + b"PAR1",
        "footer": packed.data[:-300] + bytes(292) + packed.data[-8:],
        "decompressed": packed.data[:4] + bytes(middle) + packed.data[4 + middle :],
    }
    specs = (ImputationSpec(method="mean"), AnalysisSpec(), CorrelationSpec())
    for said, data in damaged.items():
        sha256 = hashlib.sha256(data).hexdigest()
        client.api.upload(data, sha256)
        version = client.api.make_dataset(
            DatasetRequest(sha256=sha256, n_rows=200, columns=packed.columns)
        )
        for spec in specs:
            asked = JobRequest(dataset_version_id=version.id, spec=spec)
            job = client.job(client.api.submit(asked).id)
            error = job.exception(timeout=60)
            assert isinstance(error, errors.UnreadableFile), error
            assert "cannot be read: " in error.message, said
            assert job.seen.attempts == 1


SCRIPT = """
import jupyter_wrangler as jw
from tests.acceptance.system import incomplete_frame

print(jw.Imputer("norm", random_state=1).fit_transform(incomplete_frame()).to_csv())
"""


def test_a_job_computes_with_the_instructions_that_its_caller_chose(system):
    """To the last digit: kernels of linear algebra differ there."""
    # one that every processor has
    chosen = {"OPENBLAS_CORETYPE": "Nehalem"}
    system.service()
    system.worker(**chosen)
    spec = ImputationSpec(method="norm", random_state=1)
    job = system.client().submit(incomplete_frame(), spec)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, **chosen},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
        timeout=CEILING_S,
    )
    assert job.result(CEILING_S).df.to_csv() == done.stdout.rstrip("\n") + "\n"

"""Small files that unfold to more than there is room for, or that lie about it."""

from __future__ import annotations

import functools
import hashlib
import io
import re
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jupyter_wrangler import errors, frames
from jupyter_wrangler.contract import (
    ColumnInfo,
    DatasetRequest,
    ImputationSpec,
    JobRequest,
)
from tests.acceptance.system import System, incomplete_frame
from tests.waiting import CEILING_S

pytestmark = pytest.mark.slow

SPEC = ImputationSpec(method="mean", n_imputations=1)
#: What the service may take, whatever is sent to it.
MOST = 300 * 2**20
#: What a runner of these tests may take.
RUNNER = 1500 * 2**20
#: What a row of a file and of its groups says, in Thrift's compact protocol.
ROWS, FEW = 10_000_000, 11


def _varint(value: int, length: int = 0) -> bytes:
    """Write a number as Thrift does; padded to a length, which readers accept."""
    value, out = value << 1, []
    while value >= 128 or len(out) < length - 1:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _notes(names: list[str]) -> dict[bytes, bytes]:
    """The notes that make a file one of ours."""
    frame = pd.DataFrame({name: [1.0] for name in names[:10]})
    return pq.read_schema(io.BytesIO(frames.to_parquet(frame).data)).metadata


def _file(columns: int, chunk: pa.Array, times: int) -> bytes:
    names = [f"x{i}" for i in range(columns)]
    schema = pa.schema([(name, chunk.type) for name in names], metadata=_notes(names))
    table = pa.Table.from_arrays([chunk] * columns, schema=schema)
    sink = io.BytesIO()
    few = {"use_dictionary": columns < 100, "write_statistics": False}
    with pq.ParquetWriter(sink, schema, compression="zstd", **few) as writer:
        for _ in range(times):
            writer.write_table(table, row_group_size=len(chunk))
    return sink.getvalue()


@functools.cache
def cells() -> bytes:
    """A thousand million cells of nothing."""
    return _file(10, pa.nulls(ROWS, pa.float64()), 10)


def liar() -> bytes:
    """The same, and the footer says that there are eleven rows."""
    data = cells()
    said = _varint(10 * ROWS)
    # only the total is that large: each group says its own
    at = data.rindex(said)
    return data[:at] + _varint(FEW, len(said)) + data[at + len(said) :]


def texts() -> bytes:
    """One text of some megabytes, a hundred thousand times."""
    text = pa.array(["x" * 4_000_000])
    indices = pa.array([0] * 100_000, pa.int32())
    return _file(1, pa.DictionaryArray.from_arrays(indices, text), 1)


def zeros() -> bytes:
    """Pages of a hundred and sixty million zeros, which compress to nothing."""
    return _file(4, pa.array(np.zeros(1_000_000)), 40)


def wide() -> bytes:
    """Two hundred thousand columns."""
    return _file(200_000, pa.array([1.0]), 1)


BOMBS = {bomb.__name__: bomb for bomb in (cells, liar, texts, zeros, wide)}


@pytest.fixture(scope="module")
def system(fresh_module):
    with tempfile.TemporaryDirectory(prefix="jwb-") as folder:
        found = System(fresh_module, Path(folder))
        try:
            found.serving = found.service()
            found.working = found.worker(
                JUPYTER_WRANGLER_RUNNER_MEMORY=str(RUNNER),
                JUPYTER_WRANGLER_MAX_ATTEMPTS="1",
            )
            yield found
        finally:
            found.close()


def _peak(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024


def _request(sha256: str) -> DatasetRequest:
    """Say nothing of what the file will be."""
    column = ColumnInfo(name="x0", dtype="float64", missing=0)
    return DatasetRequest(sha256=sha256, n_rows=FEW, columns=(column,))


@pytest.mark.parametrize(
    ("rows", "columns", "status"),
    [(10**8, 10, 413), (1, 20_000, 413), (1, 200_000, 413)],
)
def test_an_announced_size_that_is_too_large_is_refused_at_once(
    system, rows, columns, status
):
    packed = frames.to_parquet(incomplete_frame())
    system.client().api.upload(packed.data, packed.sha256)
    column = {"name": "x", "dtype": "float64", "missing": 0}
    body = {"sha256": packed.sha256, "n_rows": rows, "columns": [column] * columns}
    with system.http() as http:
        assert http.post("/datasets", json=body).status_code == status
    assert _peak(system.serving.pid) < MOST


@pytest.mark.parametrize("name", BOMBS)
def test_a_file_that_unfolds_without_end_fails_and_harms_nobody(system, name):
    data = BOMBS[name]()
    assert len(data) < 50 * 2**20
    client, sha256 = system.client(), hashlib.sha256(data).hexdigest()
    client.api.upload(data, sha256)
    version = client.api.make_dataset(_request(sha256))
    seen = client.api.submit(JobRequest(dataset_version_id=version.id, spec=SPEC))
    job = client.job(str(seen.id))
    error = job.exception(timeout=CEILING_S)
    reported = name not in {"texts", "zeros"}
    wanted = errors.DatasetTooLarge if reported else errors.OutOfMemory
    assert isinstance(error, wanted), (error, system.logs())
    assert _peak(system.serving.pid) < MOST
    assert _peak(system.working.pid) < MOST
    (part,) = system.sql(
        """SELECT max(a.rss_peak_kb) AS kb FROM wrangler.job_attempt a
             JOIN wrangler.job_part p ON p.id = a.part_id WHERE p.job_id = :j""",
        j=seen.id,
    )
    assert part.kb * 1024 < RUNNER
    # anyone who comes next notices nothing
    assert system.working.poll() is None
    other = client.submit(
        incomplete_frame(), SPEC.model_copy(update={"random_state": len(data)})
    )
    assert other.result(timeout=CEILING_S).df.notna().all(axis=None)

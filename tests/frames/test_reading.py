"""Files that are cut off, damaged or made to do harm: an error in words, always."""

from __future__ import annotations

import base64
import io
import json
import random
import zlib

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jupyter_wrangler import frames
from jupyter_wrangler.errors import InvalidData, UnreadableFile
from jupyter_wrangler.frames.columns import _b64

KEY = b"jupyter_wrangler"


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "number": [1.0, None, 3.0] * 20,
            "text": ["x", None, "y"] * 20,
            "class": pd.Categorical(["u", "v", None] * 20),
            "date": pd.to_datetime(["2020-01-01", None, "2021-01-01"] * 20),
            "count": pd.array([1, None, 3] * 20, dtype="Int64"),
            "arrow": pd.array([1.5, None, 3.0] * 20, dtype="double[pyarrow]"),
        },
        index=pd.Index(range(60), name="row") * 2,
    )


@pytest.fixture(scope="module")
def data(frame) -> bytes:
    where = frame.isna().to_numpy()
    cell_options = frames.CellOptions(where=where, start=frame[["number"]]).pack()
    return frames.to_parquet(frame, cell_options=cell_options).data


def _read(path, data: bytes) -> str:
    """Read all that a runner reads; return what was wrong with it."""
    path.write_bytes(data)
    try:
        frames.shape_of(path)
        frames.from_parquet(path, labels=False)
        frames.read_cell_options(path)
    except InvalidData as error:
        return error.message
    return ""


def _header(data: bytes) -> dict:
    return json.loads(pq.read_schema(io.BytesIO(data)).metadata[KEY])


def _with(data: bytes, header: object, table: pa.Table | None = None) -> bytes:
    table = pq.read_table(io.BytesIO(data)) if table is None else table
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    sink = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({KEY: text}), sink)
    return sink.getvalue()


def test_fault_4_10_a_file_cut_off_anywhere_is_said_to_be(data, tmp_path):
    path = tmp_path / "f.parquet"
    for length in [*range(200), *range(200, len(data) - 200, 23),
                   *range(len(data) - 200, len(data))]:  # fmt: skip
        said = _read(path, data[:length])
        assert "cannot be read: it is cut off" in said, (length, said)
        # with the magic bytes at both ends, so that the service takes it
        said = _read(path, data[: max(4, length)] + b"PAR1")
        assert "cannot be read: it" in said or length == len(data) - 4, length


def test_fault_4_10_whatever_bit_is_flipped_there_is_a_frame_or_words(data, tmp_path):
    rng, found = random.Random(0), []  # noqa: S311  places, no secrets
    for _ in range(1500):
        damaged = bytearray(data)
        for _ in range(rng.choice([1, 1, 3, 30])):
            damaged[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        found.append(_read(tmp_path / "f.parquet", bytes(damaged)))
    said = [words for words in found if words]
    assert len(said) > 500
    assert all("read" in words for words in said)


def test_fault_4_10_other_bytes_between_the_magic_ones(tmp_path):
    rng = np.random.default_rng(0)
    for size in (0, 1, 4, 8, 100, 5_000):
        for ends in (b"PAR1", b"PARE", b"ORC\0", b""):
            for middle in (bytes(size), rng.bytes(size)):
                assert _read(tmp_path / "f", ends + middle + ends)


def test_fault_4_10_an_encrypted_file_is_called_so(data, tmp_path):
    said = _read(tmp_path / "f", b"PARE" + data[4:-4] + b"PARE")
    assert "encrypted" in said


NOTES = {
    "no object": [],
    "text": "x",
    "empty": {},
    "no JSON": b"{",
    "no UTF-8": b'{"format": "\xff"}',
    "deep": b"[" * 100_000,
    "digits": b'{"format": ' + b"1" * 10_000 + b"}",
}


@pytest.mark.parametrize("notes", NOTES.values(), ids=NOTES)
def test_fault_4_10_notes_that_are_none_of_ours(notes, data, tmp_path):
    assert "read" in _read(tmp_path / "f", _with(data, notes))


def test_fault_4_10_every_field_of_the_notes_may_be_missing_or_wrong(data, tmp_path):
    header, path = _header(data), tmp_path / "f"
    wrong = (None, 7, -1, "x", [], {}, [{}], {"kind": "x"}, [None] * 9, True)
    for key in header:
        rest = {k: v for k, v in header.items() if k != key}
        for value in wrong:
            _read(path, _with(data, {**header, key: value}))
        _read(path, _with(data, rest))
    for at, note in enumerate(header["notes"]):
        for key in note:
            for value in wrong:
                notes = [*header["notes"]]
                notes[at] = {**note, key: value}
                _read(path, _with(data, {**header, "notes": notes}))


@pytest.mark.parametrize("size", [10, 10**9])
def test_fault_4_10_cell_options_that_do_not_decompress(size, data, tmp_path):
    bits = base64.b85encode(zlib.compress(b"\xff" * 100)).decode()
    for shape in ([size, 7], [-size, 1], ["x", 1], [], None):
        header = {
            **_header(data),
            "cell_options": {"where": {"shape": shape, "bits": bits}},
        }
        assert _read(tmp_path / "f", _with(data, header))
    for start in ("", "x", bits):
        header = {**_header(data), "cell_options": {"start": start}}
        assert "read" in _read(tmp_path / "f", _with(data, header))


TYPES = {
    "list": pa.array([[1], None, [2, 3]]),
    "struct": pa.array([{"x": 1}, None, {"x": 2}]),
    "map": pa.array([[("k", 1)], None, []], pa.map_(pa.string(), pa.int64())),
    "binary": pa.array([b"x", None, b"y"]),
    "fixed": pa.array([b"xx", None, b"yy"], pa.binary(2)),
    "null": pa.nulls(3),
    "half": pa.array([np.float16(1), None, np.float16(2)]),
    "unsigned": pa.array([2**63 + 1, None, 5], pa.uint64()),
    "far date": pa.array([-(2**62), None, 2**62], pa.timestamp("ns", "UTC")),
    "dictionary": pa.array([1, None, 2]).dictionary_encode(),
    "time": pa.array([1, None, 2], pa.time64("us")),
    "decimal": pa.array([1, None, 2], pa.decimal128(38, 10)),
}
KINDS = (
    *({"kind": "numpy", "dtype": dtype} for dtype in (
        "float64", "float16", "complex128", "S4", "U4", "V8", "O", "bool", "i4,i4",
        "datetime64[D]", "timedelta64[s]", "nonsense", ">i8")),
    {"kind": "object", "dtype": "object"},
    {"kind": "string", "storage": "pyarrow", "na": "NA"},
    {"kind": "zoned", "unit": "ns"},
    *({"kind": "extension", "dtype": dtype} for dtype in (
        "Int64", "period[D]", "interval[int64]", "Sparse[float64]", "x")),
)  # fmt: skip


@pytest.mark.parametrize("kind", TYPES)
def test_fault_4_10_columns_of_any_type_under_any_note(kind, data, tmp_path):
    values = TYPES[kind]
    own = {"kind": "arrow", "type": _b64(pa.schema([("a", values.type)]).serialize())}
    for note in (own, *KINDS):
        header = {
            **_header(data),
            "notes": [note],
            "index": {"range": [0, 3, 1], "names": [None]},
            "labels": {"range": [0, 1, 1], "names": [None]},
        }
        header.pop("cell_options")
        table = pa.table({"a": values})
        _read(tmp_path / "f", _with(data, header, table))


def test_errors_that_are_not_about_the_file_pass(tmp_path):
    with pytest.raises(FileNotFoundError):
        frames.from_parquet(tmp_path / "nowhere")


def test_a_result_that_arrives_damaged_is_reported_too(data):
    with pytest.raises(UnreadableFile):
        frames.cells_from_parquet(data[:-1])

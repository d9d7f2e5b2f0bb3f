"""One column as an Arrow array and a note, and labels as JSON.

The note says what Arrow or Parquet would change: that a column was of Python
objects, which categories no row uses, in which unit a time was counted.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jupyter_wrangler.errors import MixedTypes, UnsupportedFrame, shown

#: One column's values, without index: an extension array or a NumPy array.
Values = Any
Note = dict[str, Any]
#: Seconds that are milliseconds too.
_SECONDS = (2**63 - 1) // 1000


def encode(name: str, values: Values, *, plain: bool = False) -> tuple[pa.Array, Note]:
    """Turn a column into Arrow; `plain` wants types that fit into a list."""
    if isinstance(values, pd.arrays.NumpyExtensionArray) and not isinstance(
        values.dtype, pd.StringDtype
    ):
        values = values.to_numpy()
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _encode_category(name, values, plain=plain)
    if is_object(dtype):
        _refuse_mixed(name, values)
    note = _note(name, dtype)
    if isinstance(dtype, np.dtype) and not dtype.isnative:
        values = values.astype(dtype.newbyteorder("="))
    try:
        array = pa.array(values, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise _cannot_store(name, dtype, str(error)) from error
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if plain and isinstance(array, pa.ExtensionArray) and not is_object(dtype):
        array = array.storage
    if note["kind"] == "arrow":
        note["type"] = _b64(pa.schema([pa.field("a", array.type)]).serialize())
    if pa.types.is_timestamp(array.type) and array.type.unit == "s":
        array, note = _encode_seconds(array, note)
    return array, note


def _encode_seconds(array: pa.Array, note: Note) -> tuple[pa.Array, Note]:
    """Let dates that Parquet cannot count, for lack of seconds, be whole numbers."""
    ticks = array.view(pa.int64())
    ends = pc.min_max(ticks).as_py()
    if ends["min"] is None or max(-ends["min"], ends["max"]) <= _SECONDS:
        return array, note
    return ticks, {**note, "zone": array.type.tz or ""}


def _note(name: str, dtype: Any) -> Note:
    if isinstance(dtype, np.dtype):
        return {"kind": "object" if is_object(dtype) else "numpy", "dtype": str(dtype)}
    if isinstance(dtype, pd.StringDtype):
        na = "NA" if dtype.na_value is pd.NA else "nan"
        return {"kind": "string", "storage": dtype.storage, "na": na}
    if isinstance(dtype, pd.ArrowDtype):
        return {"kind": "arrow"}
    if isinstance(dtype, pd.DatetimeTZDtype):
        return {"kind": "zoned", "unit": dtype.unit}
    known = pd.PeriodDtype | pd.IntervalDtype
    if isinstance(dtype, known) or hasattr(dtype, "numpy_dtype"):
        return {"kind": "extension", "dtype": str(dtype)}
    raise _cannot_store(name, dtype, "its dtype has no form in Parquet")


def _encode_category(
    name: str, values: pd.Categorical, *, plain: bool
) -> tuple[pa.Array, Note]:
    categories = values.categories
    note = {
        "kind": "category",
        "ordered": bool(values.ordered),
        "categories": pack_labels(
            categories, what=f"the categories of column {name!r}"
        ),
    }
    codes = pa.array(np.asarray(values.codes, dtype="i4"), mask=values.codes < 0)
    if plain or not all(isinstance(c, str) for c in categories):
        return codes, note
    # text stays readable for anyone who opens the file
    words = pa.array(categories.to_numpy(dtype=object), pa.large_string())
    return pa.DictionaryArray.from_arrays(codes, words), note


def decode(array: Any, note: Note) -> Values:
    """Turn Arrow back into a column, as its note says."""
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if "zone" in note:
        array = array.view(pa.timestamp("s", note["zone"] or None))
    return _DECODERS[note["kind"]](array, note)


def _decode_numpy(array: Any, note: Note) -> Values:
    lent = array.to_numpy(zero_copy_only=False)
    # what Arrow lends is read-only; where there are missing values it made a copy
    # already
    return np.array(
        lent, dtype=note["dtype"], copy=None if lent.flags.writeable else True
    )


def _decode_objects(array: Any, _note: Note) -> NDArray[np.object_]:
    if is_text(array.type):
        return np.array(array.to_numpy(zero_copy_only=False), dtype=object)
    out = np.empty(len(array), dtype=object)
    out[:] = array.to_pylist()
    return out


def _decode_arrow(array: Any, note: Note) -> Values:
    schema = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(note["type"])))
    return pd.arrays.ArrowExtensionArray(array.cast(schema.field(0).type))


def _decode_string(array: Any, note: Note) -> Values:
    na = pd.NA if note["na"] == "NA" else np.nan
    dtype: Any = pd.StringDtype(note["storage"], na_value=na)
    return dtype.__from_arrow__(array)


def _decode_zoned(array: Any, note: Note) -> Values:
    dtype: Any = pd.DatetimeTZDtype(note["unit"], array.type.tz)
    return dtype.__from_arrow__(array)


def _decode_extension(array: Any, note: Note) -> Values:
    dtype: Any = pd.api.types.pandas_dtype(note["dtype"])
    own = pa.array(pd.array([], dtype=dtype)).type
    if isinstance(own, pa.ExtensionType) and array.type != own:
        array = pa.ExtensionArray.from_storage(own, array)
    return dtype.__from_arrow__(array).copy()


def _decode_category(array: Any, note: Note) -> pd.Categorical:
    dtype = pd.CategoricalDtype(unpack_labels(note["categories"]), note["ordered"])
    if not pa.types.is_integer(array.type):
        if not pa.types.is_dictionary(array.type):
            array = array.dictionaryencode()
        words = array.dictionary.to_pylist()
        where = pd.Index(dtype.categories, dtype=object).get_indexer(
            pd.Index(words, dtype=object)
        )
        codes = array.indices.fill_null(-1).to_numpy()
        return pd.Categorical.from_codes(
            np.where(codes < 0, -1, where[codes]) if len(words) else codes, dtype=dtype
        )
    return pd.Categorical.from_codes(array.fill_null(-1).to_numpy(), dtype=dtype)


_DECODERS: dict[str, Callable[[Any, Note], Values]] = {
    "arrow": _decode_arrow,
    "category": _decode_category,
    "extension": _decode_extension,
    "numpy": _decode_numpy,
    "object": _decode_objects,
    "string": _decode_string,
    "zoned": _decode_zoned,
}


def is_object(dtype: Any) -> bool:
    """Whether a column is of Python objects."""
    return isinstance(dtype, np.dtype) and dtype.kind == "O"


def _refuse_mixed(name: str, values: Values) -> None:
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if not kind.startswith("mixed") or kind == "mixed-integer-float":
        return
    examples: dict[str, str] = {}
    for value in values[~pd.isna(values)]:
        if type(value).__name__ not in examples:
            examples[type(value).__name__] = shown(value)[:40]
    if len(examples) > 1:
        raise MixedTypes(name, sorted(examples), list(examples.values())[:3])
    (found,) = examples
    if found in {"list", "dict", "tuple", "set", "ndarray", "DataFrame", "Series"}:
        raise _cannot_store(
            name,
            "object",
            f"its cells are of type {found}, for example {examples[found]}",
        )


def _cannot_store(name: str, dtype: Any, why: str) -> UnsupportedFrame:
    if isinstance(dtype, pd.SparseDtype):
        return UnsupportedFrame(
            f"Column {name!r} is sparse, and only dense columns can be stored; convert "
            f"it with df[{name!r}].sparse.to_dense()."
        )
    return UnsupportedFrame(
        f"Column {name!r} ({dtype}) cannot be stored: {why}. Convert it to numbers, "
        f"text, dates or categories, or leave it out: df.drop(columns=[{name!r}])."
    )


def is_text(kind: pa.DataType) -> bool:
    """Whether values of this type, or of its dictionary, are text or bytes."""
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return any(
        is_kind(value)
        for is_kind in (
            pa.types.is_string,
            pa.types.is_large_string,
            pa.types.is_binary,
            pa.types.is_large_binary,
        )
    )


def pack_labels(labels: pd.Index[Any], what: str = "the columns") -> Note:
    """Write labels of any kind as JSON."""
    names = [tag(name, what) for name in labels.names]
    if isinstance(labels, pd.RangeIndex):
        return {"range": [labels.start, labels.stop, labels.step], "names": names}
    if isinstance(labels, pd.MultiIndex):
        return {"tuples": [tag(x, what) for x in labels], "names": names}
    if is_object(labels.dtype) or isinstance(labels.dtype, pd.StringDtype):
        return {
            "values": [tag(x, what) for x in labels],
            "note": _note(what, labels.dtype),
            "names": names,
        }
    array, note = encode(what, labels.array)
    batch = pa.record_batch([array], names=["labels"])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return {"arrow": _b64(sink.getvalue()), "note": note, "names": names}


def unpack_labels(packed: Note) -> pd.Index[Any]:
    """Read labels as `pack_labels` wrote them."""
    names = [untag(name) for name in packed["names"]]
    if "range" in packed:
        start, stop, step = packed["range"]
        return pd.RangeIndex(start, stop, step, name=names[0])
    if "tuples" in packed:
        return pd.MultiIndex.from_tuples(map(untag, packed["tuples"]), names=names)
    note = packed["note"]
    if "values" in packed:
        values = np.empty(len(packed["values"]), dtype=object)
        values[:] = [untag(x) for x in packed["values"]]
        if note["kind"] == "object":
            return pd.Index(values, dtype=object, name=names[0])
        words = pa.array(values, pa.string(), from_pandas=True)
        return pd.Index(decode(words, note), name=names[0])
    table = pa.ipc.open_stream(base64.b64decode(packed["arrow"])).read_all()
    return pd.Index(decode(table.column(0), note), name=names[0])


def tag(label: Hashable, what: str) -> Any:
    """Write one label as JSON that `untag` reads back in its own type."""
    if label is None or isinstance(label, bool | str):
        return label
    if isinstance(label, int | np.integer):
        return int(label)
    if isinstance(label, float | np.floating):
        return float(label)
    if isinstance(label, tuple):
        return [tag(part, what) for part in label]
    raise UnsupportedFrame(
        f"{label!r} among the labels of {what} is of type {type(label).__name__}; "
        "labels that mix types must be text, numbers or tuples of these. Rename it, "
        "for example with df.columns = df.columns.map(str)."
    )


def untag(tagged: Any) -> Any:
    """Read one label as `tag` wrote it."""
    return tuple(map(untag, tagged)) if isinstance(tagged, list) else tagged


def _b64(buffer: Any) -> str:
    return base64.b64encode(buffer).decode("ascii")

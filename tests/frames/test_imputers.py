"""A fitted imputer is one file that others cannot fake by accident."""

import hashlib
import io
import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler.errors import InvalidSpec, UnreadableImputer, UnsupportedFrame
from jupyter_wrangler.frames.imputers import load_imputer, save_imputer

DATA = Path(__file__).parent / "data"


@pytest.fixture
def df():
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(40, 3)), columns=["a", "b", "c"])
    df["k"] = pd.Categorical(rng.choice(["x", "y"], 40), ["z", "y", "x"])
    df["s"] = rng.choice(["left", "right"], 40).astype(object)
    df["t"] = pd.Timestamp("2020-01-01", tz="UTC") + pd.to_timedelta(df.index, "h")
    return df.mask(rng.random(df.shape) < 0.2)


@pytest.fixture
def saved(df, tmp_path):
    path = tmp_path / "imputer.zip"
    jw.Imputer("pmm", random_state=1).fit(df).save(path)
    return path


def rewritten(path, change):
    """The same archive with its members changed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_it_is_a_public_name():
    assert jw.load_imputer is load_imputer


def test_it_imputes_the_same(df, saved):
    imputer = jw.Imputer("pmm", random_state=1).fit(df)
    again = jw.load_imputer(saved)
    pd.testing.assert_frame_equal(again.transform(df), imputer.transform(df))
    assert again.feature_names_in_.tolist() == list(df)


def test_what_an_earlier_version_has_saved_imputes_as_it_did():
    """Classes and their fields are named in the file: renaming one needs a new form."""
    imputer = jw.load_imputer(DATA / "form_2.imputer")
    ward = pd.Categorical([None, "B"], ["A", "B"])
    seen = pd.to_datetime([None, "2026-02-01"])
    new = pd.DataFrame(
        {"age": [None, 40.0], "ward": ward, "seen": seen, "chol": [200.0, None]}
    )
    done = imputer.transform(new)
    assert done["age"].tolist() == [45.0, 40.0]
    assert done["ward"].tolist() == ["A", "B"]
    assert done["seen"].tolist() == [pd.Timestamp("2026-01-09"), seen[1]]
    assert done["chol"].tolist() == pytest.approx([200.0, 213.35132339916987])


def test_the_same_imputer_is_the_same_bytes(df, saved, tmp_path):
    other = tmp_path / "other.zip"
    save_imputer(jw.Imputer("pmm", random_state=1).fit(df), other)
    assert other.read_bytes() == saved.read_bytes()


def test_the_file_holds_no_pickle(saved):
    with zipfile.ZipFile(saved) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            if name == "arrays.npy.zst":
                size = json.loads(json.loads(archive.read("imputer.json"))["head"])
                data = pa.decompress(data, size["bytes"], "zstd", asbytes=True)
                np.load(io.BytesIO(data), allow_pickle=False)
            else:
                assert name in {"imputer.json", "columns.parquet"}
            with pytest.raises(Exception):  # noqa: B017, PT011  whatever pickle says
                pickle.loads(data)  # noqa: S301  our own bytes


def test_a_file_is_replaced_at_once_or_not_at_all(df, saved):
    before = saved.read_bytes()

    def post(values):
        return values

    imputer = jw.Imputer("linear", post={"a": post}).fit(df)
    with pytest.raises(InvalidSpec, match="cannot be saved"):
        imputer.save(saved)
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == ["imputer.zip"]


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (pd.Series([2**70, 2**70 + 1, None, 5] * 3, dtype=object), "cannot be stored"),
        (pd.Series(pd.arrays.SparseArray([0.0, 1.0] * 6)), "is sparse"),
    ],
)
def test_a_column_that_cannot_be_stored_is_called_by_its_name(column, words, tmp_path):
    df = pd.DataFrame({"x": np.arange(12.0), "s": list("ab") * 6, "dose": column})
    imputer = jw.Imputer("pmm", methods={"dose": ""}).fit(df)
    with pytest.raises(UnsupportedFrame, match=f"Column 'dose' .*{words}"):
        imputer.save(tmp_path / "imputer.zip")
    assert not list(tmp_path.iterdir())


def test_what_served_the_fit_only_is_left_out(df, tmp_path):
    where = df.isna().to_numpy()
    imputer = jw.Imputer("pmm", random_state=0, start=df.ffill().bfill(), where=where)
    imputer.fit(df).save(tmp_path / "imputer.zip")
    again = jw.load_imputer(tmp_path / "imputer.zip")
    assert again.where is None
    assert again.start is None
    pd.testing.assert_frame_equal(again.transform(df), imputer.transform(df))


@pytest.mark.parametrize("content", [b"", b"nothing of ours", b"PK\x03\x04 cut short"])
def test_foreign_files_are_refused(content, tmp_path):
    path = tmp_path / "foreign.zip"
    path.write_bytes(content)
    with pytest.raises(UnreadableImputer, match="no archive of ours"):
        jw.load_imputer(path)


def test_foreign_archives_are_refused(saved, tmp_path):
    other = tmp_path / "other.zip"
    with other.open("wb") as file:
        np.savez(file, a=np.arange(3))
    with pytest.raises(UnreadableImputer, match="no archive of ours"):
        jw.load_imputer(other)

    def another_kind(members):
        members["imputer.json"] = b'{"head": "{\\"kind\\": 1, \\"format\\": 1}"}'

    with pytest.raises(UnreadableImputer, match="no archive of ours"):
        jw.load_imputer(rewritten(saved, another_kind))
    with pytest.raises(FileNotFoundError):
        jw.load_imputer(tmp_path / "nowhere.zip")


def test_a_cut_file_is_refused(saved):
    saved.write_bytes(saved.read_bytes()[:-200])
    with pytest.raises(UnreadableImputer):
        jw.load_imputer(saved)


def test_flipped_bits_are_refused_or_mean_nothing(df, saved):
    whole = saved.read_bytes()
    expected = jw.load_imputer(saved).transform(df)
    for k in range(0, len(whole), len(whole) // 97):
        data = bytearray(whole)
        data[k] ^= 0xFF
        saved.write_bytes(data)
        try:
            found = jw.load_imputer(saved)
        except UnreadableImputer:
            continue
        # dates and other things of the archive that nobody reads
        pd.testing.assert_frame_equal(found.transform(df), expected)


@pytest.mark.parametrize("name", ["arrays.npy.zst", "columns.parquet"])
def test_changed_parts_are_refused(saved, name):
    def swap(members):
        members[name] = members["imputer.json"]

    with pytest.raises(UnreadableImputer, match=f"part '{name}' was changed"):
        jw.load_imputer(rewritten(saved, swap))


def test_missing_parts_are_refused(saved):
    with pytest.raises(UnreadableImputer, match="missing or damaged"):
        jw.load_imputer(rewritten(saved, lambda members: members.pop("arrays.npy.zst")))


def test_a_changed_description_is_refused(saved):
    def tamper(members):
        outer = json.loads(members["imputer.json"])
        outer["head"] = outer["head"].replace('"donors":5', '"donors":6')
        members["imputer.json"] = json.dumps(outer).encode()

    with pytest.raises(UnreadableImputer, match="description was changed"):
        jw.load_imputer(rewritten(saved, tamper))


def test_parts_that_do_not_belong_together_are_refused(saved):
    def fewer_columns(members):
        outer = json.loads(members["imputer.json"])
        head = json.loads(outer["head"]) | {"columns": 99}
        body = json.dumps(head)
        digest = hashlib.sha256(body.encode()).hexdigest()
        members["imputer.json"] = json.dumps({"sha256": digest, "head": body}).encode()

    with pytest.raises(UnreadableImputer, match="do not fit together"):
        jw.load_imputer(rewritten(saved, fewer_columns))


def test_arrays_that_would_unfold_to_more_than_they_can_hold_are_refused(saved):
    def huge(members):
        outer = json.loads(members["imputer.json"])
        head = json.loads(outer["head"]) | {"bytes": 2**50}
        body = json.dumps(head)
        digest = hashlib.sha256(body.encode()).hexdigest()
        members["imputer.json"] = json.dumps({"sha256": digest, "head": body}).encode()

    with pytest.raises(UnreadableImputer, match="cannot hold"):
        jw.load_imputer(rewritten(saved, huge))


def test_another_form_is_refused_by_its_number(saved):
    def older(members):
        outer = json.loads(members["imputer.json"])
        outer["head"] = outer["head"].replace('"format":2', '"format":1')
        members["imputer.json"] = json.dumps(outer).encode()

    with pytest.raises(UnreadableImputer, match="in form 1, and this version"):
        jw.load_imputer(rewritten(saved, older))


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000])
@pytest.mark.parametrize("inner", [True, False])
def test_fault_4_12_json_that_is_nested_too_deeply_is_refused(tmp_path, text, inner):
    path = tmp_path / "deep.zip"
    body = json.dumps({"sha256": "", "head": text}) if inner else text
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("imputer.json", body)
    with pytest.raises(UnreadableImputer):
        load_imputer(path)


@pytest.mark.parametrize("depth", [300, 900, 100_000])
def test_fault_4_12_a_tree_that_is_nested_too_deeply_is_refused(tmp_path, depth):
    """With digests that fit: anyone who made it meant it."""
    imputer = jw.Imputer("mean").fit(pd.DataFrame({"a": [1.0, None]}))
    path, deep = tmp_path / "deep.zip", tmp_path / "deeper.zip"
    save_imputer(imputer, path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    head = json.loads(json.loads(members["imputer.json"])["head"])
    nested = '{"list":[' * depth + "]}" * depth
    body = json.dumps({**head, "tree": "here"}).replace('"here"', nested)
    members["imputer.json"] = json.dumps(
        {"sha256": hashlib.sha256(body.encode()).hexdigest(), "head": body}
    ).encode()
    with zipfile.ZipFile(deep, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    with pytest.raises(UnreadableImputer):
        load_imputer(deep)

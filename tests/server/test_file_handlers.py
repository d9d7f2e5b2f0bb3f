"""Files of the Jupyter server: what they hold, and who may know."""

import bz2
import contextlib
import gzip
import io
import json
import lzma
import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from jupyter_server.auth import Authorizer
from tornado.httpclient import HTTPClientError
from traitlets import Any

from jupyter_wrangler.server.file_handlers import NEEDS
from jupyter_wrangler.server.routes import RESOURCE

FRAME = pd.DataFrame(
    {
        "name": ["Zoë", "Bo", None, "Di"],
        "weight": [61.5, np.nan, 70.25, 80.5],
        "day": pd.to_datetime(["2024-01-01", None, "2024-01-03", "2024-01-04"]),
    }
)
TEXT = FRAME.to_csv(index=False).encode()


def written(verb, **options):
    goal = io.BytesIO()
    getattr(FRAME, f"to_{verb}")(goal, **options)
    return goal.getvalue()


KINDS = {
    "x.csv": TEXT,
    "x.tsv": TEXT.replace(b",", b"\t"),
    "x.CSV": TEXT,
    "x.csv.gz": gzip.compress(TEXT),
    "x.csv.bz2": bz2.compress(TEXT),
    "x.csv.xz": lzma.compress(TEXT),
    "x.tsv.zst": pa.compress(TEXT.replace(b",", b"\t"), codec="zstd", asbytes=True),
    "x.parquet": written("parquet"),
    "x.feather": written("feather"),
    "x.xlsx": written("excel", index=False),
}


class Limited(Authorizer):
    """Allows all but what the test says, and remembers what it was asked."""

    asked = Any()
    refused = Any()

    def is_authorized(self, handler, user, action, resource):  # noqa: ARG002
        if re.search("/api/wrangler/", handler.request.path):
            self.asked = [*(self.asked or []), (action, resource)]
        return (action, resource) != self.refused


@pytest.fixture
def authorizer():
    return Limited


@pytest.fixture
def ask(jp_fetch):
    """Ask about a file: (status, body)."""

    async def ask(verb, path, **more):
        body = json.dumps({"path": path, **more})
        return await sent(verb, body)

    async def sent(verb, body):
        try:
            answer = await jp_fetch(
                *("api", "wrangler", "files", verb),
                method="POST",
                body=body,
                request_timeout=120,
            )
        except HTTPClientError as error:
            return error.code, json.loads(error.response.body)
        # of lines the last one has the answer
        last = json.loads(answer.body.splitlines()[-1])
        return answer.code, last.get("answer", last)

    ask.sent = sent
    return ask


@pytest.mark.parametrize("name", KINDS)
async def test_each_kind_of_file_is_shown(ask, jp_root_dir, name):
    (jp_root_dir / name).write_bytes(KINDS[name])
    status, found = await ask("preview", name)
    assert status == 200, found
    assert [c["name"] for c in found["columns"]] == list(FRAME.columns)
    assert [c["n_missing"] for c in found["columns"]] == [1, 1, 1]
    assert found["columns"][1]["type"] == "float"
    assert (found["rows_read"], found["n_rows"]) == (4, 4)
    assert found["rows"][0][:2] == ["Zoë", "61.5"]
    assert found["rows"][1][1] is None
    assert found["size"] == len(KINDS[name])
    text = not name.lower().endswith((".parquet", ".feather", ".xlsx"))
    assert (found["dialect"] is not None) == text
    # the line of code reads the same, where the file is
    there = {}
    with contextlib.chdir(jp_root_dir):
        exec(found["code"], there)  # noqa: S102  it is what is tested
    assert list(there["df"].columns) == list(FRAME.columns)
    assert there["df"]["weight"].tolist()[2] == 70.25


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            "a;b\r\n1,5;x\r\n2,25;é\r\n".encode("cp1252"),
            (";", ",", "cp1252", False, True),
        ),
        ("a,b\n1.5,é\n".encode("utf-8-sig"), (",", ".", "utf-8", True, False)),
        ("a\tb\n1,5\té\n".encode("utf-16"), ("\t", ",", "utf-16-le", True, False)),
        ("a|b\n1|é\n".encode("utf-16-be"), ("|", ".", "utf-16-be", False, False)),
    ],
)
async def test_how_a_text_is_written_is_found(ask, jp_root_dir, data, expected):
    (jp_root_dir / "x.csv").write_bytes(data)
    _, found = await ask("preview", "x.csv")
    names = ("separator", "decimal", "encoding", "marked", "windows")
    assert tuple(found["dialect"][name] for name in names) == expected
    assert found["columns"][0]["name"] == "a"
    assert "é" in found["rows"][-1]


async def test_what_was_found_can_be_corrected(ask, jp_root_dir):
    (jp_root_dir / "x.csv").write_text("a,b;c\n1,5;k. A.\n")
    _, found = await ask("preview", "x.csv")
    assert [c["name"] for c in found["columns"]] == ["a,b", "c"]
    options = {"separator": ",", "missing": ["5;k. A."]}
    _, found = await ask("preview", "x.csv", options=options)
    assert [c["name"] for c in found["columns"]] == ["a", "b;c"]
    assert [c["n_missing"] for c in found["columns"]] == [0, 1]
    status, found = await ask("preview", "x.csv", options={"separator": ";;"})
    assert (status, found["code"]) == (422, "invalid_spec")
    both = {"separator": ",", "decimal": ","}
    status, found = await ask("preview", "x.csv", options=both)
    assert status == 422
    assert "choose another one for either" in found["message"]


@pytest.mark.parametrize("name", ["x.csv", "x.xlsx"])
async def test_a_first_line_may_hold_no_names(ask, jp_root_dir, name):
    frame = pd.DataFrame([[1.5, "a"], [2.5, None]])
    if name == "x.csv":
        frame.to_csv(jp_root_dir / name, index=False, header=False, sep=";")
    else:
        frame.to_excel(jp_root_dir / name, index=False, header=False)
    _, found = await ask("preview", name, options={"header": False})
    assert [c["name"] for c in found["columns"]] == ["column_1", "column_2"]
    assert found["rows"] == [["1.5", "a"], ["2.5", None]]
    there = {}
    with contextlib.chdir(jp_root_dir):
        exec(found["code"], there)  # noqa: S102  it is what is tested
    assert there["df"].shape == (2, 2)
    assert list(there["df"].columns) == ["column_1", "column_2"]


async def test_names_that_are_numbers_are_doubted(ask, jp_root_dir):
    (jp_root_dir / "x.csv").write_text("1.5,1.5e3\n2,3\n")
    _, found = await ask("preview", "x.csv")
    assert any("is no line of names" in note for note in found["notes"])
    (jp_root_dir / "x.csv").write_text("2024,a\n2,3\n")
    _, found = await ask("preview", "x.csv")
    assert found["notes"] == []


def three_encodings():
    rows = ["a,b"] + [f"{k},é" for k in range(30)]
    parts = [("\n".join(rows) + "\n").encode(c) for c in ("utf-8", "cp1252", "cp437")]
    return parts[0] * 3 + parts[1].split(b"\n", 1)[1] + parts[2].split(b"\n", 1)[1]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (np.random.default_rng(0).bytes(100_000), "zero bytes and is no text"),
        (three_encodings(), "is in UTF-8 but for"),
        (b"a,b\n" + b"x" * (5 * 2**20), "longer than 4 MiB"),
        (b"x" * (5 * 2**20), "longer than 4 MiB"),
        (b"a:b\n1:2\n3:4\n", "Say the separator ':'"),
        (b"a,a\n1,2\n", "several columns of the name"),
        (KINDS["x.parquet"], "let its name end in .parquet"),
    ],
)
async def test_what_is_no_table_is_refused_in_words(ask, jp_root_dir, data, words):
    (jp_root_dir / "x.csv").write_bytes(data)
    status, found = await ask("preview", "x.csv")
    assert status == 422, found
    assert words in found["message"]
    assert str(jp_root_dir) not in found["message"]
    assert "--" not in found["message"]


@pytest.mark.parametrize("ending", ["csv.gz", "csv.zst", "parquet", "feather", "xlsx"])
async def test_noise_is_refused_whatever_it_is_called(ask, jp_root_dir, ending):
    (jp_root_dir / f"x.{ending}").write_bytes(np.random.default_rng(1).bytes(10_000))
    status, found = await ask("preview", f"x.{ending}")
    assert status == 422, found
    assert "is what its name says" in found["message"]


async def test_a_column_alone_is_a_table(ask, jp_root_dir):
    (jp_root_dir / "x.csv").write_text("a\n1\n\n3\n")
    _, found = await ask("preview", "x.csv")
    assert found["columns"] == [{"name": "a", "type": "float", "n_missing": 1}]


@pytest.mark.parametrize(
    "path",
    ["../x.csv", "../../etc/passwd", "/etc/passwd", "no.csv", ".hidden.csv", "gone.csv",
     "a/../../x.csv", "x\0.csv"],
)  # fmt: skip
async def test_what_the_file_browser_does_not_open_is_not_there(ask, jp_root_dir, path):
    (jp_root_dir.parent / "x.csv").write_bytes(TEXT)
    (jp_root_dir / ".hidden.csv").write_bytes(TEXT)
    (jp_root_dir / "gone.csv").symlink_to(jp_root_dir / "no.csv")
    for verb in NEEDS:
        status, found = await ask(verb, path, fingerprint="1-1")
        assert (status, found["code"]) == (404, "not_found"), (verb, found)


async def test_a_link_leads_where_the_contents_manager_lets_it(
    ask, jp_fetch, jp_root_dir, tmp_path_factory
):
    outside = tmp_path_factory.mktemp("outside") / "x.csv"
    outside.write_bytes(TEXT)
    (jp_root_dir / "link.csv").symlink_to(outside)
    by_manager = await jp_fetch("api", "contents", "link.csv")
    status, _ = await ask("preview", "link.csv")
    assert status == by_manager.code


async def test_a_folder_is_no_file(ask, jp_root_dir):
    (jp_root_dir / "folder.csv").mkdir()
    status, found = await ask("preview", "folder.csv")
    assert status == 422
    assert "is a folder" in found["message"]


@pytest.mark.parametrize("body", ["", "[]", "{", '{"path": 1}', '{"way": "x.csv"}'])
async def test_a_body_that_names_no_file_is_refused(ask, body):
    status, found = await ask.sent("preview", body)
    assert status == 422
    assert "JSON object with the path" in found["message"]


@pytest.mark.parametrize("verb", NEEDS)
async def test_each_verb_needs_what_it_does(ask, jp_root_dir, jp_serverapp, verb):
    (jp_root_dir / "x.csv").write_bytes(TEXT)
    files, work = NEEDS[verb]
    for refused in ((files, "contents"), (work, RESOURCE)):
        jp_serverapp.authorizer.refused = refused
        jp_serverapp.authorizer.asked = None
        status, found = await ask(verb, "x.csv", fingerprint="1-1")
        assert (status, found["code"]) == (403, "not_allowed")
        assert jp_serverapp.authorizer.asked[-1] == refused


async def test_strangers_learn_nothing(http_server_client, jp_base_url, jp_root_dir):
    (jp_root_dir / "x.csv").write_bytes(TEXT)
    for verb in NEEDS:
        with pytest.raises(HTTPClientError) as refused:
            await http_server_client.fetch(
                f"{jp_base_url}api/wrangler/files/{verb}",
                method="POST",
                body='{"path": "x.csv"}',
            )
        assert refused.value.code == 403


async def test_a_plan_has_reasons_and_choices(ask, jp_root_dir):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=200), "s": list("xyzw") * 50})
    frame["b"] = 2 * frame["a"]
    frame.loc[::7, "b"] = None
    frame.loc[::9, "s"] = None
    frame.to_csv(jp_root_dir / "x.csv", index=False)
    _, seen = await ask("preview", "x.csv")
    status, found = await ask(
        "plan", "x.csv", fingerprint=seen["fingerprint"], n_imputations=3
    )
    assert status == 200, found
    columns = {c["name"]: c for c in found["plan"]["columns"]}
    assert columns["b"]["reason"]
    assert columns["a"]["method"] == ""
    for name in ("b", "s"):
        assert columns[name]["method"] in found["choices"][columns[name]["level"]]
    assert "logreg" not in found["choices"]["continuous"]


async def test_a_plan_is_of_the_file_that_was_looked_at(ask, jp_root_dir):
    file = jp_root_dir / "x.csv"
    file.write_bytes(TEXT)
    _, seen = await ask("preview", "x.csv")
    file.write_bytes(TEXT + b"Ed,1.0,2024-01-05\n")
    status, found = await ask("plan", "x.csv", fingerprint=seen["fingerprint"])
    assert (status, found["code"]) == (409, "file_changed")
    assert "Look at it again" in found["message"]


@pytest.mark.parametrize("name", KINDS)
async def test_rows_of_each_kind_come_in_pages(ask, jp_root_dir, name):
    (jp_root_dir / name).write_bytes(KINDS[name])
    _, seen = await ask("preview", name)
    asked = {"fingerprint": seen["fingerprint"]}
    status, found = await ask("rows", name, **asked, offset=1, limit=2)
    assert status == 200, found
    assert found["cells"] == seen["rows"][1:3]
    status, found = await ask("rows", name, **asked, limit=0)
    assert (found["n_rows"], found["counted"]) == (4, True)
    status, found = await ask("rows", name, **asked, first_column=1, n_columns=1)
    assert found["cells"] == [row[1:2] for row in seen["rows"]]


async def test_rows_are_of_the_file_that_was_looked_at(ask, jp_root_dir):
    file = jp_root_dir / "x.csv"
    file.write_bytes(TEXT)
    _, seen = await ask("preview", "x.csv")
    asked = {"fingerprint": seen["fingerprint"]}
    status, _ = await ask("rows", "x.csv", **asked)
    assert status == 200
    file.write_bytes(TEXT + b"Ed,1.0,2024-01-05\n")
    status, found = await ask("rows", "x.csv", **asked)
    assert (status, found["code"]) == (409, "file_changed")
    file.unlink()
    status, found = await ask("rows", "x.csv", **asked)
    assert (status, found["code"]) == (404, "not_found")

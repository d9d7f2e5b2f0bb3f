"""Files of the Jupyter server over the real stack: profiled, imputed, saved."""

import asyncio
import gzip
import io
import json
import resource

import numpy as np
import pandas as pd
import pytest
from tornado.httpclient import HTTPClientError

from jupyter_wrangler.client.transport.api import Api
from jupyter_wrangler.files.sample import sample_of
from tests.waiting import CEILING_S, until


@pytest.fixture
def service_environment(stack_env, monkeypatch):
    """Let the extension find the stack of the tests."""
    assert stack_env
    monkeypatch.delenv("JUPYTER_WRANGLER_URL", raising=False)


@pytest.fixture
def api(stack_env, stack_settings):
    assert stack_env
    api = Api(settings=stack_settings)
    yield api
    api.close()


@pytest.fixture
def ask(jp_fetch):
    """Ask about a file: (status, last line, lines before it)."""

    async def ask(verb, path, **more):
        try:
            answer = await jp_fetch(
                *("api", "wrangler", "files", verb),
                method="POST",
                body=json.dumps({"path": path, **more}),
                request_timeout=CEILING_S,
            )
        except HTTPClientError as error:
            return error.code, json.loads(error.response.body), []
        lines = [json.loads(line) for line in answer.body.splitlines()]
        return answer.code, lines[-1], lines[:-1]

    return ask


@pytest.fixture
def ended(api):
    """Wait until a job has ended."""

    async def ended(job_id):
        await asyncio.to_thread(until, lambda: api.job(job_id).final, pause=0.1)
        job = api.job(job_id)
        assert job.state == "succeeded", job.error
        return job

    return ended


def text_of(n=60):
    rng = np.random.default_rng(0)
    a = rng.normal(size=n).round(2)
    rows = [
        f"{k:05d};{str(v).replace('.', ',')};"
        + ("" if k % 5 == 0 else str((2 * v).round(2)).replace(".", ","))
        + (";ä" if k % 2 else ";ö")
        for k, v in enumerate(a)
    ]
    return "id;a;b;word\r\n" + "\r\n".join(rows) + "\r\n"


async def planned(ask, path, **more):
    """Look at a file and plan: what a run is asked with."""
    status, seen, _ = await ask("preview", path)
    assert status == 200, seen
    asked = {"fingerprint": seen["fingerprint"], "options": more.pop("options", {})}
    status, found, _ = await ask("plan", path, **asked, **more)
    assert status == 200, found
    return seen, {**asked, "plan": found["answer"]["plan"], **more}


@pytest.mark.parametrize("name", ["data/x.csv", "data/x.csv.gz", "data/x.parquet"])
async def test_a_file_is_imputed_and_saved_as_it_is_written(
    ask, ended, jp_root_dir, name
):
    path = jp_root_dir / name
    path.parent.mkdir()
    text = text_of()
    data = text.encode("cp1252")
    if name.endswith(".parquet"):
        frame = pd.read_csv(
            pd.io.common.StringIO(text), sep=";", decimal=",", dtype={"id": str}
        )
        frame.to_parquet(path)
    else:
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    before = path.read_bytes()
    seen, asked = await planned(ask, name)
    # the same data by the same plan and seed would be the same job
    seed = len(name)
    status, last, lines = await ask("run", name, **asked, random_state=seed)
    assert status == 200, last
    stages = [line["progress"]["stage"] for line in lines]
    assert list(dict.fromkeys(stages)) == ["reading", "parsing", "sending"]
    size = path.stat().st_size
    assert lines[0]["progress"] == {"stage": "reading", "done": size, "total": size}
    job = await ended(last["answer"]["job_id"])
    assert job.name == path.name
    chosen = {c["name"]: c["method"] for c in asked["plan"]["columns"] if c["method"]}
    assert job.spec.methods["b"] == chosen["b"]
    save = {k: asked[k] for k in ("fingerprint", "options")} | {"job_id": str(job.id)}
    status, last, _ = await ask("save", name, **save, name=seen["save_as"])
    assert status == 200, last
    assert last["answer"] == {"paths": [seen["save_as"]], "n_imputed": 12}
    goal = path.parent / seen["save_as"]
    assert path.read_bytes() == before
    assert sorted(f.name for f in path.parent.iterdir()) == sorted(
        [path.name, goal.name]
    )
    assert goal.stat().st_mode == path.stat().st_mode
    if name.endswith(".parquet"):
        done = pd.read_parquet(goal)
        assert not done.isna().to_numpy().any()
        pd.testing.assert_frame_equal(done[["id", "a"]], frame[["id", "a"]])
        return
    found = goal.read_bytes()
    found = gzip.decompress(found) if name.endswith(".gz") else found
    pairs = zip(text.split("\r\n"), found.decode("cp1252").split("\r\n"), strict=True)
    changed = [(was, now) for was, now in pairs if was != now]
    assert len(changed) == 12
    for was, now in changed:
        left, right = was.split(";;")
        assert now.startswith(f"{left};")
        assert now.endswith(f";{right}")


async def test_several_imputations_are_saved_as_several_files(ask, ended, jp_root_dir):
    (jp_root_dir / "x.csv").write_text(text_of())
    _, asked = await planned(ask, "x.csv", n_imputations=2)
    _, last, _ = await ask("run", "x.csv", **asked, random_state=3)
    job = await ended(last["answer"]["job_id"])
    assert (job.spec.n_imputations, job.spec.random_state) == (2, 3)
    save = {
        "fingerprint": asked["fingerprint"],
        "job_id": str(job.id),
        "name": "done.csv",
    }
    taken = jp_root_dir / "done-2.csv"
    taken.write_text("mine")
    _, found, _ = await ask("save", "x.csv", **save)
    assert found["error"]["code"] == "file_taken"
    assert taken.read_text() == "mine"
    assert not (jp_root_dir / "done-1.csv").exists()
    _, last, _ = await ask("save", "x.csv", **save, overwrite=True)
    assert last["answer"]["paths"] == ["done-1.csv", "done-2.csv"]
    one, two = (pd.read_csv(jp_root_dir / n, sep=";") for n in last["answer"]["paths"])
    assert not one["b"].equals(two["b"])


async def test_what_is_saved_in_another_kind_keeps_its_types(ask, ended, jp_root_dir):
    rng = np.random.default_rng(5)
    n = 80
    frame = pd.DataFrame(
        {
            "id": [f"{k:05d}" for k in range(n)],
            "x": rng.normal(size=n).round(2),
            "yes": rng.random(n) < 0.5,
            "day": pd.date_range("2024-01-01", periods=n).strftime("%Y-%m-%d"),
            "word": rng.choice(["ä", "b"], n),
        }
    )
    frame["y"] = (2 * frame["x"] + 10).round(2)
    frame.loc[::8, "y"] = np.nan
    text = frame.to_csv(index=False, sep=";", decimal=",")
    (jp_root_dir / "x.csv").write_bytes(text.encode("cp1252"))
    seen, asked = await planned(ask, "x.csv")
    _, last, _ = await ask("run", "x.csv", **asked, random_state=11)
    job = await ended(last["answer"]["job_id"])
    save = {"fingerprint": seen["fingerprint"], "job_id": str(job.id)}
    spelled = {"dtype": {"id": str}, "encoding": "cp1252", "decimal": ","}
    read = {
        # pandas takes a text for a number where it can
        "y.xlsx": lambda path: pd.read_excel(path, dtype={"id": str}),
        "y.feather": pd.read_feather,
        "y.parquet": pd.read_parquet,
        "y.tsv": lambda path: pd.read_csv(path, sep="\t", **spelled),
        "y.csv.gz": lambda path: pd.read_csv(path, sep=";", **spelled),
        "y.csv.zst": None,
    }
    for name, reader in read.items():
        _, last, _ = await ask("save", "x.csv", **save, name=name)
        assert last["answer"] == {"paths": [name], "n_imputed": 10}, (name, last)
        _, refused, _ = await ask("save", "x.csv", **save, name=name)
        refused = refused.get("error", refused)
        assert refused["code"] == "file_taken", (name, refused)
        if reader is None:
            continue
        found = reader(jp_root_dir / name)
        assert found["id"].tolist() == frame["id"].tolist(), name
        assert found["yes"].dtype == bool, name
        assert found["day"].astype(str).tolist() == frame["day"].tolist(), name
        assert found["word"].tolist() == frame["word"].tolist(), name
        np.testing.assert_allclose(found["x"], frame["x"])
        assert found["y"].notna().all(), name
        known = frame["y"].notna()
        np.testing.assert_allclose(found["y"][known], frame["y"][known])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../x.csv", "a name without a folder"),
        (".x.csv", "begins with no dot"),
        ("x.doc", "are known"),
        ("x.csv.zip", "read but not written"),
        ("x.csv", "is there already"),
    ],
)
async def test_a_file_is_saved_beside_its_source_and_nowhere_else(
    ask, ended, jp_root_dir, name, words
):
    source = jp_root_dir / "x.csv"
    source.write_bytes(text_of().encode())
    _, asked = await planned(ask, "x.csv")
    _, last, _ = await ask("run", "x.csv", **asked)
    job = await ended(last["answer"]["job_id"])
    before = sorted(jp_root_dir.parent.rglob("*.csv*"))
    for overwrite in (False, True):
        status, found, _ = await ask(
            "save",
            "x.csv",
            fingerprint=asked["fingerprint"],
            job_id=str(job.id),
            name=name,
            overwrite=overwrite,
        )
        found = found.get("error", found)
        assert status in {200, 409, 422}
        assert words in found["message"]
    assert sorted(jp_root_dir.parent.rglob("*.csv*")) == before
    assert source.read_bytes() == text_of().encode()


async def test_a_full_disk_is_named_and_the_result_can_be_saved_later(
    ask, ended, jp_root_dir
):
    (jp_root_dir / "x.csv").write_text(text_of(2000))
    _, asked = await planned(ask, "x.csv")
    _, last, _ = await ask("run", "x.csv", **asked, random_state=11)
    job = await ended(last["answer"]["job_id"])
    save = {"fingerprint": asked["fingerprint"], "job_id": str(job.id)}
    # the process that saves has the limits of this one
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        _, found, _ = await ask("save", "x.csv", **save, name="done.csv")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert found["error"]["code"] == "invalid_data"
    assert "'done.csv' was not written: File too large" in found["error"]["message"]
    assert [p.name for p in jp_root_dir.iterdir() if "ipynb" not in p.name] == ["x.csv"]
    _, last, _ = await ask("save", "x.csv", **save, name="done.csv")
    assert last["answer"]["paths"] == ["done.csv"]
    assert pd.read_csv(jp_root_dir / "done.csv", sep=";")["b"].notna().all()


async def test_what_changed_or_went_after_the_preview_is_not_imputed(
    ask, api, jp_root_dir
):
    path = jp_root_dir / "changing.csv"
    path.write_text(text_of())
    _, asked = await planned(ask, path.name)
    path.write_text(text_of(61))
    for verb, more in (
        ("run", asked),
        ("profile", {"fingerprint": asked["fingerprint"]}),
    ):
        status, found, _ = await ask(verb, path.name, **more)
        assert (status, found["code"]) == (409, "file_changed")
        assert "Look at it again" in found["message"]
    path.unlink()
    status, found, _ = await ask("run", path.name, **asked)
    assert status == 404
    assert "There is no file 'changing.csv'" in found["message"]
    assert all(job.name != path.name for job in api.jobs())


async def test_what_is_wrong_below_the_head_is_said_when_it_is_read(ask, jp_root_dir):
    path = jp_root_dir / "x.csv"
    head = b"a,b\n" + b"1.5,x\n2.5,\n" * 600_000
    path.write_bytes(head + "3.5,é\n".encode() * 90 + "3.5,é\n".encode("cp1252"))
    _, asked = await planned(ask, "x.csv")
    status, last, lines = await ask("run", "x.csv", **asked)
    # reading had begun, and its progress was sent
    assert (status, len(lines) > 0) == (200, True)
    assert last["error"]["code"] == "unsupported_frame"
    assert "is in UTF-8 but for 1 bytes" in last["error"]["message"]


async def test_values_that_are_missing_in_rows_not_drawn_are_imputed_too(
    ask, ended, jp_root_dir
):
    rng = np.random.default_rng(0)
    n = 12_000
    frame = pd.DataFrame({"a": rng.normal(size=n), "b": rng.normal(size=n)})
    frame["k"] = np.arange(n)
    frame.loc[::5, "a"] = np.nan
    path = jp_root_dir / "x.csv"
    frame.to_csv(path, index=False)
    data = path.read_bytes()
    drawn = sample_of(path, lambda: io.BytesIO(data), {}, lambda *_: None)
    # which rows are drawn does not depend on what is in them
    left_out = np.setdiff1d(frame["k"], drawn.frame["k"])
    frame.loc[left_out[0], "b"] = np.nan
    frame.to_csv(path, index=False)
    _, asked = await planned(ask, "x.csv")
    counts = [c["n_missing"] for c in asked["plan"]["columns"]]
    assert counts == [pytest.approx(2_000, rel=0.1), 0, 0]
    _, last, _ = await ask("run", "x.csv", **asked)
    job = await ended(last["answer"]["job_id"])
    assert job.spec.methods["b"] == "auto"


async def test_a_profile_is_html_of_the_whole_file(ask, jp_root_dir):
    (jp_root_dir / "x.csv").write_text(text_of(2000))
    _, seen, _ = await ask("preview", "x.csv")
    status, last, _ = await ask("profile", "x.csv", fingerprint=seen["fingerprint"])
    assert status == 200, last
    assert last["answer"]["n_rows"] == 2000
    assert "2,000 rows" in last["answer"]["html"]
    assert "<script" not in last["answer"]["html"]
    missing, patterns = last["answer"]["charts"]
    assert missing["sentence"].startswith("400 of 2,000 rows lack 'b' (20 %)")
    assert patterns["sentence"].startswith("2 patterns; 1,600 of 2,000 rows")
    assert missing["heads"] == ["column", "missing", "share"]
    assert missing["rows"][0] == ["b", 400, 0.2]
    assert patterns["rows"] == [[1600, 0.8, ""], [400, 0.2, "b"]]
    assert missing["spec"]["$schema"].endswith("v5.json")


async def test_a_profile_of_whole_data_draws_nothing(ask, jp_root_dir):
    (jp_root_dir / "x.csv").write_text("a,b\n1,2\n3,4\n")
    _, seen, _ = await ask("preview", "x.csv")
    _, last, _ = await ask("profile", "x.csv", fingerprint=seen["fingerprint"])
    assert last["answer"]["charts"] == []


async def test_a_plan_that_does_not_fit_is_refused_in_words(ask, jp_root_dir):
    (jp_root_dir / "x.csv").write_text(text_of())
    _, asked = await planned(ask, "x.csv")
    for column in asked["plan"]["columns"]:
        if column["name"] == "b":
            column["method"] = "logreg"
    _, found, _ = await ask("run", "x.csv", **asked)
    found = found.get("error", found)
    assert found["code"] == "method_does_not_fit"
    assert "'b'" in found["message"]

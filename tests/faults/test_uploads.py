"""Uploads that are cut: in the midst of a chunk, and between keeping and saying so."""

from __future__ import annotations

import contextlib
import hashlib
import signal
import socket
import threading
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from jupyter_wrangler import frames
from jupyter_wrangler.contract import CHUNK, ImputationSpec
from jupyter_wrangler.store.engines import sync_engine
from tests.acceptance.system import incomplete_frame
from tests.waiting import CEILING_S, until

pytestmark = pytest.mark.slow


def begin(http: httpx.Client, data: bytes) -> dict:
    """Announce bytes, and send what is missing of them."""
    sha = hashlib.sha256(data).hexdigest()
    found = http.post("/uploads", json={"sha256": sha, "size": len(data)}).json()
    if not found["known"] and found["received"] < len(data):
        at = found["received"]
        url = f"/uploads/{found['id']}"
        assert http.put(url, params={"offset": at}, content=data[at:]).is_success
    return found


def kept(system) -> list[Path]:
    """Files of kept bytes, whether or not a row names them."""
    blobs = system.settings.home / "blobs"
    return [p for p in blobs.rglob("*") if p.is_file() and "staging" not in p.parts]


def die_before_the_commit(system, service, data: bytes) -> str:
    """Kill the service when the bytes are in their place, and no row says so."""
    with system.http() as http:
        upload = begin(http, data)["id"]
    engine = sync_engine(system.settings, application="tests", size=1)
    with engine.connect() as holder:
        # who completes it must wait for this row
        holder.exec_driver_sql("BEGIN; SET LOCAL wrangler.machinery = 'on'")
        row = "SELECT 1 FROM wrangler.upload WHERE id = :u FOR UPDATE"
        holder.execute(text(row), {"u": upload})

        def complete() -> None:
            with system.http() as http, contextlib.suppress(httpx.TransportError):
                http.post(f"/uploads/{upload}/complete")

        asking = threading.Thread(target=complete)
        asking.start()
        # within the time for which the service waits for the row
        until(lambda: kept(system), seconds=4.5)
        service.send_signal(signal.SIGKILL)
        service.wait()
        asking.join(CEILING_S)
    engine.dispose()
    return upload


def test_an_upload_is_finished_from_what_a_killed_service_had_kept(system):
    data = frames.to_parquet(incomplete_frame()).data
    die_before_the_commit(system, system.service(), data)
    (file,) = kept(system)
    assert system.sql("SELECT 1 FROM wrangler.blob") == []
    system.service()
    with system.http() as http:
        assert begin(http, data)["known"], "nothing has to be sent again"
    (row,) = system.sql("SELECT store_key, size FROM wrangler.blob")
    assert file.as_posix().endswith(row.store_key)
    assert row.size == len(data)
    assert system.sql("SELECT 1 FROM wrangler.upload WHERE finished_at IS NULL") == []


def test_completing_again_after_the_service_was_killed_is_answered(system):
    data = frames.to_parquet(incomplete_frame()).data
    upload = die_before_the_commit(system, system.service(), data)
    system.service()
    with system.http() as http:
        done = http.post(f"/uploads/{upload}/complete")
        assert (done.status_code, done.json()["known"]) == (200, True)
    assert len(kept(system)) == 1


def test_an_upload_whose_bytes_are_lost_begins_again(system):
    """They were stuck for a day: announced as received, and nowhere to be found."""
    data = frames.to_parquet(incomplete_frame()).data
    upload = die_before_the_commit(system, system.service(), data)
    kept(system)[0].unlink()
    system.service()
    with system.http() as http:
        lost = http.post(f"/uploads/{upload}/complete")
        assert (lost.status_code, lost.json()["code"]) == (404, "upload_not_found")
        assert "begin it again" in lost.json()["message"]
        assert http.get(f"/uploads/{upload}").status_code == 404
        half = begin(http, data)
        system.settings.home.joinpath("blobs/staging", half["id"]).unlink()
        again = begin(http, data)
        assert (again["received"], again["known"]) == (0, False)
        assert http.post(f"/uploads/{again['id']}/complete").json()["known"]
    job = system.client().submit(incomplete_frame(), ImputationSpec(method="mean"))
    assert job.state == "queued"


def test_a_socket_that_closes_in_mid_chunk_costs_that_chunk_only(system):
    system.service()
    data = frames.to_parquet(incomplete_frame(200_000, 10)).data
    rest = data[CHUNK:]
    assert len(rest) > 2**20
    with system.http() as http:
        upload = announce(http, data)
        path = f"/uploads/{upload}"
        http.put(path, params={"offset": 0}, content=data[:CHUNK])
        with socket.socket(socket.AF_UNIX) as cut:
            cut.connect(str(system.socket))
            head = f"PUT /v1{path}?offset={CHUNK} HTTP/1.1\r\nHost: w\r\n"
            cut.sendall(f"{head}Content-Length: {len(rest)}\r\n\r\n".encode())
            cut.sendall(rest[: len(rest) // 2])
        assert http.get(path).json()["received"] == CHUNK
        assert announce(http, data) == upload
        for at in range(CHUNK, len(data), CHUNK):
            sent = http.put(path, params={"offset": at}, content=data[at : at + CHUNK])
            assert sent.is_success, sent.text
        assert http.post(f"{path}/complete").json()["known"]
    assert len(kept(system)) == 1
    log = system.logs()
    assert "Traceback" not in log, log


def test_a_cut_upload_that_goes_on_with_other_bytes_leaves_nothing(system):
    system.service()
    data = frames.to_parquet(incomplete_frame()).data
    half = len(data) // 2
    with system.http() as http:
        path = f"/uploads/{announce(http, data)}"
        http.put(path, params={"offset": 0}, content=data[:half])
        other = bytes(len(data) - half - 4) + b"PAR1"
        http.put(path, params={"offset": half}, content=other)
        refused = http.post(f"{path}/complete")
        assert (refused.status_code, refused.json()["code"]) == (409, "digest_mismatch")
    assert not kept(system)
    assert not list((system.settings.home / "blobs" / "staging").iterdir())
    for table in ("upload", "blob", "dataset", "dataset_version"):
        assert system.sql(f"SELECT 1 FROM wrangler.{table}") == []  # noqa: S608


def announce(http: httpx.Client, data: bytes) -> str:
    sha = hashlib.sha256(data).hexdigest()
    found = http.post("/uploads", json={"sha256": sha, "size": len(data)})
    return found.json()["id"]

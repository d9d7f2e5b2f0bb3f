"""How long the machinery takes: stacks of its own, real jobs, medians and worst cases.

Run it on a quiet machine:  python tests/benchmarks/jobs.py
Writes a Markdown table to standard output; `--only` takes words of the names below.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import contextlib
import json
import os
import platform
import selectors
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import redis
from pydantic import SecretStr
from sqlalchemy import text

from jupyter_wrangler import frames
from jupyter_wrangler.client.session import Client
from jupyter_wrangler.contract import DatasetRequest, ImputationSpec, JobRequest
from jupyter_wrangler.contract.spec_size import brief
from jupyter_wrangler.engine.strategies import impute
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import http_probe, launch, paths, state_file
from jupyter_wrangler.store.database import SyncDatabase
from jupyter_wrangler.store.engines import sync_engine
from jupyter_wrangler.store.queue import claims, fair_scheduling, parts
from jupyter_wrangler.store.rls import for_system

PENGUINS = Path(__file__).parent.parent.parent / "notebooks" / "data" / "penguins.csv"
MEAN = ImputationSpec(method="mean")
WAITING = text("SELECT 1 FROM wrangler.job WHERE finished_at IS NULL LIMIT 1")
Row = tuple[str, str, str]


def timed(what: Callable[[], object]) -> float:
    begun = time.perf_counter()
    what()
    return time.perf_counter() - begun


def quantile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def spread(times: list[float]) -> str:
    half, most = quantile(times, 0.5) * 1000, quantile(times, 0.99) * 1000
    return f"{half:.0f} / {most:.0f} ms"


def until(what: Callable[[], object], *, pause: float = 0.01, patience: float = 90):
    end = time.monotonic() + patience
    while not (found := what()):
        if time.monotonic() > end:
            raise TimeoutError("waited in vain")
        time.sleep(pause)
    return found


class Stack:
    """A private stack in a folder of its own."""

    def __init__(self, **settings: object) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="jwb-"))
        self.folder.chmod(0o711)
        self.settings = Settings(
            home=self.folder / "home", runtime_dir=self.folder / "run", **settings
        )
        self.places = paths.locate(self.settings)

    def start(self, *, worker: bool = True) -> float:
        wanted = launch.COMPONENTS if worker else launch.COMPONENTS[1:]
        return timed(lambda: launch.ensure(self.settings, components=wanted))

    def stop(self) -> None:
        launch.stop(self.settings)

    def child(self, name: str) -> psutil.Process:
        found = state_file.read(self.places.record)
        return psutil.Process(found.children[name].pid)

    def memory(self) -> dict[str, float]:
        """Proportional set size in MB, by process of the stack."""
        found = state_file.read(self.places.record)
        family = [psutil.Process(found.supervisor.pid)]
        family += family[0].children(recursive=True)
        sizes: dict[str, float] = {}
        names = {child.pid: name for name, child in found.children.items()}
        for process in family:
            ancestors = [process.pid, *(p.pid for p in process.parents())]
            name = next((names[p] for p in ancestors if p in names), "supervisor")
            if "forkserver" in " ".join(process.cmdline()):
                name = "fork server"
            sizes[name] = sizes.get(name, 0) + process.memory_full_info().pss / 2**20
        return sizes

    def memory_text(self) -> str:
        sizes = self.memory()
        parts = ", ".join(f"{name} {size:.0f}" for name, size in sorted(sizes.items()))
        return f"{sum(sizes.values()):.0f} MB ({parts})"

    @contextlib.contextmanager
    def database(self) -> Iterator[SyncDatabase]:
        url = SecretStr(self.places.database_url)
        configured = self.settings.model_copy(update={"database_url": url})
        found = SyncDatabase(sync_engine(configured, application="bench", size=8))
        try:
            yield found
        finally:
            found.close()

    def sql(self, query: str, **params: object) -> list:
        @for_system
        def verb(c):
            found = c.execute(text(query), params)
            return found.all() if found.returns_rows else []

        with self.database() as database:
            return database.run(verb)


@contextlib.contextmanager
def stack(**settings: object) -> Iterator[Stack]:
    found = Stack(**settings)
    try:
        yield found
    finally:
        found.stop()
        shutil.rmtree(found.folder)


@contextlib.contextmanager
def busy(*, worker: bool = True, **settings: object) -> Iterator[tuple[Stack, Client]]:
    """A stack that has done its first job, and a client of it."""
    with stack(**settings) as found:
        found.start(worker=worker)
        client = Client(settings=found.settings)
        if worker:
            client.submit(small(), MEAN).result(timeout=60)
        try:
            yield found, client
        finally:
            client.close()


def small(seed: int = 0) -> pd.DataFrame:
    df = pd.DataFrame(np.random.default_rng(seed).normal(size=(50, 3)))
    return df.mask(df > 1).rename(columns=str)


def wide(rows: int = 3000) -> pd.DataFrame:
    df = pd.DataFrame(np.random.default_rng(0).normal(size=(rows, 10)))
    return df.mask(df > 1).rename(columns=str)


# ── what is measured ──


def imports() -> Iterator[Row]:
    run = lambda code: timed(  # noqa: E731
        lambda: subprocess.run([sys.executable, "-c", code], check=True)
    )
    took = statistics.median(
        run("import jupyter_wrangler") - run("pass") for _ in range(7)
    )
    yield "import jupyter_wrangler", "150 ms", f"{took * 1000:.0f} ms"


def starts() -> Iterator[Row]:
    # ten minutes by default, which nobody wants to wait for here
    with stack(rest_s=20) as found:
        yield "private stack, first start", "4 s", f"{found.start():.1f} s"
        found.stop()
        again, first = [], []
        for seed in range(3):
            again.append(found.start())
            with contextlib.closing(Client(settings=found.settings)) as client:
                spec = MEAN.model_copy(update={"random_state": seed})
                job = lambda s=spec, c=client: c.submit(small(), s).result(timeout=60)  # noqa: E731
                first.append(timed(job))
            if seed < 2:
                found.stop()
        took = statistics.median(again)
        yield "private stack, next start", "1.5 s", f"{took:.1f} s"
        took = statistics.median(first)
        yield "first job right after a start", "", f"{took:.1f} s"
        time.sleep(5)
        yield "memory of the stack right after a job (PSS)", "", found.memory_text()
        until(lambda: "worker" not in state_file.read(found.places.record).children)
        time.sleep(5)
        yield "idle memory of the stack (PSS)", "150 MB", found.memory_text()
        with contextlib.closing(Client(settings=found.settings)) as client:
            spec = MEAN.model_copy(update={"random_state": 99})
            job = lambda: client.submit(small(), spec).result(timeout=60)  # noqa: E731
            yield "first job after a rest", "", f"{timed(job):.1f} s"


def entered(jobs: int = 200) -> Iterator[Row]:
    """From the POST to the runner's word that the algorithm begins."""
    with busy() as (found, client):
        redis_client = redis.Redis.from_url(found.places.redis_url)
        listening = redis_client.pubsub(ignore_subscribe_messages=True)
        listening.subscribe(f"jw:{found.settings.namespace}:ev")
        df, called, accepted = small(), [], []
        for seed in range(1, jobs):
            begun = time.perf_counter()
            job = client.submit(df, MEAN.model_copy(update={"random_state": seed}))
            answered = time.perf_counter()
            while True:
                message = listening.get_message(timeout=10)
                if message is None:
                    continue
                said = json.loads(message["data"])
                if said.get("tick") and said["job"] == str(job.id):
                    break
            called.append(time.perf_counter() - begun)
            accepted.append(max(0.0, time.perf_counter() - answered))
            job.result(timeout=60)
        listening.close()
        redis_client.close()
    yield (
        "job accepted to algorithm entered, p50 / p99",
        "40 / 200 ms",
        spread(accepted),
    )
    yield "call to algorithm entered, p50 / p99", "", spread(called)


def overhead(jobs: int = 60) -> Iterator[Row]:
    df = pd.read_csv(PENGUINS)
    with busy() as (_, client):
        whole, bare = [], []
        for seed in range(1, jobs):
            spec = ImputationSpec(random_state=seed)
            job = lambda s=spec: client.submit(df, s).result(timeout=60).df  # noqa: E731
            whole.append(timed(job))
            bare.append(timed(lambda s=spec: list(impute.impute(df, s, 0))))
        again = [
            timed(lambda: client.submit(df, ImputationSpec(random_state=1)).result())
            for _ in range(20)
        ]
    more = quantile(whole, 0.5) - quantile(bare, 0.5)
    yield "whole job over the bare computation, p50", "150 ms", f"{more * 1000:.0f} ms"
    yield "whole job, penguins by pmm, p50 / p99", "", spread(whole)
    yield "the same job again (reused), p50 / p99", "", spread(again)


def rate(jobs: int = 150) -> Iterator[Row]:
    """Smallest real jobs, of one user; and the rows alone."""
    with busy() as (found, client):
        df = small()
        specs = [MEAN.model_copy(update={"random_state": n}) for n in range(1, jobs)]
        begun = time.perf_counter()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda spec: client.submit(df, spec), specs))
        done = "SELECT count(*) AS n FROM wrangler.job WHERE state = 'succeeded'"
        count = for_system(lambda c: c.execute(text(done)).scalar())
        with found.database() as database:
            until(lambda: database.run(count) >= jobs, pause=0.05, patience=600)
        real = (jobs - 1) / (time.perf_counter() - begun)
    with busy(worker=False) as (found, client):
        queued(found, client, 2000)
        # its dispatcher would send parts to workers that are not there
        found.child("service").suspend()
        with found.database() as database:
            begun = time.perf_counter()
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                ended = sum(pool.map(lambda _: drive(database), range(4)))
            rows = ended / (time.perf_counter() - begun)
        found.child("service").resume()
    yield "smallest jobs per second, of one user", "", f"{real:.0f}"
    yield "no-op jobs per second (rows only)", "100", f"{rows:.0f}"


def drive(database: SyncDatabase) -> int:
    """Take parts from the queue and end them as a worker does, until all are done."""
    worker, ended = uuid.uuid4(), 0
    lease: claims.Lease = {"version": "0", "lease_s": 30, "timeout_s": 60}
    while True:
        sent = database.run(
            fair_scheduling.dispatch, ahead=16, large="jw.large", alive_s=20, lease_s=30
        )
        for part, _ in sent:
            claim = database.run(claims.claim, part, worker, **lease)
            while claim is not None:
                database.run(
                    parts.succeed, claim.ticket, result_sha=None, summary=None, usage={}
                )
                ended += claim.stage
                claim = database.run(claims.claim_last, claim, worker, **lease)
        waiting = for_system(lambda c: c.execute(WAITING).all())
        if not sent and not database.run(waiting):
            return ended


def queued(found: Stack, client: Client, jobs: int) -> uuid.UUID:
    """Write queued jobs straight into the tables; return the version they read."""
    packed = frames.to_parquet(small())
    client.api.upload(packed.data, packed.sha256)
    version = client.api.make_dataset(
        DatasetRequest(
            sha256=packed.sha256, n_rows=packed.n_rows, columns=packed.columns
        )
    )
    found.sql(
        """
        WITH made AS (
             INSERT INTO wrangler.job (owner_id, kind, spec, brief,
                    input_version_id, app_version)
             SELECT owner_id, 'imputation', CAST(:spec AS jsonb),
                    CAST(:brief AS jsonb), id, '0'
               FROM wrangler.dataset_version, generate_series(1, :n)
              WHERE id = :v RETURNING id, owner_id)
        INSERT INTO wrangler.job_part (job_id, owner_id, stage, k, state, queue,
               max_attempts)
        SELECT id, owner_id, stage, 0,
               CASE WHEN stage = 0 THEN 'queued' ELSE 'waiting' END, 'jw.small', 3
          FROM made, generate_series(0, 1) AS stage""",
        spec=MEAN.model_dump_json(),
        brief=json.dumps(brief(MEAN)),
        n=jobs,
        v=version.id,
    )
    return version.id


def backlog(posts: int = 300) -> Iterator[Row]:
    with busy(worker=False) as (found, client):
        version = queued(found, client, 10_000)
        times = []
        for seed in range(posts):
            request = JobRequest(
                dataset_version_id=version,
                spec=ImputationSpec(random_state=seed + 1),
                force=True,
            )
            times.append(timed(lambda r=request: client.api.submit(r)))
    yield "POST of a job with 10 000 queued, p50 / p99", "- / 50 ms", spread(times)


def cancels(jobs: int = 40) -> Iterator[Row]:
    long = ImputationSpec(max_iter=1000, n_imputations=5)
    with busy() as (_, client):
        times = []
        for seed in range(jobs):
            job = client.submit(wide(), long.model_copy(update={"random_state": seed}))
            until(job.running)
            time.sleep(0.3)
            begun = time.perf_counter()
            job.cancel()
            until(lambda j=job: j.refresh().state == "cancelled")
            times.append(time.perf_counter() - begun)
    yield f"cancel of a running job, p50 / p99 of {jobs}", "- / 3000 ms", spread(times)


def recovery() -> Iterator[Row]:
    """From the death of something to the moment it is made good."""
    long = ImputationSpec(max_iter=300, n_imputations=1)
    attempt = """
        SELECT count(*) AS n FROM wrangler.job_attempt a
          JOIN wrangler.job_part p ON p.id = a.part_id WHERE p.job_id = :j"""
    with busy() as (found, client):
        for name, seed in (("runner", 1), ("worker", 2)):
            spec = long.model_copy(update={"random_state": seed})
            job = client.submit(wide(), spec)
            until(lambda: runners(found))
            time.sleep(0.5)
            victim = runners(found)[0] if name == "runner" else found.child("worker")
            begun = time.perf_counter()
            victim.kill()
            again = lambda j=job: found.sql(attempt, j=j.id)[0].n > 1  # noqa: E731
            until(again, pause=0.05)
            took = time.perf_counter() - begun
            yield f"{name} killed to next attempt begun", "40 s", f"{took:.1f} s"
            job.cancel()
            until(lambda j=job: j.refresh().state == "cancelled")
        socket_path = found.places.service_socket
        for name, check in (("valkey", "redis"), ("postgres", "database")):
            begun = time.perf_counter()
            found.child(name).send_signal(signal.SIGKILL)
            time.sleep(0.05)
            until(lambda c=check: checks(socket_path).get(c) == "ok")
            took = time.perf_counter() - begun
            yield f"{name} killed to healthy again", "", f"{took:.1f} s"
        begun = time.perf_counter()
        found.child("service").kill()
        time.sleep(0.05)
        until(lambda: http_probe.ready(socket_path))
        took = time.perf_counter() - begun
        yield "service killed to healthy again", "", f"{took:.1f} s"


def checks(socket_path: Path) -> dict[str, str]:
    return http_probe.get(socket_path, "/health/ready")[1].get("checks", {})


def runners(found: Stack) -> list[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        return [
            child
            for child in found.child("worker").children(recursive=True)
            if not child.children() and os.getpgid(child.pid) == child.pid
        ]
    return []


def large() -> Iterator[Row]:
    """A frame of 100 MB: into the service, and into a runner."""
    big = pd.DataFrame(np.random.default_rng(1).normal(size=(1_250_000, 10)))
    big = big.mask(big > 2).rename(columns=str)
    with busy() as (found, client):
        times, packing = [], []
        for seed in range(3):
            big.iloc[0, 0] = seed
            packing.append(timed(lambda: frames.to_parquet(big)))
            spec = MEAN.model_copy(update={"random_state": seed})
            job: list = []
            times.append(timed(lambda s=spec, j=job: j.append(client.submit(big, s))))
            job[0].cancel()
        (row, *_) = found.sql(
            "SELECT store_key FROM wrangler.blob ORDER BY size DESC LIMIT 1"
        )
        path = found.settings.blob_dir / row.store_key
        loading = [
            timed(lambda: frames.from_parquet(str(path), labels=False))
            for _ in range(5)
        ]
    sending = f"{statistics.median(times):.2f} s"
    words = f"{sending} (writing Parquet: {statistics.median(packing):.2f} s)"
    yield "100 MB frame to an accepted job", "1.0 s", words
    yield "the same into a runner", "0.2 s", f"{statistics.median(loading):.2f} s"


def listeners(count: int = 1000, events: int = 20) -> Iterator[Row]:
    """From the answer of a POST to each listener's hearing of the job."""
    with busy(worker=False, max_streams=count + 50) as (found, client):
        picker = selectors.DefaultSelector()
        with contextlib.ExitStack() as sockets:
            for _ in range(count):
                sock = sockets.enter_context(socket.socket(socket.AF_UNIX))
                sock.settimeout(30)
                sock.connect(str(found.places.service_socket))
                sock.sendall(b"GET /v1/events HTTP/1.1\r\nHost: w\r\n\r\n")
                while b"event: ready" not in sock.recv(65536):
                    pass
                picker.register(sock, selectors.EVENT_READ)
            time.sleep(2)
            times: list[float] = []
            for seed in range(events):
                while picker.select(0.2):
                    for key, _ in picker.select(0):
                        key.fileobj.recv(65536)
                spec = MEAN.model_copy(update={"random_state": seed})
                job = client.submit(small(), spec)
                begun = time.perf_counter()
                heard: dict[int, bytes] = {}
                waiting, word = count, str(job.id).encode()
                while waiting:
                    for key, _ in picker.select(10):
                        had = heard.get(key.fd, b"")
                        if word in had:
                            key.fileobj.recv(65536)
                            continue
                        heard[key.fd] = had[-60:] + key.fileobj.recv(65536)
                        if word in heard[key.fd]:
                            times.append(time.perf_counter() - begun)
                            waiting -= 1
        picker.close()
    yield f"{count} listeners hear of a job, p50 / p99", "- / 250 ms", spread(times)


ALL: tuple[Callable[[], Iterator[Row]], ...] = (
    imports, starts, entered, overhead, rate, backlog, cancels, recovery, large,
    listeners,
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    names = [what.__name__ for what in ALL]
    parser.add_argument("--only", nargs="*", choices=names, default=names)
    only = parser.parse_args().only
    print(
        f"{os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}\n"
    )
    print("| what | goal | measured |\n|---|---|---|")
    for what in ALL:
        if what.__name__ in only:
            for name, goal, found in what():
                print(f"| {name} | {goal} | {found} |", flush=True)


if __name__ == "__main__":
    main()

"""A disk that is full under PostgreSQL: what was accepted is there when it has room."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_wrangler import frames
from jupyter_wrangler.contract import DatasetRequest, JobRequest
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import backup, launch, paths
from jupyter_wrangler.stack.environment import environment
from jupyter_wrangler.stack.supervisor_config import SupervisorConfig
from tests.acceptance.system import incomplete_frame
from tests.faults.cluster import SHORT, Cluster
from tests.faults.cluster import cluster as a_cluster
from tests.faults.invariants import check
from tests.waiting import CEILING_S, until

pytestmark = pytest.mark.slow

SERVERS = ("postgres", "valkey")
#: What PostgreSQL gets: some more than it has at its start.
ROOM = "150m"
#: Moves a folder to a small disk, which only the program sees that runs there.
MOVE = f"""
set -e
cp -a "$0" "$0.aside"
mount -t tmpfs -o size={ROOM} none "$0"
cp -a "$0.aside/." "$0"
rm -rf "$0.aside"
exec "$@"
"""
#: Root needs no user namespace; others get one in which they may mount.
ALONE = ["unshare", "-m"]
if os.getuid():
    ALONE = ["unshare", "-Um", "--map-current-user", "--keep-caps"]


def _can_mount() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        words = [*ALONE, "mount", "-t", "tmpfs", "-o", "size=1m", "none", folder]
        with contextlib.suppress(OSError):
            return (
                subprocess.run(words, capture_output=True, check=False).returncode == 0
            )
    return False


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    if not _can_mount():
        pytest.skip("wants to mount a small disk: root, or user namespaces")
    home = Path(tempfile.mkdtemp(prefix="jwd-"))
    home.chmod(0o711)
    stack = Settings(home=home / "home", runtime_dir=home / "run")
    supervisor = None
    try:
        launch.ensure(stack, components=SERVERS, timeout=CEILING_S)
        launch.stop(stack)
        words = [*ALONE, "sh", "-c", MOVE, str(paths.locate(stack).postgres_data)]
        words += [sys.executable, "-P", "-m", "jupyter_wrangler.stack"]
        supervisor = subprocess.Popen(
            words,
            env=environment(stack),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        with supervisor.stdin as reported:
            reported.write(SupervisorConfig.of(stack, SERVERS).to_json().encode())
        until(paths.locate(stack).record.exists)
        with a_cluster(home) as found:
            found.supervisor = supervisor
            yield found
    finally:
        launch.stop(stack)
        if supervisor is not None:
            supervisor.wait(CEILING_S)
        shutil.rmtree(home)


def _data(cluster: Cluster) -> Path:
    """PostgreSQL's folder, as the supervisor sees it."""
    there = paths.locate(cluster.stack).postgres_data.relative_to("/")
    return Path(f"/proc/{cluster.supervisor.pid}/root") / there


@contextlib.contextmanager
def _full(folder: Path) -> Iterator[None]:
    """Take all the room there is."""
    filler = folder / "filler"
    try:
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
        assert shutil.disk_usage(folder).free < 4096
        yield
    finally:
        filler.unlink()


def _bodies(cluster: Cluster) -> Iterator[str]:
    """Requests of jobs, no two of which are the same."""
    packed = frames.to_parquet(incomplete_frame())
    cluster.speaker.api.upload(packed.data, packed.sha256)
    version = cluster.speaker.api.make_dataset(
        DatasetRequest(
            sha256=packed.sha256, n_rows=packed.n_rows, columns=packed.columns
        )
    )
    for seed in range(1_000_000, 2_000_000):
        spec = SHORT.model_copy(update={"random_state": seed})
        request = JobRequest(dataset_version_id=version.id, spec=spec)
        yield request.model_dump_json()


def test_a_full_disk_under_postgresql_is_503_and_loses_nothing(cluster):
    kind = {"Content-Type": "application/json"}
    running = cluster.submit_long()
    cluster.a_runner()
    bodies = _bodies(cluster)
    accepted, refused = [], 0

    def post() -> int:
        nonlocal refused
        answer = http.post("/jobs", content=next(bodies), headers=kind)
        if answer.status_code == 202:
            accepted.append(answer.json()["id"])
        else:
            assert answer.status_code == 503, answer.text
            assert answer.json()["code"] == "database_unreachable"
            assert answer.headers["retry-after"]
            refused += 1
        return answer.status_code

    with cluster.http() as http:
        assert post() == 202
        with _full(_data(cluster)):
            # a page or two may have room left
            until(lambda: post() == 503 and refused >= 5, pause=0)
            assert http.get("/health/live").status_code == 200
            time.sleep(5)
            assert post() == 503
        until(lambda: post() == 202, pause=0.5)
    cluster.jobs += [cluster.speaker.job(job_id) for job_id in accepted]
    assert cluster.served_by.poll() is None
    check(cluster, seconds=180)
    assert running.refresh().state == "succeeded", running.error
    states = {job.refresh().state for job in cluster.jobs}
    assert states == {"succeeded"}
    # every page of every table can be read
    assert backup.dump(cluster.stack, "test").stat().st_size

"""Workers that cannot read what the service stores."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import uuid

import pytest

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.runtime.health import AS_ROOT
from jupyter_wrangler.store.blobs.folder import BlobFolder
from tests.acceptance.system import incomplete_frame
from tests.waiting import until

#: The uid of somebody else.
STRANGER = 4321


def ready(system):
    return system.get("/health/ready")


def test_fault_4_3_a_worker_that_cannot_read_the_data_takes_no_jobs(system, tmp_path):
    system.service()
    # a disk that is not mounted yet
    disk, empty = tmp_path / "disk", tmp_path / "empty"
    empty.mkdir()
    disk.symlink_to(empty)
    job = system.client().submit(incomplete_frame(50, 3), ImputationSpec(method="mean"))
    worker = system.start("worker", JUPYTER_WRANGLER_STORAGE=str(disk))
    said = until(lambda: "mounted" in ready(system).text and ready(system).json())
    assert (ready(system).status_code, said["status"]) == (503, "degraded")
    assert str(disk) in said["checks"]["workers"]
    # it waits with its job, and spends nothing of it
    assert worker.poll() is None
    assert job.refresh().state == "queued"
    assert system.sql("SELECT count(*) FROM wrangler.job_attempt")[0][0] == 0
    disk.unlink()
    disk.symlink_to(system.settings.home / "blobs")
    assert not job.result(timeout=120).df.isna().to_numpy().any()
    assert ready(system).json()["checks"]["workers"] == "ok"


def test_fault_4_3_a_worker_with_another_folder_is_a_warning_beside_good_ones(
    system, tmp_path
):
    system.service()
    system.worker()
    assert ready(system).status_code == 200
    empty, other = tmp_path / "empty", tmp_path / "other"
    empty.mkdir()
    store = BlobFolder(other)
    store.prepare()
    store.mark()
    for folder, word in ((empty, "mounted"), (other, "another installation")):
        system.start("worker", JUPYTER_WRANGLER_STORAGE=str(folder))

        def warned(word=word):
            health = ready(system)
            assert health.status_code == 200, health.text
            return any(word in w for w in health.json()["warnings"])

        until(warned)
    job = system.client().submit(incomplete_frame(50, 3), ImputationSpec(method="mean"))
    assert not job.result(timeout=120).df.isna().to_numpy().any()


def test_fault_4_3_only_a_service_of_many_that_is_root_is_warned_of(system):
    system.service()
    # a private one may be root's
    assert AS_ROOT not in ready(system).json()["warnings"]


def test_a_place_is_known_by_its_mark(tmp_path):
    store = BlobFolder(tmp_path / "a")
    store.prepare()
    mark = store.mark()
    assert mark == store.mark() == BlobFolder(tmp_path / "a").mark()
    assert uuid.UUID(mark)
    assert store.fault(mark) is None
    assert "another installation" in store.fault(str(uuid.uuid4()))
    assert "not the folder" in BlobFolder(tmp_path / "b").fault(mark)
    shutil.move(tmp_path / "a", tmp_path / "moved")
    assert BlobFolder(tmp_path / "moved").fault(mark) is None
    assert list(BlobFolder(tmp_path / "moved").keys(older_s=-1)) == []


@pytest.mark.parametrize("closed", ["root", "staging"])
def test_fault_4_3_another_user_learns_which_user_is_wanted(home, closed):
    store = BlobFolder(home / "a")
    store.prepare()
    mark = store.mark()
    if closed == "staging":
        for path in (store.root, *store.root.rglob("*")):
            path.chmod(0o755)
    # only root can become somebody else; others can lock themselves out
    stranger = STRANGER if os.geteuid() == 0 else os.geteuid()
    folder = store.root if closed == "root" else store.staging.folder
    if os.geteuid():
        folder.chmod(0)
    code = (
        "import os, sys; from pathlib import Path;"
        "from jupyter_wrangler.store.blobs.folder import BlobFolder;"
        f"os.setresuid({stranger}, {stranger}, {stranger});"
        "print(BlobFolder(Path(sys.argv[1])).fault(sys.argv[2]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, store.root, mark],
        capture_output=True,
        text=True,
        check=True,
    )
    folder.chmod(0o700)
    assert f"uid {stranger}" in done.stdout
    assert "one OS user" in done.stdout

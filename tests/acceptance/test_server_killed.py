"""A Jupyter server that dies takes no job with it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from jupyter_client.blocking import BlockingKernelClient
from pydantic import SecretStr

from jupyter_wrangler.client.session import Client
from jupyter_wrangler.stack import launch, paths
from jupyter_wrangler.store.database import SyncDatabase
from jupyter_wrangler.store.engines import sync_engine
from jupyter_wrangler.store.rls import for_system
from tests.waiting import CEILING_S, until

pytestmark = pytest.mark.slow

DATA = Path(__file__).parents[2] / "notebooks" / "data"

#: Submits a job of some seconds, as a cell does.
CELL = f"""
import pandas as pd
import jupyter_wrangler as jw

df = pd.concat([pd.read_csv({str(DATA / "penguins.csv")!r})] * 20, ignore_index=True)
job = jw.impute(df, n_imputations=6, max_iter=200, random_state=0, name="orphan")
print("JOB", job.id)
"""

#: Comes back to it, in a process that knows nothing but its id.
LATER = """
import json, sys
import jupyter_wrangler as jw

result = jw.job(sys.argv[1]).result(timeout=150)
left = [int(df.isna().to_numpy().sum()) for df in result.datasets]
print(json.dumps({"rows": len(result.df), "left": left}))
"""


class Jupyter:
    """A real Jupyter server, and kernels of it."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.runtime = folder / "runtime"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        token = uuid.uuid4().hex
        command = [sys.executable, "-m", "jupyter_server", "--allow-root"]
        command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
        command += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={DATA}"]
        dirs = {"JUPYTER_RUNTIME_DIR": self.runtime, "JUPYTER_CONFIG_DIR": folder}
        self.log = folder / "server.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "--no-browser"],
                env={**os.environ, **env, **{k: str(v) for k, v in dirs.items()}},
                stdout=log,
                stderr=log,
            )
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{port}/api/",
            headers={"Authorization": f"token {token}"},
            timeout=60,
        )

    def up(self) -> bool:
        assert self.process.poll() is None, self.log.read_text("utf-8")
        with contextlib.suppress(httpx.TransportError):
            return self.http.get("status").is_success
        return False

    def run(self, cell: str) -> str:
        """Run a cell in a new kernel, and give what it printed."""
        kernel = self.http.post("kernels", json={"name": "python3"}).json()["id"]
        client = BlockingKernelClient()
        client.load_connection_file(str(self.runtime / f"kernel-{kernel}.json"))
        # a kernel that begins beside much other work is silent for more than a second,
        # which it may be by default
        client.hb_channel.time_to_dead = 60.0
        client.start_channels()
        try:
            client.wait_for_ready(timeout=CEILING_S)
            said: list[str] = []
            client.execute_interactive(
                cell, timeout=90, output_hook=lambda m: said.append(_text(m))
            )
            return "".join(said)
        finally:
            client.stop_channels()

    def kill(self) -> None:
        """Kill the server and its kernels at one blow, as a lost machine would."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        assert any("ipykernel" in " ".join(p.cmdline()) for p in family)
        for process in [self.process, *family]:
            process.kill()
        self.process.wait()
        psutil.wait_procs(family, timeout=10)

    def close(self) -> None:
        self.http.close()
        if self.process.poll() is None:
            self.kill()


def _text(message: dict) -> str:
    content = message["content"]
    return content.get("text") or "\n".join(content.get("traceback", []))


@pytest.fixture
def env(settings) -> dict[str, str]:
    """Where the kernel shall start its stack."""
    return {
        "JUPYTER_WRANGLER_HOME": str(settings.home),
        "JUPYTER_WRANGLER_RUNTIME_DIR": str(settings.runtime_dir),
    }


@pytest.fixture
def jupyter(tmp_path, env) -> Iterator[Jupyter]:
    with contextlib.closing(Jupyter(tmp_path, env)) as jupyter:
        until(jupyter.up, pause=0.1)
        yield jupyter


def test_kill_9_of_the_jupyter_server_leaves_exactly_one_result(jupyter, settings, env):
    said = jupyter.run(CELL)
    assert "JOB" in said, said
    job_id = said.split("JOB ")[1].strip()
    socket = launch.running(settings)
    assert socket is not None
    with contextlib.closing(Client(f"unix:{socket}", settings=settings)) as client:
        job = client.job(job_id)
        until(lambda: job.refresh().progress and job.progress.fraction > 0)
        jupyter.kill()
        assert job.refresh().state == "running"

    later = subprocess.run(
        [sys.executable, "-c", LATER, job_id],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert later.returncode == 0, later.stderr
    assert json.loads(later.stdout) == {"rows": 344 * 20, "left": [0] * 6}
    assert _book(settings, job_id) == {
        "jobs": 1,
        "parts": ["succeeded"] * 7,
        "attempts": 1,
        "results": 6,
        "endings": 1,
    }


def _book(settings, job_id) -> dict[str, object]:
    """What PostgreSQL knows of the job, and of any other."""
    url = SecretStr(paths.locate(settings).database_url)
    reported = settings.model_copy(update={"database_url": url})
    database = SyncDatabase(sync_engine(reported, application="t", size=1))
    query = """
        SELECT (SELECT count(*) FROM wrangler.job) AS jobs,
            array_agg(state ORDER BY stage, k) AS parts,
            max(attempt) AS attempts,
            count(result_sha) AS results,
            (SELECT count(*) FROM wrangler.job_event
                WHERE job_id = :job AND type = 'succeeded') AS endings
        FROM wrangler.job_part WHERE job_id = :job
    """
    from sqlalchemy import text

    try:
        look = for_system(lambda c: c.execute(text(query), {"job": job_id}).one())
        found = database.run(look)
    finally:
        database.close()
    return dict(found._mapping)

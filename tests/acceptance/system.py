"""A service and workers as real processes, over real PostgreSQL and Valkey."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas as pd

from jupyter_wrangler.client.session import Client
from jupyter_wrangler.stack.environment import NUMERICS
from jupyter_wrangler.store.database import SyncDatabase
from jupyter_wrangler.store.engines import sync_engine
from jupyter_wrangler.store.rls import for_system
from tests.waiting import until


def incomplete_frame(rows: int = 200, columns: int = 4, seed: int = 0) -> pd.DataFrame:
    """Correlated numbers with a fifth of them missing."""
    rng = np.random.default_rng(seed)
    data = rng.normal(size=(rows, 1)) + rng.normal(size=(rows, columns))
    data[rng.random(data.shape) < 0.2] = np.nan
    return pd.DataFrame(data, columns=[f"x{i}" for i in range(columns)])


class System:
    """One service and some workers, started and stopped one by one."""

    def __init__(self, settings, folder: Path) -> None:
        self.settings = settings
        self.folder = folder
        self.socket = folder / "s.sock"
        self.env = {
            "PATH": os.environ["PATH"],
            # the same last digits here and there
            **{name: os.environ[name] for name in NUMERICS if name in os.environ},
            "HOME": str(folder),
            "JUPYTER_WRANGLER_HOME": str(settings.home),
            "JUPYTER_WRANGLER_DATABASE_URL": settings.database_url.get_secret_value(),
            "JUPYTER_WRANGLER_REDIS_URL": settings.redis_url.get_secret_value(),
            "JUPYTER_WRANGLER_NAMESPACE": settings.namespace,
            "JUPYTER_WRANGLER_SERVICE_SOCKET": str(self.socket),
            # a worker that a slow host holds up for 3 s keeps what it has
            "JUPYTER_WRANGLER_LEASE_S": "5",
            "JUPYTER_WRANGLER_DRAIN_S": "1",
        }
        self.processes: list[subprocess.Popen] = []
        self.database = SyncDatabase(sync_engine(settings, application="t", size=2))
        self.clients: list[Client] = []

    def start(
        self, what: str, *, room: str = "", under: Sequence[str] = (), **env: str
    ) -> subprocess.Popen:
        """Start a process; `room` gives it a small disk of its own for bytes.

        `under` is a command that runs another one in its own place.
        """
        command = [*under, sys.executable, "-m", "jupyter_wrangler", what]
        if room:
            blobs = self.settings.home / "blobs"
            blobs.mkdir(parents=True)
            mount = f'mount -t tmpfs -o size={room} none "{blobs}" && exec "$@"'
            # root needs no user namespace, in which it could not enter others' folders
            space = "-m" if os.getuid() == 0 else "-Urm"
            command = ["unshare", space, "sh", "-c", mount, "sh", *command]
        log = (self.folder / f"{what}-{len(self.processes)}.log").open("wb")
        with log:
            process = subprocess.Popen(
                command,
                env={**self.env, **env},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def service(self, **env: Any) -> subprocess.Popen:
        process = self.start("service", **env)
        until(self._live, process=process, log=self.logs)
        return process

    def worker(self, **env: Any) -> subprocess.Popen:
        process = self.start("worker", **env)
        enlisted = "SELECT 1 FROM wrangler.worker WHERE pid = :pid"
        until(
            lambda: self.sql(enlisted, pid=process.pid),
            process=process,
            log=self.logs,
        )
        return process

    def _live(self) -> bool:
        # httpx leaks a socket when nobody listens yet
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(self.socket)):
                return False
        return self.get("/health/live").status_code == 200

    def http(self) -> httpx.Client:
        transport = httpx.HTTPTransport(uds=str(self.socket))
        return httpx.Client(
            transport=transport, base_url="http://wrangler/v1", timeout=20
        )

    def get(self, path: str) -> httpx.Response:
        with self.http() as http:
            return http.get(path)

    def client(self) -> Client:
        client = Client(f"unix:{self.socket}", settings=self.settings)
        self.clients.append(client)
        return client

    def sql(self, query: str, **params):
        from sqlalchemy import text

        @for_system
        def verb(c):
            found = c.execute(text(query), params)
            return found.all() if found.returns_rows else []

        return self.database.run(verb)

    def logs(self) -> str:
        return "\n".join(
            f"== {log.name}\n{log.read_text('utf-8', 'replace')[-3000:]}"
            for log in sorted(self.folder.glob("*.log"))
        )

    def runners(self, worker: subprocess.Popen) -> list[int]:
        """Process ids of what computes below a worker."""
        import psutil

        with contextlib.suppress(psutil.NoSuchProcess):
            return [
                child.pid
                for child in psutil.Process(worker.pid).children(recursive=True)
                if not child.children() and os.getpgid(child.pid) == child.pid
            ]
        return []

    def close(self) -> None:
        for client in self.clients:
            client.close()
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.database.close()

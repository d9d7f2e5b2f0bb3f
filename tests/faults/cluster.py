"""A service, workers and servers of its own, to do harm to."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
from pydantic import SecretStr

from jupyter_wrangler.client.objects.job import Job
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import launch, paths, state_file
from jupyter_wrangler.store import migrate
from tests.acceptance.system import System, incomplete_frame
from tests.waiting import CEILING_S, until

#: Some seconds of small steps, in two parts and a summary.
LONG = ImputationSpec(max_iter=200, n_imputations=2)
#: Over in a moment.
SHORT = ImputationSpec(method="mean")


class Cluster(System):
    """One service and some workers over a PostgreSQL and a Valkey that may be killed.

    The servers are those of a private stack, whose supervisor starts them again.
    """

    def __init__(self, settings: Settings, folder: Path, seed: int = 0) -> None:
        super().__init__(settings, folder)
        self.rng = random.Random(seed)  # noqa: S311  a plan of faults is no secret
        self.workers: list[subprocess.Popen] = []
        self.jobs: list[Job] = []
        self._seeds = itertools.count()
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self.env["TMPDIR"] = str(self.temporary)
        self.env["JUPYTER_WRANGLER_PRELOAD"] = "light"
        self.speaker = self.client()

    @property
    def served_by(self) -> subprocess.Popen:
        return self._service

    def service(self, **env: str) -> subprocess.Popen:
        self._service = super().service(**env)
        return self._service

    def worker(self, **env: str) -> subprocess.Popen:
        self.workers.append(super().worker(**env))
        return self.workers[-1]

    def living(self) -> list[subprocess.Popen]:
        """Workers that have not ended."""
        self.workers = [w for w in self.workers if w.poll() is None]
        return self.workers

    def submit(self, spec: ImputationSpec = SHORT, **shape: int) -> Job:
        """Submit a job that no other is the same as."""
        unlike = spec.model_copy(update={"random_state": next(self._seeds)})
        job = self.speaker.submit(incomplete_frame(**shape), unlike)
        self.jobs.append(job)
        return job

    def submit_long(self) -> Job:
        return self.submit(LONG, rows=3000, columns=10)

    def a_runner(self, *, seconds: float = 40) -> int:
        """A process that computes; waits until there is one."""

        def look() -> list[int]:
            return [pid for worker in self.living() for pid in self.runners(worker)]

        return self.rng.choice(until(look, seconds=seconds))

    def hurt_a_runner(self, harm: signal.Signals) -> None:
        """Send a signal to a process that computes; another if it has just ended."""
        for _ in range(20):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.a_runner(), harm)
                return
        raise AssertionError("no runner lived long enough to be hurt")

    def server(self, name: str) -> psutil.Process:
        """PostgreSQL or Valkey, as it runs now."""

        def look() -> psutil.Process | None:
            found = state_file.read(paths.locate(self.stack).record)
            child = found and found.children.get(name)
            return psutil.Process(child.pid) if child and child.alive else None

        return until(look)


@contextlib.contextmanager
def cluster(
    home: Path, *, workers: int = 2, seed: int = 0, **env: str
) -> Iterator[Cluster]:
    """A deployment with all its servers, in a folder that is removed by the caller."""
    stack = Settings(home=home / "home", runtime_dir=home / "run")
    launch.ensure(stack, components=("postgres", "valkey"), timeout=CEILING_S)
    places = paths.locate(stack)
    settings = stack.model_copy(
        update={
            "database_url": SecretStr(places.database_url),
            "migration_url": SecretStr(places.migration_url),
            "redis_url": SecretStr(places.redis_url),
            "namespace": "cluster",
        }
    )
    migrate.upgrade(settings)
    with tempfile.TemporaryDirectory(prefix="jwt-") as folder:
        found = Cluster(settings, Path(folder), seed)
        found.stack = stack
        found.env |= env
        try:
            found.service()
            for _ in range(workers):
                found.worker()
            yield found
        finally:
            found.close()

"""How long the machinery takes: a stack of its own, real jobs, medians.

Run it on a quiet machine:  python tests/benchmarks/jobs.py
Writes a Markdown table to standard output.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import psutil

from jupyter_wrangler import frames
from jupyter_wrangler.client.client import Client
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine import chain
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import launch

PENGUINS = Path(__file__).parent.parent.parent / "notebooks" / "data" / "penguins.csv"


def timed(what) -> float:
    begun = time.perf_counter()
    what()
    return time.perf_counter() - begun


def quantile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def spread(times: list[float]) -> str:
    half, most = quantile(times, 0.5) * 1000, quantile(times, 0.99) * 1000
    return f"{half:.0f} / {most:.0f} ms"


def import_seconds() -> float:
    code = "import jupyter_wrangler"
    with_it = [sys.executable, "-c", code]
    bare = [sys.executable, "-c", "pass"]
    run = lambda command: timed(lambda: subprocess.run(command, check=True))  # noqa: E731
    return statistics.median(run(with_it) - run(bare) for _ in range(7))


def proportional_memory(home: Path) -> float:
    """Proportional set size in MB of everything that belongs to a stack."""
    total = 0
    for process in psutil.process_iter(["pid", "cmdline"]):
        command = " ".join(process.info["cmdline"] or [])
        environment = ""
        try:
            environment = Path(f"/proc/{process.pid}/environ").read_bytes().decode()
            if str(home) in command or str(home) in environment:
                total += process.memory_full_info().pss
        except (psutil.Error, OSError, UnicodeDecodeError):
            continue
    for process in psutil.process_iter(["pid"]):
        # the fork server's environment was cleaned: it is known by its parent
        try:
            parents = [p.environ().get("JUPYTER_WRANGLER_HOME") for p in
                       process.parents()]  # fmt: skip
            own = process.environ().get("JUPYTER_WRANGLER_HOME")
            named = str(home) in " ".join(process.cmdline())
            if own is None and not named and str(home / "home") in parents:
                total += process.memory_full_info().pss
        except (psutil.Error, OSError):
            continue
    return total / 2**20


def first_progress(client: Client, df: pd.DataFrame, seed: int) -> float:
    """Seconds from the call to the first sign of the algorithm, seen by the caller."""
    begun = time.perf_counter()
    job = client.submit(df, ImputationSpec(method="mean", random_state=seed))
    spent = time.perf_counter() - begun
    job.result(timeout=60)
    started = client.api.job(job.id)
    waited = (started.started_at - started.created_at).total_seconds()
    return spent + waited


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=60)
    jobs = parser.parse_args().jobs
    folder = Path(tempfile.mkdtemp(prefix="jwb-"))
    folder.chmod(0o711)
    settings = Settings(home=folder / "home", runtime_dir=folder / "run")
    rows: list[tuple[str, str]] = []
    df = pd.read_csv(PENGUINS)
    try:
        rows.append(("import jupyter_wrangler", f"{import_seconds() * 1000:.0f} ms"))
        rows.append(
            (
                "private stack, first start",
                f"{timed(lambda: launch.ensure(settings)):.1f} s",
            )
        )
        launch.stop(settings)
        again = []
        for _ in range(3):
            again.append(timed(lambda: launch.ensure(settings)))
            launch.stop(settings)
        rows.append(("private stack, next start", f"{statistics.median(again):.1f} s"))
        launch.ensure(settings)
        client = Client(settings=settings)
        client.submit(df, ImputationSpec(method="mean")).result(timeout=60)
        time.sleep(5)
        rows.append(
            ("idle memory of the stack (PSS)", f"{proportional_memory(folder):.0f} MB")
        )

        starts = [first_progress(client, df, seed) for seed in range(1, jobs)]
        rows.append(
            ("warm submit to claimed by a worker, p50 / p99",
             spread(starts))
        )  # fmt: skip

        whole, bare = [], []
        for seed in range(1, jobs):
            spec = ImputationSpec(random_state=seed)
            whole.append(
                timed(lambda s=spec: client.submit(df, s).result(timeout=60).df)
            )
            bare.append(timed(lambda s=spec: list(chain.impute(df, s, 0))))
        rows.append(
            ("whole job, penguins by pmm, p50 / p99",
             spread(whole))
        )  # fmt: skip
        rows.append(
            (
                "of which the bare computation, p50",
                f"{quantile(bare, 0.5) * 1000:.0f} ms",
            )
        )

        again = [
            timed(lambda: client.submit(df, ImputationSpec(random_state=1)).result())
            for _ in range(20)
        ]
        rows.append(
            (
                "the same job again (reused), p50",
                f"{quantile(again, 0.5) * 1000:.0f} ms",
            )
        )

        stops = []
        long = ImputationSpec(max_iter=1000, n_imputations=50)
        wide = pd.DataFrame(np.random.default_rng(0).normal(size=(3000, 10)))
        wide = wide.mask(wide > 1).rename(columns=str)
        for seed in range(10):
            job = client.submit(wide, long.model_copy(update={"random_state": seed}))
            while not job.running():
                time.sleep(0.01)
            time.sleep(0.3)
            begun = time.perf_counter()
            job.cancel()
            while job.refresh().state != "cancelled":
                time.sleep(0.01)
            stops.append(time.perf_counter() - begun)
        rows.append(("cancel of a running job, worst of 10", f"{max(stops):.2f} s"))

        big = pd.DataFrame(np.random.default_rng(1).normal(size=(1_250_000, 10)))
        big = big.mask(big > 2).rename(columns=str)
        packing = timed(lambda: frames.to_parquet(big))
        sending = timed(
            lambda: client.submit(big, ImputationSpec(method="mean"), name="big")
        )
        rows.append(
            ("100 MB frame to an accepted job (of which writing Parquet)",
             f"{sending:.2f} s ({packing:.2f} s)")
        )  # fmt: skip
        client.close()
    finally:
        launch.stop(settings)
        shutil.rmtree(folder)
    print(
        f"{os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}\n"
    )
    print("| what | measured |\n|---|---|")
    for what, found in rows:
        print(f"| {what} | {found} |")


if __name__ == "__main__":
    main()

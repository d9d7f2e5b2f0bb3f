"""What a small job takes: processor time by process, and statements by process.

Run it on a quiet machine:  python tests/benchmarks/spent.py
Penguins by `pmm`, each job with a seed of its own, one after the other.  `--statements`
lists the statements of one job on standard error.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import os
import re
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import psutil
from jobs import PENGUINS, Row, Stack, busy, timed

from jupyter_wrangler.client.session import Client
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.strategies import impute
from jupyter_wrangler.stack import state_file, wire

#: What one line of PostgreSQL's log says: who asked, and what.
LINE = re.compile(
    r"^\[(?P<who>[^\]]*)\] LOG: +(?P<how>statement|execute [^:]*): (?P<sql>.*)"
)
#: What comes whether there is a job or not.
SECONDS = 10.0


def processes(found: Stack) -> dict[psutil.Process, str]:
    """Each process of a stack, with what it is."""
    record = state_file.read(found.places.record)
    top = psutil.Process(record.supervisor.pid)
    names = {child.pid: name for name, child in record.children.items()}
    family = {}
    for process in [top, *top.children(recursive=True)]:
        with contextlib.suppress(psutil.Error):
            ancestors = [process.pid, *(p.pid for p in process.parents())]
            name = next((names[p] for p in ancestors if p in names), "supervisor")
            if any("forkserver" in word for word in process.cmdline()):
                name = "runners"
            family[process] = name
    return family


def spent(found: Stack) -> dict[str, float]:
    """Seconds of the processor so far, by kind of process; with those that ended."""
    sums: dict[str, float] = collections.Counter()
    for process, name in processes(found).items():
        with contextlib.suppress(psutil.Error):
            sums[name] += sum(process.cpu_times()[:4])
    sums["kernel"] = time.process_time()
    return sums


def less(after: dict[str, float], before: dict[str, float]) -> dict[str, float]:
    return {name: took - before.get(name, 0.0) for name, took in after.items()}


def words(sums: dict[str, float], *, scale: float = 1000.0) -> str:
    order = sorted(sums.items(), key=lambda item: -item[1])
    parts = ", ".join(f"{name} {took * scale:.0f}" for name, took in order)
    return f"{sum(sums.values()) * scale:.0f} ({parts})"


def run(client: Client, df: pd.DataFrame, seeds: range) -> float:
    """Run jobs one after the other; return the seconds."""
    return timed(
        lambda: [
            client.submit(df, ImputationSpec(random_state=seed)).result(timeout=60).df
            for seed in seeds
        ]
    )


def processor(jobs: int = 60) -> Iterator[Row]:
    """Processor time of a job, less what the stack takes in that time anyway."""
    df = pd.read_csv(PENGUINS)
    with busy() as (found, client):
        run(client, df, range(1, 16))
        time.sleep(1)
        before = spent(found)
        seconds = run(client, df, range(100, 100 + jobs))
        time.sleep(1)
        after = spent(found)
        time.sleep(SECONDS)
        rest = less(spent(found), after)
    idle = {name: took / SECONDS for name, took in rest.items()}
    whole = {
        name: (took - idle.get(name, 0) * (seconds + 1)) / jobs
        for name, took in less(after, before).items()
    }
    spec = ImputationSpec(random_state=1)
    bare = []
    for _ in range(20):
        begun = time.process_time()
        list(impute.impute(df, spec, 0))
        bare.append(time.process_time() - begun)
    yield "processor time of a small job, ms", "150", words(whole)
    yield (
        "of that the imputation alone, ms",
        "",
        f"{statistics.median(bare) * 1000:.0f}",
    )
    yield "processor time while nothing runs, ms per second", "", words(idle)


@contextlib.contextmanager
def logged(found: Stack) -> Iterator[None]:
    """Have PostgreSQL log each statement with the name of who asks."""
    path = found.places.postgres_sockets / ".s.PGSQL.5432"

    def say(*statements: str) -> None:
        with wire.Session(path, user="postgres", database="postgres") as session:
            for statement in statements:
                session.query(statement)

    say(
        "ALTER SYSTEM SET log_statement = 'all'",
        "ALTER SYSTEM SET log_line_prefix = '[%a] '",
        "SELECT pg_reload_conf()",
    )
    time.sleep(0.5)
    yield
    say("ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()")


def heard(log: Path, begin: int) -> list[tuple[str, str]]:
    """Who asked what, from that place in the log on."""
    lines = log.read_text("utf-8", errors="replace")[begin:].splitlines()
    found: list[tuple[str, str]] = []
    for line in lines:
        match = LINE.match(line)
        if match:
            found.append((match["who"], match["sql"].strip()))
        elif line.startswith("\t") and found:
            who, sql = found[-1]
            found[-1] = (who, f"{sql} {line.strip()}".strip())
    return found


def statements(jobs: int = 20, *, show: bool = False) -> Iterator[Row]:
    """Statements of a job, by process; each of them is one round trip."""
    df = pd.read_csv(PENGUINS)
    with busy() as (found, client):
        log = found.places.logs / "postgres.log"
        run(client, df, range(1, 16))
        with logged(found):
            begin = log.stat().st_size
            seconds = run(client, df, range(100, 100 + jobs))
            time.sleep(0.3)
            during = heard(log, begin)
            begin = log.stat().st_size
            time.sleep(SECONDS)
            idle = heard(log, begin)
    counts = collections.Counter(who for who, _ in during)
    rest = collections.Counter(who for who, _ in idle)
    each = {
        who.removeprefix("wrangler-"): (n - rest[who] * seconds / SECONDS) / jobs
        for who, n in counts.items()
    }
    yield "statements of a small job, from begin to commit", "", words(each, scale=1)
    if show:
        often = collections.Counter(
            (who, re.sub(r"'[-0-9a-f]{36}'", "'...'", sql)[:150]) for who, sql in during
        )
        for (who, sql), n in sorted(often.items()):
            sys.stderr.write(f"{n / jobs:6.2f}  {who}: {sql}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statements", action="store_true")
    parser.add_argument("--only", choices=["processor", "statements"])
    asked = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print("| what | goal | measured |\n|---|---|---|")
    if asked.only != "statements":
        for row in processor():
            print("|", " | ".join(row), "|", flush=True)
    if asked.only != "processor":
        for row in statements(show=asked.statements):
            print("|", " | ".join(row), "|", flush=True)


if __name__ == "__main__":
    main()

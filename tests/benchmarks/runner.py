"""What the runner of a large job takes, beside the bare engine on the same frame.

    python tests/benchmarks/runner.py [memory] [seconds]
        [--rows 1000000] [--columns 20] [--methods mean linear pmm] [--repeat 1]

The runners are those of a worker, from its fork server, and get the same messages; no
database and no broker is in between.  The memory is the peak of the process (VmHWM)
without that of the same process after a tiny job, so libraries do not count, but the
pages of the mapped input do.  The seconds are those of the processor, of the part and
of the summary; the bare engine has the frame in memory and is timed in a process of
its own.  Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from jupyter_wrangler import frames
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.strategies.impute import impute
from jupyter_wrangler.runtime.worker import forkserver
from jupyter_wrangler.runtime.worker.messages import Answer, Done, StepReport, Task
from jupyter_wrangler.runtime.worker.runner_pool import Runner
from jupyter_wrangler.settings import Settings

#: The fork server takes the name of the main file from this process.
HERE = __file__
#: Share of the cells that are missing, and factors behind the columns.
MISSING, FACTORS = 0.1, 10


def independent(n: int, p: int, rng: np.random.Generator) -> pd.DataFrame:
    return pd.DataFrame(rng.normal(size=(n, p))).add_prefix("x")


def factors(n: int, p: int, rng: np.random.Generator) -> pd.DataFrame:
    x = rng.normal(size=(n, FACTORS)) @ rng.normal(size=(FACTORS, p))
    return pd.DataFrame(x + rng.normal(scale=0.5, size=(n, p))).add_prefix("x")


def mixed(n: int, p: int, rng: np.random.Generator) -> pd.DataFrame:
    """Of five columns three are numbers, one is text and one a category."""
    df = factors(n, p, rng)
    for k, name in enumerate(df.columns):
        if k % 5 > 2:
            words = np.array(["blue", "green", "red"], dtype=object)
            y = words[np.digitize(df[name], [-2.0, 2.0])]
            df[name] = pd.Series(y, dtype="category" if k % 5 == 4 else "str")
    return df


STRUCTURES = {f.__name__: f for f in (factors, independent, mixed)}


def incomplete(
    make: Callable[[int, int, np.random.Generator], pd.DataFrame], n: int, p: int
) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    df = make(n, p, rng)
    for name in df.columns:
        df.loc[rng.random(n) < MISSING, name] = None
    return df


@dataclass(frozen=True)
class Took:
    """What a task took: seconds of the processor, and MiB at the peak."""

    seconds: float
    peak: float


class OneRunner:
    """A runner that has done a tiny job, and what it held then."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.runner = folder, Runner()
        small = folder / "small"
        small.write_bytes(frames.to_parquet(incomplete(factors, 300, 4)).data)
        spec = ImputationSpec(method="mean")
        self.base = 0.0
        self.part(small, spec, folder / "small.cells")
        self.base = self.summary(small, spec, folder / "small.cells").peak

    def part(self, data: Path, spec: ImputationSpec, output: Path) -> Took:
        return self._run(data, spec, output, results=())

    def summary(self, data: Path, spec: ImputationSpec, cells: Path) -> Took:
        return self._run(data, spec, self.folder / "document", results=(str(cells),))

    def _run(
        self, data: Path, spec: ImputationSpec, output: Path, results: tuple[str, ...]
    ) -> Took:
        task = Task(
            stage=int(bool(results)),
            k=0,
            spec=spec.model_dump(mode="json"),
            data=str(data),
            results=list(results),
            failures={},
            output=str(output),
            recipe_output=str(self.folder / "recipe"),
            max_model_bytes=Settings().max_model_bytes,
            max_columns=10_000,
            max_cells=10**10,
            memory=None,
            cpu_s=0,
            file_bytes=0,
        )
        # forgets the peak
        (Path("/proc") / str(self.runner.pid) / "clear_refs").write_text("5")
        self.runner.begin(task)
        answer = self._answer()
        if not isinstance(answer, Done) or answer.usage is None:
            raise SystemExit(f"the runner ended with {answer}")
        return Took(answer.usage.cpu_s, peak_mib(self.runner.pid) - self.base)

    def _answer(self) -> Answer:
        while True:
            for message in self.runner.messages():
                if not isinstance(message, StepReport):
                    return message


def peak_mib(pid: int) -> float:
    said = (Path("/proc") / str(pid) / "status").read_text()
    line = next(line for line in said.splitlines() if line.startswith("VmHWM"))
    return float(line.split()[1]) / 1024


def bare(data: Path, spec: ImputationSpec) -> Took:
    """Time the engine alone, in a process of its own."""
    said = subprocess.run(
        [sys.executable, HERE, "--bare", data, spec.model_dump_json()],
        check=True,
        capture_output=True,
    )
    return Took(**json.loads(said.stdout))


def alone(data: str, given: str) -> None:
    """Impute a file here, and say what the engine took."""
    spec = ImputationSpec.model_validate_json(given)
    df = frames.from_parquet(data, labels=False)
    for _ in impute(incomplete(factors, 300, 4), spec, 0):
        pass
    before = peak_mib(os.getpid())
    begun = time.process_time()
    for _ in impute(df, spec, 0):
        pass
    took = Took(time.process_time() - begun, peak_mib(os.getpid()) - before)
    print(json.dumps(dataclasses.asdict(took)))


def rows(asked: argparse.Namespace, folder: Path) -> Iterator[str]:
    for structure in asked.structures:
        df = incomplete(STRUCTURES[structure], asked.rows, asked.columns)
        size = df.memory_usage(index=False, deep=False).sum() / 2**20
        data = folder / "data"
        data.write_bytes(frames.to_parquet(df).data)
        del df
        for method in asked.methods:
            spec = ImputationSpec(method=method, random_state=0, n_imputations=1)
            took: list[tuple[Took, Took, Took]] = []
            for _ in range(asked.repeat):
                cells = folder / "cells"
                # a summary comes from a runner of its own unless the part was small
                part = OneRunner(folder).part(data, spec, cells)
                summary = OneRunner(folder).summary(data, spec, cells)
                took.append((bare(data, spec), part, summary))
            engine, part, summary = (
                Took(
                    min(one[k].seconds for one in took),
                    max(one[k].peak for one in took),
                )
                for k in range(3)
            )
            whole = part.seconds + summary.seconds
            yield (
                f"| {structure} | `{method}` | {engine.seconds:.2f} | "
                f"{part.seconds:.2f} | {summary.seconds:.2f} | "
                f"{whole / engine.seconds:.1f}x | {size:.0f} | {part.peak:.0f} | "
                f"{part.peak / size:.1f}x | {summary.peak:.0f} | "
                f"{summary.peak / size:.1f}x |"
            )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--columns", type=int, default=20)
    arguments.add_argument("--methods", nargs="*", default=["mean", "linear", "pmm"])
    arguments.add_argument(
        "--structures", nargs="*", choices=list(STRUCTURES), default=list(STRUCTURES)
    )
    arguments.add_argument("--repeat", type=int, default=1)
    arguments.add_argument("--bare", nargs=2, help=argparse.SUPPRESS)
    asked = arguments.parse_args()
    if asked.bare:
        alone(*asked.bare)
        return
    forkserver.start(Settings(slots=os.cpu_count() or 1))
    print(
        "| data | method | engine, s | part, s | summary, s | of the engine (<= 1.5x) "
        "| frame, MiB | part, MiB | of the frame (<= 2.5x) | summary, MiB "
        "| of the frame (<= 2.5x) |"
    )
    print("|---|---|" + "--:|" * 9)
    with tempfile.TemporaryDirectory() as folder:
        for row in rows(asked, Path(folder)):
            print(row, flush=True)


if __name__ == "__main__":
    main()

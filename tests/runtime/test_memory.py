"""What a runner may take by default."""

from __future__ import annotations

import multiprocessing
import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler import frames
from jupyter_wrangler.runtime import memory
from jupyter_wrangler.runtime.worker import runner

ALL = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _files(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({}, ALL),
        ({"proc/self/cgroup": "0::/a/b\n"}, ALL),
        (
            {
                "proc/self/cgroup": "0::/a/b\n",
                "sys/fs/cgroup/a/b/memory.max": "max\n",
                "sys/fs/cgroup/a/memory.max": "1048576\n",
            },
            2**20,
        ),
        (
            {
                "proc/self/cgroup": "0::/\n",
                "sys/fs/cgroup/memory.max": "2097152\n",
            },
            2**21,
        ),
        (
            {
                "proc/self/cgroup": "8:pids:/x\n9:memory:/docker/x\n",
                "sys/fs/cgroup/memory/memory.limit_in_bytes": "1048576\n",
                "sys/fs/cgroup/pids/x/memory.limit_in_bytes": "5\n",
            },
            2**20,
        ),
        (
            {
                "proc/self/cgroup": "9:memory:/\n",
                "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{2**63 - 4096}\n",
            },
            ALL,
        ),
    ],
)
def test_a_container_has_the_memory_of_its_group(tmp_path, files, found):
    assert memory.present(_files(tmp_path, files)) == found


def _bound(pipe, asked, hard) -> None:
    if hard:
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    limit = memory.bound(asked)
    first = Path("/proc/self/oom_score_adj").read_text("ascii").strip()
    pipe.send((limit, resource.getrlimit(resource.RLIMIT_AS)[0], first))


@pytest.mark.skipif(sys.platform != "linux", reason="no limit on macOS")
@pytest.mark.parametrize("hard", [0, 2**40])
@pytest.mark.parametrize("asked", [None, 0, 2**50])
def test_the_limit_is_set_and_never_above_that_of_the_system(asked, hard):
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_bound, args=(theirs, asked, hard))
    process.start()
    limit, real, first = ours.recv()
    process.join()
    ours.close()
    theirs.close()
    if asked == 0:
        assert limit == 0
        assert real == (hard or resource.RLIM_INFINITY)
    else:
        assert real == limit
        usual = memory.SHARE * memory.present()
        least = usual if asked is None else min(asked, hard or asked)
        assert least <= limit <= least + 2**34
    assert int(first) > 0


PEAK = """
import sys
import numpy as np, pandas as pd
from jupyter_wrangler import frames
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.engine.strategies.impute import impute as steps_of

def peak():
    # not ru_maxrss, which a process inherits from the one that starts it
    with open("/proc/self/status") as status:
        (line,) = [one for one in status if one.startswith("VmHWM")]
    return int(line.split()[1]) / 1024

def impute(df, method, **more):
    steps = steps_of(df, ImputationSpec(method=method, max_iter=1, **more), 0)
    while next(steps, None) is not None:
        pass

small = pd.DataFrame(np.random.default_rng(0).normal(size=(500, 20))).add_prefix("x")
small = small.mask(small > 1)
for method in ("pmm", "linear", "norm"):
    impute(small, method)  # loads what is loaded once
before = peak()
path, how = sys.argv[1:]
if how == "sample":
    rows = 150_000
    def part(at):
        found = frames.from_parquet(path, labels=False)[at:at + 15_000]
        return found.copy()
    fitted = Imputer("linear", max_iter=1).fit(part(0))
    for at in range(0, rows, 15_000):
        fitted.transform(part(at))
else:
    df = frames.from_parquet(path, labels=False)
    impute(df, how if how in ("linear", "norm") else "pmm",
           **({"columns": ("x0",)} if how == "columns" else {}))
print(peak() - before)
"""


@pytest.mark.slow
def test_fault_3_13_what_is_advised_lowers_memory(tmp_path):
    """And what is no longer advised does not."""
    rng = np.random.default_rng(0)
    data = rng.normal(size=(150_000, 1)) + rng.normal(size=(150_000, 20))
    data[rng.random(data.shape) < 0.2] = np.nan
    df = pd.DataFrame(data).add_prefix("x")
    for name, part in (("all", df), ("fewer", df.iloc[:, :10])):
        (tmp_path / name).write_bytes(frames.to_parquet(part).data)

    def peak(how: str) -> float:
        path = tmp_path / ("fewer" if how == "fewer" else "all")
        found = subprocess.run(
            [sys.executable, "-c", PEAK, str(path), how],
            capture_output=True, check=True, text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip
        return float(found.stdout)

    pmm = peak("pmm")
    advised = {how: peak(how) / pmm for how in ("fewer", "sample")}
    assert max(advised.values()) < 0.85, (pmm, advised)
    assert peak("columns") / pmm > 0.9, "if it helps now, the advice may say so"


def test_fault_3_13_the_advice_names_what_helps():
    message = runner._out_of_memory(2**30).message
    for word in ("fewer columns", "sample(", "1.0 GiB"):
        assert word in message
    for word in ("float32", "'linear' or"):
        assert word not in message

"""What a runner may take by default."""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
from pathlib import Path

import pytest

from jupyter_wrangler.jobs import memory

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

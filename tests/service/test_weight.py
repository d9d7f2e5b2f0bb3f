"""The service runs for as long as its user is logged in, so it loads little."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest

from jupyter_wrangler.client.session import Client
from jupyter_wrangler.contract import ComparisonSpec, ImputationSpec
from jupyter_wrangler.stack import paths, state_file

#: What only processes that compute need, some 100 MB.
STATISTICS = ("numpy", "pandas", "pyarrow", "scipy", "sklearn")


def loaded_libraries(process: psutil.Process) -> set[str]:
    """Names of the packages above whose shared libraries a process has loaded."""
    folders = {part for m in process.memory_maps() for part in Path(m.path).parts}
    return folders & set(STATISTICS)


def test_what_the_service_imports_holds_no_statistics():
    code = "import sys, jupyter_wrangler.service.main; print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    found = set(ran.stdout.split())
    assert "jupyter_wrangler.runtime.acceptance" in found
    assert not found & {*STATISTICS, "alembic"}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_service_that_accepted_jobs_holds_no_statistics(stack_env, stack_settings):
    assert stack_env
    numbers = np.random.default_rng(0).normal(size=(60, 3))
    df = pd.DataFrame(numbers, columns=list("abc")).mask(numbers > 1)
    with contextlib.closing(Client(settings=stack_settings)) as client:
        for spec in (
            ImputationSpec(method="knn", methods={"b": "~ a * 2"}),
            ComparisonSpec(methods=("linear", "pmm"), repeats=1),
        ):
            job = client.submit(df, spec)
            assert job.id
            job.cancel()
    state = state_file.read(paths.locate(stack_settings).record)
    assert state is not None
    # this process shows that libraries are found
    assert loaded_libraries(psutil.Process()) >= {"numpy", "pandas"}
    assert not loaded_libraries(psutil.Process(state.children["service"].pid))

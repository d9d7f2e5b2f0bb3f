"""A part to compute, and a runner for it."""

from __future__ import annotations

import pytest

from jupyter_wrangler import frames
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.runtime.worker.messages import Task
from jupyter_wrangler.runtime.worker.runner_process import Runner
from tests.acceptance.system import incomplete_frame


@pytest.fixture
def task(tmp_path) -> Task:
    data = tmp_path / "data"
    data.write_bytes(frames.to_parquet(incomplete_frame(30, 3)).data)
    return Task(
        stage=0,
        k=0,
        spec=ImputationSpec(method="mean").model_dump(mode="json"),
        data=str(data),
        results=[],
        failures={},
        output=str(tmp_path / "output"),
        recipe_output=str(tmp_path / "recipe"),
        max_columns=10,
        max_model_bytes=1 << 20,
        max_cells=1000,
        memory=0,
        cpu_s=60,
        file_bytes=2**20,
    )


@pytest.fixture
def started():
    found = Runner()
    yield found
    found.close()

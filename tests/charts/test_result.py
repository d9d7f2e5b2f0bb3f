"""Results of jobs draw themselves."""

from __future__ import annotations

import contextlib
import subprocess
import sys

import jupyter_wrangler as jw
from tests.waiting import CEILING_S


def test_the_result_of_a_job_is_drawn(stack_env, air):
    assert stack_env
    with contextlib.closing(jw.connect()) as client:
        job = jw.impute(air, n_imputations=3, max_iter=4, client=client)
        result = job.result(timeout=CEILING_S)
        chart = result.plot.strip("Ozone")
        seen = result.imputed
        made = seen["value"][seen["column"] == "Ozone"].astype(float)
        table = chart.to_frame()
        drawn = table["value"][table["what"] == "imputed"]
        assert sorted(drawn) == sorted(made)
        assert result.plot.trace("Ozone").to_frame()["round"].max() == 4
        assert jw.charts.box(result, "Ozone").sentence == (
            result.plot.box("Ozone").sentence
        )


def test_results_taken_by_themselves_find_their_charts():
    code = (
        "from jupyter_wrangler.client.objects.result import Result\n"
        "print(Result.plot.fget(object()))\n"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert out.stdout.startswith("Plots: .overlay")

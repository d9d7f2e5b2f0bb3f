"""`n_imputations="auto"`, end to end: the first imputations, then those they want."""

from __future__ import annotations

import pandas as pd

import jupyter_wrangler as jw
from jupyter_wrangler.client.views.formatting import job_description
from tests.acceptance.system import incomplete_frame
from tests.waiting import CEILING_S


def test_a_job_adds_the_imputations_that_its_first_ones_want(shared):
    df = incomplete_frame()
    job = jw.impute(
        df, "norm", n_imputations="auto", random_state=11, client=shared.client()
    )
    result = job.result(timeout=CEILING_S)
    here = jw.Imputer("norm", random_state=11).impute(df, "auto")
    assert result.n_imputations == here.m > 10
    assert job.seen.n_parts == here.m + 1
    for k in (0, 9, 10, here.m - 1):
        pd.testing.assert_frame_equal(result.datasets[k], here.complete(k))
    grown = [event for event in job.events() if event.type == "growing"]
    assert [(e.details["from"], e.details["to"]) for e in grown] == [(10, here.m)]
    (said,) = [e.message for e in result.summary.events if "first 10" in e.message]
    assert said == grown[0].details["reason"]
    assert said == here.imputations[0].events[-1].message
    assert job_description(job.seen) == f"{here.m} imputations by norm"
    assert "n_imputations='auto'" in result.to_code(data="load()")
    assert "von Hippel 2020" in result.methods_text()
    saved = result.save("grown")
    assert not shared.client().load("grown").partial, saved


def test_the_same_again_is_found_and_a_fixed_number_is_another_job(shared):
    df = incomplete_frame()
    client = shared.client()
    job = jw.impute(df, "norm", n_imputations="auto", random_state=11, client=client)
    job.result(timeout=CEILING_S)
    spec = {"method": "norm", "n_imputations": "auto", "random_state": 11}
    again = client.submit(df, type(job.spec).model_validate(spec))
    assert again.id == job.id
    fixed = jw.impute(df, "norm", n_imputations=10, random_state=11, client=client)
    assert fixed.id != job.id
    assert fixed.result(timeout=CEILING_S).n_imputations == 10

"""`jupyter wrangler admin` over the stack that the tests share."""

from __future__ import annotations

import contextlib
import uuid

import numpy as np
import pandas as pd
from click.testing import CliRunner

import jupyter_wrangler as jw
from jupyter_wrangler.cli.commands import wrangler
from jupyter_wrangler.stack import ask
from tests.waiting import until


def say(*words: str) -> str:
    done = CliRunner().invoke(wrangler, ["admin", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_the_worker_of_the_stack_is_listed(stack_env):
    assert stack_env
    # which rests while nobody has needed it for long
    with contextlib.closing(jw.connect()):
        jw.impute(pd.DataFrame({"a": [1.0, None]}), "mean", force=True).wait()
    said = say("workers")
    assert "heard" in said.splitlines()[0]
    assert " alive " in said


def test_jobs_are_listed_with_their_owner_and_cancelled(stack, stack_env):
    assert stack_env
    name = ask.get(stack, "/me")[1]["name"]
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(5000, 12))).rename(columns=str)
    df = df.mask(df > 1)
    with contextlib.closing(jw.connect()):
        job = jw.impute(df, max_iter=1000, n_imputations=9, name="long", force=True)
        said = say("jobs", "--limit", "3")
        (line,) = [line for line in said.splitlines() if str(job.id) in line]
        assert name in line
        assert "long" in line
        assert "jw.small" in say("queues")
        assert f"Job {job.id} of {name} is cancel" in say("cancel", str(job.id))
        until(lambda: job.refresh().state == "cancelled")
        assert "wrangler_jobs{" in say("metrics")
        (entry,) = [x for x in say("audit").splitlines() if str(job.id) in x]
        assert "cancel" in entry


def test_a_quota_is_set_and_taken_back(stack, stack_env):
    assert stack_env
    name = ask.get(stack, "/me")[1]["name"]
    words = ("quota", name, "--kind", "local")
    assert say(*words, "--max-queued", "77") == f"Set for {name}.\n"
    try:
        assert " of 77 " in say("quotas")
    finally:
        say(*words, "--max-queued", "-1")
    assert " of 77 " not in say("quotas")
    assert (
        CliRunner().invoke(wrangler, ["admin", "quota", "--everybody"]).exit_code == 2
    )
    assert CliRunner().invoke(wrangler, ["admin", *words, "--everybody"]).exit_code == 2


def test_an_unknown_worker_is_one_message(stack_env):
    from jupyter_wrangler.errors import NotFound

    assert stack_env
    unknown = uuid.uuid4()
    done = CliRunner().invoke(wrangler, ["admin", "drain", str(unknown)])
    assert isinstance(done.exception, NotFound)
    assert str(unknown) in done.exception.message
    assert CliRunner().invoke(wrangler, ["admin", "drain", "x"]).exit_code == 2

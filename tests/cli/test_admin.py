"""`jupyter wrangler admin` over the stack that the tests share."""

from __future__ import annotations

import contextlib
import uuid

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from pydantic import SecretStr

import jupyter_wrangler as jw
from jupyter_wrangler.cli.commands import wrangler
from jupyter_wrangler.stack import http_probe, paths
from jupyter_wrangler.store import users
from jupyter_wrangler.store.database import SyncDatabase
from jupyter_wrangler.store.engines import sync_engine
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
    name = http_probe.get(stack, "/me")[1]["name"]
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
    name = http_probe.get(stack, "/me")[1]["name"]
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


@pytest.fixture
def some_users(stack, stack_settings):
    """Users of whom only the rows are there, and names that nobody else has."""
    assert stack.exists()
    url = SecretStr(paths.locate(stack_settings).database_url)
    settings = stack_settings.model_copy(update={"database_url": url})
    database = SyncDatabase(sync_engine(settings, application="tests", size=1))
    names = [f"{name}{uuid.uuid4().hex[:6]}" for name in ("walter", "xenia")]
    ids = [database.run(users.ensure, "hub_user", name) for name in names]
    yield names, ids
    database.close()


def test_fault_4_7_users_are_listed_renamed_forgotten_and_purged(stack_env, some_users):
    assert stack_env
    (walter, xenia), (first, second) = some_users

    def row(user):
        (line,) = [line for line in say("users").splitlines() if str(user) in line]
        return line

    assert walter in row(first)
    assert f"is '{walter}y' now" in say("users", "rename", walter, f"{walter}y")
    assert f"{walter}y" in row(first)
    done = CliRunner().invoke(wrangler, ["admin", "users", "transfer", xenia, "who"])
    assert done.exit_code != 0
    # nothing that cannot be undone is done unasked
    words = ["admin", "users", "transfer", xenia, str(first)]
    asked = CliRunner().invoke(wrangler, words, input="n\n")
    assert asked.exit_code == 1
    said = say("users", "transfer", xenia, str(first), "--yes")
    assert f"'{walter}y' has 0 jobs" in said
    assert "is free" in say("users", "forget", xenia)
    assert row(second).split()[-1].count("-") == 2, "the day on which they left"
    assert "Deleted what" in say("users", "purge", str(second), "--yes")
    trail = say("audit", "--limit", "10")
    for verb in ("rename", "transfer", "forget", "purge"):
        assert verb in trail
    unknown = CliRunner().invoke(wrangler, ["admin", "users", "forget", "nobody"])
    assert unknown.exit_code == 2
    assert "knows no hub_user 'nobody'" in unknown.output

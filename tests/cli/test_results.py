"""`jupyter wrangler results`: list, show, compare, note, rename, restore, delete."""

from __future__ import annotations

import contextlib
import uuid

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import jupyter_wrangler as jw
from jupyter_wrangler.cli.commands import wrangler
from tests.acceptance.system import incomplete_frame


def run(*words, **more):
    return CliRunner().invoke(wrangler, ["results", *words], **more)


@pytest.fixture
def name(stack_env):
    """A name with two versions."""
    assert stack_env
    with contextlib.closing(jw.connect()):
        found = f"n {uuid.uuid4().hex[:8]}"
        for method in ("mean", "median"):
            done = jw.impute(incomplete_frame(40, 3), method, random_state=0)
            done.result(timeout=120).save(found, note=f"by {method}")
        yield found


def test_what_is_saved_is_listed_shown_compared_and_written(name, tmp_path):
    assert name in run().output
    shown = run("show", name).output
    assert f"{name}@2" in shown
    assert "by mean" in shown
    assert "by median" in run("show", f"{name}@2").output
    assert '"mean" -> "median"' in run("compare", f"{name}@1", name).output
    goal = tmp_path / "out.csv"
    done = run("export", f"{name}@1", "-o", str(goal))
    assert done.exit_code == 0, done.output
    assert pd.read_csv(goal).notna().all(axis=None)


def test_a_file_of_later_rows_is_imputed_by_saved_models(stack_env, tmp_path):
    assert stack_env
    name, later = f"n {uuid.uuid4().hex[:8]}", incomplete_frame(30, 3, seed=8)
    with contextlib.closing(jw.connect()) as client:
        done = jw.impute(incomplete_frame(80, 3), "linear", random_state=0)
        result = done.result(timeout=120)
        result.save(name)
        expected = result.recipe.transform(later)
        later.to_csv(tmp_path / "new.csv", index=False)
        goal = tmp_path / "out.csv"
        words = ["transform", f"{name}@1", str(tmp_path / "new.csv"), "-o", str(goal)]
        told = CliRunner().invoke(wrangler, words)
        assert told.exit_code == 0, told.output
        assert "Read new.csv as 30 rows of 3 columns" in told.output
        np.testing.assert_allclose(pd.read_csv(goal), expected, rtol=1e-9)
        assert "is there; add --force" in CliRunner().invoke(wrangler, words).output
        assert next(client.api.jobs()).name == "new.csv"
        later[["x0"]].to_csv(tmp_path / "new.csv", index=False)
        refused = CliRunner().invoke(wrangler, [*words, "--force"])
        assert isinstance(refused.exception, jw.errors.SchemaMismatch)


def test_what_is_saved_is_changed_and_deleted(name):
    assert "better" in run("note", f"{name}@1", "better").output
    assert "no note" in run("note", f"{name}@1", "").output
    assert f"also {name}@3 now" in run("restore", f"{name}@1").output
    assert "newest version already" in run("restore", name).output
    assert run("rename", name, f"{name} b").exit_code == 0
    name = f"{name} b"
    asked = run("delete", f"{name}@2", input="n\n")
    assert f"Would delete {name}@2" in asked.output
    assert asked.exit_code == 1
    used = run("delete", f"{name}@1", "--yes")
    assert isinstance(used.exception, jw.errors.ResultInUse)
    assert run("delete", f"{name}@1", "--yes", "--force").exit_code == 0
    assert "and with it the name" in run("delete", name, input="y\n").output
    assert isinstance(run("show", name).exception, jw.errors.ResultNotFound)

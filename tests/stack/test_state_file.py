from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from dataclasses import replace

import pytest

from jupyter_wrangler.stack import state_file as records
from jupyter_wrangler.stack.processes import ProcessId
from jupyter_wrangler.stack.state_file import Lock, Record, is_locked


@pytest.fixture
def one():
    me = ProcessId.of(os.getpid())
    return Record(
        state="ready",
        supervisor=me,
        sockets={"valkey": "/run/v"},
        children={"valkey": me},
        versions={"valkey": "9.1"},
    )


def test_a_record_comes_back_as_it_was_written(one, tmp_path):
    path = tmp_path / "stack.json"
    one.write(path)
    assert records.read(path) == one
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["stack.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"state": "ready"}'])
def test_a_record_that_makes_no_sense_is_none(tmp_path, text):
    (tmp_path / "stack.json").write_text(text)
    assert records.read(tmp_path / "stack.json") is None
    assert records.read(tmp_path / "gone.json") is None


def test_a_record_of_a_newer_version_is_none_rather_than_an_error(one, tmp_path):
    path = tmp_path / "stack.json"
    one.write(path)
    path.write_text(json.dumps({**json.loads(path.read_text()), "later": 1}))
    assert records.read(path) is None


def test_a_record_knows_its_host(one):
    assert one.here
    assert not replace(one, boot="another", machine="another").here


def test_only_one_can_hold_the_lock(tmp_path):
    path = tmp_path / "lock"
    assert not is_locked(path)
    with Lock(path) as mine, Lock(path) as other:
        assert mine.take()
        assert not other.take()
        assert is_locked(path)
    assert not is_locked(path)


def test_the_lock_goes_with_its_holder_and_not_to_the_children(tmp_path):
    path = tmp_path / "lock"
    script = (
        "import os, subprocess, sys; from pathlib import Path;"
        "from jupyter_wrangler.stack.state_file import Lock;"
        f"lock = Lock(Path({str(path)!r})); assert lock.take();"
        "c = subprocess.Popen(['/bin/sleep', '60'], close_fds=False, stdout=2);"
        "print(c.pid, flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    child = ProcessId.of(int(holder.stdout.readline()))
    try:
        assert is_locked(path)
        holder.kill()
        holder.communicate()
        assert child.alive
        assert not is_locked(path)
    finally:
        os.kill(child.pid, 9)


def test_age_is_counted_from_the_last_touch(one, tmp_path):
    path = tmp_path / "stack.json"
    assert records.age(path) == float("inf")
    one.write(path)
    assert records.age(path) < 5
    os.utime(path, (0, 0))
    assert records.age(path) > records.FORGOTTEN_S

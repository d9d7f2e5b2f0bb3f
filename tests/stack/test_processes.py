from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from jupyter_wrangler.stack.processes import ProcessId, spawn, start_time, wait_gone


def sleeper():
    return subprocess.Popen(["/bin/sleep", "60"])


def test_a_zombie_is_not_alive():
    process = subprocess.Popen(["/bin/true"])
    me = ProcessId.of(process.pid)
    time.sleep(0.3)  # ended, and not yet reaped by us
    assert not me.alive
    assert start_time(process.pid) == ""
    process.wait()


def test_a_later_process_of_the_same_number_is_not_touched():
    process = sleeper()
    try:
        other = ProcessId(pid=process.pid, started="another-boot/1")
        other.send(signal.SIGKILL)
        assert not other.alive
        assert process.poll() is None
        assert ProcessId.of(process.pid).alive
    finally:
        process.kill()
        process.wait()


def test_waiting_returns_whether_they_ended():
    process = sleeper()
    me = ProcessId.of(process.pid)
    assert not wait_gone([me], 0.1)
    me.send(signal.SIGTERM)
    process.wait()
    assert wait_gone([me], 1)


@pytest.mark.skipif(
    sys.platform != "linux", reason="other systems have no death signal"
)
@pytest.mark.parametrize(
    "user", [None, pytest.param((65534, 65534), id="as another user")]
)
def test_a_child_dies_with_its_parent_even_as_another_user(tmp_path, user):
    if user and os.getuid():
        pytest.skip("only root can start processes of others")
    script = f"""
        import os, signal, pathlib
        from jupyter_wrangler.stack.processes import spawn
        child = spawn(
            ["/bin/sleep", "60"], env={{}}, cwd=pathlib.Path("/"),
            log=pathlib.Path({str(tmp_path / "log")!r}),
            death_signal=signal.SIGTERM, user={user},
        )
        print(child.pid, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    said = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdout=subprocess.PIPE,
        check=False,
    )
    assert said.returncode == -signal.SIGKILL
    assert wait_gone([ProcessId.of(int(said.stdout))], 5)


def test_a_child_has_a_closed_umask_a_log_and_its_own_session(tmp_path):
    log = tmp_path / "child.log"
    log.write_text("before\n")
    child = spawn(
        ["/bin/sh", "-c", "umask; ps -o sid= -p $$; echo $$; echo $LEAK"],
        env={"PATH": "/usr/bin:/bin"},
        cwd=tmp_path,
        log=log,
        death_signal=signal.SIGTERM,
    )
    assert child.wait() == 0
    before, umask, session, pid, leak = log.read_text().split("\n")[:5]
    assert (before, umask, leak) == ("before", "0077", "")
    assert session.strip() == pid == str(child.pid)

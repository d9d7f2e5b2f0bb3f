"""The whole stack: PostgreSQL, Valkey, the service and a worker."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import string
import subprocess
import sys
import sysconfig
import textwrap
from pathlib import Path

import pandas as pd
import psutil
import pytest

from jupyter_wrangler.client.session import Client
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import (
    backup,
    binaries,
    http_probe,
    launch,
    paths,
    state_file,
)
from jupyter_wrangler.stack.doctor import doctor
from jupyter_wrangler.stack.processes import ProcessId, wait_gone
from tests.waiting import CEILING_S, until

pytestmark = pytest.mark.slow


def found(settings):
    return state_file.read(paths.locate(settings).record)


def everyone(settings):
    supervisor = psutil.Process(found(settings).supervisor.pid)
    return [ProcessId.of(p.pid) for p in supervisor.children(recursive=True)]


def test_it_starts_answers_and_goes_without_a_trace(settings):
    socket = launch.ensure(settings, timeout=CEILING_S)
    assert launch.running(settings) == socket
    until(lambda: http_probe.workers(socket))
    status, health = http_probe.get(socket, "/health/ready")
    assert (status, health["status"], health["queued"]) == (200, "ok", 0)
    assert http_probe.get(socket, "/me")[1]["kind"] == "local"
    assert launch.ensure(settings, timeout=CEILING_S) == socket
    processes = [found(settings).supervisor, *everyone(settings)]
    assert launch.stop(settings)
    assert not any(process.alive for process in processes)
    assert launch.running(settings) is None


@pytest.mark.parametrize("name", ["service", "worker"])
def test_a_killed_part_comes_back(settings, name):
    socket = launch.ensure(settings, timeout=CEILING_S)
    until(lambda: http_probe.workers(socket))
    before = found(settings).children[name]
    os.kill(before.pid, signal.SIGKILL)
    after = until(lambda: (now := found(settings).children.get(name)) != before and now)
    assert after.alive
    until(lambda: http_probe.ready(socket))
    assert found(settings).children["postgres"].alive
    # the fork server of the killed worker could not clear its folder away
    until(lambda: http_probe.workers(socket))
    temporary = paths.locate(settings).temporary
    assert temporary is not None
    assert until(lambda: len(list(temporary.iterdir())) == 1)


def test_a_killed_supervisor_takes_all_along_and_the_next_start_works(settings):
    socket = launch.ensure(settings, timeout=CEILING_S)
    until(lambda: http_probe.workers(socket))
    processes = everyone(settings)
    os.kill(found(settings).supervisor.pid, signal.SIGKILL)
    if sys.platform == "linux":
        assert wait_gone(processes, 10)
    assert launch.ensure(settings, timeout=CEILING_S) == socket
    assert http_probe.ready(socket)


def test_it_stops_when_nobody_needs_it(home):
    settings = Settings(home=home / "home", runtime_dir=home / "run", idle_stop_s=3)
    socket = launch.ensure(settings, timeout=CEILING_S)
    processes = [found(settings).supervisor, *everyone(settings)]
    # health checks, ours and the supervisor's, are no use of it
    until(lambda: not http_probe.alive(socket))
    assert wait_gone(processes, 20)
    assert "idle for 3 s: stopping" in (settings.home / "logs/stack.log").read_text()
    assert found(settings) is None


def test_a_worker_without_a_job_rests_and_the_next_job_wakes_it(home):
    settings = Settings(home=home / "home", runtime_dir=home / "run", rest_s=3)
    socket = launch.ensure(settings, timeout=CEILING_S)
    health = lambda: http_probe.get(socket, "/health/ready")  # noqa: E731
    with contextlib.closing(Client(settings=settings)) as client:
        for seed in range(2):
            until(lambda: "worker" not in found(settings).children)
            assert until(lambda: health()[1]["resting"])
            assert health()[0] == 200
            job = client.submit(
                pd.DataFrame({"a": [1.0, None, 3.0]}),
                ImputationSpec(method="mean", random_state=seed),
            )
            assert job.result(timeout=CEILING_S).df["a"].tolist() == [1, 2, 3]
            assert until(lambda: found(settings).children.get("worker")).alive
    launch.stop(settings)


def test_a_job_without_a_notification_wakes_the_worker_too(home):
    settings = Settings(home=home / "home", runtime_dir=home / "run", rest_s=3)
    launch.ensure(settings, timeout=CEILING_S)
    with contextlib.closing(Client(settings=settings)) as client:
        until(lambda: "worker" not in found(settings).children)
        valkey = psutil.Process(found(settings).children["valkey"].pid)
        valkey.suspend()
        job = client.submit(pd.DataFrame({"a": [1.0, None]}), ImputationSpec())
        valkey.kill()
        assert job.result(timeout=CEILING_S).df["a"].tolist() == [1, 1]
    launch.stop(settings)


ODD = "".join(set(string.punctuation) - {"/", ","}) + " ä雪%20"


@pytest.mark.parametrize("name", [ODD, "a,b %2C,c&d=e"], ids=["all", "comma"])
def test_fault_3_1_a_home_may_hold_every_printable_character(home, name):
    """The servers, a job, the dump before an upgrade, and the doctor."""
    settings = Settings(home=home / name / "home")
    try:
        socket = launch.ensure(settings)
        with contextlib.closing(Client(settings=settings)) as client:
            frame = pd.DataFrame({"a": [1.0, None, 3.0]})
            job = client.submit(frame, ImputationSpec(method="mean"))
            assert job.result(timeout=240).df["a"].tolist() == [1, 2, 3]
        assert launch.running(settings) == socket
        assert backup.dump(settings, "x").stat().st_size > 1000
        assert doctor(settings).ok, doctor(settings)
        # nothing was written beside the home
        assert [path.name for path in home.iterdir()] == [name]
        assert [path.name for path in (home / name).iterdir()] == ["home"]
    finally:
        launch.stop(settings)
    short = paths.locate(settings).short
    assert not short.exists()


@pytest.mark.skipif(os.getuid() != 0, reason="not root: the other tests show it")
def test_it_runs_for_an_ordinary_user(home):
    python, python_path = _python_for_nobody(home / "python")
    own = home / "nobody"
    own.mkdir()
    shutil.chown(own, "nobody")
    script = f"""
        import os
        from pathlib import Path
        from jupyter_wrangler.settings import Settings
        from jupyter_wrangler.stack import http_probe, launch, state_file
        from jupyter_wrangler.stack.doctor import doctor
        settings = Settings(home=Path({str(own)!r}, "home"),
                            runtime_dir=Path({str(own)!r}, "run"))
        try:
            socket = launch.ensure(settings, timeout={CEILING_S})
            assert http_probe.get(socket, "/me")[1]["name"] == "nobody"
            assert oct(os.stat(settings.home).st_mode)[-3:] == "700"
            assert oct(os.stat(settings.runtime_dir).st_mode)[-3:] == "700"
            report = doctor(settings)
            assert report.ok, report
            children = state_file.read(settings.home / "stack.json").children
            for name, child in children.items():
                uid = os.stat(f"/proc/{{child.pid}}").st_uid
                assert uid == os.getuid(), (name, uid)
            print("children", len(children))
        finally:
            launch.stop(settings)
        assert launch.running(settings) is None
    """
    said = subprocess.run(
        [python, "-W", "error", "-c", textwrap.dedent(script)],
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(own),
            "PYTHONPATH": python_path,
            "LD_LIBRARY_PATH": str(home / "python" / "lib"),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        user="nobody",
        group="nogroup",
        extra_groups=[],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    assert said.stdout == "children 4\n"


#: Of nobody on this system, as `docker run --user` and OpenShift give them.
UNKNOWN = 12345


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("given", [None, "/nonexistent"], ids=["no HOME", "HOME"])
def test_fault_3_5_a_uid_without_an_entry_works_or_is_refused_at_once(home, given):
    with pytest.raises(KeyError):
        pwd.getpwuid(UNKNOWN)
    python, python_path = _python_for_nobody(home / "python")
    own = home / "own"
    own.mkdir()
    os.chown(own, UNKNOWN, UNKNOWN)
    script = """
        import contextlib, time
        import pandas as pd
        from jupyter_wrangler import errors
        from jupyter_wrangler.client.session import Client
        from jupyter_wrangler.contract import ImputationSpec
        from jupyter_wrangler.settings import Settings
        from jupyter_wrangler.stack import launch, unnamed
        from jupyter_wrangler.stack.doctor import doctor
        settings = Settings()
        assert unnamed.name() is None
        checks = {check.name: check for check in doctor(settings)}
        begun = time.monotonic()
        if not unnamed.possible():
            assert not checks["user name"].ok
            try:
                launch.ensure(settings)
            except errors.StackFailed as exc:
                assert "has no entry in the list of users" in exc.message, exc
                assert time.monotonic() - begun < 30
            raise SystemExit
        assert checks["user name"].ok
        try:
            launch.ensure(settings)
            with contextlib.closing(Client(settings=settings)) as client:
                frame = pd.DataFrame({"a": [1.0, None, 3.0]})
                job = client.submit(frame, ImputationSpec(method="mean"))
                assert job.result(timeout=240).df["a"].tolist() == [1, 2, 3]
            assert doctor(settings).ok, doctor(settings)
        finally:
            launch.stop(settings)
    """
    env = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": python_path,
        "LD_LIBRARY_PATH": str(home / "python" / "lib"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "JUPYTER_WRANGLER_HOME": str(own / "home"),
    }
    if given is not None:
        env["HOME"] = given

    def run(script, **more):
        return subprocess.run(
            [python, "-c", textwrap.dedent(script)],
            env={**env, **more},
            user=UNKNOWN,
            group=UNKNOWN,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )

    said = run(script)
    assert said.returncode == 0, said.stderr[-3000:]
    # without a folder named either
    short = "from jupyter_wrangler.settings import Settings; print(Settings().home)"
    said = run(short, JUPYTER_WRANGLER_HOME="")
    if given is None:
        assert (
            "InvalidSettings: There is no folder for the private stack" in said.stderr
        )
        assert "JUPYTER_WRANGLER_HOME" in said.stderr
    else:
        assert said.stdout == "/nonexistent/.local/share/jupyter-wrangler\n"


def _python_for_nobody(place):
    """Return a Python that everybody may run, and the path of our packages."""
    root = str(Path(launch.__file__).parent.parent.parent)
    packages = os.pathsep.join([root, *(p for p in sys.path if "site-packages" in p)])
    python = Path(sys.executable).resolve()
    if not binaries.reachable(python, (65534, 65534)):
        # Below a closed folder, as pyenv's of root is.
        python = _copy_of_this_python(place)
    return python, packages


def _copy_of_this_python(place):
    base = Path(sys.base_prefix)
    library = Path(sysconfig.get_path("stdlib")).relative_to(base)
    skip = shutil.ignore_patterns("site-packages", "test", "__pycache__", "*.a")
    shutil.copytree(base / library, place / library, ignore=skip)
    program = Path(sys.executable).resolve().relative_to(base)
    (place / program).parent.mkdir()
    shutil.copy(base / program, place / program)
    for shared in (base / "lib").glob("libpython*"):
        shutil.copy(shared, place / "lib")
    return place / program


def test_a_stack_whose_sockets_were_swept_away_begins_again(settings):
    socket = launch.ensure(settings, timeout=CEILING_S)
    shutil.rmtree(settings.runtime_dir)
    assert launch.ensure(settings, timeout=CEILING_S) == socket
    assert launch.running(settings) == socket

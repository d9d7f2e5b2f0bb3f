"""Each fault is distinguished from the others and has one command that fixes it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys

import numpy as np
import pandas as pd
import psycopg
import pytest

from jupyter_wrangler.client.session import Client
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import (
    disk_space,
    folders,
    launch,
    machine_checks,
    paths,
    state_file,
)
from jupyter_wrangler.stack.doctor import doctor
from jupyter_wrangler.stack.processes import ProcessId, wait_gone
from tests.waiting import CEILING_S

SERVERS = ("postgres", "valkey")


def wrong(settings):
    return {check.name: check for check in doctor(settings) if not check.ok}


def test_a_fresh_machine_is_fine_and_nothing_is_started(settings):
    report = doctor(settings)
    assert report.ok
    assert "not running; starts at first use" in repr(report)
    assert not settings.home.exists()


def test_every_fault_has_one_command_and_nothing_else_has(settings, home):
    settings = Settings(
        home=settings.home,
        runtime_dir=home / ("r" * 90),
        postgres_bin=home,
        redis_url="redis://127.0.0.1:1/0",
    )
    report = doctor(settings)
    assert [c.name for c in report if not c.ok] == [
        "sockets",
        "PostgreSQL binary",
        "Redis",
    ]
    for check in report:
        assert bool(check.fix) != check.ok
        assert "\n" not in check.fix
        assert "fix it with" in repr(report)


def test_a_path_too_long(settings, home):
    found = wrong(Settings(home=settings.home, runtime_dir=home / ("r" * 90)))
    assert list(found) == ["sockets"]
    assert found["sockets"].fix.startswith("export JUPYTER_WRANGLER_RUNTIME_DIR=")


def test_missing_binaries(settings, home):
    where = {"home": settings.home, "runtime_dir": settings.runtime_dir}
    found = wrong(Settings(**where, postgres_bin=home, valkey_bin=home / "gone"))
    assert {name: check.fix for name, check in found.items()} == {
        "PostgreSQL binary": "unset JUPYTER_WRANGLER_POSTGRES_BIN",
        "Valkey binary": "unset JUPYTER_WRANGLER_VALKEY_BIN",
    }


def test_a_home_that_cannot_be_written(settings, home):
    (home / "file").write_text("")
    where = {"runtime_dir": settings.runtime_dir}
    found = wrong(Settings(home=home / "file" / "home", **where))
    assert list(found) == ["home"]
    assert "no folder that you may write" in found["home"].found


def test_a_disk_that_is_nearly_full(settings):
    # A wish that no disk fulfils stands for a disk that is full.
    check = machine_checks.check_disk(settings, paths.locate(settings), least=1 << 62)
    assert not check.ok
    assert f"{settings.home} has " in check.found
    # nothing is there yet
    assert check.fix.startswith("export JUPYTER_WRANGLER_HOME=")


@pytest.mark.usefixtures("stack")
def test_fault_3_12_on_a_full_disk_room_is_made_rather_than_jobs_hidden(
    stack_settings, stack_env
):
    with contextlib.closing(Client(settings=stack_settings)) as client:
        frame = pd.DataFrame({"a": np.random.default_rng(0).normal(size=200_000)})
        frame.loc[0, "a"] = np.nan
        spec = ImputationSpec(method="mean")
        job = client.submit(frame, spec, name="the largest")
        job.result(timeout=240)
        place = paths.locate(stack_settings)
        check = machine_checks.check_disk(stack_settings, place, least=1 << 62)
        assert check.fix == "jupyter wrangler gc"
        # other tests of the session may have stored larger ones
        largest = disk_space.largest_datasets(place.database_url)
        assert largest[0][1] > 1_000_000
        listed = disk_space.in_words(largest)
        for words in ("blobs ", "postgres ", listed, "kept for 90 days"):
            assert words in check.found
        blobs = stack_settings.blob_dir
        size = lambda: sum(p.stat().st_size for p in blobs.rglob("*") if p.is_file())  # noqa: E731
        before = size()
        for name in ("a", "b"):
            place.backups.mkdir(exist_ok=True)
            (place.backups / f"{name}.dump").write_text("x")
        (dataset,) = [d for d in client.datasets() if d.name == "the largest"]
        client.api.delete(job.uuid)
        client.api.request("DELETE", f"datasets/{dataset.id}")
    said = subprocess.run(
        [sys.executable, "-m", "jupyter_wrangler", "gc", "--now"],
        env={**os.environ, **stack_env},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "blobs" in said.stdout
    assert "1 old dumps and logs" in said.stdout
    assert "GiB are free" in said.stdout
    assert size() < before - 1_000_000
    assert [p.name for p in place.backups.iterdir()] == ["b.dump"]


@pytest.mark.skipif(os.getuid() != 0, reason="root's servers run as another user")
def test_a_home_that_the_server_user_cannot_enter(home):
    closed = home / "closed"
    settings = Settings(home=closed / "home", runtime_dir=home / "run")
    folders.make_folders(paths.locate(settings))
    closed.chmod(0o700)
    found = wrong(settings)
    assert list(found) == ["home for the server user"]
    assert str(closed) in found["home for the server user"].found


def test_running_servers_are_fine(settings):
    launch.ensure(settings, components=SERVERS, timeout=CEILING_S)
    report = doctor(settings)
    assert report.ok, report
    names = {check.name for check in report}
    assert {"PostgreSQL", "Redis", "stack"} <= names


@pytest.mark.parametrize(
    ("server", "name"), [("postgres", "PostgreSQL"), ("valkey", "Redis")]
)
def test_a_server_that_is_down_is_distinguished_from_the_other(settings, server, name):
    launch.ensure(settings, components=SERVERS, timeout=CEILING_S)
    place = paths.locate(settings)
    place.sockets[server].unlink()
    found = wrong(settings)
    assert list(found) == [name]
    assert "does not answer" in found[name].found
    assert found[name].fix == "jupyter wrangler up --restart"


def test_a_stale_stack(settings):
    launch.ensure(settings, components=SERVERS, timeout=CEILING_S)
    found = state_file.read(paths.locate(settings).record)
    os.kill(found.supervisor.pid, signal.SIGKILL)
    assert wait_gone([found.supervisor, *found.children.values()], 10)
    check = wrong(settings)["stack"]
    assert "stale" in check.found
    assert check.fix == "jupyter wrangler up"
    launch.ensure(settings, components=SERVERS, timeout=CEILING_S)
    assert doctor(settings).ok


def test_another_version_is_installed_than_runs(settings):
    launch.ensure(settings, components=SERVERS, timeout=CEILING_S)
    place = paths.locate(settings)
    found = state_file.read(place.record)
    state_file.Record(
        state="ready",
        supervisor=found.supervisor,
        sockets=found.sockets,
        children=found.children,
        version="0.0.1",
    ).write(place.record)
    wrongs = wrong(settings)
    assert list(wrongs) == ["version"]
    assert "0.0.1" in wrongs["version"].found


def test_a_stack_of_another_host(settings):
    place = paths.locate(settings)
    folders.make_folders(place)
    state_file.Record(
        state="ready",
        supervisor=ProcessId.of(os.getpid()),
        sockets={},
        host="elsewhere",
        boot="another",
        machine="another",
    ).write(place.record)
    check = wrong(settings)["stack"]
    assert check.fix == "ssh elsewhere jupyter wrangler down"
    place.record.unlink()


def test_a_service_that_is_down_while_its_servers_are_up(settings):
    launch.ensure(settings, components=SERVERS, timeout=CEILING_S)
    place = paths.locate(settings)
    found = state_file.read(place.record)
    sockets = {**found.sockets, "service": str(place.service_socket)}
    state_file.Record(
        state="ready",
        supervisor=found.supervisor,
        sockets=sockets,
        children=found.children,
    ).write(place.record)
    wrongs = wrong(settings)
    assert list(wrongs) == ["service"]
    assert wrongs["service"].fix == "jupyter wrangler up --restart"


def test_no_worker_is_distinguished_from_no_service(settings):
    launch.ensure(
        settings, components=("postgres", "valkey", "service"), timeout=CEILING_S
    )
    place = paths.locate(settings)
    found = state_file.read(place.record)
    # Older than the time that a worker may take to load.
    state_file.Record(
        state="ready",
        supervisor=found.supervisor,
        sockets=found.sockets,
        children=found.children,
        started_at=found.started_at - 100,
    ).write(place.record)
    wrongs = wrong(settings)
    assert list(wrongs) == ["worker"]
    assert "none is alive" in wrongs["worker"].found


def test_configured_servers_are_asked_too(settings):
    launch.ensure(settings, components=SERVERS, timeout=CEILING_S)
    place = paths.locate(settings)
    configured = Settings(
        home=settings.home / "other",
        runtime_dir=settings.runtime_dir,
        database_url=place.database_url,
        redis_url=place.redis_url,
    )
    report = doctor(configured)
    assert report.ok, report
    assert "PostgreSQL binary" not in {check.name for check in report}
    launch.stop(settings)
    found = wrong(configured)
    assert {name: check.fix for name, check in found.items()} == {
        "PostgreSQL": "sudo systemctl start postgresql",
        "Redis": "sudo systemctl start redis-server",
    }


def test_a_role_that_row_security_does_not_bind_is_warned_of(settings):
    launch.ensure(settings, components=SERVERS, timeout=CEILING_S)
    place = paths.locate(settings)
    for role, warned in (("wrangler_app", False), ("postgres", True)):
        configured = Settings(
            home=settings.home / "other",
            runtime_dir=settings.runtime_dir,
            database_url=place.database_url_of(role),
            redis_url=place.redis_url,
        )
        report = doctor(configured)
        assert report.ok, report
        (said,) = [check.found for check in report if check.name == "PostgreSQL"]
        assert ("row-level security does not bind" in said) is warned


def test_a_server_on_another_host_is_started_there():
    url = "postgresql+psycopg://u:secret@db.invalid/x"
    found = wrong(Settings(home="/tmp", database_url=url))  # noqa: S108
    check = found["PostgreSQL"]
    assert check.fix == "ssh db.invalid sudo systemctl start postgresql"
    assert "secret" not in repr(check)


def test_a_configured_service_is_asked_and_nothing_else():
    with socket.create_server(("127.0.0.1", 0)) as busy:
        url = f"http://127.0.0.1:{busy.getsockname()[1]}"
    report = doctor(Settings(url=url))
    assert [(c.name, c.ok, c.fix) for c in report] == [
        ("service", False, "unset JUPYTER_WRANGLER_URL")
    ]


def test_looking_leaves_no_connection_behind(settings):
    launch.ensure(settings, components=SERVERS, timeout=CEILING_S)
    doctor(settings)
    place = paths.locate(settings)
    with psycopg.connect(place.database_url.replace("+psycopg", "")) as connection:
        count = connection.execute(
            "select count(*) from pg_stat_activity where usename = 'wrangler_app'"
        ).fetchone()
    assert count == (1,)

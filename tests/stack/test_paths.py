from __future__ import annotations

import string
from pathlib import Path

import pytest
import redis
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import make_url

from jupyter_wrangler.errors import StackFailed
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import paths as places


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

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_wrangler.stack import paths, wire


@pytest.fixture
def socket(servers):
    return paths.locate(servers).sockets["postgres"]


def test_it_answers_queries(socket):
    with wire.Session(socket, user="postgres", database="postgres") as session:
        assert session.query("select n from generate_series(1, 3) n") == ["1", "2", "3"]
        assert session.query("select 'é', 2") == ["é"]
        assert session.query("select null") == [""]
        assert session.query("select 1 where false") == []
        assert session.query("set timezone to 'UTC'") == []


def test_what_it_refuses_is_said_in_its_own_words(socket):
    with pytest.raises(wire.WireError, match="no pg_hba"):
        wire.Session(socket, user="mallory", database="postgres")
    with pytest.raises(wire.WireError, match="does not exist"):
        wire.Session(socket, user="postgres", database="nowhere")
    with (
        wire.Session(socket, user="postgres", database="postgres") as session,
        pytest.raises(wire.WireError, match="syntax error"),
    ):
        session.query("selec 1")


def test_nobody_there_is_an_error():
    with pytest.raises(OSError, match="No such file"):
        wire.Session(Path("/nowhere/.s.PGSQL.5432"), user="u", database="d")

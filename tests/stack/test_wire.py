from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_wrangler.stack import paths, wire


@pytest.fixture
def socket(servers):
    return paths.locate(servers).sockets["postgres"]


def test_it_answers_queries(socket):
    with wire.Session(socket, user="postgres", database="postgres") as session:
        assert session.ask("select n from generate_series(1, 3) n") == ["1", "2", "3"]
        assert session.ask("select 'é', 2") == ["é"]
        assert session.ask("select null") == [""]
        assert session.ask("select 1 where false") == []
        assert session.ask("set timezone to 'UTC'") == []


def test_what_it_refuses_is_said_in_its_own_words(socket):
    with pytest.raises(wire.WireError, match="no pg_hba"):
        wire.Session(socket, user="mallory", database="postgres")
    with pytest.raises(wire.WireError, match="does not exist"):
        wire.Session(socket, user="postgres", database="nowhere")
    with (
        wire.Session(socket, user="postgres", database="postgres") as session,
        pytest.raises(wire.WireError, match="syntax error"),
    ):
        session.ask("selec 1")


def test_nobody_there_is_an_error():
    with pytest.raises(OSError, match="No such file"):
        wire.Session(Path("/nowhere/.s.PGSQL.5432"), user="u", database="d")

from __future__ import annotations

from jupyter_wrangler.stack import logs


def test_a_large_log_is_set_aside_and_its_writer_goes_on(tmp_path):
    path = tmp_path / "service.log"
    with path.open("ab", buffering=0) as writer:
        writer.write(b"old\n" * 1000)
        logs.rotate(tmp_path, largest=100)
        writer.write(b"new\n")
    assert path.read_bytes() == b"new\n"
    assert (tmp_path / "service.log.1").read_bytes() == b"old\n" * 1000


def test_a_small_log_stays(tmp_path):
    (tmp_path / "service.log").write_text("a few words")
    logs.rotate(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["service.log"]


def test_the_tail_is_the_end_even_inside_a_letter(tmp_path):
    path = tmp_path / "x.log"
    path.write_text("ä" * 10 + "\nend\n")
    assert logs.tail(path, 6).endswith("end")
    assert logs.tail(tmp_path / "gone.log") == ""

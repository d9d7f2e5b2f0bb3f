"""The process that works with a file: bounded, whatever the file is."""

import gzip
import json
import os
import resource
import subprocess
import sys

import pytest

MIB = 2**20


def ask(verb, path, *, address_space=None, **question):
    """Return (answer, peak memory in bytes) of a process."""
    asked = {
        "verb": verb,
        "file": str(path),
        "question": {"path": path.name, **question},
    }

    def limit():
        if address_space:
            resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))

    process = subprocess.Popen(
        [sys.executable, "-m", "jupyter_wrangler.files"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=limit,  # noqa: PLW1509  no thread of ours runs here
        env={**os.environ, "MIMALLOC_ARENA_RESERVE": "65536", "OMP_NUM_THREADS": "1"},
    )
    process.stdin.write(json.dumps(asked).encode() + b"\n")
    process.stdin.close()
    lines = [json.loads(line) for line in process.stdout]
    process.stdout.close()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return lines[-1], used.ru_maxrss * 1024


def test_a_file_of_two_gigabytes_costs_as_much_as_a_small_one(tmp_path):
    small, large = tmp_path / "small.csv", tmp_path / "large.csv"
    line = b",".join(b"%d.5" % k for k in range(40)) + b"\n"
    names = b",".join(b"c%d" % k for k in range(40)) + b"\n"
    small.write_bytes(names + 40_000 * line)
    with large.open("wb") as file:
        file.write(names)
        for _ in range(2**31 // (len(line) * 4096) + 1):
            file.write(4096 * line)
    try:
        assert large.stat().st_size > 2**31
        few, little = ask("preview", small)
        many, much = ask("preview", large)
    finally:
        large.unlink()
    assert few["answer"]["rows"] == many["answer"]["rows"]
    rows = (2**31 - len(names)) / len(line)
    assert many["answer"]["about_rows"] == pytest.approx(rows, rel=0.02)
    assert much < little + 32 * MIB


def test_a_bomb_is_refused_in_words(tmp_path):
    bomb = tmp_path / "x.csv.gz"
    with gzip.open(bomb, "wb", compresslevel=1) as file:
        file.write(b"a,b\n")
        for _ in range(3000):
            file.write(b"1,2\n" * (MIB // 4))
    assert bomb.stat().st_size < 100 * MIB
    seen, _ = ask("preview", bomb)
    assert seen["answer"]["rows_read"] == 1000
    print_of = seen["answer"]["fingerprint"]
    told, peak = ask("profile", bomb, fingerprint=print_of, address_space=2500 * MIB)
    assert told["error"]["code"] == "invalid_data"
    assert "more memory than there is" in told["error"]["message"]
    assert peak < 2500 * MIB


def test_what_is_not_known_is_an_error(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a\n1\n")
    told, _ = ask("preview", path, colour="red")
    assert told["error"]["code"] == "invalid_spec"
    assert "colour" in told["error"]["message"]


def test_a_pipe_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "x.csv")
    told, _ = ask("preview", tmp_path / "x.csv")
    assert "is no file of data" in told["error"]["message"]

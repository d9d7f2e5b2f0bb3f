"""The process that works with a file: bounded, whatever the file is."""

import gzip
import json
import os
import resource
import subprocess
import sys

import pytest

MIB = 2**20


#: A small process that starts the one that is measured: the peak that the kernel
#: reports begins with that of the process which forks, and that of pytest is large.
LAUNCHER = """
import json, resource, subprocess, sys

limit = int(sys.argv[1])
process = subprocess.run(
    [sys.executable, "-m", "jupyter_wrangler.files"],
    stdin=sys.stdin,
    stdout=subprocess.PIPE,
    preexec_fn=lambda: limit
    and resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
lines = process.stdout.decode().splitlines()
print(json.dumps([process.returncode, peak, json.loads(lines[-1])]))
"""


def ask(verb, path, *, address_space=0, **question):
    """Return (answer, peak memory in bytes) of a process."""
    asked = {
        "verb": verb,
        "file": str(path),
        "question": {"path": path.name, **question},
    }
    launched = subprocess.run(
        [sys.executable, "-c", LAUNCHER, str(address_space)],
        input=json.dumps(asked).encode() + b"\n",
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, "MIMALLOC_ARENA_RESERVE": "65536", "OMP_NUM_THREADS": "1"},
    )
    status, peak, answer = json.loads(launched.stdout)
    assert status == 0
    return answer, peak


def test_the_peak_is_that_of_the_process_alone(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    _, before = ask("preview", path)
    ours = bytearray(512 * MIB)
    ours[:: resource.getpagesize()] = b"1" * len(ours[:: resource.getpagesize()])
    _, after = ask("preview", path)
    assert after < before + 64 * MIB
    assert before < 512 * MIB


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


def test_any_row_of_two_gigabytes_is_read_in_bounded_memory(tmp_path):
    path = tmp_path / "large.csv"
    line = b",".join(b"%d.5" % k for k in range(40)) + b"\n"
    lines = 2**31 // (len(line) * 4096) + 1
    with path.open("wb") as file:
        file.write(b",".join(b"c%d" % k for k in range(40)) + b"\n")
        for _ in range(lines):
            file.write(4096 * line)
        file.write(line.replace(b"0.5", b"last", 1))
    n = 4096 * lines + 1
    try:
        seen, _ = ask("preview", path)
        print_of = seen["answer"]["fingerprint"]
        few, little = ask("rows", path, fingerprint=print_of)
        many, much = ask("rows", path, fingerprint=print_of, offset=n - 1)
    finally:
        path.unlink()
    assert few["answer"]["cells"][0][:2] == ["0.5", "1.5"]
    assert not few["answer"]["counted"]
    # how far it comes in the time that a question may take is up to the machine
    if many["answer"]["counted"]:
        assert many["answer"]["cells"] == [["last", *few["answer"]["cells"][0][1:]]]
        assert many["answer"]["n_rows"] == n
    assert much < little + 64 * MIB


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

"""What runners say is checked: what nobody understands is an error of that part."""

from __future__ import annotations

import math
import multiprocessing
import os
import subprocess
import sys

import pytest

from jupyter_wrangler.runtime.worker.messages import (
    Cancelled,
    Done,
    Failed,
    StepReport,
    UnreadableMessage,
    Usage,
    decode,
    encode,
)
from jupyter_wrangler.runtime.worker.runner_process import Runner
from jupyter_wrangler.runtime.worker.supervisor import Supervisor
from jupyter_wrangler.store.blobs.choose import open_blobs
from jupyter_wrangler.store.pubsub import PubSub


@pytest.mark.parametrize(
    "message",
    [
        StepReport(done=1, total=3, message="round 1", round=1, column="ä"),
        Done(stored=True, usage=Usage(rss_peak_kb=1, cpu_s=0.5)),
        Done(stored=False, summary={"columns": [{"mean": 0.1}]}),
        Failed(code="internal", message="no", details={"a": (1, 2)}),
        Cancelled(),
    ],
)
def test_a_message_arrives_as_it_was_sent(message):
    assert decode(encode(message)) == message


def test_what_no_json_holds_arrives_in_words():
    sent = Failed(code="x", message="half \ud800", details={"k": {1}, "\ud800": None})
    assert decode(encode(sent)).message == "half ?"
    assert decode(encode(sent)).details == {"k": "{1}", "?": None}
    summary = decode(encode(Done(stored=False, summary={"n": math.nan}))).summary
    assert math.isnan(summary["n"])


@pytest.mark.parametrize(
    "data", [b"", b"\xff\x00", b"{", b"[]", b'{"t": "other"}', b'{"t": "done", "x": 1}']
)
def test_other_bytes_are_no_message(data):
    with pytest.raises(UnreadableMessage):
        decode(data)


class _Babbling(Runner):
    """A runner that says something else than a runner says."""

    said = b""

    def begin(self, task):
        del task
        ours, theirs = multiprocessing.Pipe()
        os.write(theirs.fileno(), self.said)
        self._pipe.close()
        self._pipe, self._kept_open = ours, theirs


@pytest.mark.parametrize(
    "said",
    [
        b"\x00\x00\x00\x03abc",
        b"\xff\xff\xff\xff" + b"\x7f" * 8,
        b"\x80\x00\x00\x00",
        b"Segmentation fault (core dumped)\n",
    ],
)
def test_a_part_whose_runner_babbles_fails_and_the_worker_goes_on(world, fresh, said):
    job = world.submit()
    pubsub, blobs = PubSub(fresh), open_blobs(fresh)
    blobs.prepare()
    (part,) = world.dispatch(1)
    claim = world.claim(part)
    path = blobs.path(claim.input_key)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"never read")
    start = type("Babbling", (_Babbling,), {"said": said})
    supervisor = Supervisor(fresh, world.database, pubsub, blobs, claim, start)
    assert supervisor.run(lambda: True) is None
    done = world.job(job)
    assert (done.state, done.error.code, done.attempts) == ("failed", "internal", 1)
    assert "something unreadable" in done.error.message
    pubsub.close()


def test_the_worker_speaks_with_runners_and_loads_no_statistics():
    """Only the fork server does, once for all runners."""
    code = (
        "import sys, jupyter_wrangler.runtime.worker.main;"
        "names = 'numpy', 'pandas', 'scipy', 'sklearn', 'jupyter_wrangler.engine';"
        "print([name for name in names if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"

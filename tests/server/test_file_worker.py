"""Processes for files: the long ones leave room for the short ones, and all end."""

import asyncio
import gzip

import pytest

from jupyter_wrangler.errors import InvalidData
from jupyter_wrangler.server.file_worker import FileWorker
from tests.waiting import CEILING_S

MIB = 2**20


@pytest.fixture
def slow_file(tmp_path):
    """A small file that takes long to read as a whole."""
    path = tmp_path / "slow.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"a,b\n")
        for _ in range(1000):
            file.write(b"1,2\n" * (MIB // 4))
    return path


async def answer(worker, verb, path, **question):
    async for told in worker.ask(verb, str(path), {"path": path.name, **question}):
        last = told
    return last["answer"]


@pytest.mark.asyncio
async def test_a_preview_does_not_wait_for_what_takes_long(slow_file):
    worker = FileWorker()
    seen = await answer(worker, "preview", slow_file)
    asked = {"fingerprint": seen["fingerprint"]}
    long = [
        asyncio.ensure_future(answer(worker, "profile", slow_file, **asked))
        for _ in range(3)
    ]
    try:
        async with asyncio.timeout(CEILING_S):
            again = await answer(worker, "preview", slow_file)
        assert again == seen
        assert not any(task.done() for task in long)
        running = list(worker._running)
        # the third waits
        assert len(running) == 2
        assert all(process.returncode is None for process in running)
    finally:
        await worker.close()
        ended = await asyncio.gather(*long, return_exceptions=True)
    assert all(isinstance(error, InvalidData) for error in ended)
    assert all(process.returncode is not None for process in running)

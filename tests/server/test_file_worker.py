"""Processes for files: the long ones leave room for the short ones, and all end."""

import asyncio
import gzip

import pytest

from jupyter_wrangler.errors import InvalidData
from jupyter_wrangler.server import file_readers
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


@pytest.mark.asyncio
async def test_pages_of_a_file_come_from_one_process_and_few_are_kept(tmp_path):
    paths = [tmp_path / f"{k}.csv" for k in range(4)]
    for path in paths:
        path.write_text("a,b\n" + f"{path.stem},\n" * 300)
    worker = FileWorker()
    try:
        prints = [
            (await answer(worker, "preview", path))["fingerprint"] for path in paths
        ]

        async def rows(k, offset=0):
            found = await answer(
                worker, "rows", paths[k], fingerprint=prints[k], offset=offset
            )
            return found["cells"]

        await rows(0)
        (first,) = worker._running
        together = await asyncio.gather(rows(0, 100), rows(0, 250), rows(0, 300))
        assert [len(cells) for cells in together] == [100, 50, 0]
        assert worker._running == {first}
        for k in (1, 2, 3):
            assert (await rows(k))[0] == [str(k), None]
        # the one that rested longest gave way
        await first.wait()
        assert len(worker._running) == 3
        assert len(await rows(0)) == 100
        # what dies is said, and another takes its place
        *_, alive = worker._readers._readers.values()
        alive.process.kill()
        with pytest.raises(InvalidData, match="ended"):
            await rows(0)
        assert len(await rows(0)) == 100
        running = list(worker._running)
    finally:
        await worker.close()
    assert all(process.returncode is not None for process in running)


@pytest.mark.asyncio
async def test_a_process_of_pages_rests_and_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(file_readers, "REST", 0.0)
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    worker = FileWorker()
    try:
        seen = await answer(worker, "preview", path)
        asked = {"verb": "rows", "fingerprint": seen["fingerprint"]}
        question = asyncio.ensure_future(answer(worker, path=path, **asked))
        async with asyncio.timeout(CEILING_S):
            while not worker._running:  # noqa: ASYNC110  nobody tells of a start
                await asyncio.sleep(0.001)
        (process,) = worker._running
        assert (await question)["n_rows"] == 1
        async with asyncio.timeout(CEILING_S):
            await process.wait()
    finally:
        await worker.close()

"""Bytes on their way in or out."""

import subprocess
import sys
import uuid

from jupyter_wrangler.store.blobs.staging import OwnStaging

HOLD = """
import sys, time
from pathlib import Path
from jupyter_wrangler.store.blobs.staging import OwnStaging

staging = OwnStaging(Path(sys.argv[1]))
staging.prepare()
print(staging.folder, flush=True)
time.sleep(600)
"""


def test_the_folder_of_a_process_lives_as_long_as_it(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        folder = tmp_path / process.stdout.readline().strip()
        mine = OwnStaging(tmp_path)
        try:
            (folder / "fetched").write_bytes(b"x")
            mine.prepare()
            assert (folder / "fetched").exists(), "it is held"
        finally:
            process.kill()
            process.wait()
    mine.write_at(uuid.uuid4(), 0, b"mine")
    after = OwnStaging(tmp_path)
    after.prepare()
    assert not folder.exists()
    assert len(list(mine.folder.iterdir())) == 1
    for staging in (mine, after):
        staging.close()
    assert list(tmp_path.iterdir()) == []

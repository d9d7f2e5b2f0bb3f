"""The private PostgreSQL: made, started and asked without TCP or passwords.

Peer authentication: the kernel tells PostgreSQL which OS user connects, and only our
own maps to a role.  There are three: `postgres`, the superuser, for us; `wrangler`,
which owns the database of the same name and upgrades its schema; and `wrangler_app`,
which the service and the worker are: it owns nothing, so that it can neither change
the schema nor step over row-level security.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from pathlib import Path

from jupyter_wrangler.errors import StackFailed
from jupyter_wrangler.stack import binaries, orphan_cleanup, unnamed, wire
from jupyter_wrangler.stack.binaries import Binary
from jupyter_wrangler.stack.child import Child
from jupyter_wrangler.stack.folders import make_private, own_folder
from jupyter_wrangler.stack.paths import Paths
from jupyter_wrangler.stack.processes import as_user

_PORT = 5432
_HBA = """\
# Written at each start by jupyter-wrangler: unix socket only, this OS user only.
local all postgres,wrangler,wrangler_app {how}
local replication all reject
"""
#: For whom no database can be made.
NO_NAME = (
    "The uid {uid} has no entry in the list of users (/etc/passwd), and PostgreSQL's "
    "initdb wants one; neither the library nss_wrapper is installed, nor may a user "
    "namespace be made here. Add a line such as 'me:x:{uid}:0::/tmp:/bin/sh' to "
    "/etc/passwd of the image or container, install libnss-wrapper there, or run as a "
    "user that has an entry."
)
_OPTIONS = {
    "listen_addresses": "",
    "port": str(_PORT),
    "unix_socket_permissions": "0700",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "max_wal_size": "256MB",
    # Nothing here is replicated or computed in parallel: processes and shared memory
    # that would only lie about.
    "max_logical_replication_workers": "0",
    "max_parallel_workers_per_gather": "0",
    "max_wal_senders": "0",
    "max_replication_slots": "0",
    "jit": "off",
    "log_min_messages": "warning",
}


def child(paths: Paths, binary: Binary, user: tuple[int, int] | None) -> Child:
    """Describe the private PostgreSQL to the supervisor."""
    options = dict(_OPTIONS)
    # a list, so that a folder with a comma or a space at its end must be quoted
    sockets = str(paths.postgres_sockets).replace('"', '""')
    options["unix_socket_directories"] = f'"{sockets}"'
    options["hba_file"] = str(paths.postgres_data / "pg_hba.conf")
    if binary.major >= 18:
        # Worker processes for I/O would cost more memory than they bring here.
        options["io_method"] = "sync"
    words: list[str | Path] = [binary.path, "-D", paths.postgres_data]
    for name, value in options.items():
        words += ["-c", f"{name}={value}"]
    return Child(
        name="postgres",
        command=tuple(words),
        env=_environment(),
        cwd=paths.home,
        # Fast shutdown: ends sessions, writes a checkpoint.
        death_signal=signal.SIGINT,
        stop=((signal.SIGINT, 20.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0)),
        user=user,
        prepare=lambda: prepare(paths, binary, user),
        ready=lambda: answers(paths),
        on_ready=lambda: make_database(paths),
    )


def prepare(paths: Paths, binary: Binary, user: tuple[int, int] | None) -> None:
    """Make the data directory, once, and write who may connect, at every start.

    Raises
    ------
    StackFailed
        If `initdb` fails, or the data were made by another major version.
    """
    _make_private_folder(paths.postgres_sockets, user)
    _remove_stale_pid(paths)
    data = paths.postgres_data
    if not data.exists():
        # A crash half-way must not leave something that looks like a database.
        draft = data.with_name("postgres.new")
        if draft.exists():
            shutil.rmtree(draft)
        _make_private_folder(draft, user)
        _initdb(draft, binary, user)
        draft.replace(data)
    check_version(data, binary)
    me = unnamed.name()
    # it asks for the name of the user that connects; without one, the folder of the
    # socket, which is closed to all others, must do
    how = "peer map=wrangler" if me else "trust"
    _write_for_user(data / "pg_hba.conf", _HBA.format(how=how), user)
    roles = ("postgres", "wrangler", "wrangler_app") if me else ()
    ident = "".join(f'wrangler "{me}" {role}\n' for role in roles)
    _write_for_user(data / "pg_ident.conf", ident, user)


def check_version(data: Path, binary: Binary) -> None:
    """Refuse data that another major version of PostgreSQL has made.

    Raises
    ------
    StackFailed
        With the way on.
    """
    made_by = binaries.made_by(data)
    if made_by is not None and made_by != binary.major:
        raise StackFailed(
            f"The data in {data} were made by PostgreSQL {made_by}, and the one found "
            f"is {binary.version} in {binary.path.parent}. Install PostgreSQL "
            f"{made_by} (for example 'apt install postgresql-{made_by}'), or set "
            "JUPYTER_WRANGLER_POSTGRES_BIN to the folder of one; then 'jupyter "
            f"wrangler upgrade' moves the data to a newer version. Or move {data} "
            "away to begin again."
        )


def answers(paths: Paths) -> bool:
    """Ask it something: a process that runs may still be recovering."""
    with contextlib.suppress(OSError), _superuser(paths) as session:
        return session.query("select 1") == ["1"]
    return False


def make_database(paths: Paths) -> None:
    """Create the roles and the database `wrangler`, where they are not there yet."""
    with _superuser(paths) as session:
        known = "select rolname from pg_roles where rolname like 'wrangler%'"
        roles = session.query(known)
        if "wrangler" not in roles:
            # CREATEDB: tests clone their databases from a template.
            session.query("create role wrangler login createdb")
        if "wrangler_app" not in roles:
            session.query("create role wrangler_app login")
        if not session.query("select 1 from pg_database where datname = 'wrangler'"):
            session.query("create database wrangler owner wrangler")


def _remove_stale_pid(paths: Paths) -> None:
    """Keep PostgreSQL from mistaking some process for its dead self.

    It only looks whether *any* process has the number in ``postmaster.pid``: a zombie,
    or another program that got the number since, stops it for ever.  The number of
    its parent it passes over.  The rest of that file stays, since PostgreSQL finds
    there whether sessions of the dead server still write.
    """
    if orphan_cleanup.running_postmaster(paths.postgres_data):
        return
    for path in paths.postgres_sockets.glob(".s.PGSQL.*"):
        path.unlink()
    with contextlib.suppress(FileNotFoundError):
        path = paths.postgres_data / "postmaster.pid"
        _, _, rest = path.read_text("utf-8").partition("\n")
        with path.open("r+", encoding="utf-8") as file:
            file.write(f"{os.getpid()}\n{rest}")
            file.truncate()


def _superuser(paths: Paths) -> wire.Session:
    socket = paths.postgres_sockets / f".s.PGSQL.{_PORT}"
    return wire.Session(socket, user="postgres", database="postgres")


def _initdb(data: Path, binary: Binary, user: tuple[int, int] | None) -> None:
    command = [
        str(binary.path.with_name("initdb")),
        f"--pgdata={data}",
        "--username=postgres",
        "--auth-local=peer",
        "--auth-host=reject",
        "--locale=C",
        "--encoding=UTF8",
        "--data-checksums",
        "--no-instructions",
    ]
    env = _environment()
    if unnamed.name() is None:
        found = unnamed.wrapped(command, env, data.parent)
        if found is None:
            raise StackFailed(NO_NAME.format(uid=os.getuid()))
        command, env = found
    done = subprocess.run(  # noqa: S603  our own command
        command,
        env=env,
        cwd=data.parent,
        capture_output=True,
        text=True,
        check=False,
        **as_user(user),
    )
    if done.returncode:
        raise StackFailed(
            f"The database could not be made in {data}; initdb said: "
            f"{(done.stderr or done.stdout).strip()[-600:]} Fix that (often a full "
            "disk), or set JUPYTER_WRANGLER_HOME to another folder."
        )


def _environment() -> dict[str, str]:
    # Nothing of the caller's: PG* and LC_* variables would change the server.
    env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
    if "NSS_WRAPPER_PASSWD" in os.environ:
        # the container gives its uid a name like this
        kept = ("LD_PRELOAD", "NSS_WRAPPER_PASSWD", "NSS_WRAPPER_GROUP")
        env |= {name: os.environ[name] for name in kept if name in os.environ}
    return env


def _make_private_folder(folder: Path, user: tuple[int, int] | None) -> None:
    """Make a closed folder for the server, and give it to the server's user."""
    if user is None:
        make_private(folder, 0o700, setting="JUPYTER_WRANGLER_RUNTIME_DIR")
        return
    own_folder(folder, user)


def _write_for_user(path: Path, text: str, user: tuple[int, int] | None) -> None:
    draft = path.with_suffix(".new")
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as out:
        out.write(text)
        if user:
            os.fchown(out.fileno(), *user)
    draft.replace(path)

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
import pwd
import shutil
import signal
import subprocess
from pathlib import Path

from jupyter_wrangler.errors import StackFailed
from jupyter_wrangler.stack import orphans, wire
from jupyter_wrangler.stack.binaries import Binary
from jupyter_wrangler.stack.child import Child
from jupyter_wrangler.stack.paths import Paths, make_private
from jupyter_wrangler.stack.processes import as_user

_PORT = 5432
_HBA = """\
# Written at each start by jupyter-wrangler: unix socket only, this OS user only.
local all postgres,wrangler,wrangler_app peer map=wrangler
local replication all reject
"""
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
    options["unix_socket_directories"] = str(paths.postgres_sockets)
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
    _own(paths.postgres_sockets, user)
    _disown(paths)
    data = paths.postgres_data
    if not data.exists():
        # A crash half-way must not leave something that looks like a database.
        draft = data.with_name("postgres.new")
        if draft.exists():
            shutil.rmtree(draft)
        _own(draft, user)
        _initdb(draft, binary, user)
        draft.replace(data)
    made_by = (data / "PG_VERSION").read_text("ascii").strip()
    if made_by != str(binary.major):
        raise StackFailed(
            f"The data in {data} were made by PostgreSQL {made_by}, and the binary "
            f"found is {binary.version}; set JUPYTER_WRANGLER_POSTGRES_BIN to a "
            f"PostgreSQL {made_by}, or move that folder away to begin anew."
        )
    me = pwd.getpwuid(os.getuid()).pw_name
    _write(data / "pg_hba.conf", _HBA, user)
    roles = ("postgres", "wrangler", "wrangler_app")
    ident = "".join(f"wrangler {me} {role}\n" for role in roles)
    _write(data / "pg_ident.conf", ident, user)


def answers(paths: Paths) -> bool:
    """Ask it something: a process that runs may still be recovering."""
    with contextlib.suppress(OSError), _superuser(paths) as session:
        return session.ask("select 1") == ["1"]
    return False


def make_database(paths: Paths) -> None:
    """Create the roles and the database `wrangler`, where they are not there yet."""
    with _superuser(paths) as session:
        known = "select rolname from pg_roles where rolname like 'wrangler%'"
        roles = session.ask(known)
        if "wrangler" not in roles:
            # CREATEDB: tests clone their databases from a template.
            session.ask("create role wrangler login createdb")
        if "wrangler_app" not in roles:
            session.ask("create role wrangler_app login")
        if not session.ask("select 1 from pg_database where datname = 'wrangler'"):
            session.ask("create database wrangler owner wrangler")


def _disown(paths: Paths) -> None:
    """Keep PostgreSQL from mistaking some process for its dead self.

    It only looks whether *any* process has the number in ``postmaster.pid``: a zombie,
    or another program that got the number since, stops it for ever.  The number of
    its parent it passes over.  The rest of that file stays, since PostgreSQL finds
    there whether sessions of the dead server still write.
    """
    if orphans.running_postmaster(paths.postgres_data):
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
    done = subprocess.run(  # noqa: S603  our own command
        command,
        env=_environment(),
        cwd=data.parent,
        capture_output=True,
        text=True,
        check=False,
        **as_user(user),
    )
    if done.returncode:
        raise StackFailed(
            f"The database could not be made in {data}; initdb said: "
            f"{(done.stderr or done.stdout).strip()[-600:]} Mend that (often a full "
            "disk), or set JUPYTER_WRANGLER_HOME to another folder."
        )


def _environment() -> dict[str, str]:
    # Nothing of the caller's: PG* and LC_* variables would change the server.
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _own(folder: Path, user: tuple[int, int] | None) -> None:
    """Make a closed folder for the server, and give it to the server's user."""
    if user is None:
        make_private(folder, 0o700, setting="JUPYTER_WRANGLER_RUNTIME_DIR")
        return
    folder.mkdir(mode=0o700, exist_ok=True)
    os.chown(folder, *user, follow_symlinks=False)


def _write(path: Path, text: str, user: tuple[int, int] | None) -> None:
    draft = path.with_suffix(".new")
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as out:
        out.write(text)
        if user:
            os.fchown(out.fileno(), *user)
    draft.replace(path)

"""Moving the data of a home to a newer major version of PostgreSQL: dump and restore.

The old server runs with its own binaries for as long as the dump takes, then the new
one for as long as the restore takes.  The old data stay beside the new ones, and the
dump among the backups, until somebody removes them.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator

from jupyter_wrangler.errors import StackFailed
from jupyter_wrangler.retrying import wait_until
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import (
    binaries,
    folders,
    launch,
    orphan_cleanup,
    postgres,
    server_user,
)
from jupyter_wrangler.stack import paths as places
from jupyter_wrangler.stack import state_file as records
from jupyter_wrangler.stack.process_monitor import ProcessMonitor

#: Seconds that a server gets to answer: it may have to recover first.
_ANSWERS_S = 120.0
_ENV = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


def upgrade(
    settings: Settings, say: Callable[[str], object] = lambda _: None
) -> tuple[int, int] | None:
    """Move the private database to the newest PostgreSQL that is found.

    Parameters
    ----------
    settings : Settings
        Of the home; its stack is stopped, and starts again at the next use.
    say : callable
        Called with a sentence at each step.

    Returns
    -------
    tuple of (int, int) or None
        The major version before and after; None where there is nothing to move.

    Raises
    ------
    StackFailed
        If it cannot be done; the data are as they were before.
    """
    paths = places.locate(settings)
    was = binaries.made_by(paths.postgres_data)
    if was is None:
        return None
    old, new = _old_and_new(settings, was)
    if new.major <= was:
        return None
    launch.stop(settings)
    places.check(paths)
    folders.make_folders(paths)
    with records.Lock(paths.lock) as lock:
        if not lock.take():
            raise StackFailed(
                f"The stack of {paths.home} is just being started by somebody else; "
                "run 'jupyter wrangler down', and then 'jupyter wrangler upgrade'."
            )
        orphan_cleanup.clear(paths)
        _move_data(settings, paths, old, new, say)
    return was, new.major


def _old_and_new(
    settings: Settings, was: int
) -> tuple[binaries.Binary, binaries.Binary]:
    """Find the PostgreSQL that made the data, and the one to move to."""
    every = [
        one
        for one in binaries.postgres_candidates()
        if isinstance(one, binaries.Binary)
    ]
    if settings.postgres_bin is not None:
        every.insert(0, binaries.postgres(settings))
    old = next((one for one in every if one.major == was), None)
    if old is None:
        raise StackFailed(
            f"The data were made by PostgreSQL {was}, which must run once more to dump "
            f"them, and none is found here. Install it (for example 'apt install "
            f"postgresql-{was}'), or set JUPYTER_WRANGLER_POSTGRES_BIN to the folder "
            "of one, and run 'jupyter wrangler upgrade' again."
        )
    return old, max(every, key=lambda one: one.major)


def _move_data(
    settings: Settings,
    paths: places.Paths,
    old: binaries.Binary,
    new: binaries.Binary,
    say: Callable[[str], object],
) -> None:
    user = server_user.server_user(settings)
    if user is not None:
        server_user.check_reachable(paths, settings, user)
    old = server_user.postgres_for(settings, paths.home, user, old)
    new = server_user.postgres_for(settings, paths.home, user, new)
    folders.make_private(paths.backups, 0o700, setting="JUPYTER_WRANGLER_HOME")
    now = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S.%f")
    dump = paths.backups / f"{now}-postgresql-{old.major}.dump"
    say(f"Dumping the data of PostgreSQL {old.version} to {dump} ...")
    with _running_server(paths, paths, old, user):
        _run_tool(new, "pg_dump", paths, "--format=custom", f"--file={dump}")
    # the new data are made beside the old ones, and take their place when complete
    beside = paths.home / "upgrade"
    shutil.rmtree(beside, ignore_errors=True)
    if user is None:
        folders.make_private(beside, 0o700, setting="JUPYTER_WRANGLER_HOME")
    else:
        folders.open_folder(beside)
    fresh = dataclasses.replace(paths, home=beside)
    say(f"Restoring it with PostgreSQL {new.version} ...")
    with _running_server(paths, fresh, new, user):
        _run_tool(new, "pg_restore", paths, "--exit-on-error", str(dump))
    kept = paths.home / f"postgres-{old.major}"
    shutil.rmtree(kept, ignore_errors=True)
    paths.postgres_data.rename(kept)
    fresh.postgres_data.rename(paths.postgres_data)
    shutil.rmtree(beside, ignore_errors=True)
    say(f"The old data are kept in {kept}; remove them when all is well.")


@contextlib.contextmanager
def _running_server(
    paths: places.Paths,
    where: places.Paths,
    binary: binaries.Binary,
    user: tuple[int, int] | None,
) -> Iterator[None]:
    """Run a server on the data of `where` meanwhile."""
    monitor = ProcessMonitor(postgres.child(where, binary, user), paths.logs)

    def is_ready() -> bool:
        if not monitor.ready:
            monitor.tick(time.monotonic(), give_up=True)
        return monitor.ready

    try:
        if not wait_until(is_ready, within_s=_ANSWERS_S, every_s=0.02):
            raise StackFailed(
                f"PostgreSQL {binary.version} did not answer within "
                f"{_ANSWERS_S:g} s; its log is {monitor.log}. Nothing was changed."
            )
        yield
    finally:
        monitor.stop()


def _run_tool(
    binary: binaries.Binary, name: str, paths: places.Paths, *words: str
) -> None:
    program = binary.path.with_name(name)
    command = [
        str(program),
        f"--host={paths.postgres_sockets}",
        "--username=postgres",
        "--dbname=wrangler",
        *words,
    ]
    try:
        done = subprocess.run(  # noqa: S603  our own command
            command, env=_ENV, capture_output=True, text=True, check=False
        )
        ended = f"{name} ended with code {done.returncode}."
        text = (done.stderr.strip()[-600:] or ended) if done.returncode else ""
    except OSError as exc:
        text = str(exc)
    if text:
        raise StackFailed(
            f"The data could not be moved to another PostgreSQL; {program} said: "
            f"{text} Fix that (often a full disk), and run 'jupyter wrangler "
            "upgrade' again. The data are as they were."
        )

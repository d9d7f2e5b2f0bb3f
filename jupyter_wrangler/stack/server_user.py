"""Whom the private servers run as.

PostgreSQL refuses to run as root, and Colab and containers are root: there, both
servers run as an unprivileged user that exists already.  Nobody is added to the
system, and no folder that we did not make changes its mode.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_wrangler.errors import StackFailed
from jupyter_wrangler.stack import binaries
from jupyter_wrangler.stack.folders import open_folder
from jupyter_wrangler.stack.paths import Paths
from jupyter_wrangler.stack.processes import as_user

if TYPE_CHECKING:
    from jupyter_wrangler.settings import Settings
    from jupyter_wrangler.stack.supervisor_config import SupervisorConfig


def server_user(settings: Settings | SupervisorConfig) -> tuple[int, int] | None:
    """Return uid and gid of the servers, or None where they run as ourselves.

    Raises
    ------
    StackFailed
        If the user that root's servers shall run as does not exist, or is root.
    """
    if os.getuid():
        return None
    try:
        found = pwd.getpwnam(settings.stack_user)
    except KeyError as exc:
        raise StackFailed(
            f"There is no OS user {settings.stack_user!r} for the private servers; set "
            "JUPYTER_WRANGLER_STACK_USER to one without privileges."
        ) from exc
    if found.pw_uid == 0:
        raise StackFailed(
            f"The OS user {settings.stack_user!r} is root, and PostgreSQL refuses to "
            "run as root; set JUPYTER_WRANGLER_STACK_USER to one without privileges."
        )
    return found.pw_uid, found.pw_gid


def check_reachable(
    paths: Paths, settings: Settings | SupervisorConfig, user: tuple[int, int]
) -> None:
    """Refuse folders that the servers' user cannot get to.

    Raises
    ------
    StackFailed
        Naming the folder that is in the way.
    """
    for folder, setting in (
        (paths.home, "JUPYTER_WRANGLER_HOME"),
        (paths.runtime, "JUPYTER_WRANGLER_RUNTIME_DIR"),
        (paths.postgres_sockets.parent, "JUPYTER_WRANGLER_RUNTIME_DIR"),
    ):
        # one that is not there yet will be made so that it can be reached
        step = binaries.blocking(folder.resolve(), user) if folder.exists() else None
        if step is not None:
            raise StackFailed(
                f"Started by root, the private servers run as {settings.stack_user!r}, "
                f"and that user may not enter {step}, which is above {folder}; set "
                f"{setting} to a folder that it can reach, for example "
                f"{_settings_example(setting)}."
            )


def postgres_for(
    settings: Settings | SupervisorConfig,
    home: Path,
    user: tuple[int, int] | None,
    found: binaries.Binary | None = None,
) -> binaries.Binary:
    """Find a PostgreSQL that the servers' user can run, copying it if needed."""
    found = found or binaries.postgres(settings)
    if user is None:
        return found
    if not binaries.reachable(found.path, user):
        found = binaries.copy_postgres(found, _copies_folder(home), user)
    return _runnable(found, user, "JUPYTER_WRANGLER_POSTGRES_BIN")


def valkey_for(
    settings: Settings | SupervisorConfig, home: Path, user: tuple[int, int] | None
) -> binaries.Binary:
    """Find a Valkey that the servers' user can run, copying it if needed."""
    found = binaries.valkey(settings)
    if user is None:
        return found
    if not binaries.reachable(found.path, user):
        found = binaries.copy_valkey(found, _copies_folder(home))
    return _runnable(found, user, "JUPYTER_WRANGLER_VALKEY_BIN")


def _runnable(
    binary: binaries.Binary, user: tuple[int, int], setting: str
) -> binaries.Binary:
    """Refuse a program that the servers' user cannot run, by having it run it.

    Modes do not tell all: there are access lists, disks on which nothing is run, and
    libraries in closed folders.
    """
    closed = binaries.blocking(binary.path.parent, user)
    why = f"that user may not enter {closed}" if closed else ""
    try:
        done = subprocess.run(  # noqa: S603  a server we are about to start
            [binary.path, "--version"],
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
            **as_user(user),
        )
        text = done.stderr.strip()[-300:] if done.returncode else ""
    except (OSError, subprocess.SubprocessError) as exc:
        text = str(exc)
    if text:
        raise StackFailed(
            f"Started by root, the private servers run as uid {user[0]}, and that user "
            f"cannot run {binary.path} ({why or text}); set {setting} to one that it "
            "can, or JUPYTER_WRANGLER_HOME to a disk on which programs may run."
        )
    return binary


def _copies_folder(home: Path) -> Path:
    folder = home / "binaries"
    open_folder(folder)
    return folder


def _settings_example(setting: str) -> str:
    if setting.endswith("HOME"):
        return "/var/lib/jupyter-wrangler"
    return "/run/jupyter-wrangler"

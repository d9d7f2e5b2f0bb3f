"""The processes that a stack consists of: commands, environments, how each is ready."""

from __future__ import annotations

import contextlib
import functools
import shutil
import signal
import sys
from pathlib import Path

from jupyter_wrangler.stack import (
    boot,
    folders,
    http_probe,
    postgres,
    server_user,
    valkey,
)
from jupyter_wrangler.stack.child import Child
from jupyter_wrangler.stack.environment import inherited
from jupyter_wrangler.stack.paths import Paths
from jupyter_wrangler.stack.supervisor_config import SupervisorConfig

#: Seconds that a worker gets to hand back what it runs.
_WORKER_GRACE_S = 35.0


def children_of(
    config: SupervisorConfig, paths: Paths
) -> tuple[list[Child], dict[str, str]]:
    """Describe the children of a stack in the order in which they start.

    The service loads while PostgreSQL is made; the worker, which loads longest
    and is needed last, would only take the processor from both.
    """
    versions: dict[str, str] = {}
    wanted = config.components
    user = server_user.server_user(config)
    if user is not None:
        server_user.check_reachable(paths, config, user)
    children = []
    if "service" in wanted:
        children.append(_python_child(config, paths, "service"))
    home = paths.home
    if "valkey" in wanted:
        binary = server_user.valkey_for(config, home, user)
        versions["valkey"] = binary.version
        children.append(valkey.child(paths, binary, user))
    if "postgres" in wanted:
        binary = server_user.postgres_for(config, home, user)
        versions["postgres"] = binary.version
        children.append(postgres.child(paths, binary, user))
    if "worker" in wanted:
        children.append(_python_child(config, paths, "worker"))
    return children, versions


def _python_child(config: SupervisorConfig, paths: Paths, name: str) -> Child:
    wanted = config.components
    urls = {"service_socket": str(paths.service_socket)}
    if "postgres" in wanted:
        urls["database_url"] = paths.database_url
    if "valkey" in wanted:
        urls["redis_url"] = paths.redis_url
    socket_path = paths.service_socket
    ready, grace = lambda: http_probe.workers(socket_path) > 0, _WORKER_GRACE_S
    prepare, more = _no_preparation, {}
    urls["rest_s"] = f"{config.rest_s:g}"
    if name == "service":
        if "postgres" in wanted:
            urls["migration_url"] = paths.migration_url
        ready, grace = lambda: http_probe.ready(socket_path), 10.0
    else:
        urls |= config.defaults
        temporary = paths.temporary
        if temporary is not None:
            more["TMPDIR"] = str(temporary)
            prepare = functools.partial(_clear_temporary, temporary)
    env = inherited(home=str(paths.home), **urls) | more
    return Child(
        name=name,
        command=(sys.executable, "-P", str(boot.__file__), name),
        env=env,
        cwd=paths.home,
        prepare=prepare,
        # Without its database it can do nothing but hang about.
        death_signal=signal.SIGKILL,
        stop=((signal.SIGTERM, grace), (signal.SIGKILL, 5.0)),
        ready=ready,
    )


def _no_preparation() -> None:
    """Prepare nothing: what most children want."""


def _clear_temporary(folder: Path) -> None:
    """Make the worker's temporary folder again: what was killed has left things."""
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)
    folders.make_private(folder, 0o700, setting="JUPYTER_WRANGLER_HOME")

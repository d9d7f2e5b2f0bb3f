"""The one process that starts, watches and stops the private stack.

It has a single thread: children are tied to it (they get a signal when it dies, which
the kernel sends on the death of the *thread* that started them), and it waits for
nothing but signals and the next tick.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from jupyter_wrangler.errors import StackFailed, WranglerError
from jupyter_wrangler.stack import (
    file_systems,
    folders,
    http_probe,
    logs,
    orphan_cleanup,
    state_file,
)
from jupyter_wrangler.stack import paths as places
from jupyter_wrangler.stack.children import children_of
from jupyter_wrangler.stack.process_monitor import ProcessMonitor
from jupyter_wrangler.stack.processes import ProcessId
from jupyter_wrangler.stack.redis_subscriber import RedisSubscriber
from jupyter_wrangler.stack.supervisor_config import SupervisorConfig
from jupyter_wrangler.stack.wakeups import wakeups

log = logging.getLogger("jupyter_wrangler.stack")

#: What a whole stack consists of, in the order in which it is stopped.
COMPONENTS = ("worker", "service", "valkey", "postgres")
#: Exit code when another supervisor has this home.
ALREADY_RUNNING = 75
_TICK_STARTING_S = 0.02
_TICK_RESTARTING_S = 0.1
_TICK_S = 1.0
_SLOWEST_LOOK_S = 15.0


class Supervisor:
    """Keeps the children of one home running until it is told to stop.

    Parameters
    ----------
    config : SupervisorConfig
        Whose home it is, and what to run.
    on_ready : callable
        Called once, when everything answers for the first time.
    """

    def __init__(
        self,
        config: SupervisorConfig,
        on_ready: Callable[[], None] = lambda: None,
    ) -> None:
        self.config = config
        self.paths = places.locate(config)
        self._on_ready = on_ready
        self._monitors: list[ProcessMonitor] = []
        self._subscriber: RedisSubscriber | None = None
        if config.rest_s:
            self._subscriber = RedisSubscriber(
                self.paths.valkey_socket, config.notify_channel
            )
        self._versions: dict[str, str] = {}
        self._state: Literal["starting", "ready", "stopping"] = "starting"
        self._began = time.time()
        self._stop = False
        self._last_touch = self._last_look = self._last_heard = time.monotonic()
        #: When a job last changed.
        self._last_work = self._last_heard

    def run(self) -> None:
        """Start everything, watch it, and stop it in order.

        Raises
        ------
        StackFailed
            If the stack cannot be started; everything is stopped by then.
        """
        left = orphan_cleanup.clear(self.paths)
        if left:
            log.warning("ended what a crash had left: %s", ", ".join(left))
        with wakeups(self._signalled) as wait:
            try:
                children, self._versions = children_of(self.config, self.paths)
                self._monitors = [ProcessMonitor(c, self.paths.logs) for c in children]
                self._write_record()
                # Those that wait for the database themselves load meanwhile.
                for monitor in self._monitors:
                    if not self._stop:
                        monitor.tick(time.monotonic(), give_up=True)
                self._write_record()
                while not self._stop:
                    self._tick(time.monotonic())
                    wait(
                        self._pause_s,
                        self._subscriber.socket if self._subscriber else None,
                    )
            finally:
                self._stop_all()

    @property
    def _pause_s(self) -> float:
        if self._state == "starting":
            return _TICK_STARTING_S
        settled = all(k.ready or k.resting for k in self._monitors)
        return _TICK_S if settled else _TICK_RESTARTING_S

    def _tick(self, now: float) -> None:
        starting = self._state == "starting"
        if (
            self._subscriber is not None
            and self._state == "ready"
            and self._subscriber.has_message()
        ):
            self._rest_or_wake_worker(now)
        changed = [monitor.tick(now, give_up=starting) for monitor in self._monitors]
        if any(changed):
            self._write_record()
        # Jobs can be submitted before the worker is there.
        if starting and all(
            k.ready or k.child.name == "worker" for k in self._monitors
        ):
            self._state = "ready"
            self._write_record()
            self._on_ready()
            self._last_heard = self._last_work = now
        if now - self._last_touch > state_file.HEARTBEAT_S:
            self._last_touch = now
            self._touch_record()
            logs.rotate(self.paths.logs)
        spans = [self.config.idle_stop_s, self.config.rest_s or self.config.idle_stop_s]
        often = min(_SLOWEST_LOOK_S, *(span / 4 for span in spans))
        if self._state == "ready" and now - self._last_look > often:
            self._last_look = now
            self._ask_service(now)

    def _ask_service(self, now: float) -> None:
        """Ask the service who needs what."""
        if not any(k.child.name == "service" for k in self._monitors):
            return
        _, health = http_probe.get(self.paths.service_socket, "/health/ready")
        if health:
            self._last_heard = now
        if health and (health["running"] or health["queued"]):
            # also where no notification was heard
            self._rest_or_wake_worker(now)
        elif self._is_idle(now, health):
            log.info("idle for %g s: stopping", self.config.idle_stop_s)
            self._stop = True
        elif health and self._subscriber and now - self._last_work > self.config.rest_s:
            for monitor in self._monitors:
                if (
                    monitor.child.name == "worker"
                    and monitor.ready
                    and self._subscriber.socket
                ):
                    monitor.rest(now)

    def _rest_or_wake_worker(self, now: float) -> None:
        """Have a worker for what there is to do."""
        self._last_work = now
        for monitor in self._monitors:
            monitor.wake()

    def _is_idle(self, now: float, health: dict[str, Any]) -> bool:
        """Tell whether nobody has needed the stack for long."""
        if not health:
            # A service that never comes back must not keep a stack for ever.
            return now - self._last_heard > self.config.idle_stop_s
        return not health["streams"] and bool(
            health["idle_s"] >= self.config.idle_stop_s
        )

    def _touch_record(self) -> None:
        found = state_file.read(self.paths.record)
        if found is None or found.supervisor.pid != os.getpid():
            log.warning("the record is gone (was the home removed?): stopping")
            self._stop = True
            return
        with contextlib.suppress(OSError):
            os.utime(self.paths.record)
        lost = [
            path
            for name, path in self.paths.sockets.items()
            if not path.exists()
            and any(k.child.name == name and k.ready for k in self._monitors)
        ]
        if lost:
            # nobody can reach a server whose socket was swept away: begin again
            log.warning("%s is gone (was it swept away?): stopping", lost[0])
            self._stop = True

    def _write_record(self) -> None:
        names = {k.child.name for k in self._monitors}
        state_file.Record(
            state=self._state,
            supervisor=ProcessId.of(os.getpid()),
            started_at=self._began,
            sockets={n: str(p) for n, p in self.paths.sockets.items() if n in names},
            children={k.child.name: k.id for k in self._monitors if k.id},
            versions=self._versions,
        ).write(self.paths.record)

    def _stop_all(self) -> None:
        self._state = "stopping"
        with contextlib.suppress(OSError):
            self._write_record()
        if self._subscriber is not None:
            self._subscriber.close()
        for name in COMPONENTS:
            for monitor in self._monitors:
                if monitor.child.name == name:
                    monitor.stop()
        for path in (*self.paths.sockets.values(), self.paths.record):
            with contextlib.suppress(OSError):
                path.unlink()
        folders = [self.paths.postgres_sockets, self.paths.valkey_socket.parent]
        if self.config.runtime_dir is None:
            folders.append(self.paths.runtime)
        folders.append(self.paths.short)
        for folder in folders:
            with contextlib.suppress(OSError):
                folder.rmdir()

    def _signalled(self, number: int) -> None:
        if number in (signal.SIGTERM, signal.SIGINT):
            self._stop = True


def main(config: SupervisorConfig) -> int:
    """Run the stack of a home; say on standard output how the start went.

    One line of JSON, ``{"ok": true}`` or the error, then standard output is closed:
    the process that waits for us at the other end of a pipe need not wait longer.

    Returns
    -------
    int
        Exit code: 0, 1 if the start failed, 75 if another supervisor has this home.
    """
    paths = places.locate(config)
    try:
        places.check(paths)
        folders.make_folders(paths)
        file_systems.check_local(paths.home)
        with state_file.Lock(paths.lock) as lock:
            if not lock.take():
                _print_verdict({"ok": False, "already": True})
                return ALREADY_RUNNING
            _log_to(paths.logs / "stack.log", config.log_level)
            Supervisor(config, lambda: _print_verdict({"ok": True})).run()
    except WranglerError as exc:
        log.error("%s", exc)  # noqa: TRY400  no bug of ours
        _print_verdict({"ok": False, "message": exc.message})
        return 1
    except Exception as exc:
        # Anyone who waits at the other end of the pipe must hear of it, bugs included.
        log.exception("the stack failed")
        failed = StackFailed(
            f"The private stack failed: {type(exc).__name__}: {exc}. The log is in "
            f"{paths.logs}; fix that and run 'jupyter wrangler up'."
        )
        _print_verdict({"ok": False, "message": failed.message})
        return 1
    return 0


def _print_verdict(verdict: dict[str, Any]) -> None:
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.write(json.dumps(verdict) + "\n")
        sys.stdout.flush()
    with contextlib.suppress(OSError):
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 1)
        os.close(null)


def _log_to(path: Path, level: str) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(fd, 2)
    os.close(fd)
    logging.basicConfig(
        stream=sys.stderr,
        level=level.upper(),
        format="%(asctime)s %(levelname)s %(message)s",
    )

"""What a supervisor gets from the process that starts it.

The starter has read the settings; the supervisor, which lives as long as the stack
and does little, is spared the library that reads them (20 MB, a third of a second).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_wrangler.settings import Settings


#: Seconds without a job after which a private worker rests, if nothing else is chosen.
REST_S = 600.0


@dataclass(frozen=True, kw_only=True)
class SupervisorConfig:
    """The settings that matter to a supervisor, by their own names."""

    home: Path
    home_id: str
    runtime_dir: Path | None
    service_socket: Path | None
    postgres_bin: Path | None
    valkey_bin: Path | None
    stack_user: str
    idle_stop_s: float
    #: 0 where the worker never rests.
    rest_s: float
    #: Valkey's channel on which a change of a job is announced.
    notify_channel: str
    log_level: str
    #: Which of the servers and processes to run; not those configured elsewhere.
    components: tuple[str, ...]
    #: Settings for its children, where nothing else was chosen.
    defaults: dict[str, str]

    @classmethod
    def of(cls, settings: Settings, components: Sequence[str]) -> SupervisorConfig:
        """Tell what settings ask for."""
        chosen = settings.model_fields_set
        elsewhere = {
            "postgres": bool(settings.database_url),
            "valkey": bool(settings.redis_url),
        }
        wanted = tuple(name for name in components if not elsewhere.get(name))
        # nobody's jobs should cost everybody's memory while nothing runs
        rest_s = settings.rest_s if "rest_s" in chosen else REST_S
        if not {"worker", "service", "valkey"} <= set(wanted):
            # nobody would hear of the next job
            rest_s = 0.0
        defaults = {"preload": "light"}
        return cls(
            home=settings.home,
            home_id=settings.home_id,
            runtime_dir=settings.runtime_dir,
            service_socket=settings.service_socket,
            postgres_bin=settings.postgres_bin,
            valkey_bin=settings.valkey_bin,
            stack_user=settings.stack_user,
            idle_stop_s=settings.idle_stop_s,
            rest_s=rest_s,
            notify_channel=settings.notify_channel,
            log_level=settings.log_level,
            components=wanted,
            defaults={k: v for k, v in defaults.items() if k not in chosen},
        )

    def to_json(self) -> str:
        """Write them for a pipe."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> SupervisorConfig:
        """Read what `to_json` wrote."""
        fields: dict[str, Any] = json.loads(text)
        paths = ("home", "runtime_dir", "service_socket", "postgres_bin", "valkey_bin")
        for name in paths:
            fields[name] = None if fields[name] is None else Path(fields[name])
        return cls(**{**fields, "components": tuple(fields["components"])})

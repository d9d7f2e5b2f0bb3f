"""Real servers for the tests that want them, in homes that vanish afterwards."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import URL, make_url, text

from jupyter_wrangler.client.transport.api import Api
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import launch, paths
from jupyter_wrangler.store import migrate
from jupyter_wrangler.store.engines import schema_engine
from tests.waiting import CEILING_S


def pytest_report_header() -> str:
    """Say whether skipping is allowed."""
    return "a skipped test fails" if os.environ.get("CI") else "tests may skip"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport():
    """Turn a skip into a failure in CI, where everything that is needed is there."""
    outcome = yield
    report = outcome.get_result()
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"


#: Rooms whose tests compute and never wait: one that fails there is never run again.
PURE = {"engine", "charts", "frames", "contract"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let tests that talk to real servers or a browser be run again, twice at most."""
    tests = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(tests):
            (room, *below) = item.path.relative_to(tests).parts
            if below and room not in PURE:
                item.add_marker(pytest.mark.flaky(reruns=2, reruns_delay=1))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List the tests that were run again, so that they are seen and fixed."""
    again = Counter(r.nodeid for r in terminalreporter.stats.get("rerun", ()))
    if again:
        terminalreporter.section("flaky: run again after a failure")
        for nodeid, times in again.most_common():
            terminalreporter.line(f"{times} x {nodeid}")


@contextlib.contextmanager
def _home() -> Iterator[Path]:
    # Not below pytest's temp folder: its path is too long for a socket, and closed to
    # the user that root's servers run as.
    home = Path(tempfile.mkdtemp(prefix="jwt-"))
    home.chmod(0o711)
    try:
        yield home
    finally:
        launch.stop(_settings(home))
        shutil.rmtree(home)


def _settings(home: Path) -> Settings:
    return Settings(home=home / "home", runtime_dir=home / "run")


@contextlib.contextmanager
def stack_in() -> Iterator[Settings]:
    """Settings of a stack that the tests of a file share, stopped afterwards."""
    with _home() as path:
        yield _settings(path)


@pytest.fixture(scope="session", autouse=True)
def no_settings_of_the_developer(tmp_path_factory) -> Iterator[None]:
    """Keep the tests away from the stack and the settings of anyone who runs them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith(("JUPYTER_WRANGLER_", "JUPYTERHUB_")):
                patch.delenv(name)
        nowhere = tmp_path_factory.mktemp("settings")
        (nowhere / "config.toml").touch()
        patch.setenv("JUPYTER_WRANGLER_CONFIG", str(nowhere / "config.toml"))
        patch.setenv("JUPYTER_WRANGLER_HOME", str(nowhere / "home"))
        yield


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder for one stack, removed (and the stack stopped) afterwards."""
    with _home() as path:
        yield path


@pytest.fixture
def settings(home) -> Settings:
    """Settings of a stack of one's own."""
    return _settings(home)


@pytest.fixture(scope="session")
def stack_home() -> Iterator[Path]:
    """The folder of the stack that the tests of a session share."""
    with _home() as path:
        yield path


@pytest.fixture(scope="session")
def stack_settings(stack_home) -> Settings:
    """Settings of the stack that the tests of a session share."""
    return _settings(stack_home)


@pytest.fixture(scope="session")
def stack(stack_settings) -> Path:
    """The whole stack, running: the socket of its service."""
    return launch.ensure(stack_settings, timeout=CEILING_S)


@pytest.fixture
def stack_env(stack, stack_settings, monkeypatch) -> dict[str, str]:
    """The environment in which `Settings()` means the shared stack, set here too."""
    # it stops when no test has used it for half an hour, and begins again
    assert launch.ensure(stack_settings, timeout=CEILING_S) == stack
    env = {
        "JUPYTER_WRANGLER_HOME": str(stack_settings.home),
        "JUPYTER_WRANGLER_RUNTIME_DIR": str(stack_settings.runtime_dir),
    }
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    return env


@pytest.fixture
def without_jobs(stack_env, stack_settings) -> Iterator[Api]:
    """The service without the jobs of tests before: the same would be found again."""
    assert stack_env
    with contextlib.closing(Api(settings=stack_settings)) as api:
        for job in list(api.jobs()):
            if job.final:
                api.delete(job.id)
        yield api


@pytest.fixture(scope="session")
def servers() -> Iterator[Settings]:
    """A PostgreSQL and a Valkey, without service and worker; a template database."""
    with _home() as path:
        settings = _settings(path)
        launch.ensure(settings, components=("postgres", "valkey"), timeout=CEILING_S)
        places = paths.locate(settings)
        settings = settings.model_copy(
            update={
                "database_url": SecretStr(places.database_url),
                "migration_url": SecretStr(places.migration_url),
                "redis_url": SecretStr(places.redis_url),
            }
        )
        migrate.upgrade(settings)
        yield settings


def _secret(url: URL) -> SecretStr:
    return SecretStr(url.render_as_string(hide_password=False))


@contextlib.contextmanager
def database_of_ones_own(servers: Settings, home: Path) -> Iterator[Settings]:
    """Settings with a migrated, empty database and a namespace of one's own."""
    name = f"t{uuid.uuid4().hex[:12]}"
    base = make_url(servers.database_url.get_secret_value())
    owners = make_url(servers.migration_url.get_secret_value())
    # a template must have no visitors, so the administration sits elsewhere; and only
    # a superuser can end sessions of another role
    elsewhere = owners.set(username="postgres", database="postgres")
    admin = schema_engine(
        servers.model_copy(update={"migration_url": _secret(elsewhere)}),
        application="tests",
    ).execution_options(isolation_level="AUTOCOMMIT")
    # both wait for a checkpoint, which a slow disk takes its time for
    patient = text("SET statement_timeout = 0; SET lock_timeout = 0")
    with admin.connect() as connection:
        connection.execute(patient)
        connection.execute(
            text(f"CREATE DATABASE {name} OWNER wrangler TEMPLATE wrangler")
        )
    yield servers.model_copy(
        update={
            "home": home,
            "database_url": _secret(base.set(database=name)),
            "migration_url": _secret(owners.set(database=name)),
            "namespace": name,
        }
    )
    with admin.connect() as connection:
        connection.execute(patient)
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def fresh(servers, tmp_path) -> Iterator[Settings]:
    """Settings with an empty database, for one test."""
    with database_of_ones_own(servers, tmp_path / "home") as found:
        yield found


@pytest.fixture(scope="module")
def fresh_module(servers, tmp_path_factory) -> Iterator[Settings]:
    """Settings with an empty database, for the tests of one file."""
    home = tmp_path_factory.mktemp("module") / "home"
    with database_of_ones_own(servers, home) as found:
        yield found

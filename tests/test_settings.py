"""Settings: where a value comes from, and which source wins."""

from __future__ import annotations

import pytest

from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack.environment import environment
from jupyter_wrangler.stack.supervisor_config import SupervisorConfig

NAME = "JUPYTER_WRANGLER_DATABASE_URL"


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """A TOML file that names a database, and a way to add other sources."""
    toml = tmp_path / "config.toml"
    toml.write_text('database_url = "postgresql://toml/x"\nslots = 7\n', "utf-8")
    monkeypatch.setenv("JUPYTER_WRANGLER_CONFIG", str(toml))
    secret = tmp_path / "secret"
    secret.write_text("postgresql://file/x\n", "utf-8")
    return {
        "file": lambda: monkeypatch.setenv(f"{NAME}_FILE", str(secret)),
        "environment": lambda: monkeypatch.setenv(NAME, "postgresql://environment/x"),
    }


def _host() -> str:
    return Settings().database_url.get_secret_value().split("/")[2]


def test_the_environment_wins_over_a_secret_file_and_that_over_the_toml_file(sources):
    assert (_host(), Settings().slots) == ("toml", 7)
    sources["file"]()
    assert _host() == "file"
    sources["environment"]()
    assert _host() == "environment"


def test_a_secret_is_not_shown(sources):
    sources["environment"]()
    assert "postgresql" not in repr(Settings())


def test_settings_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        Settings().slots = 3


@pytest.mark.parametrize(
    ("name", "value"), [("SLOTS", "0"), ("NAMESPACE", "a b"), ("LEASE_S", "-1")]
)
def test_nonsense_is_refused(monkeypatch, name, value):
    monkeypatch.setenv(f"JUPYTER_WRANGLER_{name}", value)
    with pytest.raises(ValueError, match=f"JUPYTER_WRANGLER_{name} is .* is wanted"):
        Settings()


def test_several_heartbeats_fit_into_a_lease(monkeypatch):
    assert (Settings().heartbeat_s, Settings().silence_s) == (5, 60)
    monkeypatch.setenv("JUPYTER_WRANGLER_LEASE_S", "12")
    assert (Settings().heartbeat_s, Settings().silence_s) == (2, 24)


def test_limits_follow_from_cells_and_jobs(monkeypatch):
    one = Settings()
    assert (one.max_rows, one.max_queued) == (50_000_000, 20_000)
    assert (one.max_datasets, one.max_parts) == (10_000, 1_000_000)
    monkeypatch.setenv("JUPYTER_WRANGLER_MAX_CELLS", "1000")
    monkeypatch.setenv("JUPYTER_WRANGLER_MAX_JOBS", "50")
    one = Settings()
    assert (one.max_rows, one.max_queued) == (100, 10)
    assert (one.max_datasets, one.max_parts) == (5, 500)


def test_a_relative_path_means_the_same_to_every_process(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "alice"))
    monkeypatch.setenv("JUPYTER_WRANGLER_HOME", "relative")
    monkeypatch.setenv("JUPYTER_WRANGLER_RUNTIME_DIR", "~/run")
    monkeypatch.setenv("JUPYTER_WRANGLER_STORAGE", "bytes")
    settings = Settings()
    # what the supervisor, which works in the root of the disk, is reported
    env = environment(settings)
    monkeypatch.chdir("/")
    assert settings.home == tmp_path / "relative"
    assert env["JUPYTER_WRANGLER_HOME"] == str(settings.home)
    assert SupervisorConfig.of(settings, ("service",)).home == tmp_path / "relative"
    assert settings.runtime_dir == tmp_path / "alice" / "run"
    assert settings.blob_dir == tmp_path / "bytes"
    monkeypatch.setenv("JUPYTER_WRANGLER_STORAGE", "s3://bucket/x")
    assert Settings().storage == "s3://bucket/x"


def test_a_relative_file_of_settings_means_the_same_to_every_process(
    monkeypatch, tmp_path
):
    (tmp_path / "here.toml").write_text("slots = 7\n", "utf-8")
    (tmp_path / "token").write_text("secret\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("JUPYTER_WRANGLER_CONFIG", "here.toml")
    monkeypatch.setenv("JUPYTER_WRANGLER_TOKEN_FILE", "~/token")
    settings = Settings()
    env = environment(settings)
    monkeypatch.chdir("/")
    for name in ("CONFIG", "TOKEN_FILE"):
        variable = f"JUPYTER_WRANGLER_{name}"
        monkeypatch.setenv(variable, env[variable])
    assert (settings.slots, settings.token.get_secret_value()) == (7, "secret")
    assert Settings() == settings


def test_an_empty_variable_is_none(sources, monkeypatch):
    assert sources
    default = Settings.model_fields["home"].get_default(call_default_factory=True)
    for name in ("HOME", "RUNTIME_DIR", "SLOTS", "STORAGE"):
        monkeypatch.setenv(f"JUPYTER_WRANGLER_{name}", "")
    found = Settings()
    assert (found.home, found.runtime_dir, found.slots) == (default, None, 7)
    assert found.blob_dir == default / "blobs"

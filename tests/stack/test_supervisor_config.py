from __future__ import annotations

from pathlib import Path

from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import paths
from jupyter_wrangler.stack.launch import COMPONENTS
from jupyter_wrangler.stack.supervisor_config import REST_S, SupervisorConfig


def test_config_come_through_a_pipe_as_they_were():
    settings = Settings(home=Path("/srv/w"), valkey_bin=Path("/usr/bin/valkey-server"))
    config = SupervisorConfig.of(settings, COMPONENTS)
    assert SupervisorConfig.from_json(config.to_json()) == config


def test_config_and_settings_mean_the_same_places():
    settings = Settings(home=Path("/srv/w"), runtime_dir=Path("/run/w"))
    assert paths.locate(SupervisorConfig.of(settings, ())) == paths.locate(settings)


def test_what_is_configured_elsewhere_is_not_run():
    settings = Settings(home=Path("/srv/w"), redis_url="redis://db:6379/0")
    assert SupervisorConfig.of(settings, COMPONENTS).components == (
        "worker",
        "service",
        "postgres",
    )


def test_a_worker_rests_only_where_the_next_job_is_heard_of():
    assert SupervisorConfig.of(Settings(), COMPONENTS).rest_s == REST_S
    assert SupervisorConfig.of(Settings(rest_s=5), COMPONENTS).rest_s == 5
    assert SupervisorConfig.of(Settings(rest_s=0), COMPONENTS).rest_s == 0
    assert (
        SupervisorConfig.of(Settings(redis_url="redis://db/0"), COMPONENTS).rest_s == 0
    )
    assert (
        SupervisorConfig.of(Settings(), ("postgres", "valkey", "service")).rest_s == 0
    )


def test_what_was_chosen_stands():
    assert SupervisorConfig.of(Settings(), ()).defaults["preload"] == "light"
    assert "preload" not in SupervisorConfig.of(Settings(preload="all"), ()).defaults

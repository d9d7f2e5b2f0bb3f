"""compose.yaml and the commands of docs/deployment.md, without docker.

The scripts run under the users that they have in the containers, and the migration
against a PostgreSQL that asks for passwords, as that of the image does.
"""

from __future__ import annotations

import os
import re
import socket
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import yaml

from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import binaries, server_user
from jupyter_wrangler.stack.environment import NUMERICS
from tests.waiting import until

ROOT = Path(__file__).parents[1]
ROOTLESS = os.geteuid() != 0
#: Of the service and the workers in their containers, and of somebody else.
OURS, OTHER = 1000, 999


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))


@pytest.fixture
def place(home):
    """A folder with the secrets that the commands of the page make."""
    page = (ROOT / "docs" / "deployment.md").read_text("utf-8")
    block = re.search(
        r"^   ```sh\n(   \( set -eu.*?)^   ```$", page, re.DOTALL | re.MULTILINE
    )
    script = re.sub("^   ", "", block[1], flags=re.MULTILINE)
    owner = f"sudo chown {OURS} secrets/*"
    assert owner in script
    script = script.replace(owner, ":" if ROOTLESS else owner.removeprefix("sudo "))
    done = subprocess.run(
        ["sh", "-euc", script], cwd=home, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    (home / "secrets").chmod(0o711)
    return home


def secret(place, name):
    return place / "secrets" / name


def run(place, script, *, uid=None, **env):
    """Run the command of a container, with stubs for the programs of the image."""
    tools = place / "bin"
    tools.mkdir(exist_ok=True)
    for name in ("jupyter-wrangler", "docker-entrypoint.sh", "valkey-cli"):
        stub = tools / name
        stub.write_text('#!/bin/sh\nenv; echo "started: $@"\n')
        stub.chmod(0o755)
    text = script.replace("$$", "$")
    text = text.replace("/tmp/", f"{place}/")  # noqa: S108  of the container
    text = text.replace("/run/secrets", str(place / "secrets"))
    # there is no user of that name here
    text = text.replace("install -o valkey ", "install ")
    return subprocess.run(
        ["/bin/sh", "-euc", text],
        env={"PATH": f"{tools}:{os.environ['PATH']}", **env},
        user=None if ROOTLESS else uid,
        capture_output=True,
        text=True,
        check=False,
    )


def commands(compose):
    """Every script of the file: name of the service, script, uid in the container."""
    found = []
    for name, service in compose["services"].items():
        uid = int(service.get("user", "0:0").split(":")[0])
        command = service.get("command", [])
        if command[:1] == ["/bin/sh"]:
            assert command[1] == "-euc", f"{name}: a script that goes on after an error"
            found.append((name, command[2], uid))
    return found


def test_fault_4_2_the_page_makes_every_secret_and_nobody_else_can_read_it(
    compose, place
):
    wanted = {Path(s["file"]).name for s in compose["secrets"].values()}
    made = {path.name for path in (place / "secrets").iterdir()}
    assert made == wanted
    for path in (place / "secrets").iterdir():
        text = path.read_text()
        assert text
        assert text == text.strip()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        if not ROOTLESS:
            assert path.stat().st_uid == OURS


def test_fault_4_2_every_secret_that_is_used_is_given_to_who_uses_it(compose):
    known = set(compose["secrets"])
    used_somewhere = set()
    for name, service in compose["services"].items():
        used = set(re.findall(r"/run/secrets/(\w+)", yaml.safe_dump(service)))
        assert used == set(service.get("secrets", [])), name
        used_somewhere |= used
    assert used_somewhere == known
    assert "configs" not in compose
    for key in ("volumes",):
        for service in compose["services"].values():
            for volume in service.get(key, []):
                assert volume.split(":")[0] in compose[key]


def test_fault_4_2_what_waits_for_a_service_names_one_that_is_there(compose):
    for service in compose["services"].values():
        for other, how in service.get("depends_on", {}).items():
            wanted = how["condition"]
            assert other in compose["services"]
            if wanted == "service_healthy":
                assert compose["services"][other]["healthcheck"]


@pytest.mark.parametrize("index", [0, 1])
def test_fault_4_2_each_script_reads_its_secret_as_its_own_user(compose, place, index):
    name, script, uid = commands(compose)[index]
    done = run(place, script, uid=uid)
    assert done.returncode == 0, done.stderr
    assert "started:" in done.stdout
    if name == "service":
        token = secret(place, "hub_api_token").read_text()
        assert f"JUPYTERHUB_API_TOKEN={token}\n" in done.stdout
    else:
        password = secret(place, "redis_password").read_text()
        assert (place / "valkey.conf").read_text() == f"requirepass {password}\n"
        assert stat.S_IMODE((place / "valkey.conf").stat().st_mode) == 0o600
        assert password not in done.stdout


def test_service_and_workers_compute_with_the_instructions_of_who_starts_them(compose):
    for name in ("service", "worker"):
        environment = compose["services"][name]["environment"]
        # a name without a value is taken from the shell, and is unset where it has none
        passed_on = {name for name, value in environment.items() if value is None}
        assert passed_on == set(NUMERICS)


def test_the_page_about_the_hub_names_what_decides_the_last_digits():
    page = (ROOT / "docs" / "hub.md").read_text("utf-8")
    section = page.partition("\n## The same last digits\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"`([A-Z][A-Z0-9_]+)`", section)) == set(NUMERICS)


def test_there_are_two_scripts(compose):
    assert [name for name, _, _ in commands(compose)] == ["redis", "service"]


@pytest.mark.parametrize("index", [0, 1])
@pytest.mark.parametrize("how", ["missing", "empty", "unreadable"])
def test_fault_4_2_each_script_fails_loudly_without_its_secret(
    compose, place, index, how
):
    name, script, uid = commands(compose)[index]
    path = secret(place, {"service": "hub_api_token", "redis": "redis_password"}[name])
    if how == "missing":
        path.unlink()
    elif how == "empty":
        path.write_text("")
    elif ROOTLESS:
        path.chmod(0)
    else:
        # as the secrets of another user are
        os.chown(path, OTHER, OTHER)
        uid = OURS
    done = run(place, script, uid=uid)
    assert done.returncode != 0
    assert path.name in done.stderr
    assert "started:" not in done.stdout


class Image:
    """A PostgreSQL as the image makes it: one superuser, and passwords over TCP."""

    def __init__(self, folder, password):
        self.folder, self.data = folder, folder / "pgdata"
        self.user = server_user.server_user(Settings())
        binary = binaries.postgres(Settings())
        if self.user and not binaries.reachable(binary.path, self.user):
            binary = binaries.copy_postgres(binary, folder)
        self.bin = binary.path.parent
        with socket.create_server(("127.0.0.1", 0)) as sock:
            self.port = sock.getsockname()[1]
        self.data.mkdir()
        pwfile = folder / "pwfile"
        pwfile.write_text(password)
        if self.user:
            for path in (self.data, pwfile):
                os.chown(path, *self.user)
        self.call(
            "initdb", "-D", self.data, "-U", "wrangler", f"--pwfile={pwfile}",
            "--auth=scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync",
        )  # fmt: skip
        self.process = None

    def popen(self, name, *words):
        uid, gid = self.user or (None, None)
        return subprocess.Popen(
            [self.bin / name, *words],
            user=uid,
            group=gid,
            extra_groups=[] if self.user else None,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def call(self, *words):
        process = self.popen(*words)
        said = process.communicate(timeout=120)[0]
        assert process.returncode == 0, said

    def start(self, password):
        self.process = self.popen(
            "postgres", "-D", self.data, "-p", str(self.port), "-h", "127.0.0.1",
            "-c", "unix_socket_directories=", "-c", "fsync=off",
        )  # fmt: skip
        until(lambda: self.login("wrangler", password, "postgres"))
        self.sql(password, "CREATE DATABASE wrangler", database="postgres")

    def url(self, role, password, database="wrangler"):
        return f"postgresql://{role}:{password}@127.0.0.1:{self.port}/{database}"

    def login(self, role, password, database="wrangler"):
        try:
            psycopg.connect(self.url(role, password, database)).close()
        except psycopg.OperationalError:
            return False
        return True

    def sql(self, password, statement, *, database="wrangler", role="wrangler"):
        url = self.url(role, password, database)
        with psycopg.connect(url, autocommit=True) as connection:
            found = connection.execute(statement)
            return found.fetchall() if found.description else []

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.communicate(timeout=60)


@pytest.fixture
def image(place):
    found = Image(place, secret(place, "postgres_password").read_text())
    try:
        found.start(secret(place, "postgres_password").read_text())
        yield found
    finally:
        found.stop()


def migrate(compose, place, image, *, under=(), port=True):
    """Run the service `migrate` of the file, with its environment."""
    service = compose["services"]["migrate"]
    for name in ("database_url", "migration_url") if port else ():
        path = secret(place, name)
        path.write_text(
            path.read_text().replace("@postgres:5432/", f"@127.0.0.1:{image.port}/")
        )
    environment = {
        name: str(value).replace("/run/secrets", str(place / "secrets"))
        for name, value in service["environment"].items()
        # a name without a value stays unset
        if value is not None
    }
    program, *words = service["command"]
    assert program == "jupyter-wrangler"
    return subprocess.run(
        [*under, sys.executable, "-m", "jupyter_wrangler", *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(place), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def app_password(place):
    url = secret(place, "database_url").read_text()
    return re.fullmatch(r".*://wrangler_app:(.+)@.*", url)[1]


def test_fault_4_2_the_migration_makes_the_role_of_the_service(compose, place, image):
    owner = secret(place, "postgres_password").read_text()
    app = app_password(place)
    assert not image.login("wrangler_app", app)
    done = migrate(compose, place, image)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "role of the service is made" in done.stdout
    assert image.login("wrangler_app", app)
    (role,) = image.sql(
        owner,
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles"
        " WHERE rolname = 'wrangler_app'",
    )
    assert role == (False, False, False, False)
    as_app = {"role": "wrangler_app"}
    bound = image.sql(app, "SELECT row_security_active('wrangler.job')", **as_app)
    assert bound == [(True,)]
    assert image.sql(app, "SELECT count(*) FROM wrangler.job", **as_app) == [(0,)]
    # once more changes nothing
    again = migrate(compose, place, image)
    assert (again.returncode, again.stderr) == (0, "")
    assert "there already" in again.stdout
    # what a script of the image made, or did not: a volume that is older
    for before, said in (
        ("ALTER ROLE wrangler_app PASSWORD NULL", "given its password"),
        ("ALTER ROLE wrangler_app PASSWORD 'of last year'", "given its password"),
        ("ALTER ROLE wrangler_app NOLOGIN", "given its password"),
        ("DROP OWNED BY wrangler_app; DROP ROLE wrangler_app", "made"),
    ):
        image.sql(owner, before)
        done = migrate(compose, place, image)
        assert done.returncode == 0, (before, done.stdout + done.stderr)
        assert f"is {said}" in done.stdout
        assert image.sql(app, "SELECT count(*) FROM wrangler.job", **as_app) == [(0,)]


def test_fault_4_2_the_migration_fails_loudly(compose, place, image):
    owner = secret(place, "postgres_password").read_text()
    url = secret(place, "migration_url")
    right = url.read_text()
    url.write_text(right.replace(owner, "wrong"))
    wrong = migrate(compose, place, image)
    assert wrong.returncode != 0
    assert "password authentication failed" in wrong.stderr
    assert "Traceback" not in wrong.stderr
    # a role that may not make roles
    image.sql(owner, "CREATE ROLE weak LOGIN PASSWORD 'weak'")
    url.write_text(image.url("weak", "weak").replace("ql:", "ql+psycopg:"))
    weak = migrate(compose, place, image)
    assert weak.returncode != 0
    assert "CREATEROLE" in weak.stderr
    # one role for both, and no password
    app = secret(place, "database_url")
    app.write_text(right)
    url.write_text(right)
    same = migrate(compose, place, image)
    assert same.returncode != 0
    assert "another one" in same.stderr
    app.write_text(f"postgresql://wrangler_app@127.0.0.1:{image.port}/wrangler")
    bare = migrate(compose, place, image)
    assert bare.returncode != 0
    assert "no password" in bare.stderr
    for done in (wrong, weak, same, bare):
        assert owner not in done.stdout + done.stderr


def test_fault_4_2_a_secret_that_cannot_be_read_ends_the_migration(
    compose, place, image
):
    # as a user who has no right to read everything: one's own can be read
    caps = "--bounding-set=-dac_override,-dac_read_search"
    under = () if ROOTLESS else ("setpriv", caps, "--inh-caps=-all")
    for path in (place / "secrets").iterdir():
        os.chown(path, os.geteuid(), os.getegid())
    done = migrate(compose, place, image, under=under)
    assert done.returncode == 0, done.stdout + done.stderr
    if ROOTLESS:
        secret(place, "migration_url").chmod(0)
    else:
        os.chown(secret(place, "migration_url"), OTHER, OTHER)
    done = migrate(compose, place, image, under=under, port=False)
    assert done.returncode != 0
    assert "migration_url" in done.stderr

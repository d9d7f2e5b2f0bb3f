"""The stack's life, with real PostgreSQL and Valkey; all of it is next door."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from jupyter_wrangler.errors import StackFailed
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import binaries, folders, launch, paths, state_file
from jupyter_wrangler.stack.doctor import doctor
from jupyter_wrangler.stack.processes import ProcessId, machine_id, wait_gone
from jupyter_wrangler.stack.upgrade import upgrade
from tests.waiting import CEILING_S

SERVERS = ("postgres", "valkey")
#: Another user: neither we nor the one that root's servers run as.
STRANGER = 2


def start(settings, **kwargs):
    launch.ensure(settings, components=SERVERS, timeout=CEILING_S, **kwargs)
    return state_file.read(paths.locate(settings).record)


def everyone(found):
    """Find every process of a stack, PostgreSQL's own children included."""
    supervisor = psutil.Process(found.supervisor.pid)
    return [
        ProcessId.of(p.pid) for p in (supervisor, *supervisor.children(recursive=True))
    ]


def database(settings):
    place = paths.locate(settings)
    return psycopg.connect(place.migration_url.replace("+psycopg", ""), autocommit=True)


def redis_client(settings):
    return redis.Redis.from_url(paths.locate(settings).redis_url)


def remember(settings):
    with database(settings) as connection:
        connection.execute("create table kept (x int)")
        connection.execute("insert into kept values (42)")
    with redis_client(settings) as client:
        client.set("kept", 42)
    time.sleep(1.1)  # Valkey writes its file once a second


def recall(settings, patience=CEILING_S):
    end = time.monotonic() + patience
    while True:
        try:
            with database(settings) as connection, redis_client(settings) as client:
                row = connection.execute("select x from kept").fetchone()
                return row, client.get("kept")
        except (psycopg.OperationalError, redis.ConnectionError):
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def test_the_second_start_finds_the_data(settings):
    start(settings)
    remember(settings)
    assert launch.stop(settings)
    start(settings)
    assert recall(settings) == ((42,), b"42")


def test_our_role_is_an_ordinary_one_that_owns_its_database(settings):
    start(settings)
    with database(settings) as connection:
        found = connection.execute(
            "select current_user, rolsuper, rolbypassrls, current_database(),"
            " pg_get_userbyid(datdba), current_setting('data_checksums')"
            " from pg_roles, pg_database"
            " where rolname = current_user and datname = current_database()"
        ).fetchone()
    assert found == ("wrangler", False, False, "wrangler", "wrangler", "on")


def test_valkey_drops_only_what_may_expire_and_writes_all_down(settings):
    start(settings)
    with redis_client(settings) as client:
        reported = client.config_get("maxmemory-policy", "appendonly", "port")
    assert reported == {
        "maxmemory-policy": "volatile-lru",
        "appendonly": "yes",
        "port": "0",
    }


def test_the_second_caller_finds_the_first(settings):
    one = start(settings)
    two = start(settings)
    assert one.supervisor == two.supervisor


def test_many_starters_at_once_make_one_stack(settings):
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: start(settings), range(6)))
    assert len({one.supervisor for one in found}) == 1
    mine = [
        p
        for p in psutil.process_iter(["cmdline"])
        if str(settings.home / "postgres") in (p.info["cmdline"] or [])
    ]
    assert len(mine) == 1


def test_stopping_leaves_no_process_no_socket_no_record(settings):
    assert not launch.stop(settings)
    processes = everyone(start(settings))
    assert len(processes) > 4
    assert launch.stop(settings)
    assert not any(process.alive for process in processes)
    place = paths.locate(settings)
    assert not place.record.exists()
    assert [p for p in place.runtime.rglob("*") if not p.is_dir()] == []
    assert not launch.stop(settings)


def test_no_port_is_open_and_every_socket_is_closed_to_others(settings):
    found = start(settings)
    for process in everyone(found):
        assert psutil.Process(process.pid).net_connections("inet") == []
    for path in found.sockets.values():
        assert Path(path).stat().st_mode & 0o077 == 0
        assert Path(path).parent.stat().st_mode & 0o077 == 0


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be two users")
@pytest.mark.parametrize(
    "uid", [STRANGER, 65534], ids=["stranger", "server's own user"]
)
def test_no_other_user_gets_in(settings, uid):
    found = start(settings)
    script = """
import socket, sys
try:
    s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
    # PostgreSQL's start-up packet for the superuser
    body = b"\\0\\3\\0\\0user\\0postgres\\0\\0"
    s.sendall((len(body) + 4).to_bytes(4, "big") + body if "PGSQL" in sys.argv[1]
              else b"PING\\r\\n")
    answer = s.recv(200)
    print("answered", "no" if b"Peer authentication failed" in answer else answer)
except PermissionError:
    print("answered no")
"""
    for path in found.sockets.values():
        said = subprocess.run(
            ["/usr/bin/python3", "-c", script, path],
            user=uid,
            group=uid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            text=True,
            check=True,
        )
        assert said.stdout == "answered no\n"
    listing = subprocess.run(
        ["/bin/ls", settings.home], user=uid, group=uid, extra_groups=[], check=False
    )
    assert listing.returncode != 0


@pytest.mark.parametrize("name", SERVERS)
def test_a_killed_server_is_started_again_with_its_data(settings, name):
    before = start(settings)
    remember(settings)
    os.kill(before.children[name].pid, signal.SIGKILL)
    assert recall(settings) == ((42,), b"42")
    after = state_file.read(paths.locate(settings).record)
    assert after.supervisor == before.supervisor
    assert after.children[name] != before.children[name]


def test_a_killed_supervisor_takes_its_servers_along_and_a_new_one_has_the_data(
    settings,
):
    found = start(settings)
    remember(settings)
    processes = everyone(found)
    os.kill(found.supervisor.pid, signal.SIGKILL)
    if sys.platform == "linux":
        assert wait_gone(processes, 10)
    after = start(settings)
    assert after.supervisor != found.supervisor
    assert recall(settings) == ((42,), b"42")


def test_servers_that_outlive_their_supervisor_are_ended_first(settings):
    found = start(settings)
    remember(settings)
    # Held still, they do not follow the signal that the supervisor's death sends.
    for child in found.children.values():
        os.kill(child.pid, signal.SIGSTOP)
    os.kill(found.supervisor.pid, signal.SIGKILL)
    wait_gone([found.supervisor], 5)
    assert all(child.alive for child in found.children.values())
    for child in found.children.values():
        os.kill(child.pid, signal.SIGCONT)
    start(settings)
    assert wait_gone(list(found.children.values()), 0)
    assert recall(settings) == ((42,), b"42")


def test_everything_killed_at_once_comes_back(settings):
    found = start(settings)
    remember(settings)
    processes = everyone(found)
    for process in processes:
        process.send(signal.SIGKILL)
    assert wait_gone(processes, 10)
    assert launch.running(settings) is None
    start(settings)
    assert recall(settings) == ((42,), b"42")


def test_a_number_that_another_process_has_now_is_no_obstacle(settings):
    """PostgreSQL itself would wait for ever for the process in postmaster.pid."""
    found = start(settings)
    remember(settings)
    processes = everyone(found)
    for process in processes:
        process.send(signal.SIGKILL)
    assert wait_gone(processes, 10)
    bystander = subprocess.Popen(
        ["/bin/sleep", "60"], user=None if os.getuid() else "nobody"
    )
    try:
        pid_file = settings.home / "postgres" / "postmaster.pid"
        _, _, rest = pid_file.read_text().partition("\n")
        pid_file.write_text(f"{bystander.pid}\n{rest}")
        start(settings)
        assert recall(settings) == ((42,), b"42")
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_stranger_in_the_record_is_not_killed(settings):
    found = start(settings)
    launch.stop(settings)
    bystander = subprocess.Popen(["/bin/sleep", "60"])
    try:
        number = ProcessId(pid=bystander.pid, started="earlier")
        stale = state_file.Record(
            state="ready",
            supervisor=number,
            sockets=found.sockets,
            children={"postgres": number, "worker": number},
        )
        stale.write(paths.locate(settings).record)
        assert not launch.stop(settings)
        start(settings)
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_fault_3_4_a_home_moved_from_another_host_is_refused_until_a_stated_time(
    settings,
):
    found = start(settings)
    launch.stop(settings)
    place = paths.locate(settings)
    elsewhere = state_file.Record(
        state="ready",
        supervisor=found.supervisor,
        sockets=found.sockets,
        # hosts made from one image have one name
        boot="of another host",
        machine="another",
    )
    elsewhere.write(place.record)
    reported = r"runs on the host .*down' there.* free in (\d+) s, at \d\d:\d\d:\d\d"
    for attempt in (start, launch.stop):
        with pytest.raises(StackFailed, match=reported) as caught:
            attempt(settings)
    assert 50 <= int(re.search(reported, str(caught.value))[1]) <= 60
    os.utime(place.record, (0, 0))
    assert start(settings).here


def test_fault_3_4_a_machine_that_was_restarted_is_the_same(settings):
    found = start(settings)
    launch.stop(settings)
    place = paths.locate(settings)
    before = state_file.Record(
        state="ready",
        supervisor=ProcessId(pid=os.getpid(), started="an earlier boot/1"),
        sockets=found.sockets,
        boot="an earlier boot",
        machine="this",
        host="an earlier name",
    )
    # where a machine has an id: containers have none
    before = replace(before, machine=machine_id() or "this")
    before.write(place.record)
    if not machine_id():
        os.utime(place.record, (0, 0))
    assert start(settings).here


@pytest.mark.skipif(
    sys.platform != "linux" or os.getuid() != 0, reason="root changes a host name"
)
def test_fault_3_4_a_host_that_gets_another_name_finds_its_stack(settings):
    """As a laptop in another network, or after DHCP."""
    found = start(settings)
    script = f"""
import socket
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import launch, paths, state_file
settings = Settings(home={str(settings.home)!r},
                    runtime_dir={str(settings.runtime_dir)!r})
assert socket.gethostname() == "another-name"
assert state_file.read(paths.locate(settings).record).here
launch.ensure(settings, components=("postgres", "valkey"), timeout=30)
assert launch.stop(settings)
"""
    # a name space for host names, so that the name of this host stays
    inside = f"hostname another-name && exec {shlex.quote(sys.executable)} -c "
    words = ["unshare", "--uts", "sh", "-c", inside + shlex.quote(script)]
    subprocess.run(words, check=True)
    assert not found.supervisor.alive


@pytest.mark.skipif(
    sys.platform != "linux" or os.getuid() != 0, reason="root makes process spaces"
)
def test_fault_3_4_another_container_is_recognised_while_it_runs(settings):
    start(settings)
    script = f"""
from jupyter_wrangler.errors import StackFailed
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import launch
settings = Settings(home={str(settings.home)!r},
                    runtime_dir={str(settings.runtime_dir)!r})
for attempt in (launch.ensure, launch.stop):
    try:
        attempt(settings, timeout=10)
    except StackFailed as exc:
        assert "runs in the container" in exc.message, exc
    else:
        raise SystemExit("nothing was said")
"""
    words = ["unshare", "--pid", "--fork", "--mount-proc", sys.executable, "-c", script]
    subprocess.run(words, check=True)
    # once it is gone, nobody waits for a minute: the lock is free
    place = paths.locate(settings)
    found = state_file.read(place.record)
    launch.stop(settings)
    replace(found, space="another").write(place.record)
    assert start(settings).here


def test_half_a_database_is_made_again(settings):
    draft = settings.home / "postgres.new"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18")
    start(settings)
    with database(settings) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    assert not draft.exists()


def test_data_of_another_major_version_are_left_alone(settings):
    start(settings)
    launch.stop(settings)
    version = settings.home / "postgres" / "PG_VERSION"
    version.write_text("12\n")
    reported = r"made by PostgreSQL 12.*apt install postgresql-12.*wrangler upgrade"
    with pytest.raises(StackFailed, match=reported):
        start(settings)
    check = next(c for c in doctor(settings) if c.name == "PostgreSQL binary")
    assert not check.ok
    with pytest.raises(StackFailed, match="must run once more"):
        upgrade(settings)
    assert version.read_text() == "12\n"


def test_fault_6_3_a_home_keeps_its_postgresql_until_it_is_upgraded(settings):
    """The wheel holds two versions; a distribution's would be found as well."""
    every = [
        b for b in binaries.postgres_candidates() if isinstance(b, binaries.Binary)
    ]
    newest = max(every, key=lambda one: one.major)
    older = next(one for one in every if one.major < newest.major)
    first = settings.model_copy(update={"postgres_bin": older.path.parent})
    assert start(first).versions["postgres"] == older.version
    remember(settings)
    with database(settings) as connection:
        connection.execute("grant select on kept to wrangler_app")
    launch.stop(settings)
    # nothing is configured any more: the data say which
    assert start(settings).versions["postgres"] == older.version
    assert recall(settings) == ((42,), b"42")
    said = subprocess.run(
        [sys.executable, "-m", "jupyter_wrangler", "upgrade"],
        env={
            **os.environ,
            "JUPYTER_WRANGLER_HOME": str(settings.home),
            "JUPYTER_WRANGLER_RUNTIME_DIR": str(settings.runtime_dir),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    moved = f"Moved from PostgreSQL {older.major} to {newest.major}.\n"
    assert said.stdout.endswith(moved)
    assert start(settings).versions["postgres"] == newest.version
    assert recall(settings) == ((42,), b"42")
    with database(settings) as connection:
        owner = (
            "select tableowner, has_table_privilege('wrangler_app', 'kept', 'select')"
        )
        found = connection.execute(f"{owner} from pg_tables where tablename = 'kept'")
        assert found.fetchone() == ("wrangler", True)
    kept = sorted(path.name for path in settings.home.iterdir())
    assert f"postgres-{older.major}" in kept
    assert "upgrade" not in kept
    # once is enough
    assert upgrade(settings) is None


def test_a_server_that_will_not_start_is_reported_with_its_own_message(settings):
    start(settings)
    launch.stop(settings)
    (settings.home / "postgres" / "postgresql.conf").write_text("no_such_thing = 1\n")
    with pytest.raises(StackFailed, match=r"(?s)postgres ended 3 times.*no_such_thing"):
        start(settings)
    assert not state_file.is_locked(paths.locate(settings).lock)


def test_a_path_too_long_fails_at_once(settings, home):
    long = Settings(home=settings.home, runtime_dir=home / ("r" * 90))
    begun = time.monotonic()
    with pytest.raises(StackFailed, match=r"bytes.*JUPYTER_WRANGLER_RUNTIME_DIR"):
        start(long)
    assert time.monotonic() - begun < 10


def test_a_configured_server_replaces_the_private_one(settings, home):
    start(settings)
    url = paths.locate(settings).redis_url
    other = Settings(home=home / "h2", runtime_dir=home / "r2", redis_url=url)
    try:
        assert set(start(other).children) == {"postgres"}
        assert not (home / "h2" / "valkey").exists()
    finally:
        launch.stop(other)


def test_a_stack_whose_home_is_gone_ends(settings):
    found = start(settings)
    paths.locate(settings).record.unlink()
    assert wait_gone([found.supervisor, *found.children.values()], 20)


def test_a_stack_does_not_see_the_folder_it_was_started_in(settings, tmp_path):
    """A notebook beside a file `psycopg.py` must not break the stack."""
    for name in ("psycopg", "redis", "logging", "click"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('shadowed')")
    with contextlib.chdir(tmp_path):
        assert start(settings).state == "ready"


def test_a_start_leaves_nothing_behind_in_the_caller(settings):
    me = psutil.Process()
    before, children = me.num_fds(), me.children()
    start(settings)
    assert me.num_fds() == before
    assert me.children() == children


@pytest.mark.skipif(os.getuid() != 0, reason="root's servers run as another user")
def test_root_learns_which_folder_keeps_its_servers_out(home):
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    settings = Settings(home=closed / "home", runtime_dir=home / "run")
    with pytest.raises(StackFailed, match=rf"may not enter {closed}.*WRANGLER_HOME"):
        start(settings)
    assert closed.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.getuid() != 0, reason="root's servers run as another user")
def test_fault_3_18_binaries_in_a_closed_folder_are_run_whatever_the_umask(home):
    """As with an environment in root's home."""
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    wheel = binaries.postgres(Settings()).path.parent.parent.parent
    valkey = binaries.valkey(Settings()).path
    subprocess.run(["/bin/cp", "-a", wheel, f"{wheel}.libs", closed], check=True)
    shutil.copy(valkey, closed)
    inside = binaries.postgres(Settings()).path.parent.relative_to(wheel.parent)
    settings = Settings(
        # the folders above are made by us too
        home=home / "made" / "by us" / "home",
        postgres_bin=closed / inside,
        valkey_bin=closed / valkey.name,
    )
    before = os.umask(0o077)
    try:
        found = start(settings)
        assert set(found.children) == set(SERVERS)
    finally:
        os.umask(before)
        launch.stop(settings)
    assert closed.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.getuid() != 0, reason="root's servers run as another user")
def test_fault_3_18_a_program_that_the_servers_user_cannot_run_is_named(home):
    """On a disk on which nothing is run, say."""
    folder = home / "bin"
    folder.mkdir(mode=0o755)
    for name in ("initdb", "postgres"):
        script = '#!/bin/sh\n[ "$(id -u)" = 0 ] || exit 9 2>&1\necho 18.1\n'
        script = script.replace("exit 9 2>&1", "{ echo no way >&2; exit 9; }")
        (folder / name).write_text(script)
        (folder / name).chmod(0o755)
    settings = Settings(
        home=home / "home", runtime_dir=home / "run", postgres_bin=folder
    )
    with pytest.raises(StackFailed, match=r"cannot run .*no way.*POSTGRES_BIN"):
        start(settings)


@pytest.mark.skipif(os.getuid() != 0, reason="root's servers run as another user")
def test_roots_servers_run_as_somebody_without_privileges(settings):
    found = start(settings)
    for child in found.children.values():
        process = psutil.Process(child.pid)
        assert set(process.uids()) == {65534}
        assert set(process.gids()) == {65534}
    launch.stop(settings)
    place = {"home": settings.home, "runtime_dir": settings.runtime_dir}
    with pytest.raises(StackFailed, match="no OS user 'no-such-user'"):
        start(Settings(**place, stack_user="no-such-user"))


def test_nothing_runs_where_nothing_was_started(settings):
    assert launch.running(settings) is None
    assert not settings.home.exists()


def test_the_launcher_loads_no_driver():
    script = (
        "import sys, jupyter_wrangler.stack.launch, jupyter_wrangler.stack.doctor;"
        "bad = {'psycopg', 'redis', 'sqlalchemy', 'httpx', 'pandas'};"
        "assert not bad & set(sys.modules), bad & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_supervisor_stays_small():
    """It lives as long as the stack: what it loads costs memory all that time."""
    script = (
        "import sys, jupyter_wrangler.stack.supervisor;"
        "import jupyter_wrangler.stack.supervisor_config;"
        "bad = {'pydantic', 'psycopg', 'redis', 'ssl', 'http.client', 'asyncio'};"
        "assert not bad & set(sys.modules), bad & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_dead_socket_is_no_service(settings):
    place = paths.locate(settings)
    folders.make_folders(place)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(place.service_socket))
    assert launch.running(settings) is None

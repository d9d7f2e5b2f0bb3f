"""A setting that cannot be used is one sentence, wherever it stands."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import jupyter_wrangler as jw
from jupyter_wrangler.client.transport.api import Api
from jupyter_wrangler.errors import InvalidSettings, InvalidSpec
from jupyter_wrangler.misconfigured import _types, unknown_variables
from jupyter_wrangler.settings import Settings

#: No value of any setting that is not a text or a path.
NONSENSE = {
    name: "nonsense \x01"
    for name, field in Settings.model_fields.items()
    if name not in {"home", "runtime_dir", "storage", "token", "postgres_bin"}
    and name not in {"valkey_bin", "stack_user", "service_socket", "service_host"}
    and field is not None
}


@pytest.fixture
def toml(tmp_path, monkeypatch):
    """Write the configuration file."""
    path = tmp_path / "config.toml"
    monkeypatch.setenv("JUPYTER_WRANGLER_CONFIG", str(path))

    def write(content: bytes):
        path.write_bytes(content)
        return path

    return write


def refused() -> str:
    with pytest.raises(InvalidSettings) as caught:
        Settings()
    assert "\n" not in caught.value.message
    assert "pydantic" not in caught.value.message
    return caught.value.message


@pytest.mark.parametrize("name", sorted(NONSENSE))
def test_fault_3_7_every_setting_names_its_variable_and_what_is_wanted(
    monkeypatch, name
):
    variable = f"JUPYTER_WRANGLER_{name.upper()}"
    monkeypatch.setenv(variable, NONSENSE[name])
    said = refused()
    assert said.startswith(f"{variable} is ")
    assert " is wanted; correct it or unset it." in said


@pytest.mark.parametrize("name", sorted(NONSENSE))
def test_fault_3_7_the_same_in_a_file_and_from_a_caller(toml, name):
    path = toml(f'{name} = "nonsense \\u0001"\n'.encode())
    assert refused().startswith(f"{name} in {path} is ")
    path.write_text("")
    with pytest.raises(InvalidSettings, match=rf"The setting {name} is .* is wanted"):
        Settings(**{name: NONSENSE[name]})


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("SLOTS", "two", "'two', and a whole number of at least 1 is wanted"),
        ("LEASE_S", "inf", "a number above 0 is wanted"),
        ("SERVICE_PORT", "70000", "of at least 0 and of at most 65535 is wanted"),
        ("PRELOAD", "heavy", "all or light is wanted"),
        ("START_STACK", "perhaps", "true or false is wanted"),
        ("URL", "hub:10501/x", "an address such as http://"),
        ("URL", "http://hub:port/", "an address such as http://"),
        ("DATABASE_URL", "mysql://u:hunter2@h/x", "an address such as postgresql"),
        ("DATABASE_URL", "postgresql://u:hunter2@h:x/y", "an address such as postgr"),
        ("MIGRATION_URL", "hunter2", "an address such as postgresql"),
        ("REDIS_URL", "localhost:6379/hunter2", "an address such as redis"),
        ("STORAGE", "gs://bucket", "a folder or a bucket such as s3://bucket/prefix"),
        ("HOME", "~no-such-user/x", "a path whose ~user exists is wanted"),
        ("TOKEN_FILE", "/nonexistent", "names /nonexistent, which cannot be read"),
        ("CONFIG", "/nonexistent", "names /nonexistent, and there is no such file"),
    ],
)
def test_fault_3_7_what_is_wanted_is_said_and_no_password(
    monkeypatch, name, value, wanted
):
    monkeypatch.setenv(f"JUPYTER_WRANGLER_{name}", value)
    said = refused()
    assert wanted in said
    assert f"JUPYTER_WRANGLER_{name}" in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"slots = ", "is no TOML file"),
        (b"slots: 4\n", "is no TOML file"),
        (b"home = /data\n", "is no TOML file"),
        ("home = 'ä'\n".encode("latin-1"), "is not in UTF-8"),
        (b"slot = 4\n", r"'slot', and there is no such setting \(did you mean slots\?"),
        (b"[wrangler]\nslots = 4\n", "sets 'wrangler', and there is no such setting"),
        (b"slots = [4]\n", "a whole number of at least 1 is wanted"),
        (b'runtime_dir = "/a\\u0000b"\n', "a path without null characters is wanted"),
    ],
)
def test_fault_3_7_a_broken_file_is_named(toml, content, wanted):
    path = toml(content)
    with pytest.raises(InvalidSettings, match=wanted) as caught:
        Settings()
    assert str(path) in caught.value.message


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("RETENTION_DAYS", "1e20", "above 0 and of at most 36500 is wanted"),
        ("PART_TIMEOUT_S", "1e30", "and of at most 1000000000 is wanted"),
        ("MAX_ATTEMPTS", "40000", "of at least 1 and of at most 10000 is wanted"),
        ("MAX_BYTES", "9" * 20, "of at least 1 and of at most 9"),
        ("SERVICE_HOST", "http://hub", "a name without spaces and slashes is wanted"),
        ("STACK_USER", "a b", "a name without spaces and slashes is wanted"),
    ],
)
def test_fault_3_7_what_no_server_could_take_is_refused(
    monkeypatch, name, value, wanted
):
    monkeypatch.setenv(f"JUPYTER_WRANGLER_{name}", value)
    assert wanted in refused()


def test_fault_3_7_every_number_has_an_upper_bound(toml):
    for name, field in Settings.model_fields.items():
        if {int, float} & set(_types(field)):
            toml(f"{name} = 9223372036854775807".encode())
            assert f"{name} in " in refused()


def test_fault_3_7_true_is_no_number(toml):
    for name, field in Settings.model_fields.items():
        if {int, float} & set(_types(field)):
            toml(f"{name} = true".encode())
            assert f"{name} in " in refused()
    toml(b"quiet = true\nmigrate = false")
    assert (Settings().quiet, Settings().migrate) == (True, False)


def test_fault_3_7_an_empty_text_of_the_file_is_none(toml, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    toml(b"")
    expected = Settings()
    for name in Settings.model_fields:
        toml(f'{name} = ""'.encode())
        assert Settings() == expected, name


def test_a_variable_that_is_no_setting_is_found(monkeypatch):
    monkeypatch.setenv("JUPYTER_WRANGLER_SLOT", "3")
    known = {**Settings.model_fields, "config": None}
    assert unknown_variables(known) == [
        "JUPYTER_WRANGLER_SLOT (did you mean JUPYTER_WRANGLER_SLOTS?)"
    ]


@pytest.mark.parametrize("words", [["status"], ["jobs"], ["worker"], ["service"]])
def test_fault_3_7_the_command_line_says_one_sentence(words):
    said = subprocess.run(
        [sys.executable, "-m", "jupyter_wrangler", *words],
        env={**os.environ, "JUPYTER_WRANGLER_SLOTS": "two"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 1
    assert said.stderr == (
        "Error: JUPYTER_WRANGLER_SLOTS is 'two', and a whole number of at least 1 is "
        "wanted; correct it or unset it.\n"
    )


def test_fault_3_7_the_doctor_says_it_too(monkeypatch):
    monkeypatch.setenv("JUPYTER_WRANGLER_SLOTS", "two")
    (check,) = jw.doctor()
    assert (check.name, check.ok) == ("settings", False)
    assert check.found.startswith("JUPYTER_WRANGLER_SLOTS is 'two'")
    assert check.fix


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("ALL_PROXY", "socks5://me:hunter2@proxy:1080", "a SOCKS proxy"),
        ("http_proxy", "nonsense://proxy", "no address of a proxy"),
    ],
)
def test_fault_3_7_a_proxy_that_cannot_be_used_is_named(
    monkeypatch, name, value, wanted
):
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSettings, match=wanted) as caught:
        Api("http://127.0.0.1:9").me()
    assert name in caught.value.message
    assert "hunter2" not in caught.value.message


def test_fault_3_2_certificates_that_cannot_be_read_are_named_where_they_matter(
    monkeypatch,
):
    monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent")
    with pytest.raises(InvalidSettings, match=r"SSL_CERT_FILE is '/nonexistent'"):
        Api("https://127.0.0.1:9").me()
    # without TLS nobody asks for them
    with pytest.raises(jw.errors.ServiceUnreachable, match=r"127\.0\.0\.1:9"):
        Api("http://127.0.0.1:9").me()


@pytest.mark.parametrize("url", ["http://a:b:c/", "http://", "hub", "http://a b/"])
def test_fault_3_7_an_address_given_by_a_caller_is_refused_in_words(url):
    with pytest.raises(InvalidSpec, match="is no address of a service"):
        Api(url).me()

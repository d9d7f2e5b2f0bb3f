"""Words for settings that cannot be used: where, what was found, what is wanted."""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import tomllib
import types
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from jupyter_wrangler.errors import InvalidSettings

PREFIX = "JUPYTER_WRANGLER_"
_LONGEST = 80
_CHOICE = re.compile(r"\^\(([a-z|]+)\)\$")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_PASSWORD = re.compile(r"//[^/@\s]*@")
_KINDS = {bool: "true or false", int: "a whole number", float: "a number"}
_BOUNDS = {"ge": "of at least", "gt": "above", "le": "of at most", "lt": "below"}


@contextlib.contextmanager
def explained(
    fields: Mapping[str, FieldInfo], given: Mapping[str, Any], toml: Path | None
) -> Iterator[None]:
    """Turn what goes wrong in reading settings into one sentence each.

    Parameters
    ----------
    fields : mapping
        Name of a setting -> what is known of it.
    given : mapping
        What the caller gave by name.
    toml : Path, optional
        The configuration file.

    Raises
    ------
    InvalidSettings
        Naming the variable or the file.
    """
    try:
        yield
    except InvalidSettings:
        raise
    except tomllib.TOMLDecodeError as exc:
        raise InvalidSettings(
            f"{toml} is no TOML file: {str(exc).rstrip('.')}. Lines such as slots = 4 "
            "are wanted, with quotes around texts; correct it or move it away."
        ) from None
    except UnicodeDecodeError:
        raise InvalidSettings(
            f"{toml} is not in UTF-8, as a TOML file is wanted to be; save it as UTF-8."
        ) from None
    except OSError as exc:
        raise InvalidSettings(
            f"{toml} cannot be read ({exc.strerror or exc}); a TOML file that you may "
            "read is wanted. Change its permissions or move it away."
        ) from None
    except ValidationError as exc:
        found = [
            _sentence(str(one["loc"][0]), one, fields, given, toml)
            if one["loc"]
            else str(one["msg"]).removeprefix("Value error, ")
            for one in exc.errors(include_url=False)
        ]
        raise InvalidSettings(" ".join(found)) from None


def secret_file(name: str) -> str | None:
    """Read the secret whose file the environment names, if it names one.

    Raises
    ------
    InvalidSettings
        If the file cannot be read.
    """
    variable = f"{PREFIX}{name.upper()}_FILE"
    path = os.environ.get(variable)
    if not path:
        return None
    try:
        there = os.path.expanduser(path)  # noqa: PTH111  leaves ~nobody as it is
        return Path(there).read_text("utf-8").strip()
    except (OSError, ValueError) as exc:
        why = getattr(exc, "strerror", None) or "it is not in UTF-8"
        raise InvalidSettings(
            f"{variable} names {path}, which cannot be read ({why}); a file in UTF-8 "
            f"that holds {name} and that you may read is wanted. Correct or unset it."
        ) from None


def unknown_keys(path: Path, known: Mapping[str, object]) -> None:
    """Refuse a configuration file with a key that is no setting.

    Raises
    ------
    InvalidSettings
        With the nearest name, since it is mostly misspelt.
    """
    for key in tomllib.loads(path.read_text("utf-8")):
        if key.lower() not in known:
            raise InvalidSettings(
                f"{path} sets {key!r}, and there is no such setting"
                f"{meant(key, known)}; correct or remove it."
            )


def unknown_variables(known: Mapping[str, object]) -> list[str]:
    """List variables of the environment that look like a setting and are none.

    Examples
    --------
    >>> unknown_variables({"home": 0, "slots": 0, "config": 0, "runtime_dir": 0})
    []
    """
    names = [n for n in os.environ if n.upper().startswith(PREFIX)]
    short = {name: name[len(PREFIX) :].lower() for name in names}
    return [f"{n}{meant(s, known, PREFIX)}" for n, s in short.items() if s not in known]


def meant(name: str, known: Mapping[str, object], prefix: str = "") -> str:
    """Ask whether a known name is meant, if there is a similar one.

    Examples
    --------
    >>> meant("slot", {"slots": 0, "home": 0})
    ' (did you mean slots?)'
    """
    near = difflib.get_close_matches(name.lower(), list(known), n=1)
    if not near:
        return ""
    return f" (did you mean {prefix}{near[0].upper() if prefix else near[0]}?)"


def check_address(url: str, schemes: tuple[str, ...], example: str) -> None:
    """Refuse an address that no client could use.

    Raises
    ------
    ValueError
        With what is wanted.

    Examples
    --------
    >>> check_address("redis://h:port/0", ("redis",), "redis://host:6379/0")
    Traceback (most recent call last):
    ...
    ValueError: an address such as redis://host:6379/0
    """
    try:
        parts = urlsplit(url)
        good = parts.scheme in schemes and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    else:
        if parts.scheme in {"http", "https"}:
            good = good and bool(parts.hostname)
        if parts.scheme == "unix":
            good = good and bool(parts.path)
        else:
            good = good and not re.search(r"\s", url)
    if not good:
        raise ValueError(f"an address such as {example}")


def refuse_truth(field: FieldInfo, given: object) -> None:
    """Refuse true or false for a setting that is a number.

    Raises
    ------
    PydanticCustomError
        Which `explained` turns into a sentence.
    """
    if isinstance(given, bool) and {int, float} & set(_types(field)):
        raise PydanticCustomError("not_a_number", "no number")


def _sentence(
    name: str,
    found: Mapping[str, Any],
    fields: Mapping[str, FieldInfo],
    given: Mapping[str, Any],
    toml: Path | None,
) -> str:
    where, fix = _where(name, given, toml)
    field = fields.get(name)
    if field is None:
        return f"There is no setting {name!r}{meant(name, fields)}; remove it."
    wanted = _wanted(field, too_large=str(found["type"]).startswith("less_than"))
    if found["type"] == "value_error":
        wanted = str(found["msg"]).removeprefix("Value error, ")
    shown = _PASSWORD.sub("//...@", repr(found["input"]))
    if len(shown) > _LONGEST:
        shown = f"{shown[:_LONGEST]}..."
    if SecretStr in _types(field):
        # all but the beginning may be a password
        scheme = _SCHEME.match(str(found["input"]))
        shown = f"'{scheme.group()}...'" if scheme else "something else"
    return f"{where} is {shown}, and {wanted} is wanted; correct it{fix}."


def _where(name: str, given: Mapping[str, Any], toml: Path | None) -> tuple[str, str]:
    """Name the source that a setting has come from, in the order of precedence."""
    if name in given:
        return f"The setting {name}", ""
    variables = {n.upper(): n for n, value in os.environ.items() if value}
    variable = f"{PREFIX}{name.upper()}"
    if variable in variables:
        return variables[variable], " or unset it"
    if f"{variable}_FILE" in variables:
        return f"What {os.environ[f'{variable}_FILE']} ({variable}_FILE) holds", ""
    return f"{name} in {toml}", " or remove it"


def _types(field: FieldInfo) -> tuple[Any, ...]:
    annotation = field.annotation
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        return typing.get_args(annotation)
    return (annotation,)


def _wanted(field: FieldInfo, *, too_large: bool) -> str:
    for one in field.metadata:
        choice = _CHOICE.fullmatch(str(getattr(one, "pattern", "") or ""))
        if choice:
            return " or ".join(choice.group(1).split("|"))
        if getattr(one, "pattern", None):
            return "a text of at most 32 small letters, digits and hyphens"
    kind = next((_KINDS[t] for t in _types(field) if t in _KINDS), "")
    if not kind:
        return "a path" if Path in _types(field) else "a text"
    bounds = [
        f"{words} {getattr(one, name):.15g}"
        for one in field.metadata
        for name, words in _BOUNDS.items()
        if (too_large or name[0] == "g") and getattr(one, name, None) is not None
    ]
    return " ".join([kind, " and ".join(bounds)]).strip()

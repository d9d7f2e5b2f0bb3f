"""What is wrong here, and the one command that fixes it.

Each check asks the thing itself (the disk, the binaries, PostgreSQL, Redis), not what
another part says about it, so that one fault does not hide another.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from jupyter_wrangler import misconfigured
from jupyter_wrangler.calls import public
from jupyter_wrangler.config_paths import config_file
from jupyter_wrangler.errors import InvalidSettings
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import paths as places
from jupyter_wrangler.stack.checks import Check, Report
from jupyter_wrangler.stack.machine_checks import (
    check_binaries,
    check_disk,
    check_home,
    check_platform,
    check_sockets,
)
from jupyter_wrangler.stack.server_checks import check_running, configured_service

_VARIABLE = re.compile(r"(JUPYTER_WRANGLER_[A-Z_]+)(?= is | names )")


@public
def doctor(settings: Settings | None = None) -> Report:
    """Look at everything that an imputation needs.

    Parameters
    ----------
    settings : Settings, optional
        What is configured; default: read from the environment and the config file.

    Returns
    -------
    Report
        A list of `Check`, which prints as a table; starts and changes nothing.

    Examples
    --------
    >>> checks = doctor(Settings(home="/tmp/jw-example"))
    >>> {"platform", "home", "disk", "stack"} <= {check.name for check in checks}
    True
    """
    try:
        settings = settings or Settings()
    except InvalidSettings as exc:
        return Report([_bad_settings(exc.message)])
    return Report(_all_checks(settings))


def _bad_settings(text: str) -> Check:
    variable = _VARIABLE.match(text)
    fix = (
        f"unset {variable.group()}" if variable else f"${{EDITOR:-vi}} {_check_toml()}"
    )
    return Check(name="settings", ok=False, found=text, fix=fix)


def _check_toml() -> str:
    return shlex.quote(str(config_file() or "config.toml"))


def _check_settings() -> Iterator[Check]:
    # the last one is of compose.yaml
    names = {**Settings.model_fields, "config": None, "version": None}
    names |= {f"{name}_file": None for name in Settings.SECRETS}
    unknown = misconfigured.unknown_variables(names)
    if unknown:
        first = unknown[0].partition(" ")[0]
        text = f"there is no such setting: {', '.join(unknown)}"
        yield Check(name="settings", ok=False, found=text, fix=f"unset {first}")


def _all_checks(settings: Settings) -> Iterator[Check]:
    yield from _check_settings()
    if settings.url:
        yield configured_service(settings.url)
        return
    supported = check_platform()
    yield supported
    if not supported.ok:
        return
    paths = places.locate(settings)
    yield check_home(paths.home)
    yield check_disk(settings, paths)
    yield check_sockets(paths)
    yield from check_binaries(settings, paths)
    yield from check_running(settings, paths)

"""Where the configuration file and the private stack are by default."""

from __future__ import annotations

import os
from pathlib import Path

from jupyter_wrangler.errors import InvalidSettings


def default_home() -> Path:
    """Return the folder of the private stack where no setting names one.

    Raises
    ------
    InvalidSettings
        If neither HOME nor the list of users names a folder.
    """
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # PostgreSQL refuses root, and the user it runs as cannot enter /root.
        return Path("/var/lib/jupyter-wrangler")
    base = Path(os.environ.get("XDG_DATA_HOME", ""))
    if not base.is_absolute():  # no folder to rely on, says the standard
        user = user_home()
        if user is None:
            raise InvalidSettings(
                f"There is no folder for the private stack: HOME is not set, and uid "
                f"{os.getuid()} has no entry in the list of users. Set "
                "JUPYTER_WRANGLER_HOME to a local folder that you may write."
            )
        base = user / ".local" / "share"
    return base / "jupyter-wrangler"


def user_home() -> Path | None:
    """Return the user's own folder, or None where neither HOME nor the system says."""
    try:
        return Path.home()
    except (RuntimeError, KeyError):
        return None


def config_file() -> Path | None:
    """Path of the TOML file, which need not exist; None where there is no home.

    Raises
    ------
    InvalidSettings
        If the environment names a file that is not there.
    """
    named = os.environ.get("JUPYTER_WRANGLER_CONFIG")
    if named:
        path = Path(os.path.expanduser(named))  # noqa: PTH111  leaves ~nobody as it is
        if not path.is_file():
            raise InvalidSettings(
                f"JUPYTER_WRANGLER_CONFIG names {named}, and there is no such file; a "
                "TOML file is wanted. Correct or unset it."
            )
        return path
    base = os.environ.get("XDG_CONFIG_HOME", "")
    if not Path(base).is_absolute():  # no folder to rely on, says the standard
        user = user_home()
        if user is None:
            return None
        base = str(user / ".config")
    return Path(base) / "jupyter-wrangler" / "config.toml"


def absolute(path: Path) -> Path:
    """Return a path that means the same in every folder, with its ``~`` expanded.

    Raises
    ------
    ValueError
        With what is wanted, if no file can have such a path.

    Examples
    --------
    >>> absolute(Path("/srv/wrangler"))
    PosixPath('/srv/wrangler')
    """
    if "\0" in str(path):
        raise ValueError("a path without null characters")
    try:
        return path.expanduser().absolute()
    except RuntimeError:
        raise ValueError("a path whose ~user exists") from None

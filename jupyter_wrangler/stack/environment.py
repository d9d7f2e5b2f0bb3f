"""How settings and servers travel to the processes of the stack: by environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_wrangler.settings import Settings

#: Of the process that happens to start the stack (a kernel, a Jupyter server), and no
#: business of a stack that outlives it.
_NOT_OURS = ("JUPYTERHUB_", "JPY_", "CELERY_", "PG")
#: Decided by the supervisor, for its children.
_DECIDED = ("URL", "TOKEN")


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """Write settings out as the environment of another process.

    Parameters
    ----------
    settings : Settings
        Those that differ from the defaults are written.
    **more
        Variables to add, in lower case and without the prefix.

    Examples
    --------
    >>> from jupyter_wrangler.settings import Settings
    >>> environment(Settings(slots=3))["JUPYTER_WRANGLER_SLOTS"]
    '3'
    """
    env = _of_the_caller()
    for name in sorted(settings.model_fields_set):
        value = getattr(settings, name)
        # a secret, which would print as stars
        value = getattr(value, "get_secret_value", lambda v=value: v)()
        if value is not None:
            env[f"JUPYTER_WRANGLER_{name.upper()}"] = str(value)
    return _decide(env, more)


def inherited(**more: str) -> dict[str, str]:
    """Pass on the environment of a supervisor, which has the settings in it already.

    Examples
    --------
    >>> inherited(slots="3")["JUPYTER_WRANGLER_SLOTS"]
    '3'
    """
    return _decide(_of_the_caller(), more)


def _of_the_caller() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith(_NOT_OURS)}


def _decide(env: dict[str, str], more: dict[str, str]) -> dict[str, str]:
    for name in _DECIDED:
        env.pop(f"JUPYTER_WRANGLER_{name}", None)
    env.update({f"JUPYTER_WRANGLER_{k.upper()}": v for k, v in more.items()})
    # Found from anywhere, also when run from a checkout that is not installed.
    root = str(Path(__file__).parent.parent.parent)
    paths = [root, *env.get("PYTHONPATH", "").split(os.pathsep)]
    env["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(p for p in paths if p))
    env["PYTHONUNBUFFERED"] = "1"
    return env

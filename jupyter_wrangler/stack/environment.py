"""How settings and servers travel to the processes of the stack: by environment.

The stack outlives the process that happens to start it (a kernel, a Jupyter server),
and serves others.  So its processes get only variables that are known to be needed;
one such as WEB_CONCURRENCY or PYTHONWARNINGS would change or end them.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_wrangler.settings import Settings

#: Of Python's own variables those that say where packages are.
PYTHON = (
    "PYTHONHOME",
    "PYTHONNOUSERSITE",
    "PYTHONPATH",
    "PYTHONPLATLIBDIR",
    "PYTHONUSERBASE",
)
#: What decides which instructions the libraries of linear algebra and mathematics use,
#: and so the last digits: a job gives those that the kernel of its owner would.  The
#: same names are in compose.yaml.
NUMERICS = (
    "BLIS_ARCH_TYPE",
    "FLEXIBLAS",
    "GLIBC_TUNABLES",
    "MKL_CBWR",
    "MKL_ENABLE_INSTRUCTIONS",
    "NPY_DISABLE_CPU_FEATURES",
    "NPY_ENABLE_CPU_FEATURES",
    "OPENBLAS_CORETYPE",
    "OPENBLAS_L2_SIZE",
)
#: What passes from the caller to the service and the worker.
_PASSED = frozenset(
    {
        *PYTHON,
        *NUMERICS,
        # who and where
        "HOME",
        "LANG",
        "LANGUAGE",
        "LOGNAME",
        "PATH",
        "SHELL",
        "TEMP",
        "TMP",
        "TMPDIR",
        "TZ",
        "TZDIR",
        "USER",
        "VIRTUAL_ENV",
        # how Python writes its caches
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONPYCACHEPREFIX",
        # how programs find their libraries (modules of a cluster, conda, Nix)
        "LD_LIBRARY_PATH",
        "LD_PRELOAD",
        "LOCPATH",
        "NIX_LD",
        "NIX_LD_LIBRARY_PATH",
        # how a bucket or a database elsewhere is reached
        "ALL_PROXY",
        "CURL_CA_BUNDLE",
        "FTP_PROXY",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "KRB5CCNAME",
        "KRB5_CONFIG",
        "NO_PROXY",
        "REQUESTS_CA_BUNDLE",
        "SSL_CERT_DIR",
        "SSL_CERT_FILE",
    }
)
_PASSED_PREFIXES = (
    "AWS_",
    "CONDA_",
    # measures the tests of this project
    "COVERAGE_",
    "DYLD_",
    "JUPYTER_WRANGLER_",
    "LC_",
    # names for a uid that the system does not know
    "NSS_WRAPPER_",
    "XDG_",
)
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
    return _selected_variables(env, more)


def inherited(**more: str) -> dict[str, str]:
    """Pass on the environment of a supervisor, which has the settings in it already.

    Examples
    --------
    >>> inherited(slots="3")["JUPYTER_WRANGLER_SLOTS"]
    '3'
    """
    return _selected_variables(_of_the_caller(), more)


def passed(name: str) -> bool:
    """Whether a variable of the caller reaches the processes of the stack.

    Examples
    --------
    >>> passed("https_proxy"), passed("AWS_PROFILE"), passed("WEB_CONCURRENCY")
    (True, True, False)
    """
    # proxies are written in small letters as often as in capital ones
    known = name in _PASSED or (name.endswith("_proxy") and name.upper() in _PASSED)
    return known or name.startswith(_PASSED_PREFIXES)


def _of_the_caller() -> dict[str, str]:
    env = {name: value for name, value in os.environ.items() if passed(name)}
    if "PYTHONPATH" in env:
        # the processes of the stack work in other folders
        paths = [p for p in env.pop("PYTHONPATH").split(os.pathsep) if p]
        if paths:
            env["PYTHONPATH"] = os.pathsep.join(str(Path(p).absolute()) for p in paths)
    for name, value in env.items():
        # files that the settings are read from, there as here
        if name.startswith("JUPYTER_WRANGLER_") and name.endswith(("_CONFIG", "_FILE")):
            env[name] = str(Path(os.path.expanduser(value)).absolute())  # noqa: PTH111  as settings do
    return env


def _selected_variables(env: dict[str, str], more: dict[str, str]) -> dict[str, str]:
    for name in _DECIDED:
        env.pop(f"JUPYTER_WRANGLER_{name}", None)
    env.update({f"JUPYTER_WRANGLER_{k.upper()}": v for k, v in more.items()})
    env["PYTHONUNBUFFERED"] = "1"
    return env

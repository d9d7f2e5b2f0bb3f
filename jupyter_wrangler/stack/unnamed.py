"""A uid without an entry in the list of users, as containers often give one.

``initdb`` refuses to work for it: it wants to know the user's name.  Two means give it
one for the moment: the library nss_wrapper, where it is installed, and a user
namespace of Linux, in which our uid is called as another that has a name.  Everything
else does without a name.

Run as a file, this module enters such a namespace and becomes another program.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import subprocess
import sys
from pathlib import Path

_CLONE_NEWUSER = 0x10000000
#: Where Linux distributions and conda put it.
_WRAPPERS = ("usr/lib/*/", "usr/lib64/", "usr/lib/", "usr/local/lib/")
_WRAPPER = "libnss_wrapper.so"


def name() -> str | None:
    """Return the name of the user that we are, or None where there is none."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return None


def wrapped(
    command: list[str], env: dict[str, str], folder: Path
) -> tuple[list[str], dict[str, str]] | None:
    """Change a command so that it finds a name for us; None where nothing gives one.

    Parameters
    ----------
    command : list of str
        The program and its arguments.
    env : dict
        Its environment.
    folder : Path
        Where a list of users may be written.

    Returns
    -------
    tuple of (list, dict), or None
        The command and the environment to run instead.
    """
    library = _wrapper_library()
    if library is not None:
        uid, gid = os.getuid(), os.getgid()
        users, groups = folder / "users", folder / "groups"
        users.write_text(f"wrangler:x:{uid}:{gid}::/:/bin/sh\n", "utf-8")
        groups.write_text(f"wrangler:x:{gid}:\n", "utf-8")
        named = {"NSS_WRAPPER_PASSWD": str(users), "NSS_WRAPPER_GROUP": str(groups)}
        return command, {**env, **named, "LD_PRELOAD": str(library)}
    inside = [sys.executable, "-I", "-S", __file__, *command]
    return (inside, env) if _may_enter() else None


def possible() -> bool:
    """Whether ``initdb`` can be given a name for us."""
    return name() is not None or _wrapper_library() is not None or _may_enter()


def _wrapper_library() -> Path | None:
    found = list(Path(sys.prefix, "lib").glob(f"{_WRAPPER}*"))
    for place in _WRAPPERS:
        found += Path("/").glob(f"{place}{_WRAPPER}*")
    return found[0] if found else None


def _may_enter() -> bool:
    if sys.platform != "linux":
        return False
    words = [sys.executable, "-I", "-S", __file__, sys.executable, "-I", "-S", "-c", ""]
    done = subprocess.run(words, capture_output=True, check=False)  # noqa: S603  ourselves
    return done.returncode == 0


def _enter_namespace() -> None:
    """Enter a user namespace, in which our uid has the name of another."""
    uid, gid = os.geteuid(), os.getegid()
    other = max(pwd.getpwall(), key=lambda one: (one.pw_name == "nobody", one.pw_uid))
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "no user namespace may be made here")
    for file, text in (
        ("setgroups", "deny"),
        ("gid_map", f"{other.pw_gid} {gid} 1"),
        ("uid_map", f"{other.pw_uid} {uid} 1"),
    ):
        Path("/proc/self", file).write_text(text, "ascii")


if __name__ == "__main__":
    _enter_namespace()
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606  the program that was asked for

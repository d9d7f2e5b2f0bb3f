"""A dump of the private database before its schema is changed.

An upgrade that goes wrong, or a wish to go back to the version before, must not cost
anybody's work.  The last three dumps are kept.
"""

from __future__ import annotations

import datetime as dt
import subprocess
from pathlib import Path

from jupyter_wrangler.errors import StackFailed
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.stack import binaries, folders
from jupyter_wrangler.stack import paths as places

KEPT = 3


def is_private(settings: Settings) -> bool:
    """Tell whether the configured database is the one of this home's stack."""
    url = settings.database_url
    return (
        url is not None
        and url.get_secret_value() == places.locate(settings).database_url
    )


def dump(settings: Settings, revision: str) -> Path:
    """Write the database of the private stack to ``<home>/backups``.

    Parameters
    ----------
    settings : Settings
        Of the stack, which runs.
    revision : str
        What the schema is at, for the name of the file.

    Returns
    -------
    Path
        A dump that ``pg_restore`` reads.

    Raises
    ------
    StackFailed
        If it cannot be written; then nothing may be upgraded.
    """
    paths = places.locate(settings)
    folders.make_private(paths.backups, 0o700, setting="JUPYTER_WRANGLER_HOME")
    now = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S.%f")
    goal = paths.backups / f"{now}-{revision}.dump"
    draft = goal.with_suffix(".tmp")
    program = binaries.postgres(settings).path.with_name("pg_dump")
    # a role that row-level security binds cannot dump what it does not see
    command = [
        str(program),
        "--format=custom",
        f"--host={paths.postgres_sockets}",
        "--username=postgres",
        "--dbname=wrangler",
        f"--file={draft}",
    ]
    try:
        done = subprocess.run(  # noqa: S603  our own command
            command,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=False,
        )
        # one that was killed has said nothing
        ended = f"pg_dump ended with code {done.returncode}."
        text = (done.stderr.strip()[-600:] or ended) if done.returncode else ""
    except OSError as exc:
        text = str(exc)
    if text:
        draft.unlink(missing_ok=True)
        raise StackFailed(
            "The database has to be upgraded, and is dumped before; the dump could "
            f"not be written to {paths.backups}: {text} Fix that (often a full disk), "
            "and run 'jupyter wrangler up'. Nothing was changed."
        )
    draft.replace(goal)
    for old in sorted(paths.backups.glob("*.dump"))[:-KEPT]:
        old.unlink()
    return goal

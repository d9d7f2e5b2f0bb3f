"""What a Jupyter server gets when it loads the extension."""

import json
import subprocess
import sys

from jupyter_wrangler._version import __version__

FORBIDDEN = (
    "sqlalchemy",
    "celery",
    "redis",
    "psycopg",
    "pandas",
    "sklearn",
    "pyarrow",
    "numpy",
)
LOAD = """
import json, sys
import jupyter_server.serverapp
before = set(sys.modules)
import jupyter_wrangler
(point,) = jupyter_wrangler._jupyter_server_extension_points()
new = set(sys.modules) - before
print(json.dumps(sorted({name.partition(".")[0] for name in new})))
"""


def test_loading_the_extension_loads_no_database_and_no_pandas():
    done = subprocess.run(
        [sys.executable, "-c", LOAD], capture_output=True, text=True, check=True
    )
    loaded = json.loads(done.stdout)
    assert "jupyter_wrangler" in loaded
    assert not set(loaded) & set(FORBIDDEN)


async def test_the_server_lists_the_extension_with_its_version(jp_serverapp):
    (app,) = jp_serverapp.extension_manager.extension_apps["jupyter_wrangler"]
    assert app.version == __version__
    (package,) = (
        p
        for name, p in jp_serverapp.extension_manager.extensions.items()
        if name == "jupyter_wrangler"
    )
    assert package.version == __version__
    assert package.validate()


async def test_no_verb_is_shared_between_two_routes(jp_serverapp):
    # one function under two routes would be authorised as the first of them
    (app,) = jp_serverapp.extension_manager.extension_apps["jupyter_wrangler"]
    verbs = [
        vars(cls)[verb]
        for _, cls, *_ in app.handlers
        for verb in ("get", "post", "put", "patch", "delete")
        if verb in vars(cls)
    ]
    assert len(verbs) > 20
    assert len(set(verbs)) == len(verbs)

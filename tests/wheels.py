"""Checks of a built wheel: that an upgrade leaves nothing, and versions of JupyterLab.

Not collected by pytest: it makes environments and asks PyPI.  From the top folder:

    python -m tests.wheels upgrade dist/jupyter_wrangler-*.whl
    python -m tests.wheels lab dist/jupyter_wrangler-*.whl 'jupyterlab==4.2.*'
"""

from __future__ import annotations

import base64
import contextlib
import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS
from tests.waiting import CEILING_MS, free_port, until

PLACE = "share/jupyter/labextensions/jupyter-wrangler/"
_UNWANTED = ("JUPYTER", "PYTHON", "VIRTUAL_ENV")


def main() -> None:
    """Run what the command line names."""
    what, wheel, *versions = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        if what == "upgrade":
            for installer in ("pip", "uv"):
                upgrade(Path(wheel), installer, Path(folder, installer))
        else:
            for k, version in enumerate(versions or ["jupyterlab"]):
                start(Path(wheel), version, Path(folder, str(k)))


def upgrade(wheel: Path, installer: str, folder: Path) -> None:
    """Install an older wheel, then this one: only files of this one are there."""
    python = environment(folder)
    old = older(wheel, folder)
    install = ["uv", "pip", "install", "-q", "-p", str(python)]
    if installer == "pip":
        install = [str(python), "-m", "pip", "install", "-q"]
    run([*install, "jupyterlab", str(old)])
    before = installed(folder)
    run([*install, "--upgrade", str(wheel)])
    after = installed(folder)
    expected = {name.split(PLACE)[1] for name in members(wheel)}
    gone = before - after
    assert gone, "the older wheel has no file of its own"
    assert after == expected, (sorted(after - expected), sorted(expected - after))
    listed = run([str(folder / "bin/jupyter"), "labextension", "list"])
    assert re.search(r"jupyter-wrangler v\S+.* OK", plain(listed)), listed
    print(f"{installer}: {len(gone)} files went, {len(after)} are there, and it is OK")


def start(wheel: Path, version: str, folder: Path) -> None:
    """Open JupyterLab of some version; the extension is there, and no error is said."""
    python = environment(folder)
    more = ["--prerelease=allow"] if re.search(r"\d(a|b|rc)\d", version) else []
    run(["uv", "pip", "install", "-q", "-p", str(python), *more, version, str(wheel)])
    found = run([str(folder / "bin/jupyter"), "lab", "--version"]).strip()
    listed = plain(run([str(folder / "bin/jupyter"), "labextension", "list"]))
    assert re.search(r"jupyter-wrangler v\S+.* OK", listed), listed
    with running(folder) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=list(FLAGS)
        )
        page, errors = browser.new_page(), []
        page.on(
            "console", lambda m: errors.append(m.text) if m.type == "error" else None
        )
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(url)
        page.locator("#jupyterlab-splash").wait_for(state="detached")
        page.wait_for_function(
            "window.jupyterapp?.commands.hasCommand('jupyter-wrangler:impute-file')",
            timeout=CEILING_MS,
        )
        panel = page.locator(".jp-SideBar [data-id='jp-Wrangler-panel']")
        panel.first.wait_for(timeout=CEILING_MS)
        ours = page.evaluate(
            "jupyterapp.commands.listCommands()"
            ".filter(name => name.startsWith('jupyter-wrangler')).length"
        )
        browser.close()
    assert errors == [], errors
    print(f"JupyterLab {found}: {ours} commands, the side panel, and no error")


def environment(folder: Path) -> Path:
    """Make an environment of its own; return its Python."""
    run(["uv", "venv", "-q", "--seed", str(folder)])
    return folder / "bin" / "python"


def run(command: list[str]) -> str:
    """Run a command, which must succeed; return all that it says."""
    done = subprocess.run(
        command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=own(), check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout}"
    return done.stdout


def own() -> dict[str, str]:
    """Return the variables of this process that name no other environment."""
    return {k: v for k, v in os.environ.items() if not k.startswith(_UNWANTED)}


def plain(text: str) -> str:
    """Take colours out of a text."""
    return re.sub(r"\x1b\[[\d;]*m", "", text)


def members(wheel: Path) -> list[str]:
    """Name the files of the labextension in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return [name for name in archive.namelist() if PLACE in name]


def installed(folder: Path) -> set[str]:
    """Name the files of the labextension that are in an environment."""
    top = folder / PLACE
    return {str(path.relative_to(top)) for path in top.rglob("*") if not path.is_dir()}


def older(wheel: Path, folder: Path) -> Path:
    """Make a wheel of an older version, whose bundles have other names."""
    name, version, *tags = wheel.name.split("-")
    goal = folder / "-".join([name, "0.0.1", *tags])

    def renamed(text: str) -> str:
        text = text.replace(f"{name}-{version}", f"{name}-0.0.1")
        return re.sub(
            r"(static/\w+)\.[0-9a-f]{8,}\.js", r"\1.00000000000000aa.js", text
        )

    rows: list[tuple[str, str, int | str]] = []
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(goal, "w") as new:
        for member in old.namelist():
            data, at = old.read(member), renamed(member)
            if at.endswith("RECORD"):
                record = at
                continue
            if at.endswith("METADATA"):
                data = data.replace(
                    f"Version: {version}".encode(), b"Version: 0.0.1", 1
                )
            if at.endswith("package.json"):
                data = renamed(data.decode()).encode()
            digest = hashlib.sha256(data).digest()
            coded = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            rows.append((at, f"sha256={coded}", len(data)))
            new.writestr(at, data)
        text = io.StringIO()
        csv.writer(text).writerows([*rows, (record, "", "")])
        new.writestr(record, text.getvalue())
    return goal


@contextlib.contextmanager
def running(folder: Path) -> Iterator[str]:
    """Run JupyterLab of an environment; give its address."""
    home = folder / "home"
    settings = home / ".jupyter/lab/user-settings/@jupyterlab/apputils-extension"
    settings.mkdir(parents=True)
    # no question about news
    (settings / "notification.jupyterlab-settings").write_text(
        json.dumps({"fetchNews": "false", "checkForUpdates": False})
    )
    port, token = free_port(), "a-token-of-the-tests"
    env = {**own(), "HOME": str(home), "PATH": f"{folder}/bin:{os.environ['PATH']}"}
    command = [str(folder / "bin/jupyter"), "lab", "--no-browser", "--allow-root"]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    command += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={home}"]
    command += ["--LabApp.expose_app_in_browser=True"]
    url = f"http://127.0.0.1:{port}/"

    def answers() -> bool:
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{url}api").is_success
        return False

    log = home / "lab.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(command, env=env, stdout=output, stderr=output) as server,
    ):
        try:
            until(answers, process=server, log=log.read_text, pause=0.2)
            yield f"{url}lab?token={token}"
        finally:
            server.terminate()
            subprocess.run(
                [folder / "bin/jupyter-wrangler", "down"],
                env=env, capture_output=True, check=False,
            )  # fmt: skip


if __name__ == "__main__":
    main()

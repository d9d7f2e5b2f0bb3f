"""A JupyterLab over the real stack, and a browser that looks at it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import nbformat
import pandas as pd
import pytest

from jupyter_wrangler import contract, frames
from jupyter_wrangler.client.transport.api import Api
from jupyter_wrangler.errors import JobAlreadyFinished
from tests.waiting import CEILING_MS, CEILING_S, free_port, until

ROOT = Path(__file__).parents[2]
BUNDLE = ROOT / "jupyter_wrangler" / "labextension"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        why = "needs Debian's chromium: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    return found


@pytest.fixture(scope="module")
def browser(chromium):
    """One browser for the tests of a file; each opens a page of its own.

    Not for the session: playwright keeps an event loop running in this thread, and no
    test of another room could run one meanwhile.
    """
    sync_api = pytest.importorskip("playwright.sync_api")
    # five seconds by default
    sync_api.expect.set_options(timeout=CEILING_MS)
    with (
        sync_api.sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium, args=list(FLAGS)) as found,
    ):
        yield found


@dataclass(frozen=True, kw_only=True)
class Lab:
    """A running JupyterLab."""

    url: str
    token: str
    #: Where its files are.
    folder: Path

    def text(self, name: str) -> str:
        """Read a file in its folder.

        The server's answer for a notebook that is being written is to restore the one
        before, which takes the file from who writes it.
        """
        return (self.folder / name).read_text("utf-8")

    @property
    def page(self) -> str:
        """Address of JupyterLab in a workspace of its own.

        A page saves its layout a little later, and would hand it to the next test.
        """
        return f"{self.url}lab/workspaces/{uuid.uuid4()}?token={self.token}"


@pytest.fixture(scope="module")
def lab(stack, stack_settings, tmp_path_factory) -> Iterator[Lab]:
    """JupyterLab over the stack that the tests share."""
    assert stack.exists()
    env = {
        "JUPYTER_WRANGLER_HOME": str(stack_settings.home),
        "JUPYTER_WRANGLER_RUNTIME_DIR": str(stack_settings.runtime_dir),
    }
    with _running_lab(tmp_path_factory.mktemp("lab"), env) as lab:
        yield lab


@pytest.fixture
def lab_without_service(tmp_path) -> Iterator[Lab]:
    """JupyterLab that was reported a service where there is none."""
    env = {"JUPYTER_WRANGLER_URL": f"http://127.0.0.1:{free_port()}/"}
    with _running_lab(tmp_path, env) as lab:
        yield lab


@pytest.fixture
def german_lab(stack, stack_settings, tmp_path) -> Iterator[Lab]:
    """JupyterLab in German, with its language pack."""
    assert stack.exists()
    settings = tmp_path / "settings" / "@jupyterlab" / "translation-extension"
    settings.mkdir(parents=True)
    (settings / "plugin.jupyterlab-settings").write_text('{"locale": "de_DE"}')
    env = {
        "JUPYTER_WRANGLER_HOME": str(stack_settings.home),
        "JUPYTER_WRANGLER_RUNTIME_DIR": str(stack_settings.runtime_dir),
    }
    with _running_lab(tmp_path, env) as lab:
        yield lab


@pytest.fixture(scope="module")
def prefixed_lab(stack, stack_settings, tmp_path_factory) -> Iterator[Lab]:
    """JupyterLab below a path, as a Hub or a proxy has it."""
    assert stack.exists()
    env = {
        "JUPYTER_WRANGLER_HOME": str(stack_settings.home),
        "JUPYTER_WRANGLER_RUNTIME_DIR": str(stack_settings.runtime_dir),
    }
    home = tmp_path_factory.mktemp("prefixed")
    with _running_lab(home, env, base_url="/user/ann%40home/") as lab:
        yield lab


@pytest.fixture(scope="module")
def notebook7(stack, stack_settings, tmp_path_factory) -> Iterator[Lab]:
    """Notebook 7 over the stack that the tests share."""
    assert stack.exists()
    pytest.importorskip("notebook")
    env = {
        "JUPYTER_WRANGLER_HOME": str(stack_settings.home),
        "JUPYTER_WRANGLER_RUNTIME_DIR": str(stack_settings.runtime_dir),
    }
    home = tmp_path_factory.mktemp("notebook7")
    with _running_lab(home, env, "notebook") as lab:
        yield lab


@contextlib.contextmanager
def _running_lab(
    home: Path,
    settings: dict[str, str],
    module: str = "jupyterlab",
    base_url: str = "/",
) -> Iterator[Lab]:
    """A front end with the bundle of this checkout, as an install would lay it out."""
    assert (BUNDLE / "package.json").exists(), (
        "The labextension is not built; run: cd labextension && jlpm && jlpm build:prod"
    )
    labextensions = home / "share" / "labextensions"
    labextensions.mkdir(parents=True)
    (labextensions / "jupyter-wrangler").symlink_to(BUNDLE)
    quiet = home / "settings" / "@jupyterlab" / "apputils-extension"
    quiet.mkdir(parents=True)
    # no question about news over the panel
    (quiet / "notification.jupyterlab-settings").write_text(
        json.dumps({"fetchNews": "false", "checkForUpdates": False})
    )
    port = free_port()
    token = "a-token-of-the-tests"  # noqa: S105  guards nothing
    env = {
        **os.environ,
        "HOME": str(home),
        "JUPYTER_PATH": str(home / "share"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_CONFIG_PATH": str(_server_config(home)),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        **settings,
    }
    command = [sys.executable, "-m", module, "--no-browser", "--allow-root"]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    command += [f"--IdentityProvider.token={token}", f"--notebook-dir={home}"]
    command += [f"--ServerApp.base_url={base_url}"]
    # tests run commands by it, as menus do
    app = {"jupyterlab": "LabApp", "notebook": "JupyterNotebookApp"}[module]
    command += [f"--{app}.expose_app_in_browser=True"]
    with (
        (home / "lab.log").open("wb") as log,
        subprocess.Popen(command, env=env, stdout=log, stderr=log) as server,
    ):
        lab = Lab(url=f"http://127.0.0.1:{port}{base_url}", token=token, folder=home)
        try:
            _wait_for(lab, server, home / "lab.log")
            yield lab
        finally:
            server.terminate()
            try:
                server.wait(timeout=30)
            except subprocess.TimeoutExpired:
                # the Jupyter server hangs if it is to stop while a kernel starts; its
                # kernels end when they miss their parent
                server.kill()
                server.wait(timeout=CEILING_S)


def _server_config(home: Path) -> Path:
    """Lay the server's configuration out as the wheel does."""
    (home / "etc").mkdir()
    config = home / "etc" / "jupyter_server_config.d"
    config.symlink_to(ROOT / "jupyter-config" / "server-config")
    return config.parent


def _wait_for(lab: Lab, server: subprocess.Popen[bytes], log: Path) -> None:
    def answers() -> bool:
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{lab.url}api", timeout=CEILING_S).is_success
        return False

    until(answers, process=server, log=lambda: log.read_text("utf-8"), pause=0.1)


@pytest.fixture
def files(lab) -> Iterator[httpx.Client]:
    """The files of JupyterLab, by its REST API."""
    auth = {"Authorization": f"token {lab.token}"}
    with httpx.Client(base_url=lab.url, headers=auth, timeout=30) as client:
        yield client


@pytest.fixture
def opened(browser, lab, api, files) -> Callable[..., Any]:
    """Open a new notebook with these cells in a kernel of its own; run all of them."""
    # here, as files without a browser are collected too
    from tests.browser import panels

    assert api

    @contextlib.contextmanager
    def _opened(*cells: str, script: str = "") -> Iterator[Any]:
        # a kernel is known by the path of its notebook, and keeps its variables
        path = f"{uuid.uuid4()}.ipynb"
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(source) for source in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        body = {"type": "notebook", "content": notebook}
        files.put(f"api/contents/{path}", json=body).raise_for_status()
        with panels.ended(files), panels.visit(browser, lab, path, script) as page:
            panels.run_all(page)
            yield page

    return _opened


@pytest.fixture
def api(stack_env, stack_settings) -> Iterator[Api]:
    """The service, as a kernel speaks to it; no jobs before, and none afterwards."""
    assert stack_env
    with contextlib.closing(Api(settings=stack_settings)) as api:
        _forget_all(api)
        yield api
        _forget_all(api)


def _forget_all(api: Api) -> None:
    for job in list(api.jobs()):
        if not job.final:
            # it may end between the look and the cancel
            with contextlib.suppress(JobAlreadyFinished):
                api.cancel(job.id)
    until(lambda: all(job.final for job in api.jobs()), pause=0.1)
    for job in list(api.jobs()):
        api.delete(job.id)


@pytest.fixture(scope="session")
def penguins() -> pd.DataFrame:
    """Real data with missing values in numbers and categories."""
    return pd.read_csv(ROOT / "notebooks" / "data" / "penguins.csv")


@pytest.fixture
def submit(api) -> Callable[..., contract.Job]:
    """Submit a job as a kernel does."""

    def _submit(frame: pd.DataFrame, name: str, **spec) -> contract.Job:
        packed = frames.to_parquet(frame)
        api.upload(packed.data, packed.sha256)
        version = api.make_dataset(
            contract.DatasetRequest(
                sha256=packed.sha256,
                name=name,
                n_rows=packed.n_rows,
                columns=packed.columns,
            )
        )
        return api.submit(
            contract.JobRequest(
                dataset_version_id=version.id,
                spec=contract.ImputationSpec(**spec),
                name=name,
                force=True,
            )
        )

    return _submit


@pytest.fixture
def put(lab, files):
    """Save a notebook that JupyterLab has never seen, and return its address."""

    def _put(name: str, *cells: nbformat.NotebookNode) -> str:
        notebook = nbformat.v4.new_notebook(
            cells=list(cells),
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        body = {"type": "notebook", "content": notebook}
        files.put(f"api/contents/{name}", json=body).raise_for_status()
        return lab.page.replace("?", f"/tree/{name}?")

    return _put


@pytest.fixture
def stored(api):
    """Make a cell whose saved output shows a job, as a kernel left it."""

    def _stored(job) -> nbformat.NotebookNode:
        data = api.request("GET", f"jobs/{job.id}/card").json()["data"]
        output = nbformat.v4.new_output("display_data", data=data)
        return nbformat.v4.new_code_cell(f"# {job.name}", outputs=[output])

    return _stored

"""What the project says about itself is true: settings, compose file, notebooks."""

from __future__ import annotations

import ast
import csv
import json
import pkgutil
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import jupyter_wrangler as jw
from jupyter_wrangler import errors
from jupyter_wrangler.settings import Settings

ROOT = Path(__file__).parent.parent


def test_every_setting_is_in_the_example():
    text = (ROOT / ".env.example").read_text("utf-8")
    shown = set(re.findall(r"^#?(JUPYTER_WRANGLER_[A-Z_]+)=", text, re.MULTILINE))
    real = {f"JUPYTER_WRANGLER_{name.upper()}" for name in Settings.model_fields}
    real |= {f"JUPYTER_WRANGLER_{name.upper()}_FILE" for name in Settings.SECRETS}
    real |= {"JUPYTER_WRANGLER_CONFIG"}
    assert shown == real


def test_the_example_states_the_defaults(monkeypatch):
    for name in list(Settings.model_fields):
        monkeypatch.delenv(f"JUPYTER_WRANGLER_{name.upper()}", raising=False)
    settings = Settings()
    for line in (ROOT / ".env.example").read_text("utf-8").splitlines():
        found = re.match(r"^#JUPYTER_WRANGLER_([A-Z_]+)=(\S+)$", line)
        if found and found[1].lower() in Settings.model_fields:
            name = found[1].lower()
            given = Settings(**{name: found[2]})
            assert getattr(given, name) == getattr(settings, name), name


def test_the_compose_file_follows_the_compose_specification():
    subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema",
         "vendor.compose-spec", str(ROOT / "compose.yaml")],
        check=True,
    )  # fmt: skip


def test_the_compose_file_holds_no_secret_and_evicts_no_queue():
    text = (ROOT / "compose.yaml").read_text("utf-8")
    assert "volatile-lru" in text
    assert not re.search(r"(PASSWORD|TOKEN|_URL): *['\"]?[a-z+]+://\S*:\S*@", text)
    for name in re.findall(r"secrets: \[(.*?)\]", text):
        for secret in name.split(","):
            assert f"{secret.strip()}: {{ file:" in text


@pytest.mark.parametrize("name", ["penguins.csv", "airquality.csv", "nhanes.csv"])
def test_bundled_data_have_missing_values_and_a_stated_source(name):
    with (ROOT / "notebooks" / "data" / name).open() as file:
        rows = list(csv.reader(file))
    assert any(cell in {"", "NA"} for row in rows[1:] for cell in row)
    assert name in (ROOT / "notebooks" / "data" / "README.md").read_text("utf-8")


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")))
def test_notebooks_carry_no_token_and_no_path_of_a_machine(path):
    text = json.dumps(json.loads(path.read_text("utf-8")))
    assert not re.search(r"token=[0-9a-f]{8}|/home/|/root/|/tmp/", text)


def test_every_error_is_drawn_in_the_tree_and_documented():
    docs = (ROOT / "docs" / "errors.md").read_text("utf-8")
    names = [
        name
        for name, found in vars(errors).items()
        if isinstance(found, type) and issubclass(found, Exception | Warning)
    ]
    assert len(names) > 30
    for name in names:
        assert re.search(rf"\b{name}\b", errors.__doc__), name
        assert f"`{name}`" in docs, name


def test_importing_the_package_loads_nothing_heavy():
    code = (
        "import sys, jupyter_wrangler\n"
        "heavy = {'pandas', 'numpy', 'sklearn', 'sqlalchemy', 'celery', 'pydantic'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == "[]"


def test_a_kernel_loads_no_driver_and_no_broker():
    code = (
        "import sys, jupyter_wrangler as jw\n"
        "jw.impute, jw.job, jw.Imputer\n"
        "import jupyter_wrangler.widgets.job\n"
        "bad = {'sqlalchemy', 'celery', 'redis', 'fastapi', 'psycopg', 'alembic'}\n"
        "print(sorted(bad & set(sys.modules)))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == "[]"


def test_no_room_has_the_name_of_a_verb():
    """To import a room sets it as an attribute of the package."""
    rooms = {module.name for module in pkgutil.iter_modules(jw.__path__)}
    assert rooms & set(jw.__all__) == {"charts", "data", "errors"}


#: Private names of other packages that the code uses, where there is no public way.
#: Another version may change them without a word, so each package has an upper bound.
PRIVATE = {
    # whether `set_output` asks for pandas: nothing public tells
    "scikit-learn": {
        "sklearn.utils._set_output._get_output_config",
        # the fitted trees and the start of the sum, to keep a model as plain arrays
        "_predictors",
        "_baseline_prediction",
    },
    # the connection behind a request, for the uid of its peer and slow heads
    "uvicorn": {"uvicorn.protocols.http.h11_impl.H11Protocol"},
}


def _private_imports(path: Path) -> set[str]:
    """Names with an underscore, or of uvicorn's protocols, that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.ImportFrom) or not node.module:
            continue
        if node.module.split(".")[0] in {"jupyter_wrangler", "__future__"}:
            continue
        for alias in node.names:
            name = f"{node.module}.{alias.name}"
            private = any(part.startswith("_") for part in name.split("."))
            if private or node.module.startswith("uvicorn.protocols"):
                found.add(name)
    return found


def test_private_names_of_other_packages_are_few_and_bounded():
    files = list((ROOT / "jupyter_wrangler").rglob("*.py"))
    found = set().union(*map(_private_imports, files))
    listed = set().union(*PRIVATE.values())
    assert found == {name for name in listed if "." in name}
    text = "".join(path.read_text("utf-8") for path in files)
    for name in listed - found:
        assert f".{name}" in text
    with (ROOT / "pyproject.toml").open("rb") as file:
        wanted = tomllib.load(file)["project"]["dependencies"]
    for package in PRIVATE:
        (one,) = [line for line in wanted if re.match(rf"{package}\W", line)]
        assert re.search(r",<\d", one), one


#: Lines that a function may have besides its docstring: a screen.
LONGEST = 60
#: Functions that are longer by their many parameters, which scikit-learn or users see.
LONGER = {
    "client/verbs/impute.py impute",
    "engine/estimator/parameters.py __init__",
}


def _function_lines(path: Path) -> dict[str, int]:
    """Lines of each function of a file, besides those of its docstring."""
    lines = {}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        own = node.end_lineno - node.lineno + 1
        if ast.get_docstring(node, clean=False) is not None:
            own -= node.body[0].end_lineno - node.body[0].lineno + 1
        lines[node.name] = max(own, lines.get(node.name, 0))
    return lines


def test_fault_6_1_the_lowest_versions_are_installed_and_do_a_job():
    """NumPy 1.26 was allowed, and every job failed with it."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        asked = tomllib.load(file)["project"]["dependencies"]
    for dependency in asked:
        assert re.search(r">=|==|~=", dependency), f"{dependency!r} has no lower bound"
    (numpy,) = [one for one in asked if re.match(r"numpy\b", one)]
    assert int(re.search(r">=(\d+)", numpy)[1]) >= 2
    gate = (ROOT / ".ci" / "run").read_text("utf-8")
    lowest = gate[gate.index("lowest() {") :]
    # of a wheel the only direct dependency is the wheel: that leg took the newest
    assert re.search(
        r"pip compile [^#]*pyproject\.toml[^#]*--resolution lowest-direct", lowest
    )
    for step in ("wrangler demo", "test_main_job.py"):
        assert step in lowest


def test_fault_6_2_the_readme_installs_what_its_example_needs():
    """There was no JupyterLab, and the file of the example was not in the wheel."""
    text = (ROOT / "README.md").read_text("utf-8")
    assert re.search(r"pip install '?jupyter-wrangler\[lab\]'? && jupyter lab", text)
    (example,) = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert "jw.data." in example
    assert not re.search(r"read_\w+\(|open\(", example), "it wants a file"


def test_an_import_inside_a_function_says_why():
    """Behind it, or in a comment above it and those that follow each other."""
    marked, silent = 0, []
    for path in (ROOT / "jupyter_wrangler").rglob("*.py"):
        given, inside = False, False
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            text = line.strip()
            if "noqa: PLC0415" in text:
                marked += 1
                given = given or not text.endswith("PLC0415")
                inside = text.split("#")[0].rstrip().endswith("(")
                if not given:
                    silent.append(f"{path.relative_to(ROOT)}:{number}")
            elif inside:
                inside = not text.startswith(")")
            else:
                given = text.startswith("#")
    # ruff marks each such import, but for those of commands
    assert marked > 50
    assert silent == []


def test_no_function_is_longer_than_a_screen():
    package = ROOT / "jupyter_wrangler"
    longer = {
        f"{path.relative_to(package).as_posix()} {name}"
        for path in package.rglob("*.py")
        for name, lines in _function_lines(path).items()
        if lines > LONGEST
    }
    assert longer == LONGER


def test_the_changelog_takes_every_fragment():
    names = [path.name for path in (ROOT / "changelog.d").glob("*.md")]
    for name in names:
        assert re.fullmatch(
            r"(\+[a-z0-9-]+|\d+)\.(feature|bugfix|doc|removal|misc)\.md", name
        )

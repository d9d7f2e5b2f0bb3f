"""The TypeScript side says the same as the Python side."""

import json
import re
import tomllib
from pathlib import Path

from jupyter_wrangler import __version__, contract, errors
from jupyter_wrangler.contract import openapi
from jupyter_wrangler.files.kinds import SEPARATORS, TYPED
from jupyter_wrangler.files.packing import PACKED

LABEXTENSION = Path(__file__).parents[1] / "labextension"

#: Codes that only a browser can find, so that no Python class has them.
BROWSER_ONLY = {"jupyter_unreachable", "extension_missing", "service_degraded"}


def source(name: str) -> str:
    return (LABEXTENSION / "src" / name).read_text("utf-8")


def test_the_version_is_that_of_the_package():
    package = json.loads((LABEXTENSION / "package.json").read_text("utf-8"))
    assert package["version"] == __version__


def test_fault_6_5_the_oldest_jupyterlab_is_the_same_everywhere():
    root = LABEXTENSION.parent
    package = json.loads((LABEXTENSION / "package.json").read_text("utf-8"))
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    (extra,) = project["optional-dependencies"]["lab"]
    oldest, below = re.fullmatch(r"jupyterlab>=([\d.]+),<(\d+)", extra).groups()
    # what `jupyter labextension list` compares with
    for name in ("application", "settingregistry", "translation", "ui-components"):
        assert package["dependencies"][f"@jupyterlab/{name}"] == f"^{oldest}.0"
    assert int(below) == int(oldest.split(".")[0]) + 1
    assert f"JupyterLab {oldest} or newer" in (root / "README.md").read_text("utf-8")
    named = re.findall(
        r"JupyterLab (\d[\d.]*\d)",
        "".join(page.read_text("utf-8") for page in (root / "docs").glob("*.md")),
    )
    least = tuple(map(int, oldest.split(".")))
    assert all(tuple(map(int, v.split("."))) >= least for v in named), named


def test_the_bundle_goes_where_the_package_looks_for_it():
    package = json.loads((LABEXTENSION / "package.json").read_text("utf-8"))
    out = (LABEXTENSION / package["jupyterlab"]["outputDir"]).resolve()
    assert out == LABEXTENSION.parent / "jupyter_wrangler" / "labextension"


def test_final_states_are_those_of_the_contract():
    text = source("model/contract.ts")
    final = text[text.index("FINAL") : text.index("]);")]
    assert set(re.findall(r"'(\w+)'", final)) == contract.FINAL


def test_types_come_from_the_document_and_are_checked_by_lint():
    scripts = json.loads((LABEXTENSION / "package.json").read_text("utf-8"))["scripts"]
    generate = scripts["contract:generate"].split()
    assert (LABEXTENSION / generate[1]).resolve() == Path(str(openapi.FILE)).resolve()
    assert scripts["contract:check"] == "jlpm contract:generate --check"
    assert "jlpm contract:check" in scripts["lint:check"]
    types = source("model/api-types.ts")
    for name in openapi.document()["components"]["schemas"]:
        assert f"        readonly {name}: {{\n" in types, "run `make contract`"


def test_every_problem_known_to_the_panel_is_an_error_of_the_package():
    known = set(re.findall(r"case '(\w+)':", source("words/problems.ts")))
    assert {"service_unreachable", "database_unreachable"} <= known
    assert {"redis_unreachable", "no_worker"} <= known
    for code in known - BROWSER_ONLY:
        assert errors.from_code(code, "", {}).code == code


#: Model of the contract -> its twin in TypeScript.
FILES = {
    "FileOptions": "IFileOptions",
    "FileDialect": "IFileDialect",
    "FileColumn": "IFileColumn",
    "FilePreview": "IFilePreview",
    "FilePlan": "IFilePlan",
    "FileRows": "IFileRows",
    "FileProfile": "IFileProfile",
    "FileJob": "IFileJob",
    "SavedFiles": "ISavedFiles",
    "SeenFile": "ISeenFile",
    "PlannedColumn": "IPlannedColumn",
    "PlanDocument": "IPlanDocument",
}


def test_files_have_the_fields_of_the_contract():
    text = source("model/files.ts")
    for name, twin in FILES.items():
        body = text.partition(f"interface {twin} {{")[2].partition("\n}")[0]
        fields = set(re.findall(r"readonly (\w+):", body))
        assert fields == set(getattr(contract, name).model_fields), name


def test_files_of_the_menu_are_those_that_are_read():
    text = source("model/files.ts")
    plain = set(
        re.findall(r"'(\w+)'", text.partition("PLAIN = [")[2].partition("]")[0])
    )
    assert plain == {kind.strip(".") for kind in (*SEPARATORS, *TYPED)}
    packed = text.partition("TEXT = ")[2].partition("$")[0].rpartition("(")[2]
    assert set(packed.strip(")").split("|")) == {one.strip(".") for one in PACKED}

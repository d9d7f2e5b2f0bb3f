"""The page on architecture says what the code is like."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
PACKAGE = ROOT / "jupyter_wrangler"
#: Where code lives; tests and pages that name a thing are found by its name.
CODE = ("jupyter_wrangler", "migrations/versions", "labextension/src")
#: An example: a pattern, and the files that match it.
EXAMPLE = re.compile(r"<!-- files that match: (.+?) -->\n\n((?:\* .*\n(?:  .*\n)*)+)")


def _section(title: str) -> str:
    """Text of a section of the page."""
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_the_table_of_rooms_names_each_package_once():
    named = re.findall(r"^\| `([a-z_.]+)` \|", _section("The rooms"), re.MULTILINE)
    packages = {
        ".".join(folder.relative_to(PACKAGE).parent.parts)
        for folder in PACKAGE.rglob("__init__.py")
        if "labextension" not in folder.parts
    }
    assert sorted(named) == sorted(packages - {""})


def test_the_table_of_floors_is_that_of_the_contract():
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    (layers,) = [
        contract["layers"]
        for contract in contracts
        if contract.get("containers") == ["jupyter_wrangler"]
    ]
    floors = [set(layer.split(" | ")) for layer in layers]
    rows = re.findall(r"^\| \d.*? \| (.*) \|$", _section("The floors"), re.MULTILINE)
    reported = [set(re.findall(r"`(\w+)`", row)) for row in rows]
    # the lowest row joins those that import nearly nothing
    lowest = set().union(*floors[len(reported) :]) - {"_version"}
    assert reported == [*floors[1 : len(reported)], lowest]


@pytest.mark.parametrize(
    ("pattern", "listed"), EXAMPLE.findall(PAGE), ids=lambda part: part[:30]
)
def test_an_example_lists_all_files_that_name_it(pattern, listed):
    files = re.findall(r"^\* `([^`]+)`", listed, re.MULTILINE)
    found = {
        str(path.relative_to(ROOT))
        for folder in CODE
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".ts", ".tsx"}
        # what is generated, or built
        and path.name != "api-types.ts"
        and "static" not in path.parts
        and re.search(pattern, path.read_text("utf-8"))
    }
    assert sorted(files) == sorted(found)


def test_names_are_imported_from_where_they_live():
    passing_on = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if path.name != "__init__.py"
        and re.search(r"^__all__\b", path.read_text("utf-8"), re.MULTILINE)
    }
    # the service may not know the store, and gets what a verb gives from here
    assert passing_on == {"runtime/job_service.py"}


def test_there_is_an_example_of_each_kind():
    heads = re.findall(
        r"^### (.+)$", PAGE.partition("\n## To add something\n")[2], re.MULTILINE
    )
    wanted = [
        "a method",
        "a chart",
        "a route",
        "a job kind",
        "a setting",
        "a migration",
    ]
    assert [head.lower() for head in heads] == wanted


def test_the_engine_has_few_rooms_and_floors():
    """A room stands one floor above the highest of those that it imports."""
    graph = grimp.build_graph("jupyter_wrangler", cache_dir=None)
    engine = "jupyter_wrangler.engine"
    below = {room: set() for room in graph.find_children(engine)}
    for importer in graph.find_descendants(engine):
        for imported in graph.find_modules_directly_imported_by(importer):
            if imported.startswith(f"{engine}."):
                one, other = (
                    ".".join(name.split(".")[:3]) for name in (importer, imported)
                )
                below[one] |= {other} - {one}
    floors = {}
    while len(floors) < len(below):
        ready = {
            room: 1 + max((floors[other] for other in others), default=0)
            for room, others in below.items()
            if room not in floors and others <= set(floors)
        }
        assert ready, "a circle"
        floors |= ready
    assert len(below) <= 16
    assert max(floors.values()) <= 7

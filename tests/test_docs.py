"""The documents name everything there is, and what they show is so."""

from __future__ import annotations

import ast
import contextlib
import doctest
import inspect
import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import jupyter_wrangler as jw
from jupyter_wrangler import errors
from jupyter_wrangler.cli.commands import wrangler
from jupyter_wrangler.contract import ImputationSpec, JobState
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.server.routes import ROUTES
from jupyter_wrangler.service.openapi import openapi
from jupyter_wrangler.service.problems import STATUS
from jupyter_wrangler.settings import Settings

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
#: Where the files of the repository can be seen.
SOURCE = PROJECT["project"]["urls"]["Source"]
CALLABLES = [name for name in jw.__all__ if inspect.isroutine(getattr(jw, name))]
#: Pages of which each block runs by itself.
RUN = (
    "card.md",
    "compare.md",
    "correlate.md",
    "errors.md",
    "methods.md",
    "profile.md",
    "python.md",
    "recommend.md",
)
CLASSES = [name for name in jw.__all__ if inspect.isclass(getattr(jw, name))]

each_page = pytest.mark.parametrize(
    "page", PAGES, ids=lambda page: str(page.relative_to(ROOT))
)


def read(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(
        rf"^ *```{language}\n(.*?)^ *```$",
        page.read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    )


def without_code(text: str) -> str:
    text = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(page: Path) -> set[str]:
    """The fragments of a page's headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


# ── everything is named ──


def test_every_setting_is_documented_in_the_order_of_the_example():
    example = (ROOT / ".env.example").read_text("utf-8")
    wanted = re.findall(r"^#(JUPYTER_WRANGLER_[A-Z_]+)=", example, re.MULTILINE)
    told = re.findall(
        r"^\| `(JUPYTER_WRANGLER_[A-Z_]+)` \|", read("settings.md"), re.MULTILINE
    )
    assert told == wanted


def test_each_setting_says_when_to_change_it():
    rows = re.findall(
        r"^\| `JUPYTER_WRANGLER_([A-Z_]+)` (\|.*\|)$", read("settings.md"), re.MULTILINE
    )
    assert len(rows) > 40
    for name, row in rows:
        # cells: default, meaning, when; a pipe within code would make more
        cells = re.sub(r"`[^`]*`", "code", row).strip("|").split("|")
        assert len(cells) == 3, name
        assert len(cells[2].split()) > 1, name


def test_the_settings_page_states_the_defaults():
    rows = re.findall(
        r"^\| `JUPYTER_WRANGLER_([A-Z_]+)` \| `?([a-z0-9.]+)`?[ ;:(]",
        read("settings.md"),
        re.MULTILINE,
    )
    fields = Settings.model_fields
    stated = {name.lower(): value for name, value in rows if value.isascii()}
    numbers = {
        name: field.default
        for name, field in fields.items()
        if isinstance(field.default, int | float) and field.default is not None
    }
    assert len(numbers) > 15
    for name, default in numbers.items():
        found = stated[name]
        assert found == str(default).lower() or float(found) == default, name


def test_every_error_and_warning_is_documented_once_as_a_row():
    told = re.findall(r"^\| `(\w+)`(?: \(`\w+`\))? \|", read("errors.md"), re.MULTILINE)
    heads = re.findall(r"^## .*`(\w+)` \(", read("errors.md"), re.MULTILINE)
    heads += re.findall(r"^## .*: `(\w+)`$", read("errors.md"), re.MULTILINE)
    real = {
        name
        for name, found in vars(errors).items()
        if inspect.isclass(found) and issubclass(found, Exception)
    }
    assert set(told) | set(heads) == real
    assert len(told) == len(set(told))


def test_every_status_is_documented():
    text = read("rest.md")
    for error, status in STATUS.items():
        row = re.search(rf"^\| {status} \|.*$", text, re.MULTILINE)
        assert row, status
        assert f"`{error.__name__}`" in row[0]


@pytest.mark.parametrize("name", sorted(wrangler.commands))
def test_every_command_and_option_is_documented(name):
    text = read("cli.md")
    assert f"| `{name}` |" in text
    part = re.search(rf"^## `{name}`\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert part
    for parameter in wrangler.commands[name].params:
        for option in parameter.opts:
            if option.startswith("-"):
                assert re.search(rf"`[^`\n]*{option}\b", part[1]), option


def test_no_command_is_documented_that_does_not_exist():
    for page in PAGES:
        text = page.read_text("utf-8")
        for name in re.findall(r"jupyter[ -]wrangler ([a-z]+)\b", text):
            told = name in wrangler.commands
            assert told or name in {"is", "has"}, f"{page.name}: {name}"


@pytest.mark.parametrize("name", jw.__all__)
def test_every_public_name_is_documented(name):
    assert f"`{name}`" in read("python.md") or f"`jw.{name}`" in read("python.md")


def _numbers(told: str) -> str:
    """Spell what `literal_eval` does not know."""
    return re.sub(r"\binf\b", "1e999", told).replace("nan", "None")


@pytest.mark.parametrize("name", [*CALLABLES, "Client", "Imputer"])
def test_signatures_are_those_of_the_code(name):
    told = re.search(
        rf"^{name}\((.*?)\)(?: ->|$)", read("python.md"), re.MULTILINE | re.DOTALL
    )
    assert told
    stub = ast.parse(f"def f({_numbers(told[1])}): ...").body[0].args
    found = inspect.signature(getattr(jw, name)).parameters.values()
    assert [a.arg for a in (*stub.args, *stub.kwonlyargs)] == [p.name for p in found]
    assert {a.arg for a in stub.kwonlyargs} == {
        p.name for p in found if p.kind is p.KEYWORD_ONLY
    }
    defaults = dict(
        zip(reversed(stub.args), reversed(stub.defaults), strict=False)
    ) | dict(zip(stub.kwonlyargs, stub.kw_defaults, strict=True))
    told_defaults = {a.arg: ast.literal_eval(d) for a, d in defaults.items() if d}
    real = {p.name: p.default for p in found if p.default is not p.empty}
    if "missing_values" in real:
        real["missing_values"] = None
    assert told_defaults == real


@pytest.mark.parametrize("name", CLASSES)
def test_every_public_member_is_documented(name):
    part = re.search(
        rf"^## (?:`\w+` and )?`{name}`\n(.*?)(?=^## |\Z)",
        read("python.md"),
        re.MULTILINE | re.DOTALL,
    )
    assert part
    kind = getattr(jw, name)
    # an imputer inherits what other rooms need of its state, which is not for users
    room = "jupyter_wrangler.client."
    ours = [k for k in kind.__mro__ if k is kind or k.__module__.startswith(room)]
    for member in {member for k in ours for member in vars(k)}:
        if not member.startswith("_"):
            assert re.search(rf"`{member}\b", part[1]), member


@pytest.mark.parametrize("name", METHODS)
def test_every_method_is_documented_with_the_levels_it_fits(name):
    method = METHODS[name]
    row = re.search(rf"^\| `{name}` \|(.*)\|$", read("methods.md"), re.MULTILINE)
    assert row
    fits = [cell.strip() == "yes" for cell in row[1].split("|")]
    groups = [
        {"continuous", "integer"},
        {"boolean", "nominal", "ordered"},
        {"datetime", "timedelta"},
        {"text"},
    ]
    assert fits == [*(group <= method.levels for group in groups), method.draws]
    assert f"`{name}`" in (ROOT / "README.md").read_text("utf-8")


def test_every_route_is_documented():
    text = read("rest.md")
    table = re.search(r"^## Routes\n(.*?)^## ", text, re.MULTILINE | re.DOTALL)[1]
    told: dict[str, set[str]] = {}
    for path, verbs in re.findall(
        r"^\| `(/[^`?]*)[^`]*` \| ([A-Z, ]+) \|", table, re.MULTILINE
    ):
        told.setdefault(path, set()).update(verbs.split(", "))
    real = {
        path.removeprefix("/v1"): {verb.upper() for verb in verbs}
        for path, verbs in openapi()["paths"].items()
    }
    assert told == real | {"/openapi.json": {"GET"}}
    assert len(ROUTES) == len(told)


def test_every_state_of_a_job_is_documented():
    for page in ("rest.md", "python.md", "how-it-works.md"):
        for state in JobState.__args__:
            assert re.search(rf"\b{state}\b", read(page)), (page, state)


def test_every_check_of_the_doctor_is_documented():
    room = ROOT / "jupyter_wrangler" / "stack"
    files = ("doctor", "machine_checks", "server_checks")
    source = "".join((room / f"{name}.py").read_text("utf-8") for name in files)
    names = set(re.findall(r'name="([^"]+)"', source))
    names |= {"PostgreSQL binary", "Valkey binary", "home for the server user"}
    assert len(names) > 10
    for name in names:
        assert f"| `{name}` |" in read("troubleshooting.md"), name


# ── what is shown is so ──


@each_page
def test_links_lead_somewhere(page):
    text = without_code(page.read_text("utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        ours = target.startswith(f"{SOURCE}/")
        if re.match(r"[a-z]+:", target) and not ours:
            continue
        path, _, fragment = target.partition("#")
        if ours:
            kind, branch, path = path.removeprefix(f"{SOURCE}/").split("/", 2)
            assert (kind, branch) in {("blob", "main"), ("raw", "main")}, target
            goal = ROOT / path
        else:
            goal = (page.parent / path).resolve() if path else page
        assert goal.exists(), target
        if fragment:
            assert fragment in anchors(goal), target


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.name)
def test_fault_6_8_links_of_the_docs_work_where_only_the_docs_are(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(page.read_text("utf-8"))):
        if not re.match(r"[a-z]+:|#", target):
            goal = (page.parent / target.partition("#")[0]).resolve()
            assert goal.is_relative_to(DOCS), f"{target}: say {SOURCE}/blob/main/..."


def on_the_index() -> str:
    """The README as the package index shows it."""
    hook = PROJECT["tool"]["hatch"]["metadata"]["hooks"]["fancy-pypi-readme"]
    (fragment,) = hook["fragments"]
    text = (ROOT / fragment["path"]).read_text("utf-8")
    for change in hook["substitutions"]:
        text = re.sub(change["pattern"], change["replacement"], text)
    return text


def test_fault_6_8_links_of_the_readme_lead_somewhere_on_the_package_index():
    text = on_the_index()
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    assert len(targets) > 20
    assert all(re.match(r"https://|#", target) for target in targets)
    here = [t for t in targets if t.startswith(f"{SOURCE}/")]
    assert len(here) > 15
    for target in here:
        kind, _, path = target.removeprefix(f"{SOURCE}/").split("/", 2)
        path = path.partition("#")[0]
        assert (ROOT / path).exists(), target
        # a picture is no page
        assert (kind == "raw") == (path.endswith(".png")), target
    assert "](docs/" in (ROOT / "README.md").read_text("utf-8"), (
        "as it is in a checkout"
    )


def test_fault_6_8_a_link_that_is_dead_would_be_noticed(tmp_path):
    page = tmp_path / "page.md"
    for link in ("nowhere.md", "#nowhere", f"{SOURCE}/blob/main/nowhere.md"):
        page.write_text(f"# Page\n\n[this]({link})\n")
        with pytest.raises(AssertionError):
            test_links_lead_somewhere(page)
    page.write_text(f"# Page\n\n[a](#page) [b]({SOURCE}/blob/main/LICENSE)\n")
    test_links_lead_somewhere(page)


@each_page
def test_python_compiles(page):
    for source in blocks(page, "python"):
        compile(source, str(page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@each_page
def test_toml_is_toml_and_names_settings(page):
    for source in blocks(page, "toml"):
        assert set(tomllib.loads(source)) <= set(Settings.model_fields)


@each_page
def test_tests_that_are_named_exist(page):
    for name, test in re.findall(
        r"`(tests/[\w/]+(?:\.py)?)(?:::(\w+))?`", page.read_text("utf-8")
    ):
        assert (ROOT / name).exists(), name
        if test:
            source = (ROOT / name).read_text("utf-8")
            assert re.search(rf"def {test}\(", source), test


@each_page
def test_the_language_is_plain(page):
    # no dashes that nobody can type, no pictures in place of words
    found = re.findall("[\u2013\u2014\U0001f300-\U0001faff]", page.read_text("utf-8"))
    assert found == []


def test_every_page_is_on_the_map():
    linked = set(re.findall(r"\]\(([^)#]+\.md)[)#]", read("index.md")))
    there = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")}
    assert linked == there - {"index.md"}


@pytest.mark.parametrize("path", sorted((DOCS / "img").glob("*")))
def test_pictures_are_small_and_shown(path):
    assert path.stat().st_size < 200_000
    assert any(path.name in page.read_text("utf-8") for page in PAGES)


@pytest.fixture
def checkout(stack_env, tmp_path, monkeypatch) -> Iterator[None]:
    """Work beside the data, as the examples do, over the stack of the tests."""
    assert stack_env
    shutil.copytree(ROOT / "notebooks" / "data", tmp_path / "notebooks" / "data")
    monkeypatch.chdir(tmp_path)
    with contextlib.closing(jw.connect()):
        yield


@pytest.mark.usefixtures("checkout")
def test_the_example_of_the_readme_runs(capsys):
    (source,) = blocks(ROOT / "README.md", "python")
    names: dict[str, object] = {}
    exec(compile(source, "README.md", "exec"), names)  # noqa: S102  what it is for
    said = re.search(r"^print\(result\)\n# (.+)$", source, re.MULTILINE)
    assert capsys.readouterr().out.strip() == said[1]
    assert not names["first"].isna().any(axis=None)
    assert names["cells"].equals(names["df"].isna())
    assert len(set(names["means"])) > 1


@pytest.mark.usefixtures("checkout")
def test_the_tutorial_runs():
    names: dict[str, object] = {}
    for source in blocks(DOCS / "tutorial.md", "python"):
        exec(compile(source, "tutorial.md", "exec"), names)  # noqa: S102  as above
    assert len(names["result"].datasets) == 5
    assert not names["job"].result().df.isna().any(axis=None)


def run(source: str, page: str) -> None:
    """Run a block as it stands, and hold what it says of a value against the value."""
    names: dict[str, object] = {}
    lines = source.splitlines()
    for node in ast.parse(source).body:
        if not isinstance(node, ast.Expr):
            code = compile(ast.Module([node], []), page, "exec")
            exec(code, names)  # noqa: S102  as above
            continue
        code = compile(ast.Expression(node.value), page, "eval")
        found = eval(code, names)  # noqa: S307  as above
        told = re.search(r"  # ('[^']*'|\{.*\})", lines[node.end_lineno - 1])
        if told:
            assert found == ast.literal_eval(told[1]), lines[node.end_lineno - 1]


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize("name", RUN)
def test_each_block_of_a_page_runs_by_itself(name):
    sources = blocks(DOCS / name, "python")
    assert sources
    for source in sources:
        run(source, name)


def test_every_page_with_blocks_is_run():
    there = {page.name for page in DOCS.rglob("*.md") if blocks(page, "python")}
    # pictures are drawn by a test of their own; the last two configure a Hub
    assert there == {*RUN, "tutorial.md", "gallery.md", "hub.md", "operations.md"}


@pytest.mark.usefixtures("checkout")
def test_the_command_that_is_shown_fills_the_file(tmp_path):
    (line,) = [
        line
        for block in blocks(DOCS / "cli.md", "sh")
        for line in block.splitlines()
        if line.startswith("jupyter wrangler impute ")
    ]
    done = CliRunner().invoke(wrangler, line.split()[2:], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert len(list(tmp_path.glob("completed-?.csv"))) == 5


def test_the_rest_page_shows_the_names_of_the_spec():
    for name in ImputationSpec.model_fields:
        assert f"`{name}`" in read("rest.md"), name


def test_doctest_sees_no_prompt_that_nobody_runs():
    for page in PAGES:
        assert not doctest.DocTestParser().get_examples(page.read_text("utf-8"))


#: Words of an earlier private language, and the standard term.
NOT_OURS = {
    r"holes?": "missing value",
    r"mend(s|ed|ing)?": "fix",
    r"whoever (?!else)": "anyone who",
    r"the bell": "a notification",
    r"to be had": "available",
}


@each_page
def test_pages_use_the_standard_terms(page):
    text = without_code(page.read_text("utf-8"))
    for word, term in NOT_OURS.items():
        found = re.search(rf"(?<!, )\b{word}\b", text, re.IGNORECASE)
        assert not found, f"{found[0]!r}: say {term!r}"

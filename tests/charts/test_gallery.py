"""The page of pictures runs, and tells what the charts tell.

``python tests/charts/test_gallery.py`` draws the pictures again.
"""

from __future__ import annotations

import ast
import io
import os
import re
from pathlib import Path

from PIL import Image

from jupyter_wrangler.charts import Chart
from jupyter_wrangler.charts.mpl_renderer import png

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "gallery.md"
PICTURES = ROOT / "docs" / "img" / "gallery"


def examples():
    """Run the page; give the chart of each picture and the sentence told with it."""
    text = PAGE.read_text("utf-8").replace("notebooks/", f"{ROOT}/notebooks/")
    names: dict[str, object] = {}
    found: dict[str, tuple[Chart, str]] = {}
    last: object = None
    reported = ""
    pattern = r"^```python\n(.*?)^```$|^> (.+?)$|\]\(img/gallery/(\w+)\.png\)"
    for match in re.finditer(pattern, text, re.MULTILINE | re.DOTALL):
        source, sentence, picture = match.groups()
        if source:
            *before, end = ast.parse(source).body
            exec(compile(ast.Module(before, []), PAGE, "exec"), names)  # noqa: S102
            if isinstance(end, ast.Expr):
                last = eval(compile(ast.Expression(end.value), PAGE, "eval"), names)  # noqa: S307
            else:
                exec(compile(ast.Module([end], []), PAGE, "exec"), names)  # noqa: S102
            reported = ""
        elif sentence:
            reported = sentence
        else:
            found[picture] = (last, reported)
    return found


def test_the_page_runs_and_says_what_the_charts_say(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = examples()
    assert {path.stem for path in PICTURES.glob("*.png")} == set(shown)
    assert all(isinstance(chart, Chart) for chart, _ in shown.values())
    reported = {name: said for name, (_, said) in shown.items() if said}
    assert reported == {name: shown[name][0].sentence for name in reported}
    assert len(reported) > 5
    # those with random draws are shown without their numbers
    assert len(shown) - len(reported) > 5


def test_pictures_are_small():
    for path in PICTURES.glob("*.png"):
        assert path.stat().st_size <= 60_000, path.name


def draw() -> None:
    """Draw the pictures of the page, in few colours."""
    for name, (chart, _) in examples().items():
        data = png(chart.title, chart.lines, chart.panels, chart.looks, dpi=90)
        image = Image.open(io.BytesIO(data)).convert("RGBA")
        image.quantize(64).save(PICTURES / f"{name}.png", optimize=True)
        print(name, chart.sentence, (PICTURES / f"{name}.png").stat().st_size)


if __name__ == "__main__":
    os.chdir(os.environ.get("TMPDIR", "/tmp"))  # noqa: S108  one example saves a file
    draw()

"""Laws of all charts."""

from __future__ import annotations

import base64
import inspect
import io
import json
import re
import subprocess
import sys

import jsonschema
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import vl_convert
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import jupyter_wrangler as jw
from jupyter_wrangler import charts
from jupyter_wrangler.charts.model import MOST


def layers(spec):
    """All layers of a Vega-Lite dict."""
    parts = spec.get("vconcat", [spec])
    return [layer for part in parts for layer in part["layer"]]


def test_every_chart_of_the_package_is_tried(gallery):
    there = {
        name for name in charts.__all__ if inspect.isfunction(getattr(charts, name))
    }
    assert {name.split()[0] for name in gallery} == there


def test_it_is_vega_lite_of_version_5(chart, schema):
    spec = json.loads(json.dumps(chart.to_vegalite(), allow_nan=False))
    assert spec["$schema"] == "https://vega.github.io/schema/vega-lite/v5.json"
    checker = jsonschema.Draft7Validator(schema)
    assert [error.message[:300] for error in checker.iter_errors(spec)] == []


def test_vega_lite_compiles_it_without_a_warning(chart, capfd):
    # 5.8 is the oldest that vl-convert carries; JupyterLab has 5.6
    compiled = vl_convert.vegalite_to_vega(chart.to_vegalite(), vl_version="5.8")
    assert compiled["marks"]
    assert "WARN" not in capfd.readouterr().err


def test_it_says_its_finding_to_eyes_and_ears(chart):
    spec = chart.to_vegalite()
    assert chart.sentence.endswith(".")
    assert chart.sentence in spec["description"]
    assert " ".join(spec["title"]["subtitle"]).startswith(chart.sentence[:50])
    assert chart.title in repr(chart)
    assert chart.sentence in str(chart)
    for note in chart.notes:
        assert note.endswith(".")
        assert note in str(chart)


def test_no_colour_stands_alone(chart):
    looks = list(chart.looks.values())
    pairs = [(a, b) for k, a in enumerate(looks) for b in looks[:k]]
    for a, b in pairs:
        assert a.colour != b.colour
        assert (a.shape, a.dash, a.hatch) != (b.shape, b.dash, b.hatch)
    if len(looks) > 1:
        reported = [
            layer["encoding"]["shape" if "shape" in layer["encoding"] else "strokeDash"]
            for layer in layers(chart.to_vegalite())
            if {"shape", "strokeDash"} & set(layer["encoding"])
        ]
        assert reported
        for one in reported:
            assert one["scale"]["domain"] == list(chart.looks)
            assert len(set(map(str, one["scale"]["range"]))) > 1


def test_marks_are_few_and_those_of_the_layers(chart):
    counted = [len(layer["data"]["values"]) for layer in layers(chart.to_vegalite())]
    assert sum(counted) == chart.n_marks
    assert 0 < chart.n_marks <= MOST


def test_the_table_is_new_each_time(chart):
    table = chart.to_frame()
    assert len(table)
    table["new"] = 1
    assert "new" not in chart.to_frame()


def test_notebooks_get_a_picture_a_chart_and_words_but_no_html(chart):
    bundle = chart._repr_mimebundle_()
    assert set(bundle) == {
        "application/vnd.vegalite.v5+json",
        "image/png",
        "text/plain",
    }
    image = mpl.image.imread(io.BytesIO(base64.b64decode(bundle["image/png"])))
    opaque = image[..., 3] > 0.5
    assert not opaque[0].any()  # the ground shows through
    ink = image[opaque][:, :3].mean(axis=1)
    assert 0.01 < opaque.mean() < 0.9
    # nothing black, which dark ground would swallow, and white in hatches only
    assert ink.min() > 0.1
    assert (ink > 0.9).mean() < 0.25


def test_matplotlib_gets_axes_and_keeps_its_settings(chart):
    # as they are stored: asking for the backend by its name would choose one
    before = dict(dict.items(mpl.rcParams))
    figure = Figure()
    given = figure.add_subplot()
    assert chart.plot(given) is given
    own = chart.plot()
    assert isinstance(own, Axes)
    assert own.figure is not figure
    assert own.get_title(loc="left").startswith(chart.sentence[:30])
    assert dict(dict.items(mpl.rcParams)) == before
    if len(chart.panels) > 1:
        assert len(own.child_axes) == len(chart.panels)


def test_style_of_the_user_is_kept():
    chart = charts.missing_bar(pd.DataFrame({"a": [1.0, None]}))
    with mpl.rc_context({"text.color": "lime", "axes.labelcolor": "lime"}):
        ax = chart.plot()
    assert ax.xaxis.label.get_color() == "lime"


def test_matplotlib_is_wanted_late_and_pyplot_never():
    code = (
        "import sys, importlib.util as u\n"
        "import pandas as pd, jupyter_wrangler as jw\n"
        "chart = jw.charts.missing_bar(pd.DataFrame({'a': [1, None]}))\n"
        "print('matplotlib' in sys.modules)\n"
        # as where it is not installed
        "real = u.find_spec\n"
        "u.find_spec = lambda n, *a: None if n == 'matplotlib' else real(n, *a)\n"
        "print(sorted(chart._repr_mimebundle_()))\n"
        "try:\n    chart.plot()\n"
        "except ModuleNotFoundError as error:\n    print(error)\n"
        "u.find_spec = real\n"
        "chart.plot(), chart._repr_mimebundle_()\n"
        "print('matplotlib.pyplot' in sys.modules)\n"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    lines = out.stdout.splitlines()
    assert lines[0] == lines[-1] == "False"
    assert lines[1] == "['application/vnd.vegalite.v5+json', 'text/plain']"
    assert "pip install 'jupyter-wrangler[plot]'" in lines[2]


@pytest.mark.parametrize("theme", [None, "dark"])
def test_words_among_the_marks_are_read_in_both_themes(theme):
    frame = pd.DataFrame({"a": [1.0, None]})
    spec = charts.missing_bar(frame).to_vegalite()
    words = spec | {"layer": spec["layer"][1:], "title": None}
    more = {"theme": theme} if theme else {}
    png = vl_convert.vegalite_to_png(words, vl_version="5.8", **more)
    image = mpl.image.imread(io.BytesIO(png))
    ground = image[2, 2, :3].mean()
    # the words at the right of their points, in the middle of the picture
    half = image[: image.shape[0] // 2, image.shape[1] // 2 :, :3].mean(axis=2)
    assert np.abs(half - ground).max() > 0.5


def test_jw_charts_is_the_package():
    assert jw.charts is charts
    assert jw.charts.missing_bar is charts.missing_bar


def test_names_are_drawn_as_they_are_written():
    frame = pd.DataFrame({"$x^2$ cost": [1.0, None], "a_b ($": [1, None]})
    chart = charts.missing_bar(frame)
    ax = chart.plot()
    ax.figure.canvas.draw()  # a single dollar sign would end here
    labels = [label for label in ax.get_yticklabels() if label.get_text()]
    assert [label.get_text() for label in labels] == ["$x^2$ cost", "a_b ($"]
    assert not any(label.get_parse_math() for label in labels)
    spec = chart.to_vegalite()
    y = spec["layer"][0]["encoding"]["y"]
    assert y["scale"]["domain"] == ["$x^2$ cost", "a_b ($"]


def test_names_of_the_user_are_data_and_never_code():
    evil = '\'];alert("x");//'
    frame = pd.DataFrame({evil: [1.0, 2.0, None], "y": [1.0, None, 2.0]})
    found = jw.Imputer("mean").impute(frame, 1)
    for chart in (charts.missing_bar(frame), charts.strip(found, evil)):
        spec = chart.to_vegalite()
        fields = {
            channel["field"]
            for layer in layers(spec)
            for channel in layer["encoding"].values()
            if "field" in channel
        }
        assert all(name.isidentifier() for name in fields)
        expressions = re.findall(r'"(?:expr|labelExpr)": "(.*?)"[,}]', json.dumps(spec))
        assert not any("alert" in text for text in expressions)
        vl_convert.vegalite_to_svg(spec, vl_version="5.8")


def test_numbers_are_json_whatever_they_are():
    from jupyter_wrangler.charts.marks import Axis, Layer, Panel
    from jupyter_wrangler.charts.vegalite import spec

    cells = [1 / 3, np.nan, np.inf, None, 1_600_000_000_000.0]
    data = pd.DataFrame({"x": cells, "y": pd.array([1, None, 3, 4, 5], dtype="Int64")})
    panel = Panel(
        x=Axis(), y=Axis(), layers=(Layer(mark="point", data=data, x="x", y="y"),)
    )
    made = spec("title", ["Sentence."], [panel], {})
    values = made["layer"][0]["data"]["values"]
    assert [line["x"] for line in values] == [0.333333, None, None, None, 1.6e12]
    assert [line["y"] for line in values] == [1, None, 3, 4, 5]
    json.dumps(made, allow_nan=False)


@pytest.mark.parametrize(
    "x",
    [
        np.array([5.0]),
        np.full(9, 5.0),
        np.zeros(9),
        np.arange(9.0),
        np.random.default_rng(0).normal(size=5_000) * 1e-9,
    ],
)
def test_curves_hold_one_whole(x):
    from jupyter_wrangler.charts.kde import common_grid, density

    grid, (width,) = common_grid([x], 400)
    whole = np.linspace(x.min() - 6 * width, x.max() + 6 * width, 4_000)
    area = density(x, whole, width).sum() * (whole[1] - whole[0])
    assert area == pytest.approx(1.0, abs=1e-3)
    assert grid[0] <= x.min()
    assert grid[-1] >= x.max()
    assert (np.diff(grid) > 0).all()

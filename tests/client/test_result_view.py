"""What a result shows in a cell: escaped, plain, small, and the same as text."""

import base64
import io
import re

import numpy as np
import pandas as pd
import pytest
from IPython.lib.pretty import pretty
from PIL import Image

import jupyter_wrangler as jw
from jupyter_wrangler.client.objects import result_view
from jupyter_wrangler.client.views.pictures import HEIGHT, WIDTH, overlay_png
from tests.client.local import local_result
from tests.client.page import PLAIN, parsed

EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def evil():
    rng = np.random.default_rng(0)
    df = pd.DataFrame(
        {
            EVIL: rng.normal(50, 10, 300),
            "class": rng.choice([EVIL, "'\"&"], 300),
            "x": rng.normal(size=300),
            "day": pd.Timestamp("2026-01-01")
            + pd.to_timedelta(rng.integers(0, 90, 300), "D"),
        },
        index=[f"{EVIL}{k}" for k in range(300)],
    )
    for k in range(df.shape[1]):
        df.iloc[k : 200 + k : 3, k] = None
    return local_result(df, n_imputations=3, max_iter=5)


def test_it_is_escaped_and_plain(evil):
    whole = evil._repr_html_()
    assert "<script" not in whole
    page = parsed(re.sub(r"<img [^>]*>", "", whole))
    assert page.tags <= PLAIN | {"details", "summary"}
    assert page.attributes <= {"title", "align", "scope", "style"}
    assert EVIL[:20] in page.text


def test_imputed_cells_say_how_they_came_about(evil):
    marks = re.findall(r'<mark [^>]*title="([^"]*)">', evil._repr_html_())
    assert len(marks) >= 10
    assert all(one.startswith("imputed: pmm, ") for one in marks)
    assert any(re.fullmatch(r"imputed: pmm, [\d.]+ to [\d.]+", one) for one in marks)
    assert any(one.endswith("of 3 times") for one in marks)


def test_the_text_says_the_same(evil):
    said = pretty(evil)
    for check in evil.verdict.document.checks:
        assert check.sentence in said
        assert check.title in said
    assert "observed |" in said
    assert re.search(r"\[[\d.]+\]", said)


def test_it_has_a_picture_of_each_column(evil):
    pictures = re.findall(
        r'<img src="data:image/png;base64,([^"]+)" width="(\d+)" height="(\d+)" '
        r'alt="([^"]+)">',
        evil._repr_html_(),
    )
    assert len(pictures) == 4
    for data, *_, alt in pictures:
        image = Image.open(io.BytesIO(base64.b64decode(data)))
        image.load()
        assert image.size == (WIDTH, HEIGHT)
        assert "observed" in alt


def test_a_picture_shows_both_distributions():
    image = Image.open(io.BytesIO(overlay_png([1.0, 0.0], [0.0, 1.0]))).convert("RGB")
    blue, orange = (0x56, 0xA0, 0xD3), (0xD5, 0x5E, 0x00)
    pixels = np.asarray(image)
    left, right = pixels[:, : WIDTH // 2 - 2], pixels[:, WIDTH // 2 + 2 :]
    assert (left == blue).all(axis=2).sum() > (right == blue).all(axis=2).sum()
    # the line of the imputed values lies low at the left and high at the right
    rows = [
        np.flatnonzero((half == orange).all(axis=2).any(axis=1))
        for half in (left, right)
    ]
    assert rows[0].min() > rows[1].min()


def test_five_thousand_columns_stay_small():
    rng = np.random.default_rng(0)
    wide = pd.DataFrame(rng.normal(size=(60, 5_000))).add_prefix(EVIL)
    wide = wide.mask(rng.random(wide.shape) < 0.2)
    result = local_result(wide, method="mean")
    page = result._repr_html_()
    assert len(page.encode()) <= 60_000
    assert "4,988 more columns were imputed" in page


def test_the_worst_come_first():
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(400, 20)), columns=[f"c{k}" for k in range(20)])
    df = df.mask(rng.random(df.shape) < 0.2)
    result = local_result(df, n_imputations=2, max_iter=4, delta={"c17": 9.0})
    pictures = re.findall(r'alt="(c\d+):', result._repr_html_())
    assert pictures[0] == "c17"
    assert len(pictures) == 12
    assert "8 more columns were imputed" in pretty(result)


def test_many_bytes_are_not_fetched_for_a_view(monkeypatch):
    monkeypatch.setattr(result_view, "MOST_BYTES", 1)
    result = local_result(jw.data.airquality(), n_imputations=2, max_iter=4)
    cells, result._cells = result._cells, {}
    assert "were not fetched for this view" in pretty(result)
    result._cells = cells
    assert result.verdict.checks["distributions"].n_judged == 1


def test_nothing_imputed_is_said():
    result = local_result(pd.DataFrame({"x": [1.0, 2.0]}))
    assert "Nothing was imputed" in pretty(result)
    assert "Nothing is missing any more" in result._repr_html_()


def test_a_verdict_prints_itself():
    verdict = local_result(jw.data.airquality(), method="mean").verdict
    assert repr(verdict).splitlines()[0] == verdict.findings[0]
    assert verdict.mark == "look"
    assert "How this is decided" in verdict._repr_html_()

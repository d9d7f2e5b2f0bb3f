"""What a profile shows and gives: text, HTML, tables, and marked frames."""

import json

import numpy as np
import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jupyter_wrangler as jw
from jupyter_wrangler import contract
from jupyter_wrangler.client.objects.profile import Profile
from jupyter_wrangler.client.views.profile_text import blocks, number
from jupyter_wrangler.engine.missingness.patterns import flux, md_pairs, md_pattern
from jupyter_wrangler.errors import InvalidData, InvalidSpec
from tests.client.page import parsed

EVIL = "<script>alert(1)</script>"
#: Elements and attributes that JupyterLab keeps in a notebook it does not trust.
PLAIN = {
    *("p", "b", "i", "code", "progress", "ul", "li", "details", "summary"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"value", "max", "title", "align", "scope", "open"}


@pytest.fixture(scope="module")
def patients():
    rng = np.random.default_rng(0)
    n = 300
    age = rng.normal(50, 15, n).clip(18, 95).round()
    df = pd.DataFrame(
        {
            "age": age,
            "ward": rng.choice(["A&E", "B", "C"], n),
            "chol": np.where(rng.random(n) < 0.1 + 0.4 * (age > 60), np.nan, 200 + age),
            "rate": np.where(np.arange(n) < 9, 255, rng.normal(75, 12, n).round()),
            "smoker": rng.choice(["yes", "no", "unknown"], n),
            "drinks": rng.choice(["yes", "no", "none"], n),
        }
    )
    df["ldl"] = df["chol"] + rng.normal(size=n)
    return df


@pytest.fixture(scope="module")
def found(patients):
    return jw.profile(patients)


def test_text_begins_with_what_stands_out(found):
    lines = repr(found).splitlines()
    assert lines[0] == found.sentences[0]
    assert lines[0].startswith("300 rows and 7 columns; ")
    assert any(line.startswith("- rate: 255 occurs 9 times") for line in lines)
    assert max(map(len, lines[: lines.index("")])) <= max(88, len(lines[0]))
    head = lines.index("") + 1
    assert lines[head].split() == [
        *("column", "level", "missing", "distinct", "shape", "values")
    ]
    assert len(lines) == head + 1 + 7
    assert str(found) == repr(found)


def test_html_is_plain_and_says_the_same(found):
    page = parsed(found._repr_html_())
    assert page.tags <= PLAIN
    assert page.attributes <= ATTRIBUTES
    for sentence in found.sentences:
        assert sentence in page.text
    for title in ("Columns (7)", "Patterns of missing values (2)", "Little's test"):
        assert title in page.text


def test_what_others_wrote_is_escaped():
    df = pd.DataFrame(
        {
            EVIL: [EVIL, "?", None] * 9,
            "n": [1.0, 2.0, None] * 9,
            "l": [[EVIL]] * 27,
            "m": [EVIL, 1, 2.5] * 9,
        },
        index=pd.Index([f"{EVIL}{i}" for i in range(27)]),
    )
    df.loc[df.index[:4], "n"] = np.nan
    page = parsed(jw.profile(df)._repr_html_())
    assert page.tags <= PLAIN
    assert EVIL in page.text


def test_long_tables_are_cut_and_say_so():
    rng = np.random.default_rng(0)
    y = rng.normal(size=(400, 60))
    y[rng.random(y.shape) < 0.02] = np.nan
    y[:50, 3:6] = -999
    found = jw.profile(pd.DataFrame(y))
    text = parsed(found._repr_html_()).text
    assert "... and 30 more." in text
    assert "those with most of them" in text
    assert "... and 30 more columns." in repr(found)
    assert "Note: " in repr(found)
    assert len(found._repr_html_()) < 64_000


def test_a_frame_without_missing_values_shows_its_columns():
    found = jw.profile(pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}))
    text = parsed(found._repr_html_()).text
    assert "no cell is missing" in text
    for title in ("Patterns", "Influx", "Little", "Longest runs", "stands out"):
        assert title not in text


def test_the_frame_has_a_line_for_each_column(patients, found):
    frame = found.to_frame()
    assert list(frame.index) == list(patients)
    assert frame["missing"].tolist() == patients.isna().sum().tolist()
    assert frame["distinct"].tolist() == patients.nunique().tolist()
    assert frame.loc["age", "median"] == patients["age"].median()
    assert frame.loc["ward", "top"] == patients["ward"].mode()[0]
    assert len(frame.loc["age", "shape"]) == 16


def test_tables_are_those_of_the_verbs_that_make_one_each(patients, found):
    pd.testing.assert_frame_equal(
        found.patterns, md_pattern(patients).to_frame(), check_dtype=False
    )
    assert found.monotone
    mine, theirs = found.pairs, md_pairs(patients)
    for name in ("rr", "rm", "mr", "mm"):
        pd.testing.assert_frame_equal(getattr(mine, name), getattr(theirs, name))
    pd.testing.assert_frame_equal(found.flux, flux(patients), check_index_type=False)
    r = patients[["chol", "ldl"]].isna().corr()
    pd.testing.assert_frame_equal(found.missing_correlation, r)


def test_other_tables(found):
    assert found.disguised["column"].tolist() == ["rate", "smoker", "drinks"]
    assert found.disguised["sure"].tolist() == [True, True, False]
    assert found.codes == {"rate": [255.0], "smoker": ["unknown"]}
    first = found.dependences.iloc[0]
    assert (first["column"], first["on"]) in {("chol", "age"), ("ldl", "age")}
    assert set(found.runs["column"]) == {"chol", "ldl"}
    assert found.mcar.p_value < 0.05
    assert found.notes == found.document.notes


def test_tables_without_lines_have_their_columns():
    found = jw.profile(pd.DataFrame({"a": [1.0, 2.0]}))
    assert list(found.disguised) == list(contract.Disguised.model_fields)
    assert list(found.dependences) == list(contract.Dependence.model_fields)
    assert found.runs.empty
    assert found.missing_correlation.empty


def test_of_too_many_columns_there_are_no_pairs():
    y = np.full((30, 250), 1.0)
    y[0] = np.nan
    found = jw.profile(pd.DataFrame(y))
    with pytest.raises(
        InvalidData, match="250 columns with missing values are more than 200"
    ):
        found.pairs  # noqa: B018  reading it is the test
    with pytest.raises(InvalidData):
        found.missing_correlation  # noqa: B018  as above


def test_what_is_sure_is_marked_and_counted(patients, found, capsys):
    before = patients.copy(deep=True)
    after = found.mark_missing(patients)
    reported = capsys.readouterr().out
    n = int((patients["smoker"] == "unknown").sum())
    assert reported == (
        f"{n + 9} cells became missing: rate 255.0 (9), smoker 'unknown' ({n}).\n"
    )
    pd.testing.assert_frame_equal(patients, before)
    assert after["rate"].isna().sum() == 9
    assert after["smoker"].isna().sum() == n
    assert after["drinks"].notna().all()
    assert jw.profile(after).codes == {}


def test_what_is_not_sure_is_marked_when_asked(patients, found, capsys):
    after = found.mark_missing(patients, unsure=True, verbose=False)
    assert capsys.readouterr().out == ""
    assert after["drinks"].isna().sum() == (patients["drinks"] == "none").sum()


def test_polars_comes_back_as_polars(patients, capsys):
    frame = pl.from_pandas(patients).with_columns(
        pl.col("rate").cast(pl.UInt8), pl.col("ward").cast(pl.Categorical)
    )
    found = jw.profile(frame)
    assert found.codes == {"rate": [255], "smoker": ["unknown"]}
    after = found.mark_missing(frame)
    assert capsys.readouterr().out.endswith(")." + "\n")
    assert after.schema == frame.schema
    assert after["rate"].null_count() == 9
    assert_frame_equal(after.select("age", "ward"), frame.select("age", "ward"))


def test_a_document_that_was_sent_shows_the_same(found):
    sent = json.loads(found.document.model_dump_json())
    again = Profile(contract.ProfileDocument.model_validate(sent))
    assert repr(again) == repr(found)
    assert again._repr_html_() == found._repr_html_()


def test_what_makes_no_sense_is_refused(patients):
    with pytest.raises(InvalidSpec, match="max_patterns"):
        jw.profile(patients, max_patterns=0)
    with pytest.raises(InvalidSpec, match="random_state"):
        jw.profile(patients, random_state="x")
    assert jw.profile(patients, columns="age").document.n_columns == 1


def test_blocks_and_numbers():
    assert blocks([]) == ""
    assert blocks([0, 1, 8]) == "\u00a0▁█"
    assert [number(v) for v in (None, "2024", 3.0, 0.12344, 1e9)] == [
        *("?", "2024", "3", "0.1234", "1e+09")
    ]

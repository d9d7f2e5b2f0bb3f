"""`jw.correlate` and what it shows: matrix, pairs, order, text and static HTML."""

import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from jupyter_wrangler import contract, errors
from jupyter_wrangler.client.objects.correlation import Correlation
from jupyter_wrangler.client.verbs.correlate import correlate
from tests.client.page import parsed
from tests.waiting import CEILING_S

DATA = Path(__file__).parents[3] / "notebooks" / "data"
EVIL = "<script>alert(1)</script>"
PLAIN = {"p", "b", "mark", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}


@pytest.fixture(scope="module")
def penguins():
    return pd.read_csv(DATA / "penguins.csv")


def test_the_matrix_of_numbers_is_that_of_pandas(penguins):
    numbers = penguins.select_dtypes("number")
    pd.testing.assert_frame_equal(correlate(numbers).to_frame(), numbers.corr())


def test_the_clustered_matrix_is_the_same_in_another_order(penguins):
    found = correlate(penguins)
    clustered = found.to_frame(clustered=True)
    assert list(clustered.index) == list(clustered.columns) == found.order
    pd.testing.assert_frame_equal(
        clustered.loc[found.columns, found.columns], found.to_frame()
    )


def test_pairs_come_with_all_that_is_known_of_them(penguins):
    pairs = correlate(penguins).pairs()
    assert list(pairs.columns) == [
        *("x", "y", "measure", "r", "n", "p", "p_adjusted", "reason")
    ]
    best = pairs.iloc[0]
    assert best["measure"] == "correlation_ratio"
    assert best["n"] == 342
    assert pairs["r"].abs().is_monotonic_decreasing
    assert (pairs["p_adjusted"] >= pairs["p"]).all()
    assert (pairs["reason"] == "").all()


def test_theils_u_has_two_directions():
    df = pd.DataFrame({"country": ["se", "se", "no", "no"] * 4, "city": [*"abcd"] * 4})
    found = correlate(df, "theils_u")
    matrix = found.to_frame()
    assert matrix.loc["country", "city"] == pytest.approx(1.0)
    assert matrix.loc["city", "country"] == pytest.approx(0.5)
    assert found.pairs().loc[0, ["r", "back"]].tolist() == [1.0, 0.5]


def test_missing_values_correlate_too(penguins):
    missing = correlate(penguins).missing
    wanted = penguins[missing.columns].isna().astype(float).corr()
    np.testing.assert_allclose(missing, wanted, atol=1e-12)


def test_polars_and_pandas_give_the_same(penguins):
    numbers = penguins.select_dtypes("number")
    ours = correlate(pl.from_pandas(numbers)).to_frame()
    pd.testing.assert_frame_equal(ours, correlate(numbers).to_frame())


def test_columns_are_named_by_their_labels(penguins):
    found = correlate(penguins, columns=["year", "sex"])
    assert found.columns == ["sex", "year"]
    assert correlate(penguins, columns="year").columns == ["year"]
    assert correlate(pd.DataFrame({1: [1.0, 2, 3], 2: [3.0, 1, 2]}), columns=[1])


def test_a_wrong_correction_is_refused(penguins):
    with pytest.raises(errors.InvalidSpec, match="adjust"):
        correlate(penguins, adjust="sidak")


def test_the_data_stay_as_they_are(penguins):
    before = penguins.copy(deep=True)
    correlate(penguins)
    pd.testing.assert_frame_equal(penguins, before)


def test_a_document_that_has_travelled_shows_the_same(penguins):
    found = correlate(penguins)
    sent = found.document.model_dump_json()
    other = Correlation(contract.CorrelationDocument.model_validate_json(sent))
    assert repr(other) == repr(found)
    assert other._repr_html_() == found._repr_html_()


def test_the_text_says_what_stands_out(penguins):
    shown = repr(correlate(penguins.assign(name=[f"n{i}" for i in range(344)])))
    lines = shown.splitlines()
    assert lines[0].startswith("Correlation of 8 columns, 344 rows, pairwise complete:")
    assert "20 of 28 pairs are related beyond chance" in lines[1]
    assert "'name' is left out. It is text" in shown
    assert re.search(r"flipper_length_mm +body_mass_g +pearson +0\.87 +342", shown)


def test_section_5_words_of_the_table_begin_at_the_left(penguins):
    table = repr(correlate(penguins)).split("\n\n")[-1].splitlines()
    head, *rows = table
    assert head.startswith("x ")
    for word in ("y", "measure"):
        place = head.index(f" {word} ") + 1
        assert all(row[place - 1] == " " != row[place] for row in rows)
    assert all(row[0] != " " for row in rows)
    assert len({len(row) for row in rows}) == 1, "numbers end at the right"


def test_the_html_is_of_plain_elements_and_escaped(penguins):
    df = penguins.rename(columns={"year": EVIL, "sex": f"{EVIL}2"})
    shown = correlate(df)._repr_html_()
    assert EVIL not in shown
    page = parsed(shown)
    assert page.tags <= PLAIN
    assert all(re.fullmatch(r"background-color: #[0-9a-f]{6}", s) for s in page.styles)
    assert len(shown) < 20_000


def test_shades_say_how_strong_and_the_number_stands_there_too():
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    df = pd.DataFrame({"x": x, "up": x + rng.normal(size=200) / 9, "down": -x})
    df["other"] = rng.normal(size=200)
    shown = correlate(df)._repr_html_()
    assert '<mark style="background-color: #4f95da">0.99</mark>' in shown
    assert '<mark style="background-color: #e8853a">-1.00</mark>' in shown


def test_wide_and_empty_frames_have_views():
    rng = np.random.default_rng(1)
    wide = correlate(pd.DataFrame(rng.normal(size=(30, 40))).add_prefix("x"))
    assert wide._repr_html_().count("<table>") == 1
    nothing = correlate(pd.DataFrame({"t": ["a", "b"]}))
    assert "is left out" in nothing._repr_html_()
    assert nothing.to_frame().empty
    assert nothing.pairs().empty
    many = correlate(pd.DataFrame({f"t{k}": ["a", "b"] for k in range(9)}))
    assert "4 more columns" in repr(many)
    assert not correlate(pd.DataFrame({"x": [1.0, 2.0]}), "distance").findings


def test_what_is_not_defined_is_a_dot_and_no_number():
    df = pd.DataFrame({"x": [1.0, 2, 3, 4], "same": 1.0, "y": [1.0, 3, 2, 4]})
    found = correlate(df)
    assert ">·<" in found._repr_html_()
    assert "2 pairs are not defined" in repr(found)
    reported = repr(correlate(df.drop(columns="same"), "distance"))
    assert "nan" not in reported
    informed = repr(correlate(pd.DataFrame(np.eye(9)).add_prefix("x"), "mutual_info"))
    assert "nan" not in informed


@pytest.mark.parametrize("use", ["pairwise", "em"])
def test_a_job_of_several_parts_gives_the_same(client, penguins, use):
    rng = np.random.default_rng(2)
    more = pd.DataFrame(rng.normal(size=(344, contract.BLOCK))).add_prefix("x")
    df = penguins.join(more.mask(rng.random(more.shape) < 0.1))
    spec = contract.CorrelationSpec(use=use)
    job = client.submit(df, spec)
    found = job.result(CEILING_S)
    assert isinstance(found, Correlation)
    here = correlate(df, use=use).document
    # linear algebra adds in another order on another number of threads
    numbers = ("r", "p", "p_adjusted")
    for name in numbers:
        mine = np.array(getattr(here, name), dtype=float)
        theirs = np.array(getattr(found.document, name), dtype=float)
        np.testing.assert_allclose(theirs, mine, rtol=1e-9, atol=1e-14)
    apart = dict.fromkeys(numbers, ())
    assert found.document.model_copy(update=apart) == here.model_copy(update=apart)
    assert job.summary.sentences == found.findings[:10]


def test_a_kernel_that_correlates_loads_no_scikit_learn():
    import subprocess

    code = (
        "import sys, pandas as pd\n"
        "from jupyter_wrangler.client.verbs.correlate import correlate\n"
        "correlate(pd.DataFrame({'x': [1.0, 2, 3], 'y': [1.0, 3, 2]}))\n"
        "assert 'sklearn' not in sys.modules, 'scikit-learn was loaded'\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr

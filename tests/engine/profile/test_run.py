"""A whole look: its laws, its sentences, and data that nobody wants."""

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.contract import AnalysisSpec, ProfileDocument
from jupyter_wrangler.engine.profile.mark import mark
from jupyter_wrangler.engine.profile.run import profile
from jupyter_wrangler.errors import (
    DuplicateColumns,
    EmptyFrame,
    InvalidSpec,
    UnknownColumn,
    UnsupportedFrame,
)


@pytest.fixture(scope="module")
def patients():
    rng = np.random.default_rng(0)
    n = 600
    age = rng.normal(50, 15, n).clip(18, 95).round()
    df = pd.DataFrame(
        {
            "age": age,
            "ward": rng.choice(["A&E", "B", "C"], n),
            "chol": np.where(rng.random(n) < 0.1 + 0.4 * (age > 60), np.nan, 200 + age),
            "rate": np.where(rng.random(n) < 0.05, 255, rng.normal(75, 12, n).round()),
            "smoker": rng.choice(["yes", "no", "unknown"], n),
            "empty": np.nan,
            "same": 7,
        }
    )
    df["ldl"] = df["chol"] + rng.normal(size=n)
    df.loc[100:129, "age"] = np.nan
    return df


def test_sentences_say_what_stands_out(patients, look):
    reported = "\n".join(look(patients).sentences)
    assert reported.startswith("600 rows and 8 columns; ")
    n = (patients["smoker"] == "unknown").sum()
    assert (
        f'smoker: "unknown" occurs {n} times and says that there is no value.'
        in reported
    )
    assert "rate: 255 occurs" in reported
    assert "empty has no value at all." in reported
    assert "same has the same value in all rows that have one." in reported
    lost = patients["chol"].isna().sum()
    assert f"chol and ldl are always missing together, in {lost} rows." in reported
    assert (
        "chol is missing where age is larger (standardised mean difference" in reported
    )
    assert "after Holm's correction for" in reported
    assert "age is missing in 30 rows in a row, from 100 to 129." in reported


def test_a_frame_without_missing_values_says_so(look):
    df = pd.DataFrame({"a": np.arange(30.0), "b": ["x", "y", "z"] * 10})
    assert look(df).sentences == ("30 rows and 2 columns; no cell is missing.",)


def test_steps_lead_to_the_end(patients):
    steps = list(profile(patients, AnalysisSpec()))
    done = [step.done for step in steps]
    assert done == sorted(done)
    assert 0 < done[-1] <= steps[-1].total
    assert [step.column for step in steps if step.column] == list(patients)


def test_the_document_survives_json(patients, look):
    document = look(patients)
    text = document.model_dump_json()
    assert ProfileDocument.model_validate_json(text) == document
    assert "NaN" not in text
    assert "Infinity" not in text


def test_the_frame_is_not_changed(patients, look):
    before = patients.copy(deep=True)
    look(patients)
    pd.testing.assert_frame_equal(patients, before)


def without_rows(document):
    """Leave out what depends on the order of the rows: runs, and how they are said."""
    columns = [c.model_copy(update={"runs": (), "n_runs": 0}) for c in document.columns]
    said = tuple(s for s in document.sentences if "in a row" not in s)
    return document.model_copy(update={"columns": tuple(columns), "sentences": said})


def nearly(one, other):
    """Whether two documents are equal but for the last digits."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(nearly(one[k], other[k]) for k in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(nearly, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return one == pytest.approx(other, rel=1e-6, abs=1e-9)
    return one == other


@pytest.mark.parametrize("seed", [0, 1])
def test_the_order_of_the_rows_does_not_matter(patients, look, seed):
    shuffled = patients.sample(frac=1.0, random_state=seed)
    one, other = without_rows(look(patients)), without_rows(look(shuffled))
    assert nearly(one.model_dump(), other.model_dump())


def test_what_categories_are_called_does_not_matter(patients, look):
    df = patients[["ward", "chol", "age"]]
    other = df.assign(ward=df["ward"].map({"A&E": "x1", "B": "x2", "C": "x3"}))
    one, two = look(df), look(other)
    assert one.dependences == two.dependences
    assert one.columns[0].histogram == two.columns[0].histogram
    assert nearly(one.mcar.model_dump(), two.mcar.model_dump())


def test_sentinel_values_are_left_out_of_the_histogram(look):
    days = pd.Series(pd.date_range("2024", periods=64, freq="D"))
    df = pd.DataFrame({"x": np.arange(64.0), "when": days})
    df.loc[:2, "x"] = -999
    df.loc[:2, "when"] = pd.Timestamp("1900-01-01")
    for column in look(df).columns:
        assert sum(column.histogram) == 61
        assert max(column.histogram) < 6


def _incomes(seed, n=1_200):
    """Values of x missing completely at random, beside incomes with 2 % of codes."""
    rng = np.random.default_rng(seed)
    income = rng.lognormal(10, 0.5, n).round()
    income[rng.random(n) < 0.02] = 9_999_999
    x = np.where(rng.random(n) < 0.3, np.nan, rng.normal(size=n))
    return pd.DataFrame({"x": x, "income": income})


def test_fault_1_8_codes_make_no_dependence(look):
    documents = [look(_incomes(seed)) for seed in range(30)]
    assert all(document.columns[1].n_codes > 5 for document in documents)
    blamed = [
        document
        for document in documents
        if any(hit.column == "x" for hit in document.dependences.listed)
    ]
    assert len(blamed) <= 2
    said = [s for d in documents for s in d.sentences if "is missing where" in s]
    assert len(said) <= 2
    assert sum(document.mcar.p_value < 0.001 for document in documents) <= 1


@pytest.mark.parametrize(
    ("codes", "value"),
    [
        ([9_999_999.0], None),
        ([-1.0, -99.0], None),
        ([np.inf], None),
        (["N/A", "?"], "abc"),
        ([pd.Timestamp("1900-01-01")], pd.Timestamp("2024-01-01")),
    ],
)
def test_fault_1_8_what_is_found_is_what_is_found_after_marking(look, codes, value):
    rng = np.random.default_rng(1)
    n = 600
    if isinstance(value, str):
        y = pd.Series(rng.choice(list(value), n), dtype=object)
    elif value is not None:
        y = pd.Series(value + pd.to_timedelta(rng.integers(1, 400, n), unit="D"))
    else:
        y = pd.Series(rng.normal(50, 9, n).round())
    z = rng.normal(size=n)
    for k, code in enumerate(codes):
        y[(z > 1) & (np.arange(n) % 3 == k)] = code
    x = np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n))
    df = pd.DataFrame({"x": x, "y": y, "z": z})
    found = look(df)
    sure = {hit.value for hit in found.disguised if hit.sure}
    assert len(sure) == len(codes)
    marked = mark(df, {"y": list(sure)}).frame
    wanted = look(marked)
    assert wanted.disguised == ()
    assert found.dependences.listed == wanted.dependences.listed
    assert found.dependences.n_compared == wanted.dependences.n_compared
    assert found.dependences.listed[0].column == "y"
    assert found.mcar.statistic == wanted.mcar.statistic
    assert found.mcar.df == wanted.mcar.df
    column, without = found.columns[1], wanted.columns[1]
    assert column.quantiles == without.quantiles
    assert column.histogram == without.histogram
    assert column.top == without.top
    # what is counted as missing is what the frame says
    assert column.n_missing == 0
    assert column.n_codes == without.n_missing == int(marked["y"].isna().sum())
    assert found.patterns == look(df[["x", "y", "z"]]).patterns
    assert found.n_missing == int(df.isna().sum().sum())
    # and it says so
    assert any(f"these {column.n_codes} cells out" in s for s in found.sentences)
    assert f"{column.n_codes} cells with codes" in found.dependences.notes[-1]
    assert f"{column.n_codes} cells with codes" in found.mcar.sentence


def test_only_the_columns_that_are_named(patients, look):
    document = look(patients, columns=("chol", "ldl"))
    assert [column.name for column in document.columns] == ["chol", "ldl"]
    assert document.n_columns == 2


def test_runs_are_reported_in_the_order_of_time(look):
    df = pd.DataFrame({"t": [3, 1, 4, 2, 5], "x": [None, 1.0, None, 2.0, None]})
    (run,) = look(df, time="t").columns[1].runs
    assert (run.first, run.last, run.n) == ("3", "5", 3)
    assert look(df).columns[1].n_runs == 3


@pytest.mark.parametrize(
    ("df", "error"),
    [
        (pd.DataFrame({"a": []}), EmptyFrame),
        (pd.DataFrame(index=[1, 2]), EmptyFrame),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), DuplicateColumns),
        (pd.DataFrame([[1, 2]], columns=["1", 1]), DuplicateColumns),
        ([1, 2], UnsupportedFrame),
    ],
)
def test_what_is_no_usable_frame_is_refused(df, error, look):
    with pytest.raises(error):
        look(df)


def test_what_the_spec_cannot_mean_is_refused(look):
    df = pd.DataFrame({"a": [1.0, None], "b": ["x", "y"], "t": [1.0, None]})
    with pytest.raises(UnknownColumn, match="'z'"):
        look(df, columns=("a", "z"))
    with pytest.raises(UnknownColumn, match="'z'"):
        look(df, time="z")
    with pytest.raises(InvalidSpec, match="column 'b' is"):
        look(df, time="b")
    with pytest.raises(InvalidSpec, match="1 missing values"):
        look(df, time="t")


def test_one_row_one_cell_and_only_missing_values(look):
    assert look(pd.DataFrame({"a": [1.0]})).n_complete_rows == 1
    empty = look(pd.DataFrame({"a": [np.nan] * 3, "b": [None] * 3}))
    assert empty.n_missing == 6
    assert empty.columns[0].n_distinct == 0
    assert "a and b have no value at all." in empty.sentences


def test_cells_may_hold_anything(look):
    n = 30
    df = pd.DataFrame(
        {
            "lists": [[1, 2], None] * 15,
            "dicts": [{"a": 1}] * n,
            "mixed": [1, "N/A", 2.5] * 10,
            "zone": pd.date_range("2024", periods=n, tz="Europe/Berlin"),
            "huge": np.linspace(-1, 1, n) * 1.7e308,
            "infinite": [np.inf, 1.0, None] * 10,
        }
    )
    document = look(df)
    levels = {column.name: column.level for column in document.columns}
    assert levels["lists"] == levels["dicts"] == "nested"
    assert levels["mixed"] == "mixed"
    assert {(hit.column, hit.value) for hit in document.disguised} == {
        ("mixed", "N/A"),
        ("infinite", "inf"),
    }
    assert any("type list" in sentence for sentence in document.sentences)
    assert document.columns[0].n_missing == 15


def test_ten_thousand_columns_and_what_is_left_out(look):
    rng = np.random.default_rng(0)
    y = rng.normal(size=(50, 10_000))
    y[rng.random(y.shape) < 0.1] = np.nan
    y[0] = np.nan
    document = look(pd.DataFrame(y))
    assert len(document.columns) == len(document.flux) == 10_000
    assert document.pairs is None
    assert document.dependences.n_compared == 0
    notes = " ".join(document.notes)
    assert "10,000 columns with missing values are more than 200" in notes
    assert "99,990,000 pairs are more than 40,000" in notes
    assert "10,000 columns are more than the 250" in document.mcar.sentence


@pytest.mark.parametrize("dtype", ["str", object])
def test_a_million_different_strings(dtype, look):
    df = pd.DataFrame({"id": np.char.add("u", np.arange(10**6).astype(str))})
    (column,) = look(df.astype(dtype)).columns
    assert (column.level, column.n_distinct, column.top) == ("text", 10**6, ())

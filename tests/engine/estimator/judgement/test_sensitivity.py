"""What an answer rests on: numbers by hand, shifts in units, formulas that follow."""

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.estimator.imputations import impute_m
from jupyter_wrangler.engine.estimator.judgement.sensitivity import sensitivity
from jupyter_wrangler.engine.pooling.pool import pool
from jupyter_wrangler.errors import InvalidData, InvalidSpec, UnknownColumn


@pytest.fixture(scope="module")
def df():
    rng = np.random.default_rng(0)
    x = rng.normal(10, 2, 60)
    frame = pd.DataFrame({"x": x, "y": 2 * x + rng.normal(size=60)})
    frame["twice"] = 2 * frame["y"]
    frame["c"] = np.where(x > 10, "a", "b")
    frame.loc[:14, ["y", "twice"]] = np.nan
    frame.loc[50:, "c"] = None
    return frame


def made(df, **settings):
    spec = ImputationSpec(methods={"twice": "~ 2 * y"}, n_imputations=4, **settings)
    return impute_m(df, spec), spec


def mean_of(column):
    return lambda d: (d[column].mean(), d[column].var() / len(d))


def test_every_way_gives_the_number_that_it_gives_by_hand(df):
    found, spec = made(df)
    table = sensitivity(found, spec, lambda d: d["y"].mean())
    by = table.set_index("what")["estimate"]
    assert by["complete cases"] == pytest.approx(df.dropna()["y"].mean())
    filled = df["y"].fillna(df["y"].median())
    assert by["median or mode"] == pytest.approx(filled.mean())
    singles = [done["y"].mean() for done in found]
    assert list(by["imputation"]) == pytest.approx(singles)
    assert by["pooled"] == pytest.approx(np.mean(singles))
    assert table["low"].isna().all()
    assert table["n_rows"].tolist()[:2] == [len(df.dropna()), 60]


def test_a_shift_moves_the_imputed_cells_in_their_units(df):
    found, spec = made(df)
    table = sensitivity(found, spec, mean_of("y"), delta=[-4, 0, 4], column="y")
    pooled = table[table["what"] == "pooled"].iloc[0]
    shifted = table[table["what"] == "shifted"].set_index("delta")
    # 15 of 60 cells are imputed
    for delta in (-4.0, 0.0, 4.0):
        assert shifted.loc[delta, "estimate"] == pytest.approx(
            pooled["estimate"] + delta * 15 / 60
        )
    expected = pool([mean_of("y")(d) for d in found]).to_frame().iloc[0]
    assert shifted.loc[0.0, "low"] == pytest.approx(expected["low"])
    assert pooled["high"] == pytest.approx(expected["high"])


def test_formulas_follow_and_bounds_keep(df):
    found, spec = made(df, max_value={"y": 25.0})
    table = sensitivity(found, spec, mean_of("twice"), delta=[0, 2], column="y")
    shifted = table[table["what"] == "shifted"]["estimate"].tolist()
    assert 0 < shifted[1] - shifted[0] <= 2 * 2 * 15 / 60 + 1e-9
    top = sensitivity(found, spec, lambda d: d["y"][:15].max(), delta=[99], column="y")
    assert top["estimate"].iloc[-1] == 25


def test_one_parameter_has_to_be_named(df):
    found, spec = made(df)

    def two(d):
        return pd.Series({"a": d["y"].mean(), "b": 1.0}), np.eye(2)

    with pytest.raises(InvalidSpec, match="'a', 'b'"):
        sensitivity(found, spec, two)
    table = sensitivity(found, spec, two, term="b")
    assert table["estimate"].tolist() == [1.0] * len(table)


def test_an_analysis_that_fails_on_few_rows_says_so(df):
    lost = df.assign(gone=[np.nan] * 59 + [1.0])
    found, spec = made(lost)
    table = sensitivity(found, spec, lambda d: d["y"].mean())
    assert table["reason"].iloc[0] == "No row is complete."

    def picky(d):
        if len(d) < 60:
            raise ValueError("too few")
        return 1.0

    few = sensitivity(*made(df), picky)
    assert few["reason"].iloc[0] == "ValueError: too few"


def test_what_cannot_be_shifted_is_refused(df):
    found, spec = made(df)
    for delta, column, error, words in [
        ([1], None, InvalidSpec, "name it"),
        ([1], "c", InvalidSpec, "log-odds"),
        ([1], "x", UnknownColumn, "'x'"),
        (["a"], "y", InvalidSpec, "no number"),
        ([np.inf], "y", InvalidSpec, "not finite"),
    ]:
        with pytest.raises(error, match=words):
            sensitivity(found, spec, mean_of("y"), delta=delta, column=column)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"fn": 5}, "fn is 5, and a function is wanted"),
        ({"delta": 5}, "delta is 5, and a list of shifts"),
        ({"delta": "ab"}, "delta is 'ab', and a list of shifts"),
        ({"delta": {"y": 1}}, "and a list of shifts"),
        ({"delta": [1], "column": "day"}, "datetime.* name a column of numbers"),
    ],
)
def test_what_cannot_be_analysed_or_shifted_is_said(df, given, said):
    day = pd.Series(pd.date_range("2020-01-01", periods=60))
    found, spec = made(df.assign(day=day.where(day.index % 9 > 0)))
    with pytest.raises(InvalidSpec, match=said):
        sensitivity(found, spec, **({"fn": mean_of("y")} | given))


def test_a_negative_variance_is_refused(df):
    found, spec = made(df)
    table = sensitivity(found, spec, mean_of("y"))
    assert table["low"].notna().all()
    with pytest.raises(InvalidData, match="negative"):
        sensitivity(found, spec, lambda d: (d["y"].mean(), -1.0))


def test_an_interval_of_one_fit_is_that_of_its_residual_degrees_of_freedom(df):
    """As the model's own, and wider than that of a normal distribution."""
    import statsmodels.formula.api as smf

    found, spec = made(df)

    def fit(d):
        return smf.ols("y ~ x", d.iloc[:12]).fit()

    table = sensitivity(found, spec, fit, term="x").set_index("what")
    low, high = fit(found.complete(0)).conf_int().loc["x"]
    first = table.loc["imputation"].iloc[0]
    assert (first["low"], first["high"]) == pytest.approx((low, high))
    pairs = sensitivity(found, spec, mean_of("x")).set_index("what")
    one, error = pairs.loc["imputation"].iloc[0], np.sqrt(df["x"].var() / len(df))
    assert one["high"] - one["estimate"] == pytest.approx(1.959964 * error)

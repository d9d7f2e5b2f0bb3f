"""Which cells are hidden: always the same, never more, and like the missing ones."""

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.contract import ComparisonSpec
from jupyter_wrangler.engine.columns.levels import measure
from jupyter_wrangler.engine.compare.columns import judged
from jupyter_wrangler.engine.compare.masking import STAY, hide
from jupyter_wrangler.errors import InvalidSpec


def hidden(df, repeat=0, **spec):
    asked = ComparisonSpec(methods=("mean",), **spec)
    return hide(df, judged(df, asked)[0], asked, repeat)


def cells(found):
    return {name: rows.tolist() for name, rows in found.rows.items()}


@pytest.mark.parametrize("mechanism", ["mcar", "mar"])
def test_the_same_seed_and_repeat_hide_the_same_cells_and_others_do_not(
    mechanism, dependent
):
    df = dependent(300)
    first = cells(hidden(df, mechanism=mechanism))
    assert cells(hidden(df, mechanism=mechanism)) == first
    assert cells(hidden(df, 1, mechanism=mechanism)) != first
    assert cells(hidden(df, mechanism=mechanism, random_state=1)) != first


@pytest.mark.parametrize("mechanism", ["mcar", "mar"])
def test_neither_the_order_of_columns_nor_the_index_matters(mechanism, dependent):
    df = dependent(300)
    first = cells(hidden(df, mechanism=mechanism))
    other = df[["w", "z", "x", "y"]].set_axis(range(300, 0, -1))
    assert cells(hidden(other, mechanism=mechanism)) == first


@pytest.mark.parametrize("mechanism", ["mcar", "mar"])
def test_only_observed_cells_are_hidden_and_nothing_else_changes(mechanism, mixed):
    df = mixed(200)
    before = df.copy()
    found = hidden(df, mechanism=mechanism, fraction=0.2)
    pd.testing.assert_frame_equal(df, before)
    for name in df:
        lost = np.zeros(len(df), dtype=bool)
        lost[found.rows.get(name, [])] = True
        assert df[name].notna().to_numpy()[lost].all()
        assert found.frame[name].isna().to_numpy()[lost].all()
        pd.testing.assert_series_equal(found.frame[name][~lost], df[name][~lost])
        assert found.frame[name].dtype == df[name].dtype
    assert "complete" not in found.rows
    assert sum(map(len, found.rows.values())) > 200


def test_at_random_each_column_loses_the_same_share(dependent):
    df = dependent()
    found = hidden(df, fraction=0.25)
    for name, rows in found.rows.items():
        assert len(rows) == round(0.25 * df[name].count())
        assert len(set(rows.tolist())) == len(rows)
    assert set(found.rows) == {"w", "y", "z"}


def test_a_frame_without_missing_values_is_judged_in_all_its_columns():
    df = pd.DataFrame(
        {
            "whole": np.arange(40, dtype="int16"),
            "size": np.arange(40, dtype="uint8"),
            "yes": np.arange(40) % 2 == 0,
            "x": np.arange(40.0),
        }
    )
    found = hidden(df)
    assert set(found.rows) == set(df)
    kinds = {name: str(dtype) for name, dtype in found.frame.dtypes.items()}
    assert kinds == {
        "whole": "Int16",
        "size": "UInt8",
        "yes": "boolean",
        "x": "float64",
    }
    for name in df:
        assert measure(found.frame[name]).level == measure(df[name]).level


def test_some_cells_always_stay():
    df = pd.DataFrame({"x": [1.0, 2.0, 3.0, None], "y": [1.0, 2.0, 3.0, 4.0]})
    for fraction in (0.01, 0.5, 0.99):
        found = hidden(df, fraction=fraction)
        assert len(found.rows["x"]) == 1
        assert found.frame["x"].count() == STAY


def test_patterns_are_those_of_the_data_and_as_often(dependent):
    df = dependent()
    found = hidden(df, mechanism="mar", fraction=0.1)
    added = found.frame.isna() & df.notna()
    assert (added["y"] == added["z"]).all()
    assert not added["x"].any()
    shares = added.sum() / added.to_numpy().sum()
    wanted = df.isna().sum() / df.isna().to_numpy().sum()
    assert np.abs(shares - wanted).max() < 0.01
    total = df[["w", "y", "z"]].count().sum()
    assert added.to_numpy().sum() == pytest.approx(0.1 * total, rel=0.02)


def test_rows_that_lose_cells_look_like_those_that_lack_them(dependent):
    df = dependent()
    lacking = df["x"][df["y"].isna()].mean()
    having = df["x"][df["y"].notna()].mean()
    assert lacking - having > 0.8
    by_mechanism = {}
    for mechanism in ("mar", "mcar"):
        rows = [
            hidden(df, repeat, mechanism=mechanism, fraction=0.05).rows["y"]
            for repeat in range(5)
        ]
        by_mechanism[mechanism] = df["x"].iloc[np.concatenate(rows)].mean()
    assert by_mechanism["mcar"] == pytest.approx(having, abs=0.1)
    # most of the way: of rows far out, few are left that could lose a cell
    assert by_mechanism["mar"] > having + 0.7 * (lacking - having)


def test_classes_say_which_rows_are_alike_too():
    rng = np.random.default_rng(0)
    ward = rng.choice(["A", "B", "C"], 1_500)
    df = pd.DataFrame({"ward": ward, "chol": rng.normal(size=1_500)})
    df.loc[(ward == "A") & (rng.random(1_500) < 0.5), "chol"] = np.nan
    rows = hidden(df, mechanism="mar", fraction=0.1).rows["chol"]
    assert (ward[rows] == "A").mean() > 0.8


def test_what_is_lost_does_not_decide_who_loses_it(dependent):
    # y and z are lost together: with x gone there is nothing to see
    df = dependent()[["y", "z"]]
    rows = hidden(df, mechanism="mar", fraction=0.2).rows["y"]
    assert df["y"].iloc[rows].mean() == pytest.approx(df["y"].mean(), abs=0.1)


def test_a_column_that_is_nearly_empty_does_not_lose_the_rest():
    rng = np.random.default_rng(0)
    df = pd.DataFrame({"x": rng.normal(size=400), "rare": rng.normal(size=400)})
    df.loc[20:, "rare"] = np.nan
    df.loc[:5, "x"] = np.nan
    found = hidden(df, mechanism="mar", fraction=0.3)
    assert 1 <= len(found.rows["rare"]) <= 10


def test_patterns_that_are_many_and_rare_are_passed_on_too():
    rng = np.random.default_rng(0)
    shares = np.linspace(0.05, 0.4, 12)
    x = rng.normal(size=(1_500, 12))
    df = pd.DataFrame(x).add_prefix("x").mask(rng.random(x.shape) < shares)
    assert len(df.isna().drop_duplicates()) > 400
    found = hidden(df, mechanism="mar", fraction=0.1)
    added = found.frame.isna() & df.notna()
    reported = added.sum() / added.to_numpy().sum()
    assert np.abs(reported - shares / shares.sum()).max() < 0.03
    assert added.to_numpy().sum() > 0.06 * df.notna().to_numpy().sum()


def test_without_missing_values_there_is_nothing_to_imitate():
    df = pd.DataFrame({"x": np.arange(20.0), "y": np.arange(20.0)})
    with pytest.raises(
        InvalidSpec, match=r"imitates the missing values .* use mechanism='mcar'"
    ):
        hidden(df, mechanism="mar")

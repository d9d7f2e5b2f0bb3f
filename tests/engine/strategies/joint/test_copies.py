"""Exact copies and strong relations, in the joint methods."""

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.engine.models.exact_copies import copied, copies_of

JOINT = ["em", "softimpute", "copula"]


def with_copies(n=200, seed=0):
    """Columns of several kinds and their copies, a quarter of the cells missing."""
    rng = np.random.default_rng(seed)
    x, t = rng.normal(size=(2, n))
    k = rng.integers(6, size=n)
    whole = pd.DataFrame(
        {
            "x": x,
            "same": x,
            "scaled": 3.0 * x + 5.0,
            "turned": -1e6 * x,
            "t": t,
            "k": k.astype(float),
            "double": 2.0 * k,
            "flag": (t > 0).astype(float),
            "unflag": 1.0 - (t > 0),
        }
    )
    return whole, whole.mask(rng.random(whole.shape) < 0.25)


PAIRS = [
    ("x", "same"),
    ("x", "scaled"),
    ("same", "turned"),
    ("k", "double"),
    ("flag", "unflag"),
]


@pytest.mark.parametrize("method", JOINT)
def test_fault_1_11_exact_copies_are_imputed_exactly(method, run, complete):
    whole, df = with_copies()
    done = complete(df, run(df, method=method, random_state=0))
    for pair in PAIRS:
        for source, target in (pair, pair[::-1]):
            reported = df[target].isna() & df[source].notna()
            assert reported.any()
            right = whole[target][reported].to_numpy()
            scale = np.abs(whole[target]).max()
            assert done[target][reported].to_numpy() == pytest.approx(
                right, abs=1e-12 * scale
            )
    # Where both are missing they are imputed as copies.
    assert done["scaled"].to_numpy() == pytest.approx(3 * done["x"] + 5, abs=1e-11)
    assert (done["x"] == done["same"]).all()


@pytest.mark.parametrize("method", JOINT)
def test_fault_1_11_later_rows_and_other_dtypes_too(method):
    rng = np.random.default_rng(1)
    k = pd.Series(rng.integers(50, size=120)).astype("Int64")
    x = pd.Series(rng.normal(size=120))
    yes = pd.Series(k > 25).astype("boolean")
    df = pd.DataFrame({"k": k, "k2": 10 * k, "x": x, "yes": yes, "no": ~yes})
    given = df.mask(rng.random(df.shape) < 0.2)
    imputer = Imputer(method, random_state=0)
    done = imputer.fit_transform(given)
    # Where both are missing each is rounded by itself.
    some = given["k"].notna() | given["k2"].notna()
    assert (done["k2"] == 10 * done["k"])[some].all()
    assert (done["no"] == ~done["yes"]).all()
    later = df.iloc[:10].assign(k2=pd.array([pd.NA] * 10, dtype="Int64"))
    assert (imputer.transform(later)["k2"] == 10 * df["k"].iloc[:10]).all()


def test_what_agrees_by_chance_is_no_copy():
    rng = np.random.default_rng(0)
    few = np.where(rng.random((40, 2)) < 0.1, np.nan, 0.0)
    few[:3] = 1.0
    assert not copies_of(few, [0, 1])
    near = rng.normal(size=(50, 1)) @ np.ones((1, 2))
    near[:, 1] += 1e-8 * rng.normal(size=50)
    assert not copies_of(near, [0, 1])
    apart = np.full((40, 2), np.nan)
    apart[:20, 0], apart[20:, 1] = np.arange(20), np.arange(20)
    assert not copies_of(apart, [0, 1])


def test_copies_fill_one_another():
    x = np.arange(12.0)[:, None] * [1.0, 2.0, -1.0] + [0.0, 1.0, 0.0]
    missing_cells = x.copy()
    missing_cells[0, 1:], missing_cells[1, 0], missing_cells[2, 2] = (
        np.nan,
        np.nan,
        np.nan,
    )
    copies = copies_of(missing_cells, [0, 1, 2])
    assert len(copies) == 6
    assert copied(missing_cells, copies) == pytest.approx(x)


def error(df, done, whole):
    missing = df["y"].isna()
    return np.sqrt(((done["y"] - whole["y"])[missing] ** 2).mean())


def test_fault_1_11_em_is_as_sharp_as_norm_where_relations_are_strong(run, complete):
    errors = {"em": [], "norm": []}
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x, t, e = rng.normal(size=(3, 200))
        whole = pd.DataFrame({"y": 2 * x + t + 0.1 * e, "x": x, "t": t})
        df = whole.copy()
        df.loc[rng.random(200) < 0.3, "y"] = np.nan
        for method, found in errors.items():
            done = complete(df, run(df, method=method, random_state=seed))
            found.append(error(df, done, whole))
    em, norm = np.mean(errors["em"]), np.mean(errors["norm"])
    assert em == pytest.approx(norm, rel=0.10)
    assert em == pytest.approx(0.14, rel=0.10)


def test_fault_1_11_a_sum_of_columns_is_imputed_all_but_exactly(run, complete):
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(2, 200))
    whole = pd.DataFrame({"x": x, "t": t, "sum": x + t})
    df = whole.mask(rng.random((200, 3)) < 0.25)
    done = complete(df, run(df, method="em", random_state=0))
    alone = df.isna().sum(axis=1) == 1
    assert done[alone].to_numpy() == pytest.approx(whole[alone].to_numpy(), abs=1e-3)

"""Neighbours of mixed frames are those of Gower."""

import numpy as np
import pandas as pd

from jupyter_wrangler.engine.estimator.imputer import Imputer


def gower(df, i, j, ranges):
    """Gower (1971), equation 1, said as a distance: by hand, column by column."""
    total, count = 0.0, 0
    for name in df:
        x, y = df[name].iloc[i], df[name].iloc[j]
        if pd.isna(x) or pd.isna(y):
            continue
        count += 1
        if df[name].dtype == "category" and df[name].cat.ordered:
            codes = df[name].cat.codes
            total += abs(codes.iloc[i] - codes.iloc[j]) / ranges[name]
        elif df[name].dtype == "category" or df[name].dtype == bool:
            total += x != y
        else:
            total += abs(x - y) / ranges[name]
    return total / count if count else np.inf


def frame(n=80, seed=0):
    rng = np.random.default_rng(seed)
    df = pd.DataFrame(
        {
            "number": rng.normal(size=n),
            "skewed": rng.exponential(size=n) ** 2,
            "day": pd.Timestamp("2020-01-01")
            + pd.to_timedelta(rng.integers(0, 900, n), unit="D"),
            "class": pd.Categorical(rng.choice(list("abc"), n)),
            "rank": pd.Categorical(
                rng.choice(["low", "mid", "top"], n),
                categories=["low", "mid", "top"],
                ordered=True,
            ),
            "flag": rng.random(n) < 0.4,
        }
    )
    missing = rng.random((n, 5)) < 0.2
    names = ["number", "skewed", "day", "class", "rank"]
    return df.assign(
        **{name: df[name].mask(missing[:, k]) for k, name in enumerate(names)}
    )


def test_the_nearest_row_is_that_of_gower():
    df = frame()
    ranges = {
        "number": np.ptp(df["number"].dropna()),
        "skewed": np.ptp(df["skewed"].dropna()),
        "day": df["day"].max() - df["day"].min(),
        "rank": 2,
    }
    found = Imputer("knn", n_neighbors=1).impute(df, 1)
    looked_at = 0
    for name in ("number", "skewed", "day", "class", "rank"):
        donors = found.donors(name).iloc[:, 0]
        for i, donor in zip(np.flatnonzero(df[name].isna()), donors, strict=True):
            able = [j for j in np.flatnonzero(df[name].notna()) if j != i]
            apart = [gower(df, i, j, ranges) for j in able]
            near = gower(df, i, int(donor), ranges)
            assert near <= min(apart) + 1e-12
            looked_at += 1
    assert looked_at > 50


def test_the_unit_of_a_number_does_not_matter_beside_classes():
    df = frame(seed=1)
    scaled = df.assign(number=df["number"] * 1e6)
    one, other = (Imputer("knn").fit_transform(x) for x in (df, scaled))
    pd.testing.assert_frame_equal(
        one.drop(columns="number"), other.drop(columns="number")
    )
    np.testing.assert_allclose(one["number"] * 1e6, other["number"])


def test_knn_takes_the_mode_and_the_nearer_class_in_a_tie():
    df = pd.DataFrame({"x": [0.0, 1.0, 1.5, 9.0], "y": [None, "b", "a", "a"]})
    two = Imputer("knn", n_neighbors=2).fit_transform(df)
    three = Imputer("knn", n_neighbors=3).fit_transform(df)
    assert (two["y"][0], three["y"][0]) == ("b", "a")


def test_knn_gives_the_exact_match_all_the_weight():
    df = pd.DataFrame({"x": [0.0, 0.0, 1.0], "y": [np.nan, 5.0, 9.0]})
    done = Imputer("knn", n_neighbors=2, weights="distance").fit_transform(df)
    assert done["y"][0] == 5.0

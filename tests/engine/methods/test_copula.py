"""The distribution of a column is that of all its rows, not of the observed ones."""

# ruff: noqa: PD011  `values` are those of an Imputation, which is no pandas object

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist

from jupyter_wrangler.engine.methods.copula import margin_of
from jupyter_wrangler.engine.pooling.rubin import pool_scalar

N, M, SETS = 400, 5, 40


def driven(seed, *, skewed=False):
    """Two columns driven by x; about half of y is missing where x is large."""
    rng = np.random.default_rng(seed)
    x, e, f = rng.normal(size=(3, N))
    whole = pd.DataFrame({"y": 0.6 * x + 0.8 * e, "x": x, "z": x + 0.5 * f})
    if skewed:
        whole["y"] = np.exp(whole["y"])
    lost = rng.random(N) < 1 / (1 + np.exp(0.4 - 1.5 * x))
    return whole, whole.assign(y=whole["y"].mask(lost))


def energy(a, b):
    """Energy distance of two samples."""
    between, within = cdist(a, b).mean(), cdist(a, a).mean() + cdist(b, b).mean()
    return 2 * between - within


@pytest.mark.slow
@pytest.mark.parametrize("skewed", [False, True])
def test_issue_10_item_4_copula_is_right_where_values_are_missing_at_random(
    skewed, run, complete
):
    truth = np.exp(0.5) if skewed else 0.0
    off, covered, apart = [], [], {"copula": [], "pmm": []}
    for seed in range(SETS):
        whole, df = driven(seed, skewed=skewed)
        spec = {"max_iter": 1, "random_state": seed}
        done = [complete(df, run(df, k, method="copula", **spec)) for k in range(M)]
        means = [one["y"].mean() for one in done]
        pooled = pool_scalar(means, [one["y"].var() / N for one in done])
        low, high = pooled.interval()
        covered.append(low <= truth <= high)
        off.append(pooled.estimate - whole["y"].mean())
        other = complete(df, run(df, method="pmm", **spec))
        for method, found in (("copula", done[0]), ("pmm", other)):
            apart[method].append(energy(found, whole))
    sd = np.sqrt(np.exp(2) - np.exp(1)) if skewed else 1.0
    assert abs(np.mean(off)) < 0.07 * sd
    assert np.mean(covered) >= (0.80 if skewed else 0.90)
    assert np.mean(apart["copula"]) < 1.5 * np.mean(apart["pmm"])


def test_issue_10_item_4_imputations_differ_by_what_is_not_known_of_the_margin(run):
    y = np.random.default_rng(0).normal(size=200)
    y[20:] = np.nan
    df = pd.DataFrame({"y": y})
    means = [
        run(df, k, method="copula", random_state=0).values["y"].mean()
        for k in range(60)
    ]
    right = np.nanstd(y) * np.sqrt(1 / 20 + 1 / 180)
    assert np.std(means) == pytest.approx(right, rel=0.35)


def test_a_margin_is_renewed_by_completed_values():
    margin = margin_of(np.array([0.0, 0.0, 1.0, 1.0]))
    renewed = margin.renewed(np.array([0.0, 1.0, 1.0, 1.0]), np.ones(4))
    assert renewed.low.tolist() == [0.0, 0.25]
    assert renewed.high.tolist() == [0.25, 1.0]
    line = margin_of(np.arange(30.0))
    same = line.renewed(np.arange(30.0), np.ones(30))
    assert same.low == pytest.approx((np.arange(30) * 30 + 15 + 15) / 31 / 30, abs=0.02)
    assert (np.diff(same.low) > 0).all()

"""Each measure against scipy, scikit-learn, or its definition."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.feature_selection import mutual_info_classif, mutual_info_regression
from sklearn.metrics import mutual_info_score

from jupyter_wrangler.engine.correlate.adjust import adjusted
from jupyter_wrangler.engine.correlate.clustering import clustered
from jupyter_wrangler.engine.correlate.correlation_ratio import correlation_ratio
from jupyter_wrangler.engine.correlate.cramers_v import cramers_v
from jupyter_wrangler.engine.correlate.crosstab import crosstab
from jupyter_wrangler.engine.correlate.distance import distance
from jupyter_wrangler.engine.correlate.information import mutual_info
from jupyter_wrangler.engine.correlate.missing import phi
from jupyter_wrangler.engine.correlate.pearson import (
    directly,
    p_values,
    product_moment,
)
from jupyter_wrangler.engine.correlate.spearman import ranking
from jupyter_wrangler.engine.correlate.theils_u import theils_u


def classes(seed=0, n=200):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 4, n)
    return x, np.where(rng.random(n) < 0.5, x % 3, rng.integers(0, 3, n))


def moment(x, **other):
    x = np.asarray(x, dtype=float)
    centre = np.nanmedian(x, axis=1)
    scale = np.nanmax(np.abs(x - centre[:, None]), axis=1)
    return product_moment(x, centre, scale, other.get("first", len(x)))


# ── numbers ──


@pytest.mark.parametrize("share", [0.0, 0.3])
@pytest.mark.parametrize("offset", [0.0, 1e9])
def test_pearson_is_that_of_pandas(share, offset):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(500, 6)) @ rng.normal(size=(6, 6)) + offset
    x[rng.random(x.shape) < share] = np.nan
    r, n = moment(x.T)
    # pandas itself keeps fewer digits where means are large
    wanted = pd.DataFrame(x - offset).corr(min_periods=2).to_numpy()
    np.testing.assert_allclose(r, wanted, atol=1e-12 if not offset else 1e-7)
    has = ~np.isnan(x)
    np.testing.assert_array_equal(n, has.T.astype(int) @ has)


def test_pearson_of_some_columns_is_that_of_all():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(7, 90))
    x[rng.random(x.shape) < 0.2] = np.nan
    np.testing.assert_allclose(moment(x, first=3)[0], moment(x)[0][:3], atol=1e-14)


def test_pearson_keeps_its_digits_far_from_the_middle():
    # where y is seen, x differs in the seventh digit of its distance from the middle
    rng = np.random.default_rng(3)
    small = rng.normal(size=50)
    x = np.concatenate([rng.normal(size=200), 1e7 + small])
    y = np.concatenate([np.full(200, np.nan), 2 * small + rng.normal(size=50)])
    r, _ = moment(np.stack([x, y]))
    assert r[0, 1] == pytest.approx(stats.pearsonr(x[200:], y[200:])[0], abs=1e-7)


def test_pearson_overflows_nowhere():
    x = np.array([1e300, -1e300, 2e299, 5.0])
    assert moment(np.stack([x, 1e-300 * x]))[0][0, 1] == pytest.approx(1.0)


def test_constant_columns_do_not_correlate():
    x = np.array([[1.0, 1.0, 1.0, 2.0], [3.0, 4.0, 5.0, np.nan]])
    assert np.isnan(directly(*x))
    assert np.isnan(moment(x)[0][0, 1])


def test_p_values_are_those_of_scipy():
    rng = np.random.default_rng(4)
    for n in (3, 5, 40):
        x, y = rng.normal(size=(2, n))
        wanted = stats.pearsonr(x, y)
        r = np.array(directly(x, y))
        assert float(r) == pytest.approx(wanted.statistic, abs=1e-12)
        found = p_values(r, np.array(float(n)))
        assert float(found) == pytest.approx(wanted.pvalue, rel=1e-9)


@pytest.mark.parametrize("digits", [0, 5])
def test_ranks_among_some_rows_are_those_of_scipy(digits):
    rng = np.random.default_rng(5)
    line = rng.normal(size=60).round(digits)
    line[rng.random(60) < 0.2] = np.nan
    for share in (1.0, 0.5, 0.0):
        kept = rng.random(60) < share
        rows = kept & ~np.isnan(line)
        wanted = np.full(60, np.nan)
        wanted[rows] = stats.rankdata(line[rows])
        np.testing.assert_array_equal(ranking(line).among(kept), wanted)


def test_distance_correlation_is_that_of_its_definition():
    rng = np.random.default_rng(6)
    x = rng.normal(size=80)
    y = np.abs(x) + rng.normal(size=80) / 2

    def centred(v):
        a = np.abs(v[:, None] - v)
        return a - a.mean(0) - a.mean(1)[:, None] + a.mean()

    a, b = centred(x), centred(y)
    wanted = np.sqrt((a * b).mean() / np.sqrt((a * a).mean() * (b * b).mean()))
    found = distance(x, y)
    assert found.r == pytest.approx(wanted, abs=1e-12)
    assert found.p < 0.01 < stats.pearsonr(x, y).pvalue


def test_the_test_of_distances_keeps_its_level():
    rng = np.random.default_rng(7)
    p = np.array([distance(*rng.normal(size=(2, 40))).p for _ in range(400)])
    assert (p < 0.05).mean() <= 0.07
    assert p.min() < 0.5


def test_mutual_information_is_that_of_scikit_learn():
    rng = np.random.default_rng(8)
    x = rng.normal(size=300)
    y = x**2 + rng.normal(size=300) / 5
    codes = np.digitize(x, [-0.5, 0.5])
    numbers = {"classes": (False, False), "seed": 3}
    wanted = mutual_info_regression(x[:, None], y, random_state=3)[0]
    assert mutual_info(x, y, **numbers).r == wanted > 0.5
    wanted = mutual_info_classif(y[:, None], codes, random_state=3)[0]
    for pair, kinds in (((y, codes), (False, True)), ((codes, y), (True, False))):
        assert mutual_info(*pair, classes=kinds, seed=3).r == wanted
    both = mutual_info(codes, codes % 2, classes=(True, True), seed=3)
    assert both.r == pytest.approx(mutual_info_score(codes, codes % 2))
    assert np.isnan(both.p)


# ── classes ──


def test_chi_squared_is_that_of_scipy():
    x, y = classes()
    wanted = stats.chi2_contingency(pd.crosstab(x, y), correction=False)
    found = crosstab(x, y)
    assert found.chi2 == pytest.approx(wanted.statistic)
    assert found.p == pytest.approx(wanted.pvalue)


def test_a_table_too_large_to_hold_counts_the_same():
    x, y = classes()
    small, large = crosstab(x, y), crosstab(x * 1000, y * 1000)
    assert large.chi2 == pytest.approx(small.chi2)
    assert len(large.x) == len(small.x)


def test_cramers_v_without_correction_of_bias_is_that_of_scipy():
    x, y = classes(n=200_000)
    wanted = stats.contingency.association(pd.crosstab(x, y), method="cramer")
    assert cramers_v(x, y).r == pytest.approx(wanted, abs=1e-4)


def test_cramers_v_of_nothing_is_near_zero_where_the_plain_one_is_not():
    rng = np.random.default_rng(9)
    drawn = [rng.integers(0, 8, size=(2, 60)) for _ in range(50)]
    plain = [stats.contingency.association(pd.crosstab(*d)) for d in drawn]
    assert np.mean(plain) > 0.3
    assert np.mean([cramers_v(*d).r for d in drawn]) < 0.15


def test_cramers_v_by_hand():
    # chi2 = 20/9 of 20 rows, less (2-1)(2-1)/19, over 1 - 1/19
    x = np.repeat([0, 0, 1, 1], [6, 4, 3, 7])
    y = np.repeat([0, 1, 0, 1], [6, 4, 3, 7])
    chi2 = 20 * (6 * 7 - 4 * 3) ** 2 / (10 * 10 * 9 * 11)
    wanted = np.sqrt((chi2 / 20 - 1 / 19) / (1 - 1 / 19))
    assert cramers_v(x, y).r == pytest.approx(wanted)


def test_theils_u_is_reported_with_its_direction():
    x, y = classes()
    found = theils_u(x, y)
    reported = mutual_info_score(x, y)
    for code, share in ((x, found.r), (y, found.back)):
        entropy = stats.entropy(np.bincount(code))
        assert share == pytest.approx(reported / entropy)
    assert theils_u(y, x)[:3] == pytest.approx((found.back, found.p, found.r))


def test_the_correlation_ratio_is_that_of_the_analysis_of_variance():
    rng = np.random.default_rng(10)
    x = rng.integers(0, 3, 90)
    y = x + rng.normal(size=90) * 3
    groups = [y[x == k] for k in range(3)]
    wanted = stats.f_oneway(*groups)
    found = correlation_ratio(x, y)
    between = sum(len(g) * (g.mean() - y.mean()) ** 2 for g in groups)
    assert found.r**2 == pytest.approx(between / ((y - y.mean()) ** 2).sum())
    assert found.p == pytest.approx(wanted.pvalue)


def test_classes_of_one_row_each_explain_all_and_test_nothing():
    found = correlation_ratio(np.arange(4), np.array([1.0, 5.0, 2.0, 3.0]))
    assert found.r == pytest.approx(1.0)
    assert np.isnan(found.p)


# ── what is made of them ──


@pytest.mark.parametrize(("how", "scipys"), [("fdr_bh", "bh")])
def test_the_rate_of_false_findings_is_that_of_scipy(how, scipys):
    p = np.random.default_rng(11).random(50) ** 3
    wanted = stats.false_discovery_control(p, method=scipys)
    np.testing.assert_allclose(adjusted(p, how), wanted)


def test_corrections_by_hand():
    p = np.array([0.01, np.nan, 0.04, 0.03, 0.6])
    holm, bonferroni = adjusted(p, "holm"), adjusted(p, "bonferroni")
    np.testing.assert_allclose(holm, [0.04, np.nan, 0.09, 0.09, 0.6])
    np.testing.assert_allclose(bonferroni, [0.04, np.nan, 0.16, 0.12, 1.0])
    np.testing.assert_array_equal(adjusted(p, "none"), p)
    assert np.isnan(adjusted(p[1:2], "holm")).all()


def test_similar_columns_stand_together():
    # 0, 2 and 4 are alike, and 1, 3 and 5
    strength = [
        0.9 if (i - j) % 2 == 0 else 0.1 for i in range(6) for j in range(i + 1, 6)
    ]
    order = clustered(np.array(strength), 6)
    assert {i % 2 for i in order[:3]} != {i % 2 for i in order[3:]}
    assert sorted(order) == list(range(6))


def test_phi_of_missingness_is_pearson_of_indicators():
    rng = np.random.default_rng(12)
    missing = [rng.random(70) < 0.3 for _ in range(4)]
    missing.append(missing[0] | missing[1])
    wanted = np.corrcoef(np.array(missing).astype(float))
    lines = phi(missing, [1, 2])
    for i, line in zip((1, 2), lines, strict=True):
        np.testing.assert_allclose(line, wanted[i, i + 1 :], atol=1e-12)

"""Rubin's rules against published figures and statsmodels."""

import math
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from sklearn.linear_model import LinearRegression

import jupyter_wrangler as jw
from jupyter_wrangler.engine.pooling.combined_tests import d1, d2, d3
from jupyter_wrangler.engine.pooling.pool import pool
from jupyter_wrangler.engine.pooling.r_squared import pool_r_squared
from jupyter_wrangler.engine.pooling.rubin import barnard_rubin, pool_scalar
from jupyter_wrangler.errors import InvalidData, InvalidSpec, TooFewImputations


def test_they_are_public_names():
    assert jw.pool_scalar is pool_scalar
    assert jw.pool is pool


def test_POOL_SCALAR_the_example_of_the_page_of_mice():
    # mice docs/reference/pool.scalar.html: Q, U, n = 25, k = 2
    found = pool_scalar([-1.5457, -1.428], [0.9723**2, 1.041**2], dfcom=25 - 2)
    assert found.m == 2
    assert found.estimate == pytest.approx(-1.48685, abs=1e-9)
    assert found.within == pytest.approx(1.014524, abs=1e-6)
    assert found.between == pytest.approx(0.006926645, abs=1e-9)
    assert found.total == pytest.approx(1.024914, abs=1e-6)
    assert found.df == pytest.approx(20.970254838, abs=1e-8)
    assert found.riv == pytest.approx(0.01024122, abs=1e-8)
    assert found.fmi == pytest.approx(0.0927283145, abs=1e-9)


def test_POOL_SCALAR_the_intercepts_of_the_same_page():
    # printed with four digits, so four digits are compared
    found = pool_scalar([28.1043, 29.189], [1.8853**2, 2.019**2], dfcom=23)
    assert found.estimate == pytest.approx(28.646618, rel=1e-5)
    assert found.total == pytest.approx(4.696854, rel=1e-3)
    assert found.df == pytest.approx(10.72144, rel=1e-3)
    assert found.riv == pytest.approx(0.2312570, rel=1e-3)
    assert found.lambda_ == pytest.approx(0.18782190, rel=1e-3)
    assert found.fmi == pytest.approx(0.30620278, rel=1e-3)


def old_rule(m, share, dfcom):
    """The formula of the paper as it is printed."""
    old = (m - 1) / share**2
    if math.isinf(dfcom):
        return old
    observed = (dfcom + 1) / (dfcom + 3) * dfcom * (1 - share)
    return old * observed / (old + observed)


@pytest.mark.parametrize("dfcom", [100, math.inf])
def test_BARNARD_RUBIN_001_the_printed_formula(dfcom):
    shares = np.linspace(1e-4, 1, 100)
    expected = [old_rule(10, share, dfcom) for share in shares]
    np.testing.assert_allclose(barnard_rubin(10, shares, dfcom), expected, rtol=1e-12)


def test_BARNARD_RUBIN_003_no_floor_below_1e_4():
    small = np.linspace(0, 1e-4, 100)[:-1]
    floored = old_rule(10, 1e-4, 100)
    assert (barnard_rubin(10, small, 100) != floored).all()


def test_BARNARD_RUBIN_004_limit_without_missing_information():
    shares = [0.0, 1e-8, 1e-6, 5e-5]
    limit = 100 * 101 / 103
    found = barnard_rubin(10, shares, 100)
    assert found[0] == pytest.approx(limit, rel=1e-15)
    np.testing.assert_allclose(found, limit, rtol=1e-4)


@pytest.mark.parametrize("share", [1e-4, 1e-3, 0.2])
def test_BARNARD_RUBIN_002_infinite_dfcom(share):
    assert barnard_rubin(8, share) == pytest.approx(7 / share**2)


def test_BARNARD_RUBIN_005_nothing_missing_and_infinite_dfcom():
    assert barnard_rubin(8, 0.0) == math.inf


def test_without_spread_the_pooled_analysis_is_the_complete_one():
    found = pool_scalar([2.0, 2.0, 2.0], [4.0, 4.0, 4.0])
    assert (found.riv, found.lambda_, found.fmi, found.df) == (0, 0, 0, math.inf)
    low, high = found.interval()
    assert (low, high) == pytest.approx((2 - 1.959964 * 2, 2 + 1.959964 * 2))
    assert found.p_value(2.0) == 1.0


def test_estimates_without_variance_of_their_own_are_all_missing_information():
    found = pool_scalar([1.0, 2.0, 3.0], [0.0, 0.0, 0.0])
    assert (found.lambda_, found.fmi, found.df) == (1.0, 1.0, 2.0)
    assert found.riv == math.inf


def test_two_equal_constants_have_no_uncertainty():
    found = pool_scalar([1.0, 1.0], [0.0, 0.0])
    assert (found.total, found.lambda_) == (0.0, 0.0)
    assert found.interval() == (1.0, 1.0)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (([1.0], [1.0]), TooFewImputations, "1 imputation, but at least 2"),
        (([1.0, 2.0], [1.0]), InvalidData, "2 estimates came with 1 variances"),
        (([1.0, 2.0], [1.0, -1.0]), InvalidData, "negative"),
        (([1.0, np.nan], [1.0, 1.0]), InvalidData, "not finite"),
    ],
)
def test_what_cannot_be_pooled_is_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        pool_scalar(*arguments)


def test_senseless_degrees_of_freedom_and_levels_are_refused():
    with pytest.raises(InvalidSpec, match="dfcom=0"):
        pool_scalar([1.0, 2.0], [1.0, 1.0], dfcom=0)
    with pytest.raises(InvalidSpec, match="level=95"):
        pool_scalar([1.0, 2.0], [1.0, 1.0]).interval(95)


# ── models ──


@pytest.fixture(scope="module")
def frames():
    """Five data sets that differ as imputations do."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 3))
    y = 1 + x @ [1.0, 0.3, 0.0] + rng.normal(size=60)
    made = []
    for k in range(5):
        noise = np.random.default_rng(k).normal(scale=0.3, size=(60, 3))
        df = pd.DataFrame(x + noise, columns=["a", "b", "c"]).assign(y=y)
        made.append(df.assign(event=(y > 1).astype(int)))
    return made


def regress(df, columns=("a", "b", "c")):
    return sm.OLS(df.y, sm.add_constant(df[list(columns)])).fit()


def test_POOL_001_each_parameter_is_pooled_as_a_scalar(frames):
    models = [regress(df) for df in frames]
    found = pool(models)
    assert found.m == 5
    assert found.dfcom == 56
    assert found.names == ("const", "a", "b", "c")
    table = found.to_frame()
    for name in found.names:
        one = pool_scalar(
            [model.params[name] for model in models],
            [model.bse[name] ** 2 for model in models],
            dfcom=56,
        )
        row = table.loc[name]
        assert row["estimate"] == pytest.approx(one.estimate)
        assert row["std_error"] == pytest.approx(one.std_error)
        assert row["df"] == pytest.approx(one.df)
        assert (row["low"], row["high"]) == pytest.approx(one.interval())
        assert row["p_value"] == pytest.approx(one.p_value())
        assert row[["riv", "lambda", "fmi"]].tolist() == pytest.approx(
            [one.riv, one.lambda_, one.fmi]
        )
        assert found[name].total == pytest.approx(one.total)
    total = found.cov_params()
    np.testing.assert_allclose(np.sqrt(np.diag(total)), table["std_error"])
    np.testing.assert_allclose(found.params, table["estimate"])


def test_POOL_002_the_same_model_m_times_is_that_model(frames):
    model = regress(frames[0])
    found = pool([model] * 3, dfcom=math.inf).to_frame()
    np.testing.assert_allclose(found["estimate"], model.params)
    np.testing.assert_allclose(found["std_error"], model.bse)
    # The mean of three equal numbers can be off by a last digit.
    assert (found["fmi"] < 1e-12).all()


def test_POOL_003_arrays_series_and_models_are_pooled_alike(frames):
    models = [regress(df) for df in frames]
    expected = pool(models).to_frame().to_numpy()
    series = [(m.params, m.cov_params()) for m in models]
    arrays = [(m.params.to_numpy(), m.cov_params().to_numpy()) for m in models]
    fitted = [
        (LinearRegression().fit(df[["a", "b", "c"]], df.y), m.cov_params())
        for df, m in zip(frames, models, strict=True)
    ]
    for pairs, first in [(series, "const"), (arrays, "x0"), (fitted, "intercept")]:
        found = pool(pairs, dfcom=56)
        assert found.names[0] == first
        np.testing.assert_allclose(found.to_frame().to_numpy(), expected, rtol=1e-6)
    assert pool(fitted).dfcom == math.inf


def test_mappings_are_pooled_and_names_put_into_one_order():
    one = ({"a": 1.0, "b": 2.0}, {"b": 0.2, "a": 0.1})
    cov = pd.DataFrame([[0.2, 0.05], [0.05, 0.1]], index=["b", "a"], columns=["b", "a"])
    two = (pd.Series({"b": 2.4, "a": 1.2}), cov)
    three = (pd.Series({"a": 1.1, "b": 2.2}), cov)
    found = pool([one, two, three])
    assert found.params.to_dict() == pytest.approx({"a": 1.1, "b": 2.2})
    assert found["a"].within == pytest.approx(0.1)
    assert found.u[1].tolist() == found.u[2].tolist() == [[0.1, 0.05], [0.05, 0.2]]
    with pytest.raises(InvalidData, match="the same ones are wanted"):
        pool([one, ({"a": 1.0, "c": 2.0}, [0.1, 0.1])])


def test_POOL_004_scalars_and_variances(frames):
    pairs = [(df.a.mean(), df.a.var() / len(df)) for df in frames]
    one = pool_scalar(*zip(*pairs, strict=True))
    assert pool(pairs)["x0"] == one


def test_other_models_of_statsmodels(frames):
    logit = pool(
        [
            sm.Logit(df.event, sm.add_constant(df[["a", "b"]])).fit(disp=False)
            for df in frames
        ]
    )
    assert logit.names == ("const", "a", "b")
    assert logit.dfcom == 57
    plain = pool([sm.OLS(df.y.to_numpy(), df[["a"]].to_numpy()).fit() for df in frames])
    assert plain.names == ("x1",)


def test_models_of_several_classes_have_a_line_for_each(frames):
    models = []
    for df in frames:
        kind = pd.Categorical(np.digitize(df.y, [0, 2]).astype(str))
        models.append(
            sm.MNLogit(pd.Series(kind), sm.add_constant(df[["a"]])).fit(disp=False)
        )
    found = pool([models[0]] * 2, dfcom=math.inf)
    assert len(found.names) == 4
    assert all(":" in name for name in found.names)
    errors = models[0].bse.to_numpy().ravel(order="F")
    np.testing.assert_allclose(found.to_frame()["std_error"], errors)
    values = models[0].params.to_numpy().ravel(order="F")
    np.testing.assert_allclose(found.params, values)
    assert pool(models).to_frame().notna().all(axis=None)


class Fitted:
    """A model of which nothing more is known than its numbers."""

    def __init__(self, params, cov):
        self.params, self._cov = params, cov

    def cov_params(self):
        return self._cov


def test_models_without_names_are_numbered():
    found = pool([Fitted(np.array([1.0, 2.0]), np.eye(2))] * 2)
    assert found.names == ("x0", "x1")
    assert found.dfcom == math.inf
    table = Fitted(pd.DataFrame([[1.0, 3.0], [2.0, 4.0]], ["a", "b"]), np.eye(4))
    assert pool([table] * 2).names == ("0:a", "0:b", "1:a", "1:b")
    arrays = (LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]), np.eye(1))
    assert pool([arrays] * 2).names == ("x0",)


def test_all_but_the_intercept_are_tested_together(frames):
    found = pool([regress(df) for df in frames])
    assert found.d1() == found.d1(["a", "b", "c"])
    assert found.d1("a") == found.d1(["a"])
    large = pool([regress(df) for df in frames], dfcom=math.inf)
    assert large.d1("a").df == pytest.approx(large["a"].df)


def test_it_shows_itself(frames):
    found = pool([regress(df) for df in frames])
    assert repr(found).startswith("Pooled over 5 imputations, dfcom=56\n")
    assert "std_error" in repr(found)
    assert "<table" in found._repr_html_()


def test_models_that_differ_are_refused(frames):
    with pytest.raises(
        InvalidData, match="Analysis 1 has the parameters 'const', 'a',"
    ):
        pool([regress(frames[0]), regress(frames[1], ["a"])])
    with pytest.raises(InvalidData, match="A str cannot be pooled"):
        pool(["a", "b"])
    with pytest.raises(InvalidData, match=r"2 estimates came with .* \(3, 3\)"):
        pool([([1.0, 2.0], np.eye(3))] * 2)
    with pytest.raises(TooFewImputations):
        pool([regress(frames[0])])
    found = pool([regress(df) for df in frames])
    with pytest.raises(InvalidSpec, match="no parameter 'z'; the model has 'const'"):
        found.d1(["z"])


# ── several parameters at once ──


def test_D1_of_one_parameter_is_the_square_of_its_t(frames):
    found = pool([regress(df) for df in frames])
    test, row = found.d1(["b"]), found.to_frame().loc["b"]
    assert test.statistic == pytest.approx(row["statistic"] ** 2)
    assert test.df == pytest.approx(row["df"])
    assert test.p_value == pytest.approx(row["p_value"])


def test_without_spread_the_tests_are_those_of_the_complete_data(frames):
    model = regress(frames[0])
    small = regress(frames[0], ["a"])
    found = pool([model] * 4, dfcom=math.inf)
    wald = model.wald_test(np.eye(4)[2:], use_f=False, scalar=True)
    for test in (found.d1(["b", "c"]), found.d2(["b", "c"])):
        assert 2 * test.statistic == pytest.approx(wald.statistic)
        assert test.p_value == pytest.approx(wald.pvalue)
        assert (test.riv, test.df) == (pytest.approx(0, abs=1e-12), math.inf)
    ratio = found.d3(pool([small] * 4))
    assert 2 * ratio.statistic == pytest.approx(2 * (model.llf - small.llf))
    assert ratio.p_value == pytest.approx(model.compare_lr_test(small)[1])


def test_D3_mice_issue_226_identical_fits():
    # lmtest::lrtest in mice's tests/testthat/test-D3.R: Chisq and its p value
    found = d3([0.857042959888474] * 5, [0.857042959888474] * 5, 1)
    assert found.statistic == pytest.approx(0.857042959888474)
    assert found.p_value == pytest.approx(0.354567523408569, rel=1e-9)


def test_D3_does_not_depend_on_the_order_of_the_parameters(frames):
    names = ["a", "b", "c"]
    small = pool([regress(df, ["a", "b"]) for df in frames])
    turns = [[*names[k % 3 :], *names[: k % 3]] for k in range(len(frames))]
    turned = pool([regress(df, t) for df, t in zip(frames, turns, strict=True)])
    found = turned.d3(small)
    wanted = pool([regress(df, names) for df in frames]).d3(small)
    assert found.statistic == pytest.approx(wanted.statistic, rel=1e-9)
    assert found.riv == pytest.approx(wanted.riv, rel=1e-9)


def test_the_three_tests_agree_roughly(frames):
    found = pool([regress(df) for df in frames])
    small = pool([regress(df, ["a"]) for df in frames])
    values = [
        found.d1(["b", "c"]).p_value,
        found.d2(["b", "c"]).p_value,
        found.d3(small).p_value,
    ]
    assert max(values) - min(values) < 0.1


def test_D1_degrees_of_freedom_rise_with_those_of_the_analysis():
    rng = np.random.default_rng(0)
    q = rng.normal(size=(20, 3)) * 0.3
    u = np.broadcast_to(np.eye(3), (20, 3, 3))
    dfcom = np.concatenate([np.arange(1, 12, 0.25), np.geomspace(12, 1e6, 40)])
    df = np.array([d1(q, u, dfcom=one).df for one in dfcom])
    assert (np.diff(df) > -1e-9).all()
    assert np.diff(df[dfcom < 12]).max() < 1
    assert (df <= dfcom).all()


def test_D1_degrees_of_freedom_of_reiter_and_their_limit():
    rng = np.random.default_rng(0)
    q = rng.normal([1.0, 0.5, 0.2], 0.1, size=(20, 3))
    u = np.broadcast_to(0.05 * np.eye(3), (20, 3, 3))
    large = d1(q, u)
    assert d1(q, u, dfcom=1e9).df == pytest.approx(large.df, rel=0.05)
    few = d1(q, u, dfcom=30)
    assert few.df < 30 < large.df
    assert few.statistic == large.statistic
    assert few.p_value > large.p_value
    # k (m - 1) <= 4: not defined, so bounded by dfcom
    assert d1(q[:2], u[:2], dfcom=30).df <= 30


def test_D2_of_statistics_far_apart_is_negative():
    found = d2([0.0, 40.0], 1)
    assert found.statistic < 0
    assert found.p_value == 1.0


def test_senseless_tests_are_refused(frames):
    with pytest.raises(InvalidData, match="singular"):
        d1(np.ones((3, 2)), np.ones((3, 2, 2)))
    with pytest.raises(InvalidData, match=r"\(m, k\) and \(m, k, k\)"):
        d1(np.ones((3, 2)), np.ones((3, 2)))
    with pytest.raises(TooFewImputations):
        d2([1.0], 1)
    with pytest.raises(InvalidData, match="not negative"):
        d2([1.0, -1.0], 1)
    with pytest.raises(InvalidData, match="3 statistics"):
        d3([1.0, 2.0, 3.0], [1.0, 2.0], 1)
    found = pool([regress(df) for df in frames])
    with pytest.raises(InvalidSpec, match="fewer parameters"):
        found.d3(found)
    singular = pool([([1.0, 2.0], np.ones((2, 2)))] * 2)
    for test in (singular.d1, singular.d2):
        with pytest.raises(InvalidData, match=r"singular.* leave out"):
            test()
    pairs = pool([([1.0], [1.0]), ([2.0], [1.0])])
    with pytest.raises(InvalidSpec, match="use d1"):
        pairs.d3(pairs)


DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def air():
    """`airquality`, completed by mice six times."""
    long = pd.read_csv(DATA / "air_long.csv").rename(columns={"Solar.R": "Solar"})
    long["high"] = (long["Ozone"] > 40).astype(float)
    return [df for _, df in long.groupby(".imp")]


@pytest.fixture(scope="module")
def clusters():
    """Two-level data, completed by mice five times."""
    long = pd.read_csv(DATA / "twolevel_long.csv")
    return [df for _, df in long.groupby("imp")]


def mixed(clusters, formula, **how):
    reml = how.pop("reml", False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [
            smf.mixedlm(formula, df, groups="cluster", **how).fit(reml=reml)
            for df in clusters
        ]


FULL, SMALL = "~ Wind + Temp + Solar", "~ Wind"


@pytest.mark.parametrize(
    ("fit", "wanted"),
    [
        # mitml 0.4-4, testModels(method="D3"), and NumPy, which agree to 1e-11
        (
            lambda f, df: smf.ols(f"Ozone {f}", df).fit(),
            (24.0439538245446, 95.8761301534812, 0.274617480935228),
        ),
        (
            lambda f, df: smf.wls(f"Ozone {f}", df, weights=np.full(len(df), 2)).fit(),
            (24.0439538245446, 95.8761301534812, 0.274617480935228),
        ),
        (
            lambda f, df: smf.glm(f"Ozone {f}", df).fit(),
            (24.0439538245446, 95.8761301534812, 0.274617480935228),
        ),
        (
            lambda f, df: smf.glm(f"high {f}", df, family=sm.families.Binomial()).fit(
                tol=1e-14, maxiter=100
            ),
            (18.15460371728755, 35.469167398624805, 0.6200751490128865),
        ),
        (
            lambda f, df: smf.logit(f"high {f}", df).fit(disp=0),
            (18.15460371728755, 35.469167398624805, 0.6200751490128865),
        ),
    ],
    ids=["ols", "wls", "gaussian", "binomial", "logit"],
)
def test_issue_10_item_7_D3_pools_the_variance_of_the_residuals(air, fit, wanted):
    full = pool([fit(FULL, df) for df in air])
    found = full.d3(pool([fit(SMALL, df) for df in air]))
    assert found.k == 2
    assert (found.statistic, found.df, found.riv) == pytest.approx(wanted, rel=1e-7)


def test_issue_10_item_7_variances_of_mixed_models_are_those_of_cov_re(clusters):
    # lme4 1.1-31, pooled by testEstimates of mitml 0.4-4
    found = pool(mixed(clusters, "y ~ x + w", reml=True), dfcom=math.inf)
    assert found.params["cluster Var"] == pytest.approx(0.781659609, rel=1e-4)
    assert found.params["Residual Var"] == pytest.approx(1.272257240, rel=1e-4)
    row = found.to_frame().loc["x"]
    assert row["estimate"] == pytest.approx(0.473991512, rel=1e-4)
    assert row["std_error"] == pytest.approx(0.143030181, rel=1e-4)
    assert row["df"] == pytest.approx(9.480430, rel=1e-3)
    slopes = mixed(clusters, "y ~ x + w", reml=True, re_formula="~x")
    found = pool(slopes, dfcom=22)
    wanted = {
        "cluster Var": 0.638506512,
        "cluster x x Cov": 0.205881743,
        "x Var": 0.567974715,
        "Residual Var": 0.951332578,
    }
    assert found.params[list(wanted)].tolist() == pytest.approx(
        list(wanted.values()), rel=1e-3
    )
    row = found.to_frame().loc["x"]
    assert row["std_error"] == pytest.approx(0.205290464, rel=1e-3)
    assert row["df"] == pytest.approx(10.650388, rel=1e-3)
    # a variance is no mean of a parameter: it has no interval, and no test
    assert found.to_frame().loc["x Var"].drop("estimate").isna().all()
    assert found.d1().k == 2
    assert "x Var" in repr(found)
    with pytest.raises(InvalidSpec, match="pooled by its mean alone"):
        found["x Var"]


def test_issue_10_item_7_D3_of_mixed_models(clusters):
    # mitml 0.4-4 of lme4's fits by maximum likelihood
    full = pool(mixed(clusters, "y ~ x + w", re_formula="~x"))
    found = full.d3(pool(mixed(clusters, "y ~ x", re_formula="~x")))
    wanted = (9.752376507193, 52.1757591916392, 0.382901240482624)
    assert (found.statistic, found.df, found.riv) == pytest.approx(wanted, rel=1e-3)
    # mitml's relative increase is -0.523402674568931 for the variance of the slope,
    # and F 44.0224776086663 for 20.98
    found = full.d3(pool(mixed(clusters, "y ~ x + w")))
    assert (found.k, found.riv, found.df) == (2, 0.0, math.inf)
    assert found.statistic == pytest.approx(
        44.0224776086663 * (1 - 0.5234026), rel=1e-3
    )


def test_issue_10_item_7_fits_that_went_astray_are_refused(clusters):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fits = [
            smf.mixedlm("y ~ x + w", df, groups="cluster").fit(method="lbfgs")
            for df in clusters
        ]
    assert any(np.isinf(one.llf) for one in fits)
    with pytest.raises(InvalidData, match=r"is inf: its fit failed.*another optimiser"):
        pool(fits)
    with pytest.raises(InvalidData, match="In analysis 1 the estimate of 'b' is nan"):
        pool([({"a": 1.0, "b": x}, {"a": 1.0, "b": 1.0}) for x in (2.0, np.nan)])
    # a regression that fits exactly has an infinite likelihood, and is fine
    exact = sm.OLS(np.arange(5.0), sm.add_constant(np.arange(5.0))).fit()
    assert pool([exact, exact]).params.iloc[1] == pytest.approx(1.0)


@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_issue_10_item_7_PHReg_has_events_less_parameters(frames, ties):
    rng = np.random.default_rng(0)
    n = len(frames[0])
    status = (rng.random(n) < 0.4).astype(int)
    time = rng.exponential(size=n).round(1) + 0.1
    fits = [
        sm.PHReg(time, df[["a", "b"]], status=status, ties=ties).fit() for df in frames
    ]
    found = pool(fits)
    assert found.dfcom == status.sum() - 2
    row = found.to_frame().iloc[0]
    wanted = pool_scalar(
        [one.params[0] for one in fits],
        [one.bse[0] ** 2 for one in fits],
        dfcom=status.sum() - 2,
    )
    assert row["df"] == pytest.approx(wanted.df)


def test_issue_10_item_7_PHReg_has_the_degrees_of_freedom_of_R(air):
    """Those of `pool` of mice 3.15 for Cox's model of the same six data sets."""
    found = pool(
        [
            sm.PHReg(df["Ozone"], df[["Wind", "Temp"]], status=df["Month"] < 9).fit()
            for df in air
        ]
    )
    events = (air[0]["Month"] < 9).sum()
    assert found.dfcom == events - 2
    assert found.to_frame()["df"].to_numpy() == pytest.approx(
        [52.114865, 68.388705], abs=5e-7
    )


def test_issue_10_item_7_no_variance_within_has_an_interval():
    """The observed data have no degree of freedom then; the m estimates have."""
    for dfcom, df in ((30, 2), (math.inf, 2), (1.5, 1.5)):
        found = pool_scalar([1.0, 2.0, 3.0], [0.0, 0.0, 0.0], dfcom=dfcom)
        assert found.df == df
        low, high = found.interval()
        assert -10 < low < 1.0
        assert 3 < high < 14
        assert 0 < found.p_value() < 0.3
    table = pool([([1.0, 2.0], [0.0, 0.1]), ([2.0, 2.5], [0.0, 0.1])], dfcom=20)
    assert np.isfinite(table.to_frame()[["low", "high", "df"]].to_numpy()).all()


def test_fault_2_3_what_pooling_cannot_do_is_said_in_words(frames, air):
    full = [regress(df) for df in frames]
    reduced = [regress(df, ["a"]) for df in frames]
    found = pool(full)
    for given, kind in (([reduced], "list"), (reduced[0], "RegressionResults")):
        with pytest.raises(InvalidSpec, match=rf"d3 was given a {kind}.*wanted"):
            found.d3(given)
    for test in (found.d1, found.d2):
        for terms, kind in ((pool(reduced), "PooledModel"), (reduced, "Regression")):
            with pytest.raises(InvalidSpec, match=f"given as {kind}.*compared by pool"):
                test(terms)
    with pytest.raises(InvalidSpec, match="the same rows are wanted"):
        found.d3(pool([regress(df.iloc[1:], ["a"]) for df in frames]))
    other = [smf.ols("Ozone ~ Wind", df).fit() for df in air]
    worse = [smf.ols("Ozone ~ Month + Day", df).fit() for df in air]
    with pytest.raises(InvalidData, match="reduced model has a larger likelihood"):
        pool(worse).d3(pool(other))
    with pytest.raises(InvalidData, match="came alone; a list"):
        pool(3)
    with pytest.raises(InvalidData, match="does not hold numbers alone"):
        pool([("a", "b")] * 2)
    with pytest.raises(InvalidSpec, match="no parameter 5"):
        found.d1(5)
    with pytest.raises(InvalidSpec, match="dfcom='many'"):
        pool(full, dfcom="many")
    with pytest.raises(InvalidSpec, match="level='wide'"):
        found.to_frame(level="wide")
    with pytest.raises(InvalidData, match=r"estimates are \['a', 'b'\]"):
        pool_scalar(["a", "b"], [1.0, 1.0])
    with pytest.raises(InvalidSpec, match=r"dfcom=-1.0 "):
        pool_scalar([1.0, 2.0], [1.0, 1.0], dfcom=np.float64(-1))


# ── R squared ──


def test_R_squared_of_models_is_pooled(frames):
    models = [regress(frame) for frame in frames]
    found = pool(models).r_squared(level=0.9)
    peer = pool_r_squared([m.rsquared for m in models], len(frames[0]), level=0.9)
    assert found == peer
    assert pool(models).r_squared(adjusted=True).estimate < found.estimate
    assert jw.pool_r_squared is pool_r_squared
    with pytest.raises(InvalidSpec, match="do not tell rsquared and nobs"):
        pool([([1.0], [0.1]), ([1.1], [0.1])]).r_squared()


def test_POOL_R_SQUARED_by_hand():
    # the formulas of Harel (2009) step by step
    values, n = np.array([0.40, 0.45, 0.48]), 25
    z = np.log((1 + np.sqrt(values)) / (1 - np.sqrt(values))) / 2
    found = pool_r_squared(values, n)
    e = np.exp(2 * z.mean())
    assert found.estimate == pytest.approx(((e - 1) / (e + 1)) ** 2)
    assert found.fmi == pytest.approx(pool_scalar(z, np.full(3, 1 / (n - 3))).fmi)
    assert 0 <= found.low < found.estimate < found.high < 1
    assert pool_r_squared([0.0, 0.01], 10).low == 0


@pytest.mark.parametrize(("values", "n"), [([0.5, 1.0], 20), ([0.5, 0.4], 3)])
def test_senseless_r_squared_is_refused(values, n):
    with pytest.raises(InvalidData, match="R squared"):
        pool_r_squared(values, n)

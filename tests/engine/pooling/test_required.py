"""How many imputations an analysis wants, by von Hippel's quadratic rule."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler.engine.pooling.required import (
    imputations_for,
    required_imputations,
    upper_end,
)
from jupyter_wrangler.engine.pooling.rubin import pool_scalar
from jupyter_wrangler.errors import InvalidData, InvalidSpec


def test_it_is_public():
    assert jw.required_imputations is required_imputations


@pytest.mark.parametrize(
    ("fmi", "cv", "m"),
    [
        # 1 + (fmi / cv)^2 / 2 by hand
        (0.1, 0.05, 3),
        (0.3, 0.05, 19),
        (0.5, 0.05, 51),
        (0.7, 0.05, 99),
        (0.9, 0.05, 163),
        (0.5, 0.10, 14),
        (0.25, 0.05, 14),
        (0.0, 0.05, 2),
        (1.0, 0.05, 201),
    ],
)
def test_the_quadratic_rule(fmi, cv, m):
    assert imputations_for(fmi, cv).tolist() == m


def test_the_upper_end_is_that_of_the_log_odds():
    # logit(0.3) = -0.847298; 1.959964 sqrt(2 / 20) = 0.619795
    by_hand = 1 / (1 + math.exp(0.847298 - 0.619795))
    assert upper_end(0.3, 20) == pytest.approx(by_hand, abs=1e-5)
    assert upper_end([0.0, 1.0], 5)[0] == 0


def test_an_estimate_wants_what_its_upper_end_wants():
    draws = np.random.default_rng(0).normal(size=20)
    pooled = pool_scalar(draws, np.full(20, 2.0))
    odds = math.log(pooled.fmi / (1 - pooled.fmi)) + 1.959964 * math.sqrt(2 / 20)
    upper = 1 / (1 + math.exp(-odds))
    assert required_imputations(pooled) == math.ceil(1 + 0.5 * (upper / 0.05) ** 2)
    assert required_imputations(pooled, 0.1) < required_imputations(pooled)
    assert required_imputations(pooled, level=0.5) < required_imputations(pooled)


def test_of_a_model_the_parameter_decides_that_wants_most():
    rng = np.random.default_rng(1)
    fits = [
        (pd.Series({"a": a, "b": b}), np.diag([1.0, 4.0]))
        for a, b in rng.normal(size=(10, 2))
    ]
    model = jw.pool(fits)
    each = [required_imputations(model[name]) for name in ("a", "b")]
    assert required_imputations(model) == max(each)
    assert each[0] > each[1]


def test_imputations_that_do_not_differ_want_no_more():
    assert required_imputations(pool_scalar([1.0, 1.0, 1.0], [2.0, 2.0, 2.0])) == 2


@pytest.mark.parametrize("cv", [0, -0.05, math.nan, math.inf, "5%", True, None])
def test_a_cv_that_makes_no_sense_is_refused(cv):
    pooled = pool_scalar([1.0, 2.0], [1.0, 1.0])
    with pytest.raises(InvalidSpec, match="coefficient of variation"):
        required_imputations(pooled, cv)


def test_anything_else_than_a_pooled_analysis_is_refused():
    with pytest.raises(InvalidData, match="no pooled analysis"):
        required_imputations(0.3)
    with pytest.raises(InvalidSpec, match="level"):
        required_imputations(pool_scalar([1.0, 2.0], [1.0, 1.0]), level=95)


@pytest.mark.slow
def test_with_so_many_a_standard_error_varies_by_five_percent():
    rng = np.random.default_rng(3)
    x = rng.normal(size=300)
    df = pd.DataFrame({"x": x, "y": x + rng.normal(size=300)})
    df.loc[rng.random(300) < 0.5, "y"] = np.nan

    def pooled(m, seed):
        found = jw.Imputer("norm", random_state=seed).impute(df, m)
        return found.pool(lambda done: (done.y.mean(), done.y.var() / 300))

    # the rule with the fraction itself, so from very many imputations
    fmi = pooled(1000, 0)["x0"].fmi
    m = int(imputations_for(fmi))
    errors = [pooled(m, seed)["x0"].std_error for seed in range(1, 101)]
    # the standard deviation of 100 normals is within a quarter of the true one
    assert np.std(errors, ddof=1) / np.mean(errors) == pytest.approx(0.05, rel=0.25)

"""`n_imputations="auto"`: how many imputations of a frame are enough."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.contract.imputation_spec import MOST_IMPUTATIONS, PILOT
from jupyter_wrangler.contract.validation import build_request
from jupyter_wrangler.engine.estimator.imputations import impute_m
from jupyter_wrangler.engine.estimator.needed import needed_imputations
from jupyter_wrangler.engine.pooling.required import imputations_for, upper_end
from jupyter_wrangler.engine.pooling.rubin import pool_scalar
from jupyter_wrangler.errors import InvalidSpec, NoSpread


def _frame(n=200, p=3, share=0.3, seed=0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 1)) + rng.normal(size=(n, p))
    x[rng.random(x.shape) < share] = np.nan
    return pd.DataFrame(x, columns=[f"c{k}" for k in range(p)])


def _fmi(found, of) -> float:
    return pool_scalar(*zip(*(of(done) for done in found), strict=True)).fmi


def test_it_is_the_rule_for_the_mean_and_the_correlation():
    df = _frame(p=2)
    df["c0"] = df["c0"].fillna(0.0)  # one incomplete column: one estimate of each kind
    found = jw.Imputer("norm", random_state=1).impute(df, PILOT)
    n = len(df)
    mean = _fmi(found, lambda done: (done.c1.mean(), done.c1.var(ddof=0) / n))
    tied = _fmi(found, lambda done: (np.arctanh(done.corr().iloc[0, 1]), 1 / (n - 3)))
    needed = needed_imputations(df, found.imputations, 0.05)
    assert needed.fmi == pytest.approx(max(mean, tied), rel=1e-9)
    assert needed.m == max(PILOT, imputations_for(upper_end(max(mean, tied), PILOT)))
    assert needed.pilot == PILOT


def test_the_first_ones_are_those_of_a_fixed_number():
    df = _frame()
    auto = jw.Imputer("pmm", random_state=7).impute(df, "auto")
    fixed = jw.Imputer("pmm", random_state=7).impute(df, auto.m)
    assert PILOT < auto.m < MOST_IMPUTATIONS
    for one, other in zip(auto, fixed, strict=True):
        pd.testing.assert_frame_equal(one, other)
    (event,) = [e for e in auto.events if "missing information" in e.message]
    assert f"With {auto.m} standard errors vary by less than 5 %" in event.message
    assert not [e for e in fixed.events if "missing information" in e.message]


def test_more_is_unknown_more_are_made_and_no_more_than_the_most():
    few = jw.Imputer("norm", random_state=0).impute(_frame(share=0.05), "auto")
    many = jw.Imputer("norm", random_state=0).impute(_frame(share=0.3), "auto")
    assert PILOT <= few.m < many.m
    spec = ImputationSpec(method="norm", n_imputations=PILOT, se_cv=0.01)
    most = impute_m(_frame(share=0.5), spec)
    assert most.m == MOST_IMPUTATIONS
    assert "which is the most" in most.imputations[0].events[-1].message


def test_what_does_not_draw_wants_no_more():
    with pytest.warns(NoSpread):
        found = jw.Imputer("mean").impute(_frame(), "auto")
    assert found.m == PILOT
    assert "do not differ" in found.events[-1].message


def test_where_nothing_is_missing_no_more_are_made():
    found = jw.Imputer("norm").impute(_frame(share=0), "auto")
    assert found.m == PILOT


def test_every_kind_of_column_counts():
    rng = np.random.default_rng(5)
    n = 150
    k = rng.integers(3, size=n)
    df = pd.DataFrame(
        {
            "n": pd.Series(k + rng.integers(5, size=n)).astype("Int64"),
            "c": pd.Categorical.from_codes(k, ["a", "b", "z"]),
            "t": pd.Timestamp("2020-01-01") + pd.to_timedelta(k * 5.0, unit="D"),
            "b": pd.Series(k > 0).astype("boolean"),
            "text": [f"name {i}" for i in range(n)],
        }
    )
    for name in ("n", "c", "t", "b"):
        df.loc[rng.random(n) < 0.3, name] = None
    found = jw.Imputer(random_state=0).impute(df, 10)
    for name, word in (("n", "mean"), ("t", "mean"), ("b", "mean"), ("c", "share of")):
        alone = [
            type(one)(
                values={name: one.values[name]},  # noqa: PD011
                rows={name: one.rows[name]},
                events=(),
                n_iter=1,
            )
            for one in found.imputations
        ]
        needed = needed_imputations(df[[name, "text"]], alone, 0.05)
        assert needed.estimate.startswith(word), name
        assert repr(name) in needed.estimate
        assert 0 < needed.fmi < needed.upper < 1


def test_the_largest_of_very_many_is_not_taken_for_what_chance_made_of_it():
    """30 columns have 465 estimates, all of about the same fraction."""
    df = _frame(n=1000, p=30, share=0.1, seed=2)
    spec = ImputationSpec(method="norm", n_imputations=10, random_state=3, max_iter=5)
    pilot = needed_imputations(df, impute_m(df, spec).imputations, 0.05)
    more = spec.model_copy(update={"n_imputations": 100})
    known = needed_imputations(df, impute_m(df, more).imputations, 0.05)
    # from 100 the fractions are nearly known
    assert known.fmi == pytest.approx(pilot.fmi, abs=0.1)


def test_copies_of_columns_and_constants_are_left_out():
    df = _frame(p=2)
    df["copy"] = df["c0"]
    df["one"] = 1.0
    df.loc[0, "one"] = np.nan
    found = jw.Imputer("norm", random_state=0, max_iter=3).impute(df, 10)
    needed = needed_imputations(df, found.imputations, 0.05)
    assert 0 < needed.fmi < 1
    assert "'one'" not in needed.estimate


def test_auto_is_two_numbers_in_the_spec():
    spec = build_request(ImputationSpec, n_imputations="auto")
    assert (spec.n_imputations, spec.se_cv, spec.grows) == (10, 0.05, True)
    assert spec == ImputationSpec(n_imputations=10, se_cv=0.05)
    assert ImputationSpec.model_validate_json(spec.model_dump_json()) == spec
    assert not ImputationSpec(n_imputations=10).grows


def test_standard_errors_are_not_judged_by_few_imputations():
    with pytest.raises(InvalidSpec, match="n_imputations of 5 or more"):
        build_request(ImputationSpec, n_imputations=2, se_cv=0.05)
    with pytest.raises(InvalidSpec, match="n_imputations='Auto'"):
        build_request(ImputationSpec, n_imputations="Auto")

"""How long an imputation takes, told before it starts."""

import time
import warnings

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.contract import ComparisonSpec, ImputationSpec
from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.engine.estimator.run_steps import finish
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.models.costs.methods import (
    COSTS,
    PassCost,
    TrialCost,
    VisitCost,
    WholeCost,
)
from jupyter_wrangler.engine.planning import cost, long_runs
from jupyter_wrangler.engine.planning.check import check
from jupyter_wrangler.engine.planning.early_warnings import warn
from jupyter_wrangler.engine.strategies.impute import impute
from jupyter_wrangler.errors import LongJob, UnknownMethod

#: Rows and columns that take a tenth of a second or more.
SIZES = {
    "linear": (3_000, 150),
    "pmm": (20_000, 20),
    "norm": (20_000, 30),
    "midastouch": (5_000, 6),
    "huber": (20_000, 8),
    "knn": (8_000, 10),
    "cart": (8_000, 5),
    "rf": (4_000, 5),
    "extratrees": (4_000, 5),
    "boosting": (5_000, 3),
    "logreg": (6_000, 10),
    "polyreg": (3_000, 10),
    "polr": (3_000, 10),
    "em": (10_000, 12),
    "copula": (8_000, 10),
    "softimpute": (8_000, 30),
}


def frame(n, p, classes=0, share=0.2):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 3)) @ rng.normal(size=(3, p)) + rng.normal(size=(n, p))
    df = pd.DataFrame(X, columns=[f"x{k}" for k in range(p)])
    if classes:
        cuts = np.array(
            [-np.inf, 0, np.inf] if classes == 2 else [-np.inf, -1, 1, np.inf]
        )
        df = df.apply(lambda x: pd.cut(x, cuts, labels=list("abc")[:classes]))
    return df.mask(rng.random((n, p)) < share)


def classes_of(method):
    return {"logreg": 2, "polyreg": 3, "polr": 3}.get(method, 0)


@pytest.mark.parametrize("method", SIZES)
def test_fault_3_16_estimates_are_of_the_right_size(method):
    n, p = SIZES[method]
    df = frame(n, p, classes_of(method))
    if method == "polyreg":
        df = df.apply(lambda x: x.cat.as_unordered())
    spec = ImputationSpec(method=method, max_iter=1, n_imputations=2, tol=0)
    guessed = long_runs.why_long(n, check(df, spec), spec)[0] / 2
    began = time.process_time()
    finish(impute(df, spec), df.size)
    took = time.process_time() - began
    assert took / 8 < guessed < took * 8


def test_every_method_has_an_estimate():
    tasks = {name: [cost.Task(method=name, missing=10**5, p=9)] * 5 for name in METHODS}
    for name, mine in tasks.items():
        found = cost.imputation_seconds(10**6, 10, mine, ImputationSpec())
        assert found[name] > 0


def test_the_table_of_costs_says_of_each_method_what_it_declares():
    kinds = {
        PassCost: {"simple"},
        VisitCost: {"chained"},
        WholeCost: {"neighbours", "joint"},
        TrialCost: {"auto"},
    }
    for name, method in METHODS.items():
        assert method.name == name
        assert method.kind in kinds[type(COSTS[name])]
        assert method.draws == COSTS[name].draws


def test_a_method_that_is_not_there_has_no_cost():
    task = cost.Task(method="nope", missing=1, p=1)
    with pytest.raises(UnknownMethod, match="nope"):
        cost.imputation_seconds(10, 2, [task], ImputationSpec())


@pytest.mark.parametrize("method", [m for m in SIZES if m not in {"em", "copula"}])
def test_estimates_grow_with_rows(method):
    def seconds(n):
        tasks = [cost.Task(method=method, missing=n // 10, p=9)] * 5
        spec = ImputationSpec(max_donors="all")
        return cost.imputation_seconds(n, 10, tasks, spec)[method]

    assert seconds(10**6) > 5 * seconds(10**5)


def planned(df, **spec):
    spec = ImputationSpec(**spec)
    return check(df, spec), spec


def test_fault_3_16_neighbours_of_a_million_rows_are_warned_about():
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(1_000_000, 6)), columns=list("abcdef"))
    df[rng.random(df.shape) < 0.1] = np.nan
    with pytest.warns(
        LongJob,
        match=r"about .* min on one core \('knn': 1,000,000 rows.*"
        r"'linear' takes about .*set max_donors, for example to 20_000",
    ):
        warn(*planned(df, method="knn", max_donors="all"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn(*planned(df, method="linear"))
        warn(*planned(df.head(10_000), method="knn"))
        # among a sample, by default
        warn(*planned(df, method="knn"))


def test_fault_3_16_a_thousand_columns_are_warned_about():
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(3_000, 1_000)))
    df[rng.random(df.shape) < 0.1] = np.nan
    words = "'linear': 3,000 rows.*999 predictors.*max_predictors.*quickpred"
    with pytest.warns(LongJob, match=words):
        warn(*planned(df, method="linear", max_predictors="all"))
    few = {str(k): (str((k + 1) % 1_000),) for k in range(1_000)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn(*planned(df, method="linear", predictors=few))
        # a hundred predictors of each column, which takes a minute
        warn(*planned(df, method="linear"))


def test_fault_3_16_the_estimator_says_so_before_it_starts():
    df = pd.DataFrame(np.random.default_rng(0).normal(size=(700, 600)))
    df[df > 1.5] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # the warning is an error, so nothing is fitted: it would take an hour
        began = time.process_time()
        with pytest.raises(LongJob):
            Imputer("rf", n_estimators=100).fit(df)
        with pytest.raises(LongJob):
            Imputer("rf", n_estimators=100).fit_transform(df)
        assert time.process_time() - began < 60


def test_fault_3_16_what_a_service_knows_is_enough():
    missing = {f"x{k}": 100_000 for k in range(10)}
    job = cost.part_seconds(
        ImputationSpec(method="knn", max_donors="all"), 1_000_000, missing
    )
    assert job > 1_000
    one = ImputationSpec(method="median", methods={"x0": "knn"}, max_donors="all")
    assert cost.part_seconds(one, 1_000_000, missing) < job
    board = ComparisonSpec(methods=("midastouch", "mean"))
    assert cost.part_seconds(board, 1_000_000, missing) > 500
    named = ImputationSpec(method="linear", predictors={"x0": ("x1",)})
    assert cost.part_seconds(named, 1_000_000, {"x0": 10, "x1": 0}) < 10


def test_fault_3_16_names_and_counts_that_nobody_has_checked_cost_nothing_more():
    missing = {"x": 50, "y": 10**400}
    for spec in (
        ImputationSpec(method="nope"),
        ImputationSpec(methods={"x": "~ y * 2", "y": "nope"}),
        ImputationSpec(method="knn", columns=("z",)),
        ComparisonSpec(methods=("nope", "knn"), columns=("x", "z")),
    ):
        assert 0 <= cost.part_seconds(spec, 100, missing) < 1

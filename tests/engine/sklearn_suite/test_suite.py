"""scikit-learn's own tests of KNNImputer and IterativeImputer, run against ours.

Its test files are loaded once more under other names, in which its imputers are ours
behind the same constructors.  Tests of what is meant to be different are listed with
the reason; all others run here under their own names.
"""

from __future__ import annotations

import importlib.util

import numpy as np

from jupyter_wrangler.engine.imputer import Imputer

#: Test -> why it is not run.
DIFFERENT = {
    # KNNImputer
    "test_knn_imputer_default_with_invalid_input": "NaN is a hole beside the marker "
    "that was given; infinite values are refused alike",
    "test_knn_imputer_weight_uniform": "weights are 'uniform' or 'distance', no "
    "function: a spec is JSON",
    "test_knn_imputer_weight_distance": "weights are no function",
    "test_knn_imputer_callable_metric": "the metric is that of the method, no function",
    "test_knn_tags": "NaN is a hole beside the marker, so NaN is always allowed",
    # IterativeImputer
    "test_iterative_imputer_one_feature": "n_iter_ is 1 or more, as scikit-learn's "
    "own estimator checks ask",
    "test_iterative_imputer_zero_iters": "max_iter=0 is method='mean'",
    "test_iterative_imputer_all_missing": "there is no initial_imputer_",
    "test_iterative_imputer_imputation_order": "there is no imputation_sequence_, and "
    "no random order of visits",
    "test_iterative_imputer_estimators": "the regression belongs to the method; there "
    "are no estimators to hand in",
    "test_iterative_imputer_clip_truncnorm": "draws are those of 'norm' and 'pmm'",
    "test_iterative_imputer_truncated_normal_posterior": "draws are those of 'norm' "
    "and 'pmm', which are not truncated",
    "test_iterative_imputer_transform_stochasticity": "draws are those of 'norm' and "
    "'pmm', and transform is repeatable",
    "test_iterative_imputer_early_stopping": "there is no imputation_sequence_; the "
    "round after which it stops is tested in test_equal_to_sklearn",
    "test_iterative_imputer_min_max_array_like": "bounds are by column name",
    "test_iterative_imputer_min_max_array_like_imputation": "bounds are by column name",
    "test_iterative_imputer_min_max_value_remove_empty": "bounds are by column name",
    "test_iterative_imputer_catch_min_max_error": "bounds have messages of their own",
    "test_iterative_imputer_skip_non_missing": "there is no skip_complete: holes in "
    "columns that were complete are imputed by a model",
    "test_iterative_imputer_dont_set_random_state": "no estimators to hand in",
    "test_iterative_imputer_keep_empty_features": "an empty column keeps its holes; "
    "nothing observed says what to fill it with, 'constant' does",
    "test_iterative_imputer_constant_fill_value": "max_iter=0 is method='constant'",
    "test_iterative_imputer_with_empty_features": "an empty column keeps its holes",
    "test_iterative_imputer_catch_warning": "there is no initial_imputer_",
}


class KNNImputer(Imputer):
    """scikit-learn's constructor."""

    def __init__(
        self,
        *,
        missing_values=np.nan,
        n_neighbors=5,
        weights="uniform",
        metric="nan_euclidean",
        copy=True,
        add_indicator=False,
        keep_empty_features=False,
    ):
        super().__init__(
            "knn",
            missing_values=missing_values,
            n_neighbors=n_neighbors,
            weights=weights,
            add_indicator=add_indicator,
            keep_empty_features=keep_empty_features,
        )
        assert metric == "nan_euclidean"
        self.metric, self.copy = metric, copy


class IterativeImputer(Imputer):
    """scikit-learn's constructor."""

    def __init__(
        self,
        estimator=None,
        *,
        missing_values=np.nan,
        sample_posterior=False,
        max_iter=10,
        tol=1e-3,
        n_nearest_features=None,
        initial_strategy="mean",
        fill_value=None,
        imputation_order="ascending",
        skip_complete=False,
        min_value=-np.inf,
        max_value=np.inf,
        verbose=0,
        random_state=None,
        add_indicator=False,
        keep_empty_features=False,
    ):
        super().__init__(
            "linear",
            visit_sequence=imputation_order,
            min_value=None if np.isneginf(min_value) else min_value,
            max_value=None if np.isposinf(max_value) else max_value,
            missing_values=missing_values,
            max_iter=max_iter,
            tol=tol,
            tol_scale="largest",
            fill_value=fill_value,
            random_state=random_state,
            add_indicator=add_indicator,
            keep_empty_features=keep_empty_features,
        )
        assert estimator is None
        assert not sample_posterior
        assert n_nearest_features is None
        self.initial_strategy, self.skip_complete = initial_strategy, skip_complete
        self.verbose = verbose


def own_copy(name):
    """Load one of scikit-learn's test files as a module of our own."""
    found = importlib.util.find_spec(f"sklearn.impute.tests.{name}")
    spec = importlib.util.spec_from_file_location(f"own_{name}", found.origin)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


knn, iterative = own_copy("test_knn"), own_copy("test_impute")
knn.KNNImputer, iterative.IterativeImputer = KNNImputer, IterativeImputer
THEIRS = {
    name: function
    for module, start in ((knn, "test_knn"), (iterative, "test_iterative"))
    for name, function in vars(module).items()
    if name.startswith(start)
}
globals().update(
    {name: function for name, function in THEIRS.items() if name not in DIFFERENT}
)


def test_what_is_different_is_still_there_and_has_a_reason():
    assert set(DIFFERENT) <= set(THEIRS)
    assert all(DIFFERENT.values())
    assert len(THEIRS) - len(DIFFERENT) >= 15

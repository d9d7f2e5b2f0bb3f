"""scikit-learn's own tests of its imputers, run against ours.

Its test files are loaded once more under other names, in which its imputers are ours
behind the same constructors.  Tests of what is meant to be different are listed with
the reason; all others run here under their own names.
"""

from __future__ import annotations

import importlib.util
from types import SimpleNamespace

import numpy as np
import pytest
import sklearn.impute
from sklearn.experimental import enable_iterative_imputer  # noqa: F401

from jupyter_wrangler.engine.estimator.imputer import Imputer

#: Test -> why it is not run.
DIFFERENT = {
    # KNNImputer
    "test_knn_imputer_default_with_invalid_input": "NaN is a missing value beside the "
    "marker "
    "that was given; infinite values are refused alike",
    "test_knn_imputer_weight_uniform": "weights are 'uniform' or 'distance', no "
    "function: a spec is JSON",
    "test_knn_imputer_weight_distance": "weights are no function",
    "test_knn_imputer_callable_metric": "the metric is that of the method, no function",
    "test_knn_tags": "NaN is a missing value beside the marker, so NaN is always "
    "allowed",
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
    "test_iterative_imputer_skip_non_missing": "there is no skip_complete: missing "
    "values in "
    "columns that were complete are imputed by a model",
    "test_iterative_imputer_dont_set_random_state": "no estimators to hand in",
    "test_iterative_imputer_keep_empty_features": "an empty column keeps its missing "
    "values; "
    "nothing observed says what to fill it with, 'constant' does",
    "test_iterative_imputer_constant_fill_value": "max_iter=0 is method='constant'",
    "test_iterative_imputer_with_empty_features": "an empty column keeps its missing "
    "values",
    "test_iterative_imputer_catch_warning": "there is no initial_imputer_",
    "test_imputation_order": "there is no imputation_sequence_; the order of visits is "
    "tested in test_settings_of_the_chain",
    # SimpleImputer
    "test_imputation_deletion_warning": "a column that is dropped as asked is dropped "
    "without a warning",
    "test_imputation_deletion_warning_feature_names": "dropped as asked, no warning",
    "test_imputation_mean_median_error_invalid_type": "a method that does not fit a "
    "column has a stand-in; columns of mixed types are refused in other words",
    "test_imputation_mean_median_error_invalid_type_list_pandas": "as above",
    "test_imputation_constant_error_invalid_type": "the message names the column",
    "test_imputation_constant_pandas": "a constant is given, there is no default; "
    "categories take none of their own accord",
    "test_imputation_pipeline_grid_search": "sparse matrices are refused",
    "test_imputation_copy": "sparse matrices are refused; nothing is changed in place",
    "test_simple_imputation_inverse_transform": "there is no inverse_transform",
    "test_simple_imputation_inverse_transform_exceptions": "no inverse_transform",
    "test_simple_impute_pd_na": "a frame comes back as a frame, in its dtypes",
    "test_simple_imputer_constant_fill_value_casting": "arrays of whole numbers come "
    "out as floats, which hold any number",
    "test_simple_imputer_keep_empty_features": "an empty column keeps its missing "
    "values; nothing observed says what to fill it with, 'constant' does",
    "test_most_frequent": "about a function of scikit-learn's own",
    "test_most_frequent_tie_object": "about a function of scikit-learn's own",
    # common
    "test_inconsistent_dtype_X_missing_values": "NaN is missing beside the marker, and "
    "a marker that occurs nowhere marks nothing",
    "test_knn_imputer_keep_empty_features": "an empty column keeps its missing values",
    "test_keep_empty_features": "an empty column keeps its missing values",
    "test_imputers_pandas_na_integer_array_support": "columns of Int16 come back as "
    "Int16, so means are rounded",
}

#: Why tests of which all is about sparse matrices are not run.
SPARSE = "sparse matrices are refused: their zeros are values, and models need them all"


class WithIndicator(Imputer):
    """What scikit-learn keeps of the indicators after a fit."""

    @property
    def indicator_(self):
        if not self.add_indicator:
            return None
        names = list(self._run.columns)
        places = [names.index(name) for name in self.indicator_features_]
        return SimpleNamespace(features_=np.array(places))


class KNNImputer(WithIndicator):
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


class IterativeImputer(WithIndicator):
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
            sample_posterior=sample_posterior,
            visit_sequence=imputation_order,
            min_value=None if min_value in {None, -np.inf} else min_value,
            max_value=None if max_value in {None, np.inf} else max_value,
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
        self.estimator, self.n_nearest_features = estimator, n_nearest_features
        self.imputation_order, self.verbose = imputation_order, verbose


class SimpleImputer(WithIndicator):
    """scikit-learn's constructor."""

    def __init__(
        self,
        *,
        missing_values=np.nan,
        strategy="mean",
        fill_value=None,
        copy=True,
        add_indicator=False,
        keep_empty_features=False,
    ):
        super().__init__(
            strategy,
            missing_values=missing_values,
            fill_value=fill_value,
            add_indicator=add_indicator,
            keep_empty_features=keep_empty_features,
        )
        self.strategy, self.copy = strategy, copy

    def _spec(self, n_imputations=1):
        if self.strategy == "constant" and self.fill_value is None:
            self.fill_value = "missing_value"
        return super()._spec(n_imputations)

    def set_params(self, **params):
        super().set_params(**params)
        self.method = self.strategy
        return self

    @property
    def statistics_(self):
        """What fills each column, which scikit-learn keeps under this name."""
        state = self._run.states.get("simple")
        fills = state.fills if state else {}
        return [fills[n].own[0] if n in fills else np.nan for n in self._run.columns]


OURS = {one.__name__: one for one in (KNNImputer, IterativeImputer, SimpleImputer)}


def own_copy(name):
    """Load one of scikit-learn's test files as a module of our own, with our imputers.

    They stand in its place while the file is read, since some tests are written for a
    list of them.
    """
    found = importlib.util.find_spec(f"sklearn.impute.tests.{name}")
    spec = importlib.util.spec_from_file_location(f"own_{name}", found.origin)
    module = importlib.util.module_from_spec(spec)
    theirs = {one: getattr(sklearn.impute, one) for one in OURS}
    try:
        vars(sklearn.impute).update(OURS)
        spec.loader.exec_module(module)
    finally:
        vars(sklearn.impute).update(theirs)
    return module


def sparse(value):
    """Whether a test asks for sparse matrices, which are refused."""
    made = getattr(value, "__module__", "").startswith("scipy.sparse")
    return made or (isinstance(value, str) and value == "sparse")


def dense(test):
    """Take sparse matrices out of the parameters of a test; None if nothing stays."""
    marks = []
    for mark in getattr(test, "pytestmark", []):
        if mark.name != "parametrize":
            marks.append(mark)
            continue
        names, values, *more = mark.args
        kept = [value for value in values if not sparse(value)]
        if not kept:
            return None
        marks.append(pytest.mark.parametrize(names, kept, *more, **mark.kwargs).mark)
    test.pytestmark = marks
    return test


MODULES = [own_copy(name) for name in ("test_knn", "test_impute", "test_common")]
#: Those of MissingIndicator are about a class of scikit-learn's own.
THEIRS = {
    name: function
    for module in MODULES
    for name, function in vars(module).items()
    if name.startswith("test_") and not name.startswith("test_missing_indicator")
}
RUN = {name: dense(test) for name, test in THEIRS.items() if name not in DIFFERENT}
globals().update({name: test for name, test in RUN.items() if test is not None})


def test_fault_2_4_what_is_different_is_still_there_and_has_a_reason():
    assert set(DIFFERENT) <= set(THEIRS)
    assert all(DIFFERENT.values())
    assert SPARSE
    assert sum(test is not None for test in RUN.values()) >= 33

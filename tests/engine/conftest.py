"""Frames for the laws of the engine, and a way to run it to its end."""

# ruff: noqa: PD011  `values` are those of an Imputation, which is no pandas object

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.columns.coding import code
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.methods.protocol import MomentRegression
from jupyter_wrangler.engine.methods.signatures import FitOptions, MomentData
from jupyter_wrangler.engine.models.moments import moments_of
from jupyter_wrangler.engine.strategies.impute import impute

# How long an example takes says how busy the machine is, and nothing of the engine.
settings.register_profile("engine", deadline=None)
settings.load_profile("engine")

# The packages of the extra `pooled` have an environment of their own.
collect_ignore = (
    []
    if all(map(find_spec, ("lifelines", "pyfixest", "sksurv")))
    else ["pooling/test_estimates_of_packages.py"]
)

#: pandas 3's own strings; before, `str` would spell missing values as "nan".
STR = "str" if int(pd.__version__.split(".")[0]) >= 3 else object


def _run(df, imputation=0, **spec):
    """Impute and return the Imputation."""
    steps = impute(df, ImputationSpec(**spec), imputation)
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value


def _impute_one(name, y, ry, x, wy, rng, **options):
    """Impute one column of plain arrays by a chained method, through its `fit`."""
    method, options = METHODS[name], FitOptions(**options)
    observed = y[ry]
    if isinstance(method, MomentRegression):
        coding = code(observed, options.classes, ordered=options.ordered)
        data = MomentData(
            moments=moments_of(x[ry], coding.encode(observed)),
            coding=coding,
            widen=lambda beta: beta,
            rows=x,
            observed=ry,
        )
        model = method.fit(data, options, rng)
    else:
        model = method.fit(observed, x[ry], options, rng)
    drawn = model.draw(x[wy], rng)
    return observed[drawn] if model.donates else drawn


def _complete(df, found):
    """Fill the cells in, column by column."""
    done = df.copy()
    for name, rows in found.rows.items():
        own = done[name].array.copy()
        own[rows] = found.values[name]
        done[name] = pd.Series(own, index=df.index, dtype=df[name].dtype)
    return done


def _correlated(n, p, share, seed=0):
    """Correlated normal columns with missing values completely at random."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) @ rng.normal(size=(p, p)) + rng.normal(size=(n, p))
    X[rng.random((n, p)) < share] = np.nan
    return pd.DataFrame(X, columns=[f"x{k}" for k in range(p)])


def _mixed(n=120, seed=0):
    """One column of every kind that is imputed by a model, a fifth missing."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=n)

    def missing(values):
        values = pd.Series(values)
        values[rng.random(n) < 0.2] = None
        return values

    def classes(k):
        return np.clip(np.digitize(z + rng.normal(size=n) / 2, [-0.5, 0.5]), 0, k - 1)

    names = np.array(["low", "mid", "top"], dtype=object)
    whole = np.rint(10 * z + rng.normal(size=n))
    frame = pd.DataFrame(
        {
            "float": missing(z + rng.normal(size=n)),
            "single": missing(z).astype("float32"),
            "whole": missing(whole),
            "Int64": missing(whole).astype("Int64"),
            "Int8": missing(whole).clip(-100, 100).astype("Int8"),
            "arrow_int": missing(whole).astype("Int64").astype("int64[pyarrow]"),
            "arrow_float": missing(z).astype("double[pyarrow]"),
            "Float64": missing(z).astype("Float64"),
            "boolean": missing((z > 0).astype(object)).astype("boolean"),
            "arrow_bool": missing((z > 0.2).astype(object)).astype("bool[pyarrow]"),
            "object_bool": missing((z > -0.2).astype(object)),
            "str": missing(names[classes(3)]).astype(STR),
            "string": missing(names[classes(3)]).astype("string"),
            "arrow_str": missing(names[classes(2)]).astype("string[pyarrow]"),
            "object_str": missing(names[classes(3)]).astype(object),
            "nominal": pd.Categorical(
                missing(names[classes(3)]).astype(object),
                categories=["never", "top", "mid", "low"],
            ),
            "ordered": pd.Categorical(
                missing(names[classes(3)]).astype(object),
                categories=["low", "mid", "top", "never"],
                ordered=True,
            ),
            "complete": z,
        }
    )
    frame.index = pd.Index(rng.permutation(n) + 1000, name="patient")
    return frame


@pytest.fixture(scope="session")
def run():
    return _run


@pytest.fixture(scope="session")
def impute_one():
    return _impute_one


@pytest.fixture(scope="session")
def complete():
    return _complete


@pytest.fixture(scope="session")
def correlated():
    return _correlated


@pytest.fixture(scope="session")
def mixed():
    return _mixed

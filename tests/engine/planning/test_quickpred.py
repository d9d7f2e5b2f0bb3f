"""Predictors chosen by correlations, against the figures that mice publishes."""

import numpy as np
import pandas as pd
import pytest

import jupyter_wrangler
from jupyter_wrangler.engine.planning.predictors import pairwise, quickpred
from jupyter_wrangler.errors import UnknownColumn


@pytest.fixture
def nhanes():
    # Schafer (1997), table 6.14; as printed in the manual of mice.
    age = [1, 2, 1, 3, 1, 3, 1, 1, 2, 2, 1, 2, 3, 2, 1, 1, 3, 2, 1, 3, 1, 1, 1, 3, 2]
    n = np.nan
    bmi = [n, 22.7, n, n, 20.4, n, 22.5, 30.1, 22, n, n, n, 21.7, 28.7, 29.6, n, 27.2]
    bmi += [26.3, 35.3, 25.5, n, 33.2, 27.5, 24.9, 27.4]
    hyp = [n, 1, 1, n, 1, n, 1, 1, 1, n, n, n, 1, 2, 1, n, 2, 2, 1, 2, n, 1, 1, 1, 1]
    chl = [n, 187, 187, n, 113, 184, 118, 187, 238, n, n, n, 206, 204, n, n, 284, 199]
    chl += [218, n, n, 229, 131, n, 186]
    return pd.DataFrame({"age": age, "bmi": bmi, "hyp": hyp, "chl": chl})


def rows(df, found):
    return [
        "".join(str(int(name in found.get(target, ()))) for name in df) for target in df
    ]


# docs/reference/quickpred.html of mice 3.19
@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ["0000", "1011", "1001", "1110"]),
        ({"mincor": 0.4}, ["0000", "0000", "1001", "1010"]),
        ({"minpuc": 0.3}, ["0000", "1000", "1000", "1110"]),
    ],
)
def test_QUICKPRED_nhanes(nhanes, settings, expected):
    assert rows(nhanes, quickpred(nhanes, **settings)) == expected


def test_QUICKPRED_include_and_exclude(nhanes):
    found = quickpred(nhanes, mincor=0.9, include=["age"], exclude=["chl"])
    assert found == {"bmi": ["age"], "hyp": ["age"], "chl": ["age"]}
    with pytest.raises(UnknownColumn):
        quickpred(nhanes, include=["weight"])


def test_correlations_are_those_of_pandas(correlated, mixed):
    df = correlated(50, 5, 0.3) * 1e6 + 1e7
    np.testing.assert_allclose(pairwise(df.to_numpy()), df.corr(), atol=1e-9)
    assert np.isnan(pairwise(np.array([[1.0, 2.0], [np.nan, 2.0]]))).all()
    assert set(quickpred(mixed())) < set(mixed().columns)


def test_it_is_a_public_name():
    assert jupyter_wrangler.quickpred is quickpred


def test_a_frame_of_texts_has_no_predictors():
    assert quickpred(pd.DataFrame({"name": ["Ann", "Bob", None]})) == {}


def test_a_string_is_one_name(nhanes):
    assert quickpred(nhanes, 0.9, include="age") == quickpred(
        nhanes, 0.9, include=["age"]
    )
    assert "age" not in quickpred(nhanes, 0.0, exclude="age")["bmi"]
    with pytest.raises(UnknownColumn, match="no column 'weight'"):
        quickpred(nhanes, include="weight")

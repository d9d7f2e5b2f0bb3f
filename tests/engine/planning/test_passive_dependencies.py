"""Which columns are computed from which others."""

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.planning.check import check
from jupyter_wrangler.engine.planning.passive_dependencies import (
    formulas_of,
    predictors_of,
    sources_of,
)
from jupyter_wrangler.errors import (
    InvalidSpec,
    MethodDoesNotFit,
    UnknownColumn,
    UnknownMethod,
)

BMI = "~ weight / height ** 2"


def spec(**methods):
    return ImputationSpec(methods=methods)


def frame():
    return pd.DataFrame(
        {
            "weight": [70.0, np.nan, 80.0, 60.0, 75.0, 90.0],
            "height": [1.8, 1.7, np.nan, 1.6, 1.75, 1.9],
            "bmi": [21.6, np.nan, np.nan, 23.4, 24.5, 24.9],
            "sex": ["f", "m", "m", None, "f", "f"],
            "when": pd.to_datetime(["2020-01-01", *["2020-01-02"] * 5]),
        }
    )


def test_each_formula_comes_after_those_it_needs():
    found = formulas_of(spec(c="~ 2 * b", a="~ x", b="~ a + y", d="pmm"))
    assert list(found) == ["a", "b", "c"]
    assert sources_of(found) == {
        "a": {"x"},
        "b": {"a", "x", "y"},
        "c": {"a", "b", "x", "y"},
    }


@pytest.mark.parametrize(
    "methods",
    [{"a": "~ a + 1"}, {"a": "~ b", "b": "~ 2 * a"}, {"a": "~ b", "b": "~ b + x"}],
)
def test_nothing_is_computed_from_itself(methods):
    with pytest.raises(InvalidSpec, match="would be computed from itself"):
        formulas_of(spec(**methods))


def test_a_formula_is_for_one_column():
    with pytest.raises(InvalidSpec, match="give it to one"):
        formulas_of(ImputationSpec(method=BMI))


def test_what_is_computed_from_a_column_does_not_help_to_impute_it():
    names = ["weight", "height", "bmi", "obese", "age"]
    asked = spec(bmi=BMI, obese="~ max(bmi - 30, 0)")
    assert predictors_of(asked, names) == {
        "weight": ("weight", "height", "age"),
        "height": ("weight", "height", "age"),
        "bmi": ("weight", "height", "bmi", "age"),
    }
    assert predictors_of(spec(weight="pmm"), names) == {}
    given = asked.model_copy(update={"predictors": {"weight": ("bmi",)}})
    assert predictors_of(given, names)["weight"] == ("bmi",)


@pytest.mark.parametrize(
    ("methods", "error", "words"),
    [
        ({"bmi": "~ weight / length"}, UnknownColumn, "length"),
        ({"bmi": "~ weight /"}, InvalidSpec, "it is no expression"),
        ({"bmi": "~ weight * sex"}, InvalidSpec, "'sex', which is nominal"),
        ({"bmi": "~ weight * when"}, InvalidSpec, "'when', which is datetime"),
        ({"sex": "~ weight"}, MethodDoesNotFit, "'sex', which is nominal"),
        ({"bmi": BMI, "height": ""}, InvalidSpec, "keeps its missing values"),
        ({"bmi": BMI, "height": "cubic"}, UnknownMethod, "cubic"),
        ({"girth": BMI}, UnknownColumn, "girth"),
    ],
)
def test_formulas_that_make_no_sense_are_refused(methods, error, words):
    with pytest.raises(error, match=words):
        check(frame(), spec(**methods))


def test_a_formula_is_planned():
    (plan,) = (p for p in check(frame(), spec(bmi=BMI)) if p.name == "bmi")
    assert (plan.method, plan.reason, plan.n_missing) == (BMI, "", 2)
    full = frame().assign(bmi=20.0)
    (plan,) = (p for p in check(full, spec(bmi=BMI)) if p.name == "bmi")
    assert plan.method == ""


def test_an_empty_column_can_be_computed():
    empty = frame().assign(bmi=np.nan)
    (plan,) = (p for p in check(empty, spec(bmi=BMI)) if p.name == "bmi")
    assert (plan.method, plan.n_observed) == (BMI, 0)

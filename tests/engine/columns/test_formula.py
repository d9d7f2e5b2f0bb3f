"""Formulas: what they compute, and that nothing else can be written."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_wrangler.contract import is_formula
from jupyter_wrangler.engine.columns.formula import DEEPEST, LONGEST, parse
from jupyter_wrangler.errors import InvalidSpec

X = np.array([1.0, 4.0, -2.0])
Y = np.array([2.0, 0.5, 3.0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("~ x + y", X + Y),
        ("~x-y", X - Y),
        ("~ 2 * x / y", 2 * X / Y),
        ("~ x ** 2", X**2),
        ("~ -x ** 2", -(X**2)),
        ("~ +x - -1.5", X + 1.5),
        ("~ (x + y) * 3", (X + Y) * 3),
        ("~ exp(log(y))", Y),
        ("~ sqrt(abs(x))", np.sqrt(np.abs(X))),
        ("~ min(x, y)", np.minimum(X, Y)),
        ("~ max(x, y, 2.5)", np.maximum(np.maximum(X, Y), 2.5)),
        ("~ x * 0 + 7", np.full(3, 7.0)),
        ("  ~ (x\n  + y)", X + Y),
    ],
)
def test_formulas_are_those_of_numpy(text, expected):
    found = parse(text)
    np.testing.assert_allclose(found({"x": X, "y": Y}), expected)


def test_the_rules_of_arithmetic_are_those_of_python():
    found = parse("~ 2 ** 3 ** 2 - 8 / 4 / 2 + x * 0")({"x": X})
    np.testing.assert_array_equal(found, 511.0)


def test_names_that_are_no_words_stand_in_backticks():
    found = parse("~ `body weight` / `height (m)` ** 2 + `class` + _")
    assert found.columns == ("body weight", "height (m)", "class", "_")
    numbers = dict.fromkeys(found.columns, np.array([2.0]))
    np.testing.assert_allclose(found(numbers), [4.5])


def test_a_column_may_be_called_like_a_function():
    found = parse("~ log(log) + min(min, 3)")
    assert found.columns == ("log", "min")


def test_missing_values_stay_missing():
    x = np.array([1.0, np.nan])
    for text in ("~ x + 1", "~ min(x, 0)", "~ max(x, 0)", "~ -x", "~ exp(x)"):
        assert np.isnan(parse(text)({"x": x})).tolist() == [False, True]


def test_what_is_no_number_is_no_warning():
    found = parse("~ x / y")({"x": np.array([1.0, 0.0]), "y": np.zeros(2)})
    assert not np.isfinite(found).any()
    assert np.isnan(parse("~ sqrt(x)")({"x": np.array([-1.0])})).all()
    assert np.isinf(parse("~ 9 ** 9 ** 9 ** 9 * x")({"x": np.ones(1)})).all()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("~", "it is no expression"),
        ("~ x +", "it is no expression"),
        ("~ `x", "it is no expression"),
        ("~ x := 3", "it is no expression"),
        ("~ import os", "it is no expression"),
        ("~ 3 + 4", "it names no column"),
        ("~ x ^ 2", r"powers are written with \*\*"),
        ("~ x // 2", "no 'x // 2'"),
        ("~ x % 2", "no 'x % 2'"),
        ("~ x > 2", "no 'x > 2'"),
        ("~ not x", "no 'not x'"),
        ("~ x and y", "no 'x and y'"),
        ("~ x if y else 0", "no 'x if y else 0'"),
        ("~ x.shape", r"no 'x\.shape'"),
        ("~ x[0]", r"no 'x\[0\]'"),
        ("~ [x]", r"no '\[x\]'"),
        ("~ lambda: x", "no 'lambda: x'"),
        ("~ `a b`.real", r"no '`a b`\.real'"),
        ("~ x + 'a'", "'a' is no number"),
        ("~ x + True", "True is no number"),
        ("~ x + 1j", "1j is no number"),
        ("~ x + None", "None is no number"),
        ("~ x + 1e999", "inf is no number"),
        ("~ __import__('os')", "no function '__import__'"),
        ("~ eval('x')", "no function 'eval'"),
        ("~ x.__class__()", r"no function 'x\.__class__'"),
        ("~ (lambda: x)()", "no function"),
        ("~ log()", "'log' takes one number"),
        ("~ log(x, 2)", "'log' takes one number"),
        ("~ log(x, base=2)", "'log' takes one number"),
        ("~ log(**x)", "'log' takes one number"),
        ("~ min(x)", "'min' takes two numbers or more"),
        ("~ min(*x)", "'min' takes two numbers or more"),
        ("~ log(*x)", r"no '\*x'"),
        ("~ " + "-" * (DEEPEST + 1) + "x", "too much is nested"),
        ("~ " + "-" * 900 + "x.y", "too much is nested"),
        ("~ [" + "-" * 900 + "x]", "it can hold no"),
        ("~ " + "(" * 400 + "x" + ")" * 400, "it is no expression"),
        ("~ x" + " + 1" * LONGEST, f"more than {LONGEST} letters"),
    ],
)
def test_nothing_else_can_be_written(text, words):
    with pytest.raises(InvalidSpec, match=words) as caught:
        parse(text)
    assert "abs, min, max" in str(caught.value)


@given(st.text("xy19+-*/()`., minlog\n", max_size=20) | st.text(max_size=20))
def test_any_text_is_a_formula_or_refused(text):
    try:
        found = parse(f"~{text}")
    except InvalidSpec:
        return
    assert found(dict.fromkeys(found.columns, X)).shape == X.shape


def test_formulas_are_distinguished_from_methods():
    assert is_formula(" ~ x")
    assert not is_formula("")
    assert not is_formula("pmm")

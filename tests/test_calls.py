"""Calls of public functions: misspelt keywords, short tracebacks, one warning."""

import concurrent.futures
import inspect
import os
import subprocess
import sys
import textwrap
import warnings

import numpy as np
import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler import calls, errors
from jupyter_wrangler.engine.pooling.likelihood import likelihood_of
from jupyter_wrangler.errors import InvalidSpec, MethodDoesNotFit, UnknownArgument

FUNCTIONS = [
    name
    for name in jw.__all__
    if inspect.isfunction(getattr(jw, name)) and name != "__version__"
]
FRAME = pd.DataFrame({"a": [1.0, None, 3.0, 4.0], "b": [1.0, 2.0, 3.0, np.inf]})


@pytest.mark.parametrize("name", FUNCTIONS)
def test_section_5_a_misspelt_keyword_names_the_one_meant(name):
    function = getattr(jw, name)
    names = list(inspect.signature(function).parameters)
    wrong = names[-1] + "_"
    with pytest.raises(UnknownArgument, match=f"did you mean.*'{names[-1]}'") as caught:
        function(**{wrong: 1})
    assert f"{name}() takes no '{wrong}'" in str(caught.value)
    # as Python itself has it, and as all that is asked for wrongly
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, InvalidSpec)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: jw.Imputer(metod="pmm"), r"Imputer\(\) takes no 'metod'.*'method'"),
        (lambda: jw.Imputer().fit(FRAME, z=1), r"fit\(\) takes no 'z'"),
        (lambda: jw.profile(FRAME).mark_missing(FRAME, unshure=True), "'unsure'"),
        (
            lambda: jw.Imputer("mean").impute(FRAME[["a"]], n_imputation=2),
            "'n_imputations'",
        ),
        (lambda: jw.Client(ulr="x"), r"Client\(\) takes no 'ulr'"),
    ],
)
def test_section_5_methods_too(call, words):
    with pytest.raises(UnknownArgument, match=words):
        call()


def test_section_5_the_keyword_that_was_meant_does_not_drown():
    """Of the 32 that impute takes, one is of interest."""
    with pytest.raises(UnknownArgument) as caught:
        jw.impute(FRAME, metod="pmm")
    assert str(caught.value) == "impute() takes no 'metod'; did you mean 'method'?"
    with pytest.raises(UnknownArgument, match=r"it takes df, plan, .*, client"):
        jw.impute(FRAME, zzz=1)


@pytest.mark.parametrize(
    ("method", "words"),
    [("mean", "'mean' gives the"), ({"a": "mean", "b": "median"}, "'median' give the")],
)
def test_section_5_what_cannot_differ_is_named_in_a_sentence(method, words):
    df = pd.DataFrame({"a": [1.0, None, 3.0], "b": [1.0, None, 4.0]})
    named = method if isinstance(method, dict) else {}
    with pytest.warns(errors.NoSpread, match=words):
        jw.Imputer("mean", methods=named).impute(df, 2)


def test_what_is_public_is_what_it_was():
    assert "df" in inspect.signature(jw.impute).parameters
    assert inspect.getdoc(jw.pool).startswith("Pool the analyses")
    assert jw.pool.__module__ == "jupyter_wrangler.engine.pooling.pool"
    # examples are found by what looks for them
    assert jw.pool.__globals__ is sys.modules[jw.pool.__module__].__dict__


def test_section_5_impute_takes_method():
    frame = pd.DataFrame({"age": [1.0, None], "sex": ["f", "m"]})
    with pytest.raises(errors.UnknownMethod, match="'pmn'"):
        jw.impute(frame, method="pmn")
    with pytest.raises(errors.UnknownMethod, match="'meen'"):
        jw.impute(frame, method={"age": "meen"})
    with pytest.raises(InvalidSpec, match="mean the same; give one"):
        jw.impute(frame, "knn", method="mean")


def test_section_5_polr_of_a_nominal_column_says_how_to_order_it():
    df = pd.DataFrame({"x": [*"lmhlmhlmh", None], "y": np.arange(10.0)})
    with pytest.raises(MethodDoesNotFit, match="ordered=True") as caught:
        jw.Imputer(methods={"x": "polr"}, max_iter=1).fit(df)
    assert "df['x'] = pd.Categorical(df['x'], categories=[" in str(caught.value)
    df["x"] = pd.Categorical(df["x"], categories=["l", "m", "h"], ordered=True)
    jw.Imputer(methods={"x": "polr"}, max_iter=1, random_state=0).fit(df)


LEFT = pd.DataFrame(
    {
        "a": [1.0, None, 3.0, 4.0],
        "name": ["Ann", None, "Bob", "Cy"],
        "empty": [None] * 4,
    }
)


def test_section_5_columns_left_alone_are_one_list():
    with warnings.catch_warnings(record=True) as reported:
        warnings.simplefilter("always")
        jw.Imputer("mean").fit_transform(LEFT)
    (one,) = reported
    assert issubclass(one.category, errors.ColumnLeftAlone)
    assert one.filename == __file__
    said = str(one.message)
    assert said.startswith("2 columns keep missing values:\n")
    assert "'name' keeps its 1 missing" in said
    assert "'empty' keeps its 4 missing" in said


def test_section_5_the_same_list_is_shown_once():
    code = """
        import warnings
        import jupyter_wrangler as jw, pandas as pd
        df = pd.DataFrame({"a": [1.0, None, 3.0], "empty": [None] * 3})
        jw.Imputer("mean").fit_transform(df)
        jw.Imputer("mean").fit(df)
        jw.Imputer("mean").impute(df)
        # another list is another warning, and who asks for all of them has all
        jw.Imputer("mean").fit(df.assign(more=[None] * 3))
        warnings.simplefilter("always")
        jw.Imputer("mean").fit(df)
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stderr.count("ColumnLeftAlone: ") == 3


def test_section_5_a_notebook_shows_the_lines_of_the_caller_only():
    code = '''
        from IPython.core.interactiveshell import InteractiveShell
        shell = InteractiveShell.instance()
        shell.run_line_magic("colors", "nocolor")
        shell.run_cell("""
        import jupyter_wrangler as jw, pandas as pd
        def mine(df):
            return jw.Imputer("pmm").fit_transform(df)
        mine(pd.DataFrame({"a": [1.0, float("inf"), None]}))
        """)
        shell.run_cell("1 / 0")
        shell.run_cell("jw.errors.full_tracebacks = True")
        shell.run_cell("jw.Imputer(metod=1)")
    '''
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=True,
    )
    first, *_, full = run.stdout.split("-" * 75)[1:]
    assert "in mine(df)" in first
    assert "InfiniteValues: Column 'a' has 1 infinite values" in first
    assert len(first.strip().splitlines()) < 15
    assert "jupyter_wrangler/" not in first
    assert "sklearn" not in first
    assert "ZeroDivisionError: division by zero" in run.stdout
    assert "jupyter_wrangler/calls.py" in full


def test_section_5_a_wait_that_ends_early_shows_the_lines_of_the_caller_only(
    stack_env, tmp_path
):
    code = '''
        from IPython.core.interactiveshell import InteractiveShell
        shell = InteractiveShell.instance()
        shell.run_line_magic("colors", "nocolor")
        shell.run_cell("""
        import jupyter_wrangler as jw, numpy as np, pandas as pd
        x = np.random.default_rng(1).normal(size=(60_000, 40))
        x[:9, :] = np.nan
        x[9:60, 1:] = np.nan
        jw.errors.full_tracebacks = False
        job = jw.impute(pd.DataFrame(x).add_prefix("x"), "pmm", max_iter=500)
        job.result(timeout=0.01)
        """)
        shell.run_cell("list(jw.as_completed([job], timeout=0.01))")
        shell.run_cell("job.cancel(); job.result()")
    '''
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, **stack_env},
    )
    waited, several, cancelled = run.stdout.split("-" * 75)[1:]
    assert "WaitTimedOut: Job" in waited
    assert "WaitTimedOut: 1 of 1 jobs" in several
    assert "JobCancelled: Job" in cancelled
    for shown in (waited, several, cancelled):
        assert "jupyter_wrangler/" not in shown
        assert "hidden" not in shown
        assert len(shown.strip().splitlines()) < 15


def test_section_5_an_early_end_is_caught_as_that_of_a_future():
    assert issubclass(errors.JobCancelled, concurrent.futures.CancelledError)
    assert issubclass(errors.WaitTimedOut, TimeoutError)


def test_section_5_pytest_shows_the_lines_of_the_caller_only(tmp_path):
    (tmp_path / "test_mine.py").write_text(
        textwrap.dedent("""
        import jupyter_wrangler as jw, pandas as pd
        def test_mine():
            jw.Imputer("pmm").fit(pd.DataFrame({"a": [1.0, float("inf"), None]}))
        """)
    )
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert "InfiniteValues: Column 'a'" in run.stdout
    assert "jupyter_wrangler/" not in run.stdout


def test_section_5_a_value_is_called_as_the_caller_does():
    penguins, _ = object(), object()
    assert calls.variable_of(penguins) == "penguins"
    assert calls.variable_of(_) is None
    assert calls.variable_of(FRAME) == "FRAME"
    assert calls.variable_of(object()) is None


def test_models_without_a_likelihood_are_refused():
    with pytest.raises(InvalidSpec, match="use d1"):
        likelihood_of(object())

"""What a result writes: scripts that give the same numbers, and a paragraph."""

import warnings

import numpy as np
import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler import errors
from jupyter_wrangler._version import __version__
from jupyter_wrangler.client.views import code
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.methods import METHODS
from tests.client.local import local_result
from tests.waiting import CEILING_S

#: Settings of which each is written and read again.
SETTINGS = [
    *({"method": name} for name in METHODS if not METHODS[name].given),
    {"method": "constant", "fill_value": 3},
    {"methods": {"Ozone": "knn", "Solar.R": ""}, "weights": "distance"},
    {"methods": {"Ozone": "~ 2 * Temp"}},
    {"method": "mean", "methods": {"Ozone": "pmm"}},
    {"n_imputations": 3, "max_iter": 4, "random_state": 7, "donors": 3},
    {"min_value": {"Ozone": 0.5}, "max_value": 300.0, "delta": {"Ozone": 2.0}},
    {"predictors": {"Ozone": ("Temp", "Wind")}, "visit_sequence": "monotone"},
    {"blocks": {"air": ("Ozone", "Solar.R")}},
    {"method": "median", "group": "Month"},
    {"method": "time", "time": "Month", "columns": ("Ozone",)},
]


def executed(source, **names):
    exec(compile(source, "script", "exec"), names)  # noqa: S102  it is what is tested
    return names


class _Asked(Exception):
    """Carries what a script asks for."""


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_the_spec_of_every_script_is_the_spec_that_was_given(settings, monkeypatch):
    """What is written is read by the real verb up to where it would be sent."""
    spec = ImputationSpec(**settings)

    def submit(self, df, spec, **_):
        raise _Asked(self, df, spec)

    monkeypatch.setattr(jw.Client, "submit", submit)
    source = code.wrangler_code(spec, "jw.data.airquality()")
    warnings.simplefilter("ignore", errors.WranglerWarning)
    with pytest.raises(_Asked) as caught:
        executed(source)
    assert caught.value.args[2] == spec


def test_a_script_runs_as_printed(client, patients):
    assert client
    where = patients.isna()
    where.iloc[0, 0] = True
    for settings in ({"n_imputations": 2}, {"where": where}):
        result = jw.impute(patients, max_iter=3, **settings).result(CEILING_S)
        again = executed(result.to_code())["result"]
        assert again.n_imputations == result.n_imputations
        for one, other in zip(result.datasets, again.datasets, strict=True):
            pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize(
    "settings",
    [
        {"method": "mean"},
        {"method": "median"},
        {"method": "most_frequent"},
        {"method": "constant", "fill_value": -1.5},
        {"methods": {"x0": "mean", "x1": "median", "x2": "most_frequent"}},
        {"method": "knn", "n_neighbors": 3, "weights": "distance"},
        {"method": "linear"},
        {"method": "linear", "tol_scale": "largest", "max_iter": 30},
    ],
    ids=str,
)
def test_a_script_of_scikit_learn_gives_the_same_numbers(settings):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(80, 3)) @ rng.normal(size=(3, 3)) + 5
    df = pd.DataFrame(x.round(2), columns=["x0", "x1", "x2"])
    df = df.mask(rng.random(df.shape) < 0.15)
    result = local_result(df, **settings)
    source = result.to_code(style="sklearn", data="given.copy()")
    done = executed(source, given=df)["done"]
    assert "jupyter_wrangler as jw" not in source
    np.testing.assert_allclose(done, result.df, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "column 'bill_length_mm' was imputed by 'pmm'"),
        ({"method": "knn"}, "column 'sex' is nominal"),
        ({"method": "median", "n_imputations": 2}, "2 imputations"),
        ({"method": "median", "group": "island"}, "group='island'"),
        ({"method": "median", "min_value": 3.0}, "min_value=3"),
        ({"method": "median", "methods": {"sex": ""}}, "column 'sex' was left alone"),
    ],
)
def test_scikit_learn_refuses_what_it_cannot_do(settings, words):
    result = local_result(jw.data.penguins(), **({"max_iter": 2} | settings))
    with pytest.raises(errors.InvalidSpec, match=words):
        result.to_code(style="sklearn")


def test_unknown_styles_are_refused():
    result = local_result(jw.data.airquality(), method="mean")
    with pytest.raises(errors.InvalidSpec, match="'wrangler' or 'sklearn'"):
        result.to_code(style="r")
    with pytest.raises(errors.InvalidSpec, match="'text' or 'markdown'"):
        result.methods_text(style="latex")


def test_the_paragraph_has_the_numbers():
    result = local_result(
        jw.data.airquality(),
        methods={"Solar.R": "norm"},
        predictors={"Ozone": ("Temp", "Wind")},
        n_imputations=5,
        max_iter=8,
        random_state=11,
    )
    said = result.methods_text()
    for words in (
        "Of 6 variables in 153 rows, 2 had missing values (4.8% of all cells)",
        "Ozone (37, 24.2%), Solar.R (7, 4.6%)",
        "(Ozone) by predictive mean matching",
        "(Solar.R) by Bayesian linear regression",
        "8 iterations",
        "Ozone from Temp, Wind",
        "5 completed data sets",
        "The seed was 11",
        f"jupyter-wrangler {__version__}",
        "Rubin DB (1987)",
        "van Buuren S, Groothuis-Oudshoorn K (2011)",
        "Little RJA (1988)",
    ):
        assert words in said
    rhat = result.diagnostics["rhat_mean"].max()
    assert f"was at most {rhat:.2f}" in said
    marked = result.methods_text(style="markdown")
    assert marked.startswith("### Missing data\n")
    assert "\n- Rubin DB" in marked


def test_the_paragraph_of_one_data_set_is_honest():
    said = local_result(jw.data.airquality(), method="median").methods_text()
    assert "standard errors do not hold the uncertainty" in said
    assert "Rubin" not in said
    assert "None of the" in local_result(pd.DataFrame({"x": [1.0]})).methods_text()


def test_every_method_has_a_title():
    untitled = [name for name, one in METHODS.items() if not one.title]
    assert set(untitled) <= {"auto"}


def test_sensitivity_shows_a_table_and_a_chart():
    result = local_result(jw.data.airquality(), n_imputations=3, max_iter=3)
    found = result.sensitivity(
        lambda d: d["Ozone"].mean(), delta=[-10, 0, 10], column="Ozone"
    )
    bundle = found._repr_mimebundle_()
    assert {"text/plain", "application/vnd.vegalite.v5+json"} <= set(bundle)
    assert "The pooled estimate is" in repr(found)
    assert len(found.to_frame()) == 2 + 3 + 1 + 3
    assert found.findings == (found.plot().sentence,)

"""A plan reads like a dict, can be changed, kept, shown and imputed by."""

import copy
import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone

from jupyter_wrangler import contract, errors
from jupyter_wrangler.client.objects.plan import Plan
from jupyter_wrangler.client.objects.planned_method import PlannedMethod
from jupyter_wrangler.client.verbs.impute import impute
from jupyter_wrangler.client.verbs.recommend import recommend
from jupyter_wrangler.engine.estimator.imputer import Imputer
from tests.waiting import CEILING_S

EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def patients():
    rng = np.random.default_rng(0)
    age = rng.uniform(20, 80, 90).round()
    df = pd.DataFrame({"age": age, "chol": 2 * age + rng.normal(size=90)})
    df["smokes"] = rng.choice(["yes", "no"], 90)
    df["rate"] = rng.normal(70, 9, 90).round()
    df["note"] = [f"note {i}" for i in range(90)]
    df.loc[df.index[::9], "rate"] = 255
    for k, name in enumerate(("chol", "smokes", "note")):
        df.loc[df.index[k::7], name] = None
    return df


@pytest.fixture
def plan(patients, _made=[]):  # noqa: B006  made once, as it takes a moment
    if not _made:
        _made.append(recommend(patients))
    return copy.deepcopy(_made[0])


def test_it_reads_like_a_dict_of_methods(plan, patients):
    assert list(plan) == list(patients.columns)
    assert plan["chol"] == "linear"
    assert dict(plan)["chol"] == plan.get("chol") == "linear"
    assert "age" in plan
    assert "height" not in plan
    assert isinstance(plan["chol"], str)
    assert list(plan.left_alone) == ["note"]


def test_a_method_can_be_changed(plan):
    reason = plan["chol"].reason
    plan["chol"] = "knn"
    assert plan["chol"] == "knn"
    assert plan["chol"].reason == "You chose it." != reason
    assert plan["chol"].n_missing == 13
    plan["chol"] = ""
    assert "chol" in plan.left_alone
    plan.update(smokes="logreg", chol="pmm")
    assert plan.settings()["methods"] == {"chol": "pmm", "smokes": "logreg", "note": ""}
    del plan["smokes"]
    assert "smokes" not in plan


@pytest.mark.parametrize(
    ("name", "method", "error", "words"),
    [
        ("chol", "knnn", errors.UnknownMethod, "Choose one of mean"),
        ("smokes", "norm", errors.MethodDoesNotFit, "nominal"),
        ("height", "pmm", errors.UnknownColumn, "'height'"),
        ("chol", 5, errors.InvalidSpec, "'knn'"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(plan, name, method, error, words):
    with pytest.raises(error, match=words):
        plan[name] = method
    with pytest.raises(errors.UnknownColumn):
        del plan["height"]


def test_marks_predictors_and_bounds_can_be_set(plan):
    plan["rate"].missing_values = 255
    assert plan["rate"].missing_values == (255,)
    plan["rate"].missing_values = [255, np.int64(0)]
    assert plan["rate"].missing_values == (255, 0)
    plan["smokes"].missing_values = "?"
    assert plan["smokes"].missing_values == ("?",)
    plan["smokes"].missing_values = None
    assert plan["smokes"].missing_values == ()
    plan["chol"].predictors = ["age"]
    plan["chol"].min_value, plan["chol"].max_value = 0, 400
    assert plan.settings()["predictors"] == {"chol": ["age"]}
    assert plan.settings()["max_value"] == {"chol": 400.0}
    plan["chol"].predictors = "age"
    assert plan["chol"].predictors == ("age",)
    with pytest.raises(errors.InvalidSpec, match="min_value was set to 'low'"):
        plan["chol"].min_value = "low"
    assert plan["chol"].min_value == 0


def test_settings_stay_when_the_method_changes(plan):
    plan["chol"].predictors = ["age"]
    plan["chol"] = "pmm"
    assert plan["chol"].predictors == ("age",)
    other = Plan.of({"chol": "mean"})
    other["chol"] = plan["chol"]
    assert other["chol"].predictors == ("age",)


def test_json_keeps_all_of_it(plan):
    plan["rate"].missing_values = [255, "?"]
    plan["chol"] = "pmm"
    plan["chol"].max_value = 300.5
    again = Plan.from_json(plan.to_json())
    assert again == plan
    assert again["chol"].max_value == 300.5
    assert again["chol"].reason == "You chose it."
    assert again.to_json() == plan.to_json()
    for text in ('{"columns": [{"name": 1}]}', "no json"):
        with pytest.raises(errors.InvalidSpec, match="The text is no plan"):
            Plan.from_json(text)


def pickled(plan):
    return pickle.loads(pickle.dumps(plan))  # noqa: S301  our own


@pytest.mark.parametrize("again", [copy.deepcopy, pickled])
def test_copies_are_equal_and_their_own(plan, again):
    plan["rate"].missing_values = 255
    other = again(plan)
    assert other == plan
    other["rate"].missing_values = 254
    assert plan["rate"].missing_values == (255,)


def test_a_plan_equals_a_dict_of_the_same_methods():
    plan = Plan.of({"a": "pmm", "b": ""})
    assert plan == {"a": "pmm", "b": ""}
    assert plan != {"a": "knn", "b": ""}
    with pytest.raises(errors.UnknownMethod):
        Plan.of({"a": "magic"})


def test_the_table_has_a_line_for_each_column(plan, patients):
    table = plan.to_frame()
    assert list(table.index) == list(patients.columns)
    assert table.loc["chol", "method"] == "linear"
    assert table.loc["chol", "n_missing"] == 13


def test_the_text_says_what_and_why(plan):
    shown = repr(plan).splitlines()
    assert shown[0] == "Plan for 5 columns: 2 to impute, 1 left alone"
    assert any(line.lstrip().startswith("chol") and "linear" in line for line in shown)
    assert "255 occurs" in repr(plan)
    assert shown[-1] == "  1 column has nothing missing."
    plan["rate"].missing_values = 255
    assert "Missing: 255." in repr(plan)
    assert repr(Plan.of({})) == "Plan for 0 columns: 0 to impute"


def test_the_html_is_escaped_and_warns_first():
    df = pd.DataFrame({EVIL: np.arange(40.0), "y": np.arange(40.0)})
    df.loc[::5, EVIL] = np.nan
    shown = recommend(df, "y")._repr_html_()
    assert EVIL not in shown
    assert "&lt;script&gt;" in shown
    assert shown.index("Look out") < shown.index("<table>")
    wide = Plan.of({f"x{k}": "pmm" for k in range(60)})
    assert "20 more columns" in wide._repr_html_()


def test_values_are_marked_and_reported_and_the_data_stay(plan, patients, capsys):
    before = patients.copy(deep=True)
    assert plan.mark(patients) is patients
    plan["rate"].missing_values = 255
    marked = plan.mark(patients)
    assert marked["rate"].isna().sum() == 10
    assert "10 cells became missing: rate 255 (10)." in capsys.readouterr().out
    pd.testing.assert_frame_equal(patients, before)
    assert isinstance(plan.mark(pl.from_pandas(patients)), pl.DataFrame)


def test_an_imputer_fills_as_planned(plan, patients):
    plan["chol"].max_value = 100
    imputer = plan.imputer(random_state=0)
    done = imputer.fit_transform(patients)
    assert not done[["chol", "smokes"]].isna().any(axis=None)
    missing = patients["chol"].isna()
    assert done.loc[missing, "chol"].max() <= 100
    assert done["note"].isna().equals(patients["note"].isna())
    assert plan.imputer(donors=3).donors == 3
    plan["rate"].missing_values = 255
    with pytest.raises(errors.InvalidSpec, match=r"plan.mark\(df\)"):
        plan.imputer()


def test_an_imputer_of_a_plan_writes_files_and_takes_polars(tmp_path):
    # In a process in which nobody has asked for jw.Imputer before.
    script = f"""
import polars as pl
import jupyter_wrangler as jw
df = pl.DataFrame({{"x": [1.0, 2.0, None, 4.0], "y": [2.0, None, 6.0, 8.0]}})
imputer = jw.Plan.of({{"x": "mean", "y": "linear"}}).imputer(random_state=0)
done = imputer.fit_transform(df)
assert isinstance(done, pl.DataFrame), type(done)
imputer.save({str(tmp_path / "imputer.zip")!r})
assert jw.load_imputer({str(tmp_path / "imputer.zip")!r}).transform(df).equals(done)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_an_imputer_takes_a_plan_for_its_methods(plan, patients):
    imputer = clone(Imputer(methods=plan, random_state=0))
    numbers = patients.drop(columns="note")
    del plan["note"]
    done = clone(Imputer(methods=plan, random_state=0)).fit_transform(numbers)
    assert not done.isna().any(axis=None)
    assert imputer.methods == Imputer(methods=imputer.methods).methods


def test_a_target_that_is_gone_is_not_asked_for(patients):
    plan = recommend(patients[["age", "chol", "rate"]], "rate")
    plan["chol"].predictors = ["age", "rate"]
    kept = plan.settings(["age", "chol"])
    assert kept["predictors"] == {"chol": ["age"]}
    assert plan.settings()["predictors"] == {"chol": ["age", "rate"]}


def test_a_wrong_number_of_imputations_is_refused(patients):
    with pytest.raises(errors.InvalidSpec, match="n_imputations=0 cannot be asked"):
        recommend(patients, n_imputations=0)


@pytest.mark.parametrize("random_state", ["x", -1, 1.5, 2**70, True])
def test_a_seed_that_is_none_is_refused(patients, random_state):
    with pytest.raises(errors.InvalidSpec, match="random_state"):
        recommend(patients, random_state=random_state)


def test_a_seed_may_be_drawn(patients, plan):
    assert list(recommend(patients, random_state=None)) == list(plan)


def test_polars_gets_the_same_plan(patients, plan):
    assert dict(recommend(pl.from_pandas(patients))) == dict(plan)


@pytest.mark.usefixtures("client")
def test_a_job_runs_as_planned(plan, patients, capsys):
    plan["rate"].missing_values = 255
    plan["chol"].max_value = 100
    job = impute(patients, plan, min_value={"chol": 10.0}, random_state=0)
    assert "rate 255 (10)" in capsys.readouterr().out
    assert isinstance(job.spec, contract.ImputationSpec)
    assert job.spec.methods["chol"] == "linear"
    assert job.spec.min_value == {"chol": 10.0}
    assert job.spec.max_value == {"chol": 100.0}
    done = job.result(CEILING_S).df
    # marked, and filled by the usual method
    assert not (done["rate"] == 255).any()
    assert not done["rate"].isna().any()
    assert done.loc[patients["chol"].isna(), "chol"].between(10, 100).all()
    assert done["note"].isna().any()


@pytest.mark.usefixtures("client")
def test_issue_10_item_1_a_plan_for_one_imputation_is_chosen_again_for_several(
    plan, patients
):
    assert plan.document.n_imputations == 1
    plan["smokes"] = "most_frequent"
    with (
        pytest.warns(errors.NoSpread, match="of 'smokes' will not differ"),
        pytest.warns(errors.MethodsChosenAgain, match="n_imputations=2") as reported,
    ):
        job = impute(patients, plan, n_imputations=2, max_iter=2, random_state=0)
    assert str(reported[0].message).startswith("The plan was made for one imputation")
    assert reported[0].filename == __file__
    assert job.spec.methods["chol"] == "auto"
    # what you set yourself stays
    assert job.spec.methods["smokes"] == "most_frequent"
    found = job.result(CEILING_S)
    assert {c.name: c.method for c in found.summary.columns}["chol"] != "linear"
    one, two = found.datasets
    assert (one["chol"] != two["chol"]).any()


def test_a_plan_for_several_imputations_stays(patients):
    plan = recommend(patients, n_imputations=5)
    assert plan.unfit(5) == ()
    assert "auto" not in plan.settings(n_imputations=5)["methods"].values()
    assert Plan.of({"a": "mean"}).unfit(5) == ()
    assert Plan.from_json(plan.to_json()).document.n_imputations == 5


def test_as_many_as_are_wanted_count_as_several(patients):
    plan = recommend(patients, n_imputations="auto")
    assert plan.unfit("auto") == ()
    assert "auto" not in plan.settings(n_imputations="auto")["methods"].values()
    one = recommend(patients)
    assert one.unfit("auto") == one.unfit(5) != ()


def test_planned_is_a_plain_string_elsewhere():
    planned = PlannedMethod(contract.PlannedColumn(name="a", method="pmm"))
    spec = contract.ImputationSpec(methods={"a": planned})
    assert spec.methods == {"a": "pmm"}
    assert planned.reason == ""

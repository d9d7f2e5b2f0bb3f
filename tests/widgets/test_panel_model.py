"""The model of the panel: decisions, the way back, and the code of each; no browser."""

import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler import contract
from jupyter_wrangler.client.objects.plan import Plan
from jupyter_wrangler.errors import InvalidSpec, MethodDoesNotFit, UnknownColumn
from jupyter_wrangler.widgets.panel import look, plan
from jupyter_wrangler.widgets.panel.model import PanelModel
from jupyter_wrangler.widgets.panel.model.typed import join_names, split_names
from jupyter_wrangler.widgets.panel.problems import problem_of

RATES = [61.0, 75.0, None, 255.0, 66.0, 70.0, 81.0, 59.0, 255.0, 62.0, 64.0, 73.0, 58.0]
DF = pd.DataFrame({"rate": RATES, "last, first": [*range(12), None], "sex": ["f"] * 13})


def planned(name, level="continuous", method="pmm", n_missing=1, **more):
    return contract.PlannedColumn(
        name=name, level=level, method=method, n_missing=n_missing, **more
    )


@pytest.fixture
def model():
    """A panel that has looked at the data and has a plan."""
    model = PanelModel("df")
    model.look.take_profile(jw.profile(DF).document)
    columns = (
        planned("rate", missing_values=(255.0,)),
        planned("last, first", "integer"),
        planned("sex", "nominal", "", 0),
    )
    model.plan.standard = contract.PlanDocument(
        columns=columns, n_rows=13, n_imputations=5
    )
    return model


def lines(model):
    return model.code("plan").splitlines()[1:]


def test_values_that_surely_stand_for_missing_ones_are_marked_and_can_be_unmarked(
    model,
):
    assert model.look.codes == {"rate": [255.0]}
    assert 'df_marked = jw.mark_missing(df, {"rate": [255.0]})' in model.code("look")
    model.look.mark(0, on=False)
    assert model.look.codes == {}
    assert "mark_missing" not in model.code("look")
    # what was decided to be a value is no missing one in the plan either
    assert model.plan.column("rate").missing_values == ()
    model.decisions.undo()
    assert model.look.codes == {"rate": [255.0]}


def test_each_edit_has_its_line_of_code_and_can_be_taken_back(model):
    model.plan.set_method("rate", "norm")
    model.plan.set_bound("rate", "min_value", "0")
    model.plan.set_bound("rate", "max_value", "220.5")
    model.plan.set_predictors("rate", '"last, first", sex')
    wanted = [
        'plan["rate"] = "norm"',
        'plan["rate"].min_value = 0',
        'plan["rate"].max_value = 220.5',
        'plan["rate"].predictors = ["last, first", "sex"]',
    ]
    assert lines(model) == wanted
    for left in (3, 2, 1, 0):
        model.decisions.undo()
        assert lines(model) == wanted[:left]
    assert not model.decisions.history.undoes
    for _ in wanted:
        model.decisions.redo()
    assert lines(model) == wanted
    assert not model.decisions.history.redoes


def test_the_code_of_the_edits_makes_the_same_plan(model):
    model.plan.set_method("rate", "norm")
    model.plan.set_bound("rate", "min_value", "0")
    model.plan.set_predictors("last, first", "rate")
    model.plan.set_method("last, first", "")
    scope = {"plan": Plan(model.plan.standard)}
    exec("\n".join(lines(model)), scope)  # noqa: S102  what the panel prints
    names = ["rate", "last, first", "sex"]
    assert scope["plan"].settings(names, 5) == model.plan.chosen.settings(names, 5)


def test_a_decision_after_an_undo_forgets_what_was_undone(model):
    model.plan.set_imputations("10")
    model.decisions.undo()
    model.plan.set_seed("3")
    model.decisions.redo()
    assert (model.draft.n_imputations, model.draft.random_state) == (5, 3)


def test_as_many_imputations_as_are_wanted_can_be_asked_for(model):
    model.plan.set_imputations("auto")
    assert model.draft.first_imputations == 10
    assert 'n_imputations="auto"' in model.code("run")
    model.decisions.undo()
    assert model.draft.n_imputations == 5


def test_an_edit_that_changes_nothing_is_no_step(model):
    model.plan.set_method("rate", "pmm")
    model.plan.set_imputations(5)
    assert not model.decisions.history.undoes
    model.plan.set_method("rate", "norm")
    model.plan.set_method("rate", "pmm")
    assert lines(model) == []


def test_a_column_is_restored_to_what_was_recommended(model):
    model.plan.set_method("rate", "norm")
    model.plan.restore("rate")
    assert model.plan.column("rate").method == "pmm"
    model.decisions.undo()
    assert model.plan.column("rate").method == "norm"


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda m: m.plan.set_method("sex", "pmm2"), InvalidSpec),
        (lambda m: m.plan.set_method("sex", "norm"), MethodDoesNotFit),
        (lambda m: m.plan.set_method("<script>", "norm"), UnknownColumn),
        (lambda m: m.plan.set_bound("rate", "min_value", "much"), InvalidSpec),
        (lambda m: m.plan.set_bound("rate", "min_value", "inf"), InvalidSpec),
        (lambda m: m.plan.set_predictors("rate", "height"), UnknownColumn),
        (lambda m: m.plan.set_predictors("rate", "rate"), InvalidSpec),
        (lambda m: m.plan.set_imputations("0"), InvalidSpec),
        (lambda m: m.plan.set_imputations("many"), InvalidSpec),
        (lambda m: m.plan.set_seed("-1"), InvalidSpec),
        (lambda m: m.plan.set_budget("0"), InvalidSpec),
        (lambda m: m.look.mark(7, on=True), InvalidSpec),
        (lambda m: m.go("run"), InvalidSpec),
        (lambda m: m.go("everywhere"), InvalidSpec),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(model, call, error):
    before = model.draft, model.step
    with pytest.raises(error) as caught:
        call(model)
    assert (model.draft, model.step) == before
    assert problem_of(caught.value).text


def test_bounds_that_cross_are_refused(model):
    model.plan.set_bound("rate", "max_value", "10")
    with pytest.raises(InvalidSpec, match="above the largest"):
        model.plan.set_bound("rate", "min_value", "11")


def test_a_recommendation_counts_only_for_the_decisions_it_was_made_for(model):
    better = model.plan.standard.model_copy(
        update={
            "columns": (planned("rate", method="knn"), *model.plan.standard.columns[1:])
        }
    )
    model.plan.take_recommendation(better, model.plan.wanted)
    assert model.plan.is_recommended
    assert model.plan.column("rate").method == "knn"
    assert model.code("plan").startswith("plan = jw.recommend(df_marked")
    model.look.mark(0, on=False)
    assert not model.plan.is_recommended
    assert model.code("plan").startswith("plan = jw.Plan.of({")
    model.decisions.undo()
    assert model.plan.is_recommended


def test_the_best_of_a_comparison_is_one_step_and_keeps_the_bounds(model):
    model.plan.set_bound("rate", "min_value", "0")
    best = Plan.of({"rate": "cart", "last, first": "pmm"}, reason="It came nearest.")
    model.plan.take_best(best)
    assert model.plan.column("rate").method == "cart"
    assert model.plan.column("rate").min_value == 0
    assert model.plan.column("rate").reason == "It came nearest."
    model.decisions.undo()
    assert model.plan.column("rate").method == "pmm"


def test_nothing_missing_and_nothing_imputed_cannot_be_run(model):
    assert model.plan.why_not_run == ""
    model.plan.set_method("rate", "")
    model.plan.set_method("last, first", "")
    assert "left alone" in model.plan.why_not_run
    whole = tuple(planned(n, n_missing=0, method="") for n in "ab")
    model.plan.standard = contract.PlanDocument(
        columns=whole, n_rows=9, n_imputations=5
    )
    model.decisions.history.reset(type(model.draft)())
    assert "Nothing is missing" in model.plan.why_not_run


def test_of_5_000_columns_one_page_is_shown():
    model = PanelModel("df")
    wide = pd.DataFrame(1.0, index=range(12), columns=[f"x{i:04}" for i in range(500)])
    wide.iloc[3, ::2] = None
    found = jw.profile(wide).document
    ten = tuple(
        one.model_copy(update={"name": f"{k}{one.name}"})
        for k in range(10)
        for one in found.columns
    )
    model.look.take_profile(found.model_copy(update={"columns": ten}))
    model.look.listing.search = "7X012"
    shown = look.view(model)
    assert [one["name"] for one in shown["columns"]] == [
        f"7x{i:04}" for i in (120, 122, 124, 126, 128, 121, 123, 125, 127, 129)
    ]
    assert shown["table"]["total"] == 5000
    model.look.listing.search, model.look.listing.first = "", 10_000
    assert len(look.view(model)["columns"]) == shown["table"]["page"]
    model.plan.standard = contract.PlanDocument(
        columns=tuple(planned(one.name) for one in ten), n_rows=12, n_imputations=5
    )
    assert len(plan.view(model)["columns"]) == shown["table"]["page"]


@pytest.mark.parametrize("names", [["a"], ["last, first", 'say "x"', "<b>"], []])
def test_names_are_read_as_they_are_written(names):
    assert split_names(join_names(names)) == names

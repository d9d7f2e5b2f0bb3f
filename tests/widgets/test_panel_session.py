"""An open panel over the real stack: what its buttons do, without a browser."""

import threading
import time

import numpy as np
import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler.client.session import Client
from jupyter_wrangler.settings import Settings
from jupyter_wrangler.widgets.panel import finding
from jupyter_wrangler.widgets.panel.actions import ACTIONS
from jupyter_wrangler.widgets.panel.looking import look
from jupyter_wrangler.widgets.panel.session import Session
from tests.waiting import free_port, until


def frame(seed=0):
    """60 rows, of which each ninth lacks `b` and two hold a code in `a`."""
    rng = np.random.default_rng(seed)
    a = rng.normal(50.0, 5.0, 60).round(1)
    df = pd.DataFrame({"a": a, "b": a * 2 + rng.normal(size=60)})
    df.loc[::9, "b"] = None
    df.loc[[3, 4], "a"] = -999.0
    return df


@pytest.fixture
def opened():
    """Open panels, and close them afterwards."""
    made = []

    def _open(df, **more):
        made.append(Session(df, "df", lambda: None, actions=ACTIONS, **more))
        look(made[-1])
        return made[-1]

    yield _open
    for one in made:
        one.close()


def looked(session):
    until(lambda: session.model.look.profile is not None or session.model.problem)
    until(lambda: session.tasks.get("find") is None)
    return session


def do(session, what, /, **more):
    return session.handle({"do": what, **more})


def run(session):
    """Run the standard plan to its end."""
    do(session, "go", step="plan")
    until(lambda: session.model.plan.standard is not None)
    do(session, "stop")
    do(session, "run")
    until(lambda: session.completed is not None, log=lambda: str(session.view()))


def test_from_look_to_an_accepted_result_and_the_code_gives_the_same(opened):
    df, space = frame(), {}
    before = df.copy()
    session = looked(opened(df, namespace=space))
    assert session.model.look.codes == {"a": [-999.0]}
    run(session)
    assert session.model.step == "run"
    do(session, "go", step="judge")
    until(lambda: session.model.verdict is not None)
    shown = session.view()["judge"]
    assert len(shown["verdict"]["checks"]) == 3
    page = do(session, "page", grid="completed", page={"turn": 1}, first=0, rows=5,
              first_column=0, columns=2)  # fmt: skip
    assert page["marks"][:5] == [[0, 2], [0, 0], [0, 0], [2, 0], [2, 0]]
    do(session, "accept", name="clean", what="data")
    assert space["clean"].isna().sum().sum() == 0
    pd.testing.assert_frame_equal(df, before)
    scope = {"df": df, "jw": jw}
    exec(session.model.code(), scope)  # noqa: S102  what the panel prints
    assert scope["job"].reused
    pd.testing.assert_frame_equal(scope["res"].df, space["clean"])
    exec(session.kept, scope)  # noqa: S102  the same
    pd.testing.assert_frame_equal(scope["clean"], space["clean"])


def test_a_variable_is_replaced_only_if_asked(opened):
    space = {"clean": 1}
    session = looked(opened(frame(1), namespace=space))
    run(session)
    do(session, "accept", name="clean", what="data")
    assert space["clean"] == 1
    assert session.view()["taken"] == "clean"
    do(session, "accept", name="clean", what="result", replace=True)
    assert space["clean"].n_imputations == 5
    do(session, "accept", name="2x", what="data")
    assert "cannot be the name of a variable" in session.view()["problem"]["text"]
    do(session, "accept", name="other", what="data")
    assert session.view()["problem"] is None


def test_a_result_is_saved_under_a_name_and_the_code_does_the_same(opened):
    session = looked(opened(frame(11)))
    run(session)
    do(session, "save", name="", note="")
    assert "needs a name" in session.view()["problem"]["text"]
    do(session, "save", name="panel-kept", note="before the model")
    until(lambda: session.kept, log=lambda: str(session.view()))
    assert session.model.announcement == "Saved as panel-kept@1"
    assert jw.load("panel-kept").saved.note == "before the model"
    exec(session.kept, {"jw": jw})  # noqa: S102  what the panel prints


def test_why_comes_for_an_imputed_cell(opened):
    answers = []
    session = looked(opened(frame(2), answer=answers.append))
    run(session)
    do(session, "why", row=0, column=1)
    until(lambda: answers)
    assert answers[0]["row"] == 0
    assert answers[0]["why"].startswith("b, row 0")


def test_a_panel_that_is_opened_again_finds_the_job_with_its_decisions(opened):
    df = frame(3)
    first = looked(opened(df))
    do(first, "go", step="plan")
    until(lambda: first.model.plan.standard is not None)
    do(first, "set", what="method", name="b", value="norm")
    do(first, "set", what="min", name="b", value="0")
    do(first, "set", what="imputations", value="3")
    run(first)
    again = looked(opened(df.copy()))
    until(lambda: again.completed is not None)
    assert again.model.job.id == first.model.job.id
    assert again.model.step == "run"
    assert again.model.draft.n_imputations == 3
    assert again.model.plan.column("b").method == "norm"
    assert again.model.plan.column("b").min_value == 0
    assert again.model.look.codes == {"a": [-999.0]}
    other = looked(opened(frame(4)))
    assert other.model.job is None
    assert other.model.step == "look"


def test_the_job_is_found_behind_any_number_of_others(opened, monkeypatch):
    # fewer are looked through than lie in front
    monkeypatch.setattr(finding, "_JOBS", 2)
    df = frame(31)
    first = looked(opened(df))
    run(first)
    later = [jw.impute(frame(40 + k), method="mean") for k in range(4)]
    for job in later:
        job.wait()
    again = looked(opened(df.copy()))
    until(lambda: again.model.job is not None, log=lambda: str(again.view()))
    assert again.model.job.id == first.model.job.id


def test_as_many_imputations_as_standard_errors_want(opened):
    df = frame(61)
    first = looked(opened(df))
    do(first, "go", step="plan")
    until(lambda: first.model.plan.standard is not None)
    do(first, "set", what="imputations", value=" Auto ")
    run(first)
    made = jw.job(str(first.model.job.id)).result().n_imputations
    assert made >= 10
    do(first, "go", step="judge")
    assert first.view()["judge"]["n_imputations"] == made
    assert 'n_imputations="auto"' in first.model.code("run")
    again = looked(opened(df.copy()))
    until(lambda: again.completed is not None)
    assert again.model.job.id == first.model.job.id
    assert again.model.draft.n_imputations == "auto"


def test_data_that_changed_since_the_look_are_not_run_unasked(opened):
    df = frame(5)
    session = looked(opened(df))
    do(session, "go", step="plan")
    until(lambda: session.model.plan.standard is not None)
    df.loc[1, "a"] = 51.5
    do(session, "run")
    until(lambda: session.model.problem)
    problem = session.view()["problem"]
    assert problem["code"] == "frame_changed"
    assert [one["do"] for one in problem["choices"]] == ["look_again", "run_anyway"]
    assert session.model.job is None
    do(session, "run_anyway")
    until(lambda: session.completed is not None)
    assert session.view()["problem"] is None


def test_a_variable_that_holds_another_frame_is_not_run_unasked(opened):
    space = {"df": frame(30)}
    session = looked(opened(space["df"], namespace=space))
    do(session, "go", step="plan")
    until(lambda: session.model.plan.standard is not None)
    space["df"] = space["df"].drop(columns="a").assign(c=1.0)
    do(session, "run")
    until(lambda: session.model.problem)
    problem = session.view()["problem"]
    assert problem["code"] == "frame_changed"
    assert "another DataFrame" in problem["title"]
    do(session, "look_again")
    until(lambda: session.model.look.profile is not None)
    assert session.view()["grid"]["n_columns"] == 2
    assert [one.name for one in session.model.look.profile.columns] == ["b", "c"]
    assert session.view()["problem"] is None


def test_a_name_that_is_no_variable_of_the_user_is_not_watched(opened):
    space = {"df": "something else"}
    session = looked(opened(frame(31), namespace=space))
    run(session)
    assert session.view()["problem"] is None


def test_a_service_that_is_away_is_named_and_the_work_goes_on_when_it_is_back(
    opened, stack
):
    port = free_port()
    away = Client(f"http://127.0.0.1:{port}/")
    session = looked(opened(frame(6), client=away))
    do(session, "go", step="plan")
    until(lambda: session.model.plan.standard is not None)
    do(session, "run")
    until(lambda: session.model.problem)
    problem = session.view()["problem"]
    assert problem["code"] == "service_unreachable"
    assert "does not answer" in problem["title"]
    assert "127.0.0.1" not in str(problem)
    # what the panel was given comes back: here at another address
    session._client = Client(f"unix:{stack}")
    until(lambda: session.completed is not None, log=lambda: str(session.view()))
    assert session.view()["problem"] is None


@pytest.mark.parametrize(
    ("df", "words"),
    [
        (pd.DataFrame({"a": []}), "0 rows"),
        (pd.DataFrame([[1.0, 2.0]], columns=["a", "a"]), "occur more than once"),
    ],
)
def test_what_cannot_be_looked_at_says_why_and_shows_the_rows(opened, df, words):
    session = looked(opened(df))
    assert words in session.view()["problem"]["text"]
    assert session.view()["grid"]["n_columns"] == df.shape[1]
    do(session, "go", step="plan")
    assert session.model.step == "look"


def test_a_frame_without_missing_values_cannot_be_run(opened):
    session = looked(opened(pd.DataFrame({"a": range(20), 0: range(20)})))
    do(session, "go", step="plan")
    until(lambda: session.model.plan.standard is not None)
    do(session, "run")
    assert "Nothing is missing" in session.view()["problem"]["text"]


def test_polars_comes_back_as_polars(opened):
    polars = pytest.importorskip("polars")
    space = {}
    session = looked(opened(polars.from_pandas(frame(7)), namespace=space))
    run(session)
    do(session, "accept", name="clean", what="data")
    assert isinstance(space["clean"], polars.DataFrame)


def test_ten_panels_leave_no_thread_when_closed(opened):
    before = {t.ident for t in threading.enumerate()}
    panels = [opened(frame(20 + k)) for k in range(10)]
    for one in panels:
        looked(one)
        do(one, "go", step="plan")
    for one in panels:
        one.close()

    def left():
        return [
            t.name
            for t in threading.enumerate()
            if t.ident not in before and "panel" in t.name
        ]

    until(lambda: not left(), log=lambda: str(left()))


def test_a_deleted_result_is_said(opened, client):
    df = frame(8)
    session = looked(opened(df))
    run(session)
    client.api.delete(session.job.uuid)
    again = looked(opened(df))
    assert again.model.job is None
    # what was fetched can still be looked at and assigned
    do(session, "go", step="judge")
    do(session, "save", name="gone", note="")
    until(lambda: session.model.problem)
    assert session.view()["problem"]["title"] == "The job was deleted elsewhere"
    do(session, "go", step="run")
    assert session.view()["run"]["can_keep"]


def test_a_job_that_was_deleted_elsewhere_has_no_dead_buttons(opened, client):
    session = looked(opened(frame(32)))
    do(session, "go", step="plan")
    until(lambda: session.model.plan.standard is not None)
    do(session, "stop")
    do(session, "set", what="imputations", value="900")
    do(session, "run")
    until(lambda: session.job is not None)
    do(session, "cancel")
    until(lambda: session.model.job.final)
    assert session.view()["run"]["can_retry"]
    client.api.delete(session.job.uuid)
    do(session, "retry")
    until(lambda: session.model.problem)
    assert session.view()["problem"]["title"] == "The job was deleted elsewhere"
    shown = session.view()["run"]
    assert not any(v for k, v in shown.items() if k.startswith("can_"))
    # the way on: run the plan again
    do(session, "go", step="plan")
    do(session, "set", what="imputations", value="1")
    do(session, "run")
    until(lambda: session.completed is not None)
    assert session.view()["problem"] is None


def test_messages_that_are_no_actions_are_ignored(opened):
    session = looked(opened(frame(9)))
    assert session.handle({"do": "__class__"}) is None
    assert session.handle({}) is None
    assert session.model.step == "look"


def test_a_look_takes_no_service(opened):
    began = time.monotonic()
    nowhere = Client(settings=Settings(start_stack=False, home="/nonexistent/home"))
    session = looked(opened(frame(10), client=nowhere))
    assert session.model.problem is None
    assert time.monotonic() - began < 240

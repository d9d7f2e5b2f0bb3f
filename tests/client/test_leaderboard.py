"""A leaderboard as text, as HTML and as frames; and the verb, here and now."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler import contract
from jupyter_wrangler.client.objects.leaderboard import Leaderboard
from jupyter_wrangler.client.verbs.compare import compare
from jupyter_wrangler.engine.compare.ranking import combine
from jupyter_wrangler.errors import InvalidSpec, ResultNotReady
from tests.client.page import parsed
from tests.waiting import CEILING_S

EVIL = "<script>alert(1)</script>"
PLAIN = {
    *("p", "b", "s", "ul", "li"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


def column(name, level="continuous", unit=""):
    return contract.JudgedColumn(
        name=name, level=level, unit=unit, n_missing=5, n_observed=50, n_hidden=5
    )


def board(errors, columns, n_trials=None, **other):
    """A leaderboard of one repeat; method -> errors by column, or why none."""
    methods = [name for name in errors if name != "baseline"]
    spec = contract.ComparisonSpec(methods=methods, repeats=1)
    parts = []
    for method, _ in spec.cells()[:n_trials]:
        found = errors[method]
        trial = contract.Trial(n_rows=55, columns=columns, **other.get(method, {}))
        if isinstance(found, str):
            trial = trial.model_copy(update={"error": found})
        else:
            scores = tuple(
                score(*pair, method) for pair in zip(columns, found, strict=True)
            )
            trial = trial.model_copy(update={"scores": scores})
        parts.append(trial.model_dump(mode="json"))
    return Leaderboard(combine(spec, parts))


def score(of, error, method):
    reported = {"right": 1 - error, "balanced": 0.5} if of.classes else {"mae": error}
    # one draw is farther off than the mean of several
    reported["single"] = error * 3 if method == "pmm" else error
    used = {"baseline": "median"}.get(method, method)
    return contract.ColumnTrial(column=of.name, used=used, n=5, **reported)


@pytest.fixture
def found():
    columns = (
        column("chol"),
        column("sex", "nominal"),
        column("seen", "datetime", "days"),
    )
    errors = {
        "baseline": (40.0, 0.5, 10.0),
        "pmm": (20.0, 0.25, 12.0),
        "linear": (10.0, 0.375, 15.0),
        "constant": "Method 'constant' needs a value.",
        "mean": (60.0, 0.6, 11.0),
    }
    return board(errors, columns, pmm={"draws": 5, "seconds": 5.0, "peak_mib": 2.4})


def test_the_text_shows_each_method_in_the_units_of_the_columns(found):
    lines = repr(found).splitlines()
    assert lines[0] == (
        "Leaderboard: 4 methods and the baseline in 3 columns, 10% of the observed "
        "cells hidden at random, once"
    )
    text = "\n".join(lines)
    for reported in ("chol", "sex, right", "seen (days)", "75%", "20.0", "12.0"):
        assert reported in text
    order = [m for line in lines for m in ORDER if line[4:].startswith(f"  {m}")]
    assert order == ORDER
    assert "mean (worse)" in text
    assert "constant (could not run)" in text


ORDER = ["pmm", "linear", "baseline", "mean", "constant"]


def test_the_page_is_plain_and_escaped_and_marks_the_nearest_and_the_worse(found):
    text = found._repr_html_()
    page = parsed(text)
    assert page.tags <= PLAIN
    assert page.attributes <= {"align", "scope"}
    for reported in ("<b>10.0</b>", "<b>75%</b>", "<s>12.0</s>", "<s>60.0</s>"):
        assert reported in text
    # the baseline is nearest, and so not struck through
    assert '<td align="right"><b>10.0</b></td>' in text
    evil = board({"baseline": (2.0,), "knn": (1.0,), "constant": EVIL}, (column(EVIL),))
    page = parsed(evil._repr_html_())
    assert page.tags <= PLAIN
    assert EVIL in page.text


def test_costs_are_shown_where_they_are_known(found):
    assert "seconds" in repr(found)
    assert "MiB" in repr(found)
    cost = found.ranking.loc["pmm", ["seconds", "peak_mib"]]
    assert cost.tolist() == [1.0, 2.4]
    free = board({"baseline": (2.0,), "knn": (1.0,)}, (column("x"),))
    assert "seconds" not in repr(free)


def test_best_takes_the_nearest_of_each_column(found):
    assert found.best() == {"chol": "linear", "sex": "linear", "seen": "median"}
    with pytest.raises(InvalidSpec, match="compare 'pmm' or 'norm'"):
        # of pmm there is no score of draws
        found.best(draws=True)


def nonlinear(n=400, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.uniform(-3, 3, n)
    df = pd.DataFrame({"x": x, "bend": np.cos(2 * x) + rng.normal(size=n) / 10})
    df["line"] = x + rng.normal(size=n)
    df["side"] = np.where(x + rng.normal(size=n) > 0, "up", "down")
    for name in ("bend", "line", "side"):
        df.loc[rng.random(n) < 0.2, name] = None
    return df


def test_issue_10_item_1_best_for_draws_keeps_the_standard_unless_clearly_beaten():
    methods = ["pmm", "norm", "cart", "sample", "linear"]
    found = compare(nonlinear(), methods, local=True, repeats=2, max_iter=3)
    plan = found.best(draws=True)
    assert plan["bend"] == "cart"
    assert "better than 'pmm', the standard method, by" in plan["bend"].reason
    assert plan["line"] in {"pmm", "norm"}
    assert plan["side"] in {"logreg", "cart"}
    assert "Negative log score of" in plan["side"].reason
    assert plan.document.n_imputations == 10
    frame = found.to_frame().set_index(["method", "column"])
    assert frame.loc[("cart", "bend"), "crps"] < frame.loc[("pmm", "bend"), "crps"] / 2
    assert frame.loc[("pmm", "side"), "log_loss"] < np.log(2)
    assert np.isnan(frame.loc[("linear", "line"), "crps"])


def test_few_draws_leave_no_standard_method():
    methods = ["pmm", "cart"]
    found = compare(
        nonlinear(), methods, local=True, repeats=1, n_imputations=5, max_iter=2
    )
    plan = found.best(draws=True)
    assert set(plan.values()) == {"pmm"}
    assert "with n_imputations=10 one can be" in plan["bend"].reason


def test_marginal_draws_alone_are_not_for_inference():
    found = compare(nonlinear(), ["sample"], local=True, repeats=1, max_iter=2)
    with pytest.raises(InvalidSpec, match="compare 'pmm' or 'norm'"):
        found.best(draws=True)


def test_best_of_nothing_is_refused():
    columns = (column("x"),)
    errors = {"baseline": (2.0,), "knn": (1.0,)}
    with pytest.raises(ResultNotReady, match="No method was tried to its end yet"):
        board(errors, columns, 0).best()
    with pytest.raises(InvalidSpec, match="No method that draws was compared"):
        board(errors, columns).best(draws=True)


def test_equal_errors_are_the_baselines():
    found = board({"baseline": (2.0,), "knn": (2.0,)}, (column("x"),))
    assert found.best() == {"x": "median"}


def test_an_unfinished_leaderboard_says_so_and_shows_what_there_is():
    errors = {"baseline": (2.0,), "knn": (1.0,), "rf": (1.5,)}
    found = board(errors, (column("x"),), 2)
    assert not found.done
    assert "2 of 3 trials have ended." in found.findings
    assert found.ranking["rank"].tolist() == [1, 2, pd.NA]
    empty = board(errors, (column("x"),), 0)
    assert "0 of 3 trials have ended." in repr(empty)
    assert parsed(empty._repr_html_()).tags <= PLAIN
    assert empty.to_frame().empty


def test_frames_hold_every_number(found):
    frame = found.to_frame()
    assert len(frame) == 4 * 3
    line = frame.query("method == 'pmm' and column == 'seen'").iloc[0]
    assert (line["unit"], line["error"], line["ratio"]) == ("days", 12.0, 1.2)
    assert line["worse"]
    assert frame["right"].notna().sum() == 4
    ranking = found.ranking
    assert ranking.index.tolist() == ORDER
    assert ranking["rank"].tolist() == [1, 2, 3, 4, pd.NA]
    assert ranking.loc["pmm", "error"] == pytest.approx((0.5 + 0.5 + 1.2) / 3)
    assert ranking.loc["constant", "reason"] == "Method 'constant' needs a value."


def test_a_wide_leaderboard_is_a_small_page():
    columns = tuple(column(f"column {k} " + "x" * 300) for k in range(200))
    errors = {"baseline": (2.0,) * 200} | dict.fromkeys(("knn", "pmm"), (1.0,) * 200)
    found = board(errors, columns)
    assert len(found._repr_html_()) < 60_000
    assert "192 more columns: see to_frame()." in parsed(found._repr_html_()).text
    assert "192 more columns: see to_frame()." in repr(found)
    assert len(found.to_frame()) == 600


# ── the verb ──


def frame():
    rng = np.random.default_rng(0)
    x = rng.normal(size=80)
    df = pd.DataFrame({"x": x, "y": 2 * x + rng.normal(size=80) / 9})
    df["c"] = np.where(x > 0, "up", "down")
    return df.mask(rng.random(df.shape) < 0.1)


def test_polars_and_pandas_give_the_same_leaderboard():
    spec = {"methods": "knn", "repeats": 1, "local": True}
    one, two = jw.compare(frame(), **spec), jw.compare(pl.from_pandas(frame()), **spec)
    ours, theirs = (b.ranking.drop(columns="seconds") for b in (one, two))
    pd.testing.assert_frame_equal(ours, theirs)
    assert one.best() == two.best() == {"x": "knn", "y": "knn", "c": "knn"}


def test_a_plan_from_a_leaderboard_imputes():
    board_ = jw.compare(frame(), ["pmm", "norm"], repeats=1, local=True)
    plan = board_.best(draws=True)
    # norm is for numbers: of classes its stand-in is named
    assert set(plan.values()) <= {"pmm", "norm", "logreg"}
    done = plan.imputer(random_state=0).fit_transform(frame())
    assert not done.isna().any(axis=None)


@pytest.mark.parametrize("local", [True, False])
def test_a_method_named_twice_is_compared_once(client, local):
    assert client
    board_ = jw.compare(frame(), ["mean", "mean"], repeats=1, local=local)
    board_ = board_ if local else board_.result(CEILING_S)
    assert board_.done
    assert sorted(board_.ranking.index) == ["baseline", "mean"]


def test_seconds_are_measured_here_and_memory_is_not():
    ranking = jw.compare(frame(), ["rf"], repeats=1, local=True).ranking
    assert (ranking["seconds"] > 0).all()
    assert ranking["peak_mib"].isna().all()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"fraction": 0}, "fraction=0 cannot be asked for"),
        ({"repeats": 0}, "repeats=0 cannot be asked for"),
        ({"mechanism": "mnar"}, "mechanism='mnar' cannot be asked for"),
        ({"methods": []}, "methods=.* cannot be asked for"),
        ({"methods": ["pmn"]}, "There is no method 'pmn'"),
        ({"columns": ["z"]}, "There is no column 'z'"),
        ({"random_state": 1.5}, "random_state is a float"),
    ],
)
def test_what_makes_no_sense_is_refused(given, said):
    with pytest.raises(InvalidSpec, match=said):
        jw.compare(frame(), **given)

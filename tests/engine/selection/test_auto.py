"""The choice of a method by column: right, told in words, and never a bad surprise."""

# ruff: noqa: PD011  `values` are those of an Imputation, which is no pandas object

import numpy as np
import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.estimator.imputations import impute_m
from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.engine.estimator.summary import summarise
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.planning.check import plan_columns
from jupyter_wrangler.engine.selection import best_guess, masked_validation
from jupyter_wrangler.engine.strategies.impute import impute


def three_backends(n=500, seed=0):
    """A column that is linear in others, one that is not, and one of nothing."""
    rng = np.random.default_rng(seed)
    a, b = rng.uniform(-3, 3, size=(2, n))
    df = pd.DataFrame({"a": a, "b": b})
    df["linear"] = 2 * a - b + rng.normal(size=n) * 0.3
    df["curved"] = 4 * np.cos(2 * a) + 3 * np.sin(b) + rng.normal(size=n) * 0.3
    df["noise"] = rng.normal(size=n)
    df["group"] = np.where(a + rng.normal(size=n) * 0.2 > 0, "up", "down")
    missing = rng.random((n, 4)) < 0.25
    names = ["linear", "curved", "noise", "group"]
    return df, df.assign(
        **{name: df[name].mask(missing[:, k]) for k, name in enumerate(names)}
    )


def chosen(found):
    return best_guess.chosen(found.events)


def error(found, truth, name):
    wrong = np.asarray(found.values[name]) - truth[name].to_numpy()[found.rows[name]]
    return np.sqrt((wrong**2).mean())


def test_each_column_gets_what_suits_it(run):
    truth, df = three_backends()
    found = run(df, method="auto")
    picked = chosen(found)
    assert picked["linear"] == "linear"
    assert picked["curved"] in {"knn", "extratrees", "boosting"}
    assert picked["group"] in {
        *("linear", "knn", "boosting", "softimpute", "extratrees")
    }
    for name in ("linear", "curved"):
        simple = run(df, method="median")
        assert error(found, truth, name) < 0.7 * error(simple, truth, name)


@pytest.mark.parametrize("seed", range(5))
def test_it_is_no_worse_than_the_median(seed, run):
    truth, df = three_backends(200, seed)
    found, simple = (run(df, method=m, random_state=seed) for m in ("auto", "median"))
    for name in ("linear", "curved", "noise"):
        # Pure noise can be won by chance in the cells that are hidden.
        assert error(found, truth, name) < 1.1 * error(simple, truth, name), name


def test_noise_alone_gets_the_simple_rule(run):
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(400, 5))).rename(columns=str)
    df = df.mask(rng.random(df.shape) < 0.2)
    found = run(df, method="auto")
    assert list(chosen(found).values()).count("median") >= 3


def test_a_method_that_is_worse_beside_the_others_is_given_up():
    plans = plan_columns(three_backends()[1], ImputationSpec())
    plan = next(p for p in plans if p.name == "noise")
    lost = {"median": [np.array([1.0, -1.0])], "knn": [np.array([0.9, 0.9])]}
    choice = best_guess._best(plan, lost)
    assert choice.method == "knn"
    together = [np.array([0.95, 0.95])]
    assert best_guess._kept(plan, choice, lost, together) is choice
    kept = best_guess._kept(plan, choice, lost, [np.array([1.1, 1.1])])
    assert kept.method == "median"
    assert "auto chose 'median': 'knn' was better alone" in kept.reason
    assert "its error was 1.1 times that of 'median'" in kept.reason


def test_reasons_and_scores_are_reported_in_words(run):
    _, df = three_backends()
    found = run(df, method="auto")
    reported = {e.column: e for e in found.events if best_guess.SAYS in e.message}
    assert set(reported) == {"linear", "curved", "noise", "group"}
    event = reported["curved"]
    assert event.method in METHODS
    assert f"auto chose {event.method!r} by its error in hidden cells" in event.message
    for rival in ("median", "linear", "softimpute", "knn"):
        assert f"{rival} " in event.message
    assert "share wrong" in reported["group"].message


def test_the_summary_names_the_method_that_was_chosen(run):
    _, df = three_backends()
    found = run(df, method="auto")
    reported = summarise(df, ImputationSpec(method="auto"), [found])
    methods = {column.name: column.method for column in reported.columns}
    assert methods == chosen(found) | {"a": "", "b": ""}


def test_several_imputations_are_draws_and_share_their_methods(run):
    _, df = three_backends()
    spec = {"method": "auto", "n_imputations": 3, "max_iter": 2}
    one, two = (run(df, k, **spec) for k in range(2))
    assert chosen(one) == chosen(two)
    assert all(METHODS[method].draws for method in chosen(one).values())
    assert (one.values["linear"] != two.values["linear"]).any()
    guesses = [run(df, k, method="auto").values["linear"] for k in range(2)]
    assert (guesses[0] == guesses[1]).all()
    assert METHODS["auto"].differs(ImputationSpec(n_imputations=2))
    assert not METHODS["auto"].differs(ImputationSpec())


def test_other_columns_keep_the_methods_they_were_given(run):
    _, df = three_backends()
    methods = {"noise": "mean", "group": "auto", "curved": ""}
    found = run(df, method="linear", methods=methods)
    assert set(chosen(found)) == {"group"}
    assert set(found.values["noise"]) == {df["noise"].mean()}
    assert "curved" not in found.values


def test_dates_are_judged_on_one_scale(run):
    rng = np.random.default_rng(0)
    x = rng.normal(size=150)
    days = pd.to_timedelta(np.rint(100 * x + rng.normal(size=150)), unit="D")
    df = pd.DataFrame({"x": x, "day": pd.Timestamp("2020-01-01") + days})
    df.loc[::4, "day"] = pd.NaT
    found = run(df, method="auto")
    reported = next(e.message for e in found.events if e.column == "day")
    assert chosen(found) == {"day": "linear"}
    assert "(in standard deviations): linear 0.01" in reported


def test_shifts_do_not_mislead_the_choice(run):
    _, df = three_backends()
    plain = run(df, method="auto")
    shifted = run(df, method="auto", delta={"linear": 100.0})
    assert chosen(shifted) == chosen(plain)
    assert shifted.values["linear"].mean() > 50


def test_the_work_is_bounded():
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(3_000, 3))).rename(columns=str)
    df = df.mask(rng.random(df.shape) < 0.1)
    spec, seen = ImputationSpec(method="auto"), []

    def counted(frame, trial, imputation=0, given=None):
        seen.append((len(frame), trial.max_iter))
        return impute(frame, trial, imputation, given)

    for _ in best_guess.choose(df, spec, plan_columns(df, spec), counted):
        pass
    assert {n for n, _ in seen} == {masked_validation.ROWS}
    assert max(rounds for _, rounds in seen) == masked_validation.ROUNDS
    assert len(seen) <= masked_validation.REPEATS * (len(best_guess.GUESSES) + 1)


def test_boosting_is_not_tried_on_few_rows(run):
    _, df = three_backends(200)
    assert not any("boosting" in e.message for e in run(df, method="auto").events)


def test_random_trees_are_tried_where_rows_are_few(run):
    _, df = three_backends(200)
    found = run(df, method="auto", max_iter=2)
    reported = {
        e.column: e.message for e in found.events if best_guess.SAYS in e.message
    }
    assert all("extratrees " in message for message in reported.values())
    _, df = three_backends(METHODS["extratrees"].trial.most_rows + 1)
    found = run(df, method="auto", max_iter=1)
    assert not any("extratrees" in e.message for e in found.events)


def test_work_can_be_stopped_while_it_chooses():
    _, df = three_backends()
    steps = impute(df, ImputationSpec(method="auto"))
    messages = [next(steps).message for _ in range(5)]
    assert any("auto: trying" in message for message in messages)
    steps.close()


def test_later_rows_are_completed_by_what_was_chosen():
    truth, df = three_backends()
    fitted = Imputer("auto", random_state=0).fit(df)
    later = truth.iloc[:50].assign(linear=np.nan, a=lambda d: d["a"].where(d.b > -2))
    done = fitted.transform(later)
    assert not done.isna().any(axis=None)
    near = np.abs(done["linear"] - truth["linear"].iloc[:50]).median()
    assert near < 0.5


@pytest.mark.parametrize("seed", [0, 1])
def test_on_data_with_many_missing_values_it_is_near_the_best(seed, run):
    from sklearn.datasets import load_wine

    truth = load_wine(as_frame=True).data
    rng = np.random.default_rng(seed)
    df = truth.mask(rng.random(truth.shape) < 0.3)

    def overall(method):
        found = run(df, method=method)
        return np.mean(
            [error(found, truth, name) / truth[name].std() for name in found.values]
        )

    errors = {m: overall(m) for m in ("median", "linear", "knn", "softimpute", "auto")}
    best = min(value for name, value in errors.items() if name != "auto")
    assert errors["auto"] < 1.08 * best, errors


def test_a_column_of_many_classes_is_not_boosted_for_each_of_them(run):
    rng = np.random.default_rng(0)
    df = pd.DataFrame({"x": rng.normal(size=900), "y": rng.normal(size=900)})
    df["many"] = rng.integers(
        0, METHODS["boosting"].trial.most_classes + 5, 900
    ).astype(str)
    df["few"] = rng.integers(0, 3, 900).astype(str)
    df = df.mask(rng.random(df.shape) < 0.1)
    found = run(df, method="auto", max_iter=1)
    reported = {
        e.column: e.message for e in found.events if best_guess.SAYS in e.message
    }
    assert "boosting" not in reported["many"]
    assert "boosting" in reported["few"]


def test_reported_errors_agree_with_the_choice():
    plans = plan_columns(three_backends()[1], ImputationSpec())
    plan = next(p for p in plans if p.name == "noise")
    # The trees saw the first frame only, in which the regression erred more, too.
    lost = {
        "median": [np.array([3.0]), np.array([3.0])],
        "linear": [np.array([2.0]), np.array([1.0])],
        "extratrees": [np.array([1.9])],
    }
    choice = best_guess._best(plan, lost)
    assert choice.method == "extratrees"
    assert min(choice.scores, key=choice.scores.get) == "extratrees"
    lost["extratrees"] = [np.array([2.1])]
    choice = best_guess._best(plan, lost)
    assert choice.method == "linear"
    assert choice.scores["extratrees"] > choice.scores["linear"]


def test_several_imputations_choose_once(run):
    _, df = three_backends(300)
    spec = ImputationSpec(method="auto", n_imputations=3, max_iter=1)
    made = impute_m(df, spec).imputations
    for k, one in enumerate(made):
        alone = run(df, k, method="auto", n_imputations=3, max_iter=1)
        assert one.events == alone.events
        for name in alone.values:
            assert list(one.values[name]) == list(alone.values[name])


@pytest.mark.parametrize("n_imputations", [1, 2])
def test_observed_cells_are_imputed_by_whatever_is_chosen(n_imputations):
    # neighbours would be chosen for x and y: a bend that no line follows
    rng = np.random.default_rng(0)
    x = rng.uniform(-2, 2, 150)
    df = pd.DataFrame({"x": x, "y": np.cos(3 * x), "z": np.sin(3 * x)})
    df = df.mask(rng.random(df.shape) < 0.15)
    df["whole"] = rng.normal(size=150)
    where = df.isna().to_numpy(copy=True)
    where[:9] = True
    found = Imputer("auto", where=where, random_state=0).impute(df, n_imputations)
    for name in df:
        assert len(found.draws(name)) == where[:, df.columns.get_loc(name)].sum()
    chosen = {e.column: e.method for e in found.events if "auto chose" in e.message}
    assert set(chosen) == {"x", "y", "z"}


def test_where_one_method_has_no_error_the_others_have_numbers():
    """An exact relation: rounding decides nothing, and no score is NaN."""
    x = np.arange(60.0)
    df = pd.DataFrame({"x": x, "y": 2 * x})
    df.loc[::7, "y"] = np.nan
    plan = jw.recommend(df)
    assert plan["y"] == "linear"
    assert "linear 0, " in str(plan)
    assert "nan" not in str(plan)

"""The choice of a method for each column, by hiding cells whose values are known.

A tenth of the observed cells of some rows is hidden, every candidate imputes them,
and the one with the least error is taken.  That is for one completed data set, whose
candidates are best guesses; for several see `best_draws`.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from jupyter_wrangler.contract import ImputationSpec, LoggedEvent, is_formula
from jupyter_wrangler.engine.columns.levels import CATEGORICAL, DATES
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.planning.passive_dependencies import predictors_of
from jupyter_wrangler.engine.selection import best_draws
from jupyter_wrangler.engine.selection.masked_validation import (
    ROUNDS,
    Impute,
    Losses,
    affordable,
    errors,
    growable,
    hide,
    mean,
    ratio,
    some_rows,
)
from jupyter_wrangler.engine.selection.proper_scores import standard_of
from jupyter_wrangler.engine.types import ColumnPlan

#: Share by which a method must beat a simpler one to be taken instead.
BETTER = 0.01
#: Candidates for one best guess, the simplest first.  The first that fits a column is
#: its simple rule.
GUESSES = tuple(
    one.name
    for one in sorted(METHODS.values(), key=lambda one: one.trial.guess)
    if one.trial.guess
)
#: How a choice is reported; `chosen` finds it again.
SAYS = "auto chose"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The method chosen for one column."""

    method: str
    #: Method -> error in the hidden cells, in the column's units or as a share.
    scores: Mapping[str, float]
    #: A whole sentence.
    reason: str


def choose(
    frame: pd.DataFrame,
    spec: ImputationSpec,
    plans: Sequence[ColumnPlan],
    impute: Impute,
) -> Generator[tuple[float, str], None, tuple[ColumnPlan, ...]]:
    """Choose the methods of the columns that are planned as `auto`.

    Parameters
    ----------
    frame : DataFrame of shape (n, p)
        The data.
    spec : ImputationSpec
        What is asked for; one imputation asks for best guesses, several for draws.
    plans : sequence of ColumnPlan
        Of all columns.
    impute : callable
        How a frame is imputed, as `engine.strategies.impute.impute`.

    Yields
    ------
    tuple of float and str
        Share done, and words for it.

    Returns
    -------
    tuple of ColumnPlan
        With methods chosen, and why.

    Notes
    -----
    1. Of 1 000 rows at most, hide a tenth of the observed cells of each column; up to
       four times, until 100 cells of a column have been hidden.
    2. Impute them by each candidate, in 4 rounds; trees start where the regression
       ended and take 1 round: boosting, which is tried only with 500 observed values
       or more and 10 classes at most, and extratrees, which are tried only for data of
       1 000 rows at most.  The error is the root mean squared difference, or the share
       of wrong classes.
    3. Take the candidate with the least error; one that is more work has to be better
       by 1 %.  Errors are reported as shares of that of the one taken, in the cells
       that both have seen.
    4. Impute once more with the methods chosen for all columns together.  A column
       whose error is then larger than that of its simple rule gets the simple rule.

    This is for one imputation; for several see `best_draws.choose`.  The cost does not
    depend on the number of rows beyond 1 000.  The same seed gives the same choice,
    whichever imputation it is made for.
    """
    asked = [plan for plan in plans if plan.method == "auto"]
    known = [p for p in plans if p.method and p.method != "auto"]
    many = spec.n_imputations > 1
    base = _base(spec, known, [plan.name for plan in plans], many=many)
    if many:
        drawn = yield from best_draws.choose(frame, spec, plans, base, impute)
        resolved = {plan.name: _drawn(frame, plan, drawn) for plan in asked}
    else:
        choices: dict[str, Choice] = {}
        if judged := [plan for plan in asked if plan.n_missing and plan.n_observed]:
            choices = yield from _compare(frame, spec, base, judged, impute)
        resolved = {plan.name: _resolved(plan, choices) for plan in asked}
    yield 1.0, "auto: methods are chosen"
    return tuple(resolved.get(plan.name, plan) for plan in plans)


def _compare(
    frame: pd.DataFrame,
    spec: ImputationSpec,
    base: ImputationSpec,
    judged: Sequence[ColumnPlan],
    impute: Impute,
) -> Generator[tuple[float, str], None, dict[str, Choice]]:
    """Try all candidates in hidden cells, then the best ones together."""
    rng = np.random.default_rng(
        np.random.SeedSequence(spec.random_state, spawn_key=(0, 0))
    )
    hidden = hide(some_rows(frame, rng), judged, rng)
    turns = len(GUESSES) + 1

    def trial(
        methods: Mapping[str, str], turn: int, words: str
    ) -> Generator[tuple[float, str], None, dict[str, Losses]]:
        some, trial_spec = affordable(hidden, base, methods)
        losses = errors(some, trial_spec, methods, judged, impute)
        return _part(losses, turn / turns, (turn + 1) / turns, words)

    lost: dict[str, dict[str, Losses]] = {plan.name: {} for plan in judged}
    for turn, method in enumerate(GUESSES):
        fitting = {p.name: method for p in judged if _fits(method, p)}
        fitting = growable(hidden[0], fitting, judged, len(frame))
        found = yield from trial(fitting, turn, f"auto: trying {method!r}")
        for name in fitting.keys() & found.keys():
            lost[name][method] = found[name]
    best = {plan.name: _best(plan, lost[plan.name]) for plan in judged}
    wanted = {name: choice.method for name, choice in best.items()}
    words = "auto: trying the methods chosen together"
    together = yield from trial(wanted, len(GUESSES), words)
    for plan in judged:
        if plan.name in together:
            name = plan.name
            best[name] = _kept(plan, best[name], lost[name], together[name])
    return best


def _part(
    trial: Generator[float, None, dict[str, Losses]],
    start: float,
    stop: float,
    words: str,
) -> Generator[tuple[float, str], None, dict[str, Losses]]:
    """Run a trial as a part of the work."""
    yield start, words
    while True:
        try:
            share = next(trial)
        except StopIteration as end:
            found: dict[str, Losses] = end.value
            return found
        yield start + (stop - start) * share, words


def chosen(events: Sequence[LoggedEvent]) -> dict[str, str]:
    """Column -> method that `auto` chose for it, as logged.

    Examples
    --------
    >>> logged = LoggedEvent(column="x", method="knn", message="auto chose 'knn'.")
    >>> chosen([logged])
    {'x': 'knn'}
    """
    return {
        event.column: event.method
        for event in events
        if event.column and event.method and SAYS in event.message
    }


def _fits(method: str, plan: ColumnPlan) -> bool:
    if method == "most_frequent" and plan.level not in CATEGORICAL:
        return False
    return plan.level in METHODS[method].levels


def _simple(plan: ColumnPlan) -> str:
    """Tell the simple rule of a column, which always works."""
    for method in GUESSES:
        if _fits(method, plan):
            return method
    return "most_frequent"


def _base(
    spec: ImputationSpec,
    known: Sequence[ColumnPlan],
    names: Sequence[str],
    *,
    many: bool,
) -> ImputationSpec:
    """Make the spec of all trials: that of the run, in fewer rounds and unshifted."""
    update: dict[str, Any] = {
        "method": "",
        # Computed columns stand as they are, and help nobody whom they would not help.
        "methods": {p.name: p.method for p in known if not is_formula(p.method)},
        "predictors": predictors_of(spec, names),
        "columns": None,
        # A trial has too few rows with all columns of a block; 'pmm' imputes each.
        "blocks": {},
        "max_iter": min(spec.max_iter, ROUNDS),
        "donors": min(spec.donors, 5),
        "delta": {},
        "factor": {},
        "sample_posterior": many,
    }
    return spec.model_copy(update=update)


def _best(plan: ColumnPlan, lost: Mapping[str, Losses]) -> Choice:
    """Take the least error; a method that is more work must be better."""
    guesses = plan.level not in CATEGORICAL
    best = _simple(plan)
    if best not in lost:
        return Choice(method=best, scores={}, reason=_words(plan, best, {}))
    for _ in lost:
        # Trees saw fewer of the hidden cells: each pair is compared in those of both.
        shares = {name: ratio(lost[name], lost[best], guesses=guesses) for name in lost}
        better = min(shares, key=lambda name: shares[name])
        if shares[better] >= 1 - BETTER:
            break
        best = better
    unit = mean(lost[best], guesses=guesses)
    # nothing can be given as a share of no error
    scores = {
        name: unit * share if unit else mean(lost[name], guesses=guesses)
        for name, share in shares.items()
    }
    return Choice(method=best, scores=scores, reason=_words(plan, best, scores))


def _kept(
    plan: ColumnPlan,
    choice: Choice,
    lost: Mapping[str, Losses],
    together: Losses,
) -> Choice:
    """Fall back to the simple rule where the methods together are worse than it."""
    simple = _simple(plan)
    guesses = plan.level not in CATEGORICAL
    if choice.method == simple or simple not in lost:
        return choice
    worse = ratio(together, lost[simple], guesses=guesses)
    if worse <= 1:
        return choice
    reason = (
        f"{SAYS} {simple!r}: {choice.method!r} was better alone "
        f"({_errors_text(choice.scores)}), but beside the methods chosen for the other "
        f"columns its error was {worse:.3g} times that of {simple!r}."
    )
    return replace(choice, method=simple, reason=reason)


def _errors_text(scores: Mapping[str, float]) -> str:
    ranked = sorted(scores.items(), key=lambda item: item[1])
    return ", ".join(f"{method} {score:.3g}" for method, score in ranked)


def _words(plan: ColumnPlan, best: str, scores: Mapping[str, float]) -> str:
    if not scores:
        return f"{SAYS} {best!r}: it has too few observed values to compare methods."
    unit = "in its own units"
    if plan.level in CATEGORICAL:
        unit = "share wrong"
    elif plan.level in DATES:
        unit = "in standard deviations"
    errors = _errors_text(scores)
    return f"{SAYS} {best!r} by its error in hidden cells ({unit}): {errors}."


def _drawn(
    frame: pd.DataFrame, plan: ColumnPlan, drawn: Mapping[str, best_draws.Chosen]
) -> ColumnPlan:
    """Take what was chosen for several imputations."""
    if plan.name not in drawn:
        # Complete columns are planned only for missing values of later rows.
        classes = best_draws.classes_of(frame, plan)
        return replace(plan, method=standard_of(plan.level, classes))
    one = drawn[plan.name]
    reason = f"{SAYS} {one.method!r}: {one.why}"
    return replace(plan, method=one.method, reason=reason)


def _resolved(plan: ColumnPlan, chosen_: Mapping[str, Choice]) -> ColumnPlan:
    if plan.name in chosen_:
        choice = chosen_[plan.name]
        return replace(plan, method=choice.method, reason=choice.reason)
    # Complete columns are planned only for missing values of later rows.
    counts = [c.method for c in chosen_.values() if _fits(c.method, plan)]
    usual = max(counts, key=counts.count) if counts else _simple(plan)
    return replace(plan, method=usual)

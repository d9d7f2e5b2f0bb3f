"""The choice of a method for each column where several imputations are asked for.

Several imputations are made for valid inference, which a method gives when it draws
from the right distribution of the missing values given the others; being near to
hidden values is not enough.  So the candidates are proper methods only, and the
standard method of a column (`proper_scores.standard_of`) stays unless another one
predicts hidden cells better beyond chance.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import pandas as pd

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.columns.levels import CATEGORICAL, PREDICTORS
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.planning.passive_dependencies import predictors_of
from jupyter_wrangler.engine.selection.draw_trials import DrawTrials
from jupyter_wrangler.engine.selection.masked_validation import (
    Hidden,
    Impute,
    hide,
    some_rows,
)
from jupyter_wrangler.engine.selection.proper_scores import (
    Margin,
    standard_of,
    sure,
    taken,
)
from jupyter_wrangler.engine.types import ColumnPlan
from jupyter_wrangler.errors import WranglerError

T = TypeVar("T")
#: Share done, and words for it.
Progress = tuple[float, str]

#: Methods that may take the place of the standard one, the cheapest first.
RIVALS = tuple(
    one.name
    for one in sorted(METHODS.values(), key=lambda one: one.trial.rival)
    if one.trial.rival
)
#: Fewer observed values than `FEW` are not compared; fewer than `LEAST`, which is what
#: `pmm` needs for its donors, tell nothing of a relation with other columns.
FEW, LEAST = 10, 5
#: Rounds of the methods chosen, together, from where the standard ones ended.
TOGETHER_ROUNDS = 2


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The method for one column, and why."""

    method: str
    #: A whole sentence, after the method.
    why: str


def choose(
    frame: pd.DataFrame,
    spec: ImputationSpec,
    plans: Sequence[ColumnPlan],
    base: ImputationSpec,
    impute: Impute,
) -> Generator[Progress, None, dict[str, Chosen]]:
    """Choose a method that draws for each column with missing values.

    Parameters
    ----------
    frame : DataFrame of shape (n, p)
        The data.
    spec : ImputationSpec
        What is asked for.
    plans : sequence of ColumnPlan
        Of all columns; those planned as `auto` are chosen for.
    base : ImputationSpec
        What trials have in common.
    impute : callable
        How a frame is imputed, as `engine.strategies.impute.impute`.

    Yields
    ------
    tuple of float and str
        Share done, and words for it.

    Returns
    -------
    dict of str to Drawn
        Column -> method and why.

    Notes
    -----
    1. A column that no other can help (there is none, or only one value of it is
       observed, or fewer than 5) gets `sample`.
    2. Cells are hidden as for one imputation, see `best_guess.choose`.  The standard
       methods impute them 10 times in 4 rounds; each rival takes one round from where
       each of these ended.  A forest is tried for the columns in which a single tree is
       not worse by a standard error.
    3. Losses are the fair CRPS of numbers and dates, and the negative log score of
       classes.  A rival takes the place of the standard method where the mean of the
       paired differences is beyond 2.5 standard errors (2 for a single rival; a
       little more where rows are few), taken over rows.  For classes the fair Brier
       score has to agree.
    4. With several columns and rivals one of them is better by chance now and then, so
       the rivals that were taken impute other hidden cells, together and in 2 rounds.
       One that is not better there too, by a standard error, is given up.

    References
    ----------
    .. [1] T. Gneiting and A. E. Raftery (2007), Strictly Proper Scoring Rules,
       Prediction, and Estimation, JASA 102(477), 359-378.
    .. [2] S. van Buuren (2018), Flexible Imputation of Missing Data, section 2.5.
    """
    asked = [p for p in plans if p.method == "auto" and p.n_missing and p.n_observed]
    rng = np.random.default_rng(
        np.random.SeedSequence(spec.random_state, spawn_key=(0, 0))
    )
    found: dict[str, Chosen] = {}
    some = some_rows(frame, rng)
    classes = {p.name: classes_of(frame, p) for p in asked}
    standards: dict[str, str] = {}
    compared: dict[str, ColumnPlan] = {}
    for plan in asked:
        why = _alone(frame, some, plan, plans, spec)
        if why:
            found[plan.name] = Chosen(method="sample", why=why)
            continue
        standards[plan.name] = standard_of(plan.level, classes[plan.name])
        if int(some[plan.name].count()) >= FEW:
            compared[plan.name] = plan
    settled = {name: one.method for name, one in found.items()}
    base = base.model_copy(update={"methods": base.methods | settled})
    check = _Check(
        base=base,
        impute=impute,
        some=some,
        compared=compared,
        classes=classes,
        rng=rng,
    )
    margins: dict[str, dict[str, Margin]] = {}
    if compared:
        # Hiding cells can leave a column that a method refuses.
        with contextlib.suppress(WranglerError):
            margins = yield from _margins(check, standards)
    for name, standard in standards.items():
        found[name] = _drawn(check, name, standard, margins.get(name, {}))
    return found


@dataclass(frozen=True, kw_only=True)
class _Check:
    """What the trials of one frame have in common."""

    base: ImputationSpec
    impute: Impute
    #: The rows that are looked at.
    some: pd.DataFrame
    compared: Mapping[str, ColumnPlan]
    classes: Mapping[str, int]
    rng: np.random.Generator

    def trials(self, before: Sequence[Hidden] = ()) -> DrawTrials:
        """Hide cells, others than before."""
        plans = list(self.compared.values())
        return DrawTrials(
            base=self.base,
            impute=self.impute,
            hidden=hide(self.some, plans, self.rng, before=before),
            plans=self.compared,
            classes=self.classes,
        )


def classes_of(frame: pd.DataFrame, plan: ColumnPlan) -> int:
    """Count the observed classes; 0 for numbers and dates."""
    return int(frame[plan.name].nunique()) if plan.level in CATEGORICAL else 0


def _alone(
    frame: pd.DataFrame,
    some: pd.DataFrame,
    plan: ColumnPlan,
    plans: Sequence[ColumnPlan],
    spec: ImputationSpec,
) -> str:
    """Say why no other column can help to impute this one; empty if some can."""
    name = plan.name
    if not _varies(some[name]) and not _varies(frame[name]):
        return "only one value is observed, so that nothing can be learned for others."
    if plan.n_observed < LEAST:
        return (
            f"{plan.n_observed} observed values are too few to learn from how they go "
            "with other columns."
        )
    allowed = predictors_of(spec, list(map(str, frame.columns))).get(name)
    helps = (
        other
        for other in plans
        if other.name != name
        and other.name in frame
        and other.level in PREDICTORS
        and other.n_observed
        and not other.names_rows
        and (allowed is None or other.name in allowed)
    )
    if any(_varies(some[other.name]) for other in helps):
        return ""
    return "no other column can help to impute it."


def _varies(series: pd.Series) -> bool:
    return len(series.dropna().unique()) > 1


def _margins(
    check: _Check, standards: Mapping[str, str]
) -> Generator[Progress, None, dict[str, dict[str, Margin]]]:
    """Compare each rival with the standard methods, and those taken once more."""
    trials = check.trials()
    turns = len(RIVALS) + 3
    yield from _part(trials.standard(standards), 0, turns, "standard methods")
    found: dict[str, dict[str, Margin]] = {name: {} for name in check.compared}
    for turn, rival in enumerate(RIVALS, start=1):
        fitting = {
            name: rival
            for name, plan in check.compared.items()
            if rival != standards[name]
            and plan.level in METHODS[rival].levels
            and _worth_trying(rival, found[name])
        }
        if fitting:
            trial = trials.rival(fitting)
            for name, one in (yield from _part(trial, turn, turns, rival)).items():
                found[name][rival] = one
    better = {name: taken(margins) for name, margins in found.items()}
    better = {name: rival for name, rival in better.items() if rival}
    if better:
        again = check.trials(before=trials.hidden)
        words = "once more what was better, on other cells"
        yield from _part(again.standard(standards), turns - 2, turns, words)
        trial = again.rival({**standards, **better}, TOGETHER_ROUNDS)
        once_more = yield from _part(trial, turns - 1, turns, words)
        for name, rival in better.items():
            new = once_more.get(name)
            found[name][rival] = replace(
                found[name][rival], confirmed=new is not None and new.mean < -new.se
            )
    return found


def _worth_trying(rival: str, margins: Mapping[str, Margin]) -> bool:
    """Tell whether what it is tried after was not worse by a standard error."""
    before = margins.get(METHODS[rival].trial.after)
    return before is None or before.mean <= before.se


def _part(
    trial: Generator[float, None, T], turn: int, turns: int, what: str
) -> Generator[Progress, None, T]:
    """Run a trial as a part of the work."""
    words = f"auto: trying {what!r}" if what in METHODS else f"auto: trying {what}"
    yield turn / turns, words
    while True:
        try:
            share = next(trial)
        except StopIteration as end:
            found: T = end.value
            return found
        yield (turn + share) / turns, words


def _drawn(
    check: _Check, name: str, standard: str, margins: Mapping[str, Margin]
) -> Chosen:
    """Take the standard method or the rival that beats it; say how sure that is."""
    if not margins:
        return Chosen(
            method=standard,
            why="it is the standard method, and there are too few observed values to "
            "compare others with it.",
        )
    method = taken(margins) or standard
    level = check.compared[name].level
    return Chosen(method=method, why=sure(margins, standard, method, level=level))

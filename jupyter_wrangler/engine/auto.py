"""The choice of a method for each column, by hiding cells whose values are known.

A tenth of the observed cells of some rows is hidden, every candidate imputes them,
and the one with the least error is taken.  For one completed data set the candidates
are best guesses; for several they are methods that draw, judged by a proper score,
so that no certainty is claimed that is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.contract import ImputationSpec, LoggedEvent
from jupyter_wrangler.engine.check import ColumnPlan
from jupyter_wrangler.engine.column import Column, Values, column_of
from jupyter_wrangler.engine.levels import CATEGORICAL, DATES
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.run import Imputation, Step
from jupyter_wrangler.errors import WranglerError

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
#: Losses in hidden cells, for each frame with hidden cells.
Losses = list[Floats]
#: Imputes a frame: data, spec, imputation.
Impute = Callable[
    [pd.DataFrame, ImputationSpec, int], Generator[Step, None, Imputation]
]

#: Rows that are looked at, and cells that are hidden in each column, at most.
ROWS, CELLS = 1_000, 100
#: Share of the observed cells of a column that is hidden at a time.
HIDDEN = 0.1
#: Times that cells are hidden at most: fewer once `CELLS` have been.
REPEATS = 4
#: Rounds of the chained equations, and draws for each cell where methods draw.
ROUNDS, DRAWS = 4, 2
#: Boosting is tried for columns with so many observed values among these rows, in
#: fewer rounds, and on fewer frames with hidden cells if more trees than these
#: regressions would have to be grown.
BOOSTED, BOOSTED_ROUNDS, BOOSTED_FITS = 200, 2, 24
#: Share by which a method must beat a simpler one to be taken instead.
BETTER = 0.01
#: Candidates for one best guess and for several draws, the simplest first.  The first
#: that fits a column is its simple rule.
GUESSES = ("median", "most_frequent", "linear", "softimpute", "knn", "boosting")
DRAWN = ("sample", "pmm", "boosting")
#: How a choice is told; `chosen` finds it again.
SAYS = "auto chose"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The method chosen for one column."""

    method: str
    #: Method -> error in the hidden cells, in the column's units or as a share.
    scores: Mapping[str, float]
    #: A whole sentence.
    reason: str


@dataclass(frozen=True, kw_only=True)
class _Hidden:
    """A frame with cells hidden, and which."""

    frame: pd.DataFrame
    truth: pd.DataFrame
    #: Column -> rows hidden, ascending.
    rows: dict[str, Rows]


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
        How a frame is imputed, as `engine.chain.impute`.

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
    2. Impute them by each candidate, in 4 rounds (boosting, which is tried only with
       200 observed values or more, in 2).  The error of a guess is the root
       mean squared difference, or the share of wrong classes;
       of draws it is the mean |x - y| - |x - x'| / 2 over draws x and x' of the
       hidden value y, which rewards draws that are near and as spread as they should
       be, and no others.
    3. Take the candidate with the least error; one that is more work has to be better
       by 1 %.
    4. Impute once more with the methods chosen for all columns together.  A column
       whose error is then larger than that of its simple rule gets the simple rule.

    The cost does not depend on the number of rows beyond 1 000.  The same seed gives
    the same choice, whichever imputation it is made for.

    References
    ----------
    .. [1] T. Gneiting and A. E. Raftery (2007), Strictly Proper Scoring Rules,
       Prediction, and Estimation, JASA 102(477), 359-378, section 4.2.
    """
    asked = [plan for plan in plans if plan.method == "auto"]
    judged = [plan for plan in asked if plan.n_missing and plan.n_observed]
    many = spec.n_imputations > 1
    lost: dict[str, dict[str, Losses]] = {plan.name: {} for plan in judged}
    chosen: dict[str, Choice] = {}
    if judged:
        rng = np.random.default_rng(
            np.random.SeedSequence(spec.random_state, spawn_key=(0, 0))
        )
        hidden = _hide(frame, judged, rng)
        rivals = [name for name in (DRAWN if many else GUESSES) if name in METHODS]
        known = [p for p in plans if p.method and p.method != "auto"]
        base = _base(spec, known, many=many)
        turns = len(rivals) + 1
        for k, method in enumerate(rivals):
            fitting = {p.name: method for p in judged if _fits(method, p)}
            if method == "boosting":
                fitting = _boostable(hidden[0], fitting)
            some, trial_spec = _affordable(hidden, base, fitting)
            trial = _errors(some, trial_spec, fitting, judged, impute, many=many)
            words = f"auto: trying {method!r}"
            found = yield from _part(trial, k / turns, (k + 1) / turns, words)
            for name in fitting:
                if name in found:
                    lost[name][method] = found[name]
        for plan in judged:
            chosen[plan.name] = _best(plan, lost[plan.name], many=many)
        wanted = {name: choice.method for name, choice in chosen.items()}
        some, trial_spec = _affordable(hidden, base, wanted)
        trial = _errors(some, trial_spec, wanted, judged, impute, many=many)
        words = "auto: trying the methods chosen together"
        found = yield from _part(trial, len(rivals) / turns, 1.0, words)
        for plan in judged:
            if plan.name in found:
                name = plan.name
                chosen[name] = _kept(
                    plan, chosen[name], lost[name], found[name], many=many
                )
    yield 1.0, "auto: methods are chosen"
    return tuple(
        _resolved(plan, chosen, many=many) if plan in asked else plan for plan in plans
    )


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
    >>> told = LoggedEvent(column="x", method="knn", message="auto chose 'knn'.")
    >>> chosen([told])
    {'x': 'knn'}
    """
    return {
        event.column: event.method
        for event in events
        if event.column and event.method and SAYS in event.message
    }


def _affordable(
    hidden: Sequence[_Hidden], base: ImputationSpec, methods: Mapping[str, str]
) -> tuple[Sequence[_Hidden], ImputationSpec]:
    """Take fewer frames and rounds where columns are boosted."""
    boosted = list(methods.values()).count("boosting")
    if not boosted:
        return hidden, base
    rounds = min(base.max_iter, BOOSTED_ROUNDS)
    # Where it draws it grows trees several times for each draw.
    fits = rounds * boosted * (3 * DRAWS if base.sample_posterior else 1)
    some = hidden[: max(1, BOOSTED_FITS // fits)]
    return some, base.model_copy(update={"max_iter": rounds})


def _boostable(one: _Hidden, fitting: Mapping[str, str]) -> dict[str, str]:
    counts = {name: int(one.frame[name].count()) for name in fitting}
    return {name: method for name, method in fitting.items() if counts[name] >= BOOSTED}


def _fits(method: str, plan: ColumnPlan) -> bool:
    if method == "most_frequent" and plan.level not in CATEGORICAL:
        return False
    return plan.level in METHODS[method].levels


def _simple(plan: ColumnPlan, *, many: bool) -> str:
    """Tell the simple rule of a column, which always works."""
    for method in DRAWN if many else GUESSES:
        if method in METHODS and _fits(method, plan):
            return method
    return "most_frequent"


def _base(
    spec: ImputationSpec, known: Sequence[ColumnPlan], *, many: bool
) -> ImputationSpec:
    """Make the spec of all trials: that of the run, in fewer rounds and unshifted."""
    update: dict[str, Any] = {
        "method": "",
        "methods": {plan.name: plan.method for plan in known},
        "columns": None,
        "max_iter": min(spec.max_iter, ROUNDS),
        "donors": min(spec.donors, 5),
        "delta": {},
        "factor": {},
        "sample_posterior": many,
    }
    return spec.model_copy(update=update)


def _hide(
    frame: pd.DataFrame, judged: Sequence[ColumnPlan], rng: np.random.Generator
) -> list[_Hidden]:
    rows = np.arange(len(frame))
    if len(frame) > ROWS:
        rows = np.sort(rng.choice(rows, ROWS, replace=False))
    some = frame.iloc[rows]
    observed = {
        plan.name: np.flatnonzero(some[plan.name].notna().to_numpy()) for plan in judged
    }
    made: list[_Hidden] = []
    for _ in range(REPEATS):
        taken = {
            name: np.sort(rng.choice(there, _size(len(there)), replace=False))
            for name, there in observed.items()
        }
        masked = some.copy(deep=False)
        for name, at in taken.items():
            masked[name] = some[name].mask(np.isin(np.arange(len(some)), at))
        made.append(_Hidden(frame=masked, truth=some, rows=taken))
        if all(_size(len(there)) * len(made) >= CELLS for there in observed.values()):
            break
    return made


def _size(observed: int) -> int:
    """Cells to hide of a column, leaving one at least."""
    return max(0, min(max(int(HIDDEN * observed), 2), CELLS, observed - 1))


def _errors(
    hidden: Sequence[_Hidden],
    base: ImputationSpec,
    methods: Mapping[str, str],
    judged: Sequence[ColumnPlan],
    impute: Impute,
    *,
    many: bool,
) -> Generator[float, None, dict[str, Losses]]:
    """Losses by column of the methods, frame by frame."""
    lost: dict[str, list[Floats]] = {}
    if not methods:
        return {}
    draws = DRAWS if many and any(METHODS[m].draws for m in methods.values()) else 1
    for k, one in enumerate(hidden):
        able = {
            name: method
            for name, method in methods.items()
            if one.frame[name].notna().any()
        }
        known = {
            name: method
            for name, method in base.methods.items()
            if one.frame[name].notna().any()
        }
        spec = base.model_copy(update={"methods": known | able})
        few = [int(one.frame[name].count()) for name in spec.methods]
        spec = spec.model_copy(
            update={"donors": min([spec.donors, *filter(None, few)])}
        )
        found: list[Imputation] = []
        for draw in range(draws):
            steps = impute(one.frame, spec, draw)
            while True:
                try:
                    step = next(steps)
                except StopIteration as stop:
                    found.append(stop.value)
                    break
                except WranglerError:
                    # Hiding cells can leave a column that a method refuses.
                    return {}
                inner = (draw + step.done / max(step.total, 1.0)) / draws
                yield (k + inner) / len(hidden)
        for plan in judged:
            if plan.name in able:
                losses = _losses(one, plan, found, many=many)
                lost.setdefault(plan.name, []).append(losses)
    return {name: parts for name, parts in lost.items() if sum(map(len, parts))}


def _mean(parts: Sequence[Floats], *, guesses: bool) -> float:
    """Mean loss; root mean square of guessed numbers."""
    losses = np.concatenate(list(parts))
    return float(np.sqrt((losses**2).mean()) if guesses else losses.mean())


def _losses(
    one: _Hidden, plan: ColumnPlan, found: Sequence[Imputation], *, many: bool
) -> Floats:
    """Losses in the hidden cells of one column; none where it was not imputed."""
    rows = one.rows[plan.name]
    like = column_of(plan.name, one.truth[plan.name], plan.level)
    drawn = [
        _numbers(like, _at(imputation, plan.name, rows))
        for imputation in found
        if plan.name in imputation.rows
    ]
    if len(drawn) < len(found) or not len(rows):
        return np.empty(0)
    like = column_of(plan.name, one.truth[plan.name], plan.level)
    truth = _numbers(like, like.take(rows))
    apart = np.stack([_distance(x, truth, plan) for x in drawn])
    if not many:
        return np.asarray(apart[0], dtype=np.float64)
    loss = apart.mean(axis=0)
    if len(drawn) > 1:
        pairs = [
            _distance(x, other, plan)
            for k, x in enumerate(drawn)
            for other in drawn[k + 1 :]
        ]
        loss -= np.mean(pairs, axis=0) / 2
    return np.asarray(loss, dtype=np.float64)


def _at(one: Imputation, name: str, rows: Rows) -> Values:
    """Values that were imputed in these rows."""
    values = one.values[name]  # noqa: PD011  no pandas object
    return values[np.searchsorted(one.rows[name], rows)]


def _numbers(like: Column, values: Values) -> NDArray[Any]:
    """Numbers on the scale of a column, or classes as they are."""
    series: pd.Series = pd.Series(values, dtype=values.dtype)
    if like.level in CATEGORICAL:
        return series.astype(object).to_numpy()
    return like.floats(series)


def _distance(x: NDArray[Any], y: NDArray[Any], plan: ColumnPlan) -> Floats:
    if plan.level in CATEGORICAL:
        return np.asarray(x != y, dtype=np.float64)
    return np.asarray(np.abs(x - y), dtype=np.float64)


def _best(plan: ColumnPlan, lost: Mapping[str, Losses], *, many: bool) -> Choice:
    """Take the least error; a method that is more work must be better."""
    guesses = not many and plan.level not in CATEGORICAL
    scores = {name: _mean(parts, guesses=guesses) for name, parts in lost.items()}
    best = _simple(plan, many=many)
    for method in scores:
        if best not in scores or (
            method != best
            and _ratio(lost[method], lost[best], guesses=guesses) < 1 - BETTER
        ):
            best = method
    return Choice(
        method=best, scores=scores, reason=_words(plan, best, scores, many=many)
    )


def _ratio(one: Losses, other: Losses, *, guesses: bool) -> float:
    """Error of one as a share of that of another, in the frames that both saw."""
    frames = min(len(one), len(other))
    ours = _mean(one[:frames], guesses=guesses)
    theirs = _mean(other[:frames], guesses=guesses)
    if theirs == 0:
        return 1.0 if ours == 0 else np.inf
    return ours / theirs


def _kept(
    plan: ColumnPlan,
    choice: Choice,
    lost: Mapping[str, Losses],
    together: Losses,
    *,
    many: bool,
) -> Choice:
    """Fall back to the simple rule where the methods together are worse than it."""
    simple = _simple(plan, many=many)
    guesses = not many and plan.level not in CATEGORICAL
    if choice.method == simple or simple not in lost:
        return choice
    ratio = _ratio(together, lost[simple], guesses=guesses)
    if ratio <= 1:
        return choice
    reason = (
        f"{SAYS} {simple!r}: {choice.method!r} was better alone "
        f"({_told(choice.scores)}), but beside the methods chosen for the other "
        f"columns its error was {ratio:.3g} times that of {simple!r}."
    )
    return replace(choice, method=simple, reason=reason)


def _told(scores: Mapping[str, float]) -> str:
    ranked = sorted(scores.items(), key=lambda item: item[1])
    return ", ".join(f"{method} {score:.3g}" for method, score in ranked)


def _words(
    plan: ColumnPlan, best: str, scores: Mapping[str, float], *, many: bool
) -> str:
    if not scores:
        return f"{SAYS} {best!r}: it has too few observed values to compare methods."
    unit = "in its own units"
    if plan.level in CATEGORICAL:
        unit = "half the Brier score" if many else "share wrong"
    elif plan.level in DATES:
        unit = "in standard deviations"
    return f"{SAYS} {best!r} by its error in hidden cells ({unit}): {_told(scores)}."


def _resolved(
    plan: ColumnPlan, chosen_: Mapping[str, Choice], *, many: bool
) -> ColumnPlan:
    if plan.name in chosen_:
        choice = chosen_[plan.name]
        return replace(plan, method=choice.method, reason=choice.reason)
    # Complete columns are planned only for holes of later rows.
    counts = [c.method for c in chosen_.values() if _fits(c.method, plan)]
    usual = max(counts, key=counts.count) if counts else _simple(plan, many=many)
    return replace(plan, method=usual)

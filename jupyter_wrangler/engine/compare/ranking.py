"""The leaderboard: trials side by side, each against the baseline of its repeat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from jupyter_wrangler.contract import (
    BASELINE,
    ColumnScore,
    ColumnTrial,
    ComparisonSpec,
    JudgedColumn,
    LeaderboardDocument,
    RankedMethod,
    Trial,
)
from jupyter_wrangler.engine.compare.choices import choices
from jupyter_wrangler.engine.compare.findings import findings

#: Repeat -> trial, of one method.
Trials = Mapping[int, Trial]


def combine(
    spec: ComparisonSpec, parts: Sequence[Mapping[str, Any] | None]
) -> LeaderboardDocument:
    """Make a leaderboard of the parts that have ended.

    Parameters
    ----------
    spec : ComparisonSpec
        What was asked for.
    parts : sequence of mapping or None
        What the parts left, in the order of `spec.cells()`; None for those that have
        not ended.  One with an `error` alone says why a part left nothing.

    Returns
    -------
    LeaderboardDocument
        Methods by their errors.  The error of a column is the mean absolute error, or
        the share of wrong classes; of a method, the mean over the columns of its
        errors as shares of those of the baseline in the same cells.

    Examples
    --------
    >>> spec = ComparisonSpec(methods=("knn", "linear"), repeats=2)
    >>> board = combine(spec, [None] * 6)
    >>> [one.method for one in board.methods], board.findings
    (['baseline', 'knn', 'linear'], ('0 of 6 trials have ended.',))
    """
    cells = spec.cells()
    trials: dict[str, dict[int, Trial]] = {method: {} for method, _ in cells}
    for (method, repeat), part in zip(cells, parts, strict=False):
        if part is not None:
            trials[method][repeat] = Trial.model_validate(part)
    first = _first_with_columns(trials)
    ranked_methods = [
        _ranked_method(method, own, trials[BASELINE], first.columns)
        for method, own in trials.items()
    ]
    document = LeaderboardDocument(
        spec=spec,
        n_rows=first.n_rows,
        columns=first.columns,
        left_out=first.left_out,
        methods=_ranked(ranked_methods),
        choices=choices(first.columns, trials),
        n_done=sum(map(len, trials.values())),
        n_trials=len(cells),
        findings=(),
    )
    return document.model_copy(update={"findings": findings(document)})


def _first_with_columns(trials: Mapping[str, Trials]) -> Trial:
    """Give the first trial that came as far as its columns, else an empty one."""
    for own in trials.values():
        for trial in own.values():
            if trial.columns:
                return trial
    return Trial()


def _ranked(ranked_methods: Sequence[RankedMethod]) -> tuple[RankedMethod, ...]:
    """Those with a ratio by rank, the baseline first among equals; then the others."""
    placed = sorted(
        (one for one in ranked_methods if one.ratio is not None),
        key=lambda one: (one.ratio, one.method != BASELINE),
    )
    ranked = [
        one.model_copy(update={"rank": rank}) for rank, one in enumerate(placed, 1)
    ]
    return (*ranked, *(one for one in ranked_methods if one.ratio is None))


def _ranked_method(
    method: str, trials: Trials, base: Trials, columns: Sequence[JudgedColumn]
) -> RankedMethod:
    ran = {r: t for r, t in trials.items() if t.error is None}
    standing = RankedMethod(
        method=method,
        repeats=len(ran),
        error=next((t.error for t in trials.values() if t.error), None),
        seconds=_mean([t.seconds / t.draws for t in ran.values() if t.seconds]),
        peak_mib=_largest(t.peak_mib for t in ran.values()),
        scores=_scores(columns, ran, base),
    )
    if standing.error or not standing.scores:
        # what ran in some repeats only is not held against what ran in all
        return standing
    ratio = _mean_ratio(standing.scores)
    # where the baseline makes no error there is nothing to win, but much to lose
    ratio = 1.0 if ratio is None else ratio
    inside = [(s.coverage, s.n) for s in standing.scores if s.coverage is not None]
    return standing.model_copy(
        update={
            "ratio": ratio,
            "spread": _spread(ran, base, columns),
            "worse": ratio > 1 + _SLACK,
            "coverage": _weighted(inside),
            "draws": any(t.draws > 1 for t in ran.values()),
        }
    )


#: Rounding makes no method worse than the baseline.
_SLACK = 1e-9


def _scores(
    columns: Sequence[JudgedColumn], trials: Trials, base: Trials
) -> tuple[ColumnScore, ...]:
    """Scores of the columns that have any."""
    scores = (_score(column, trials, base) for column in columns)
    return tuple(score for score in scores if score is not None)


def _score(column: JudgedColumn, trials: Trials, base: Trials) -> ColumnScore | None:
    """Put the scores of one column together, over the repeats that the baseline ran."""
    ours = _scores_by_repeat(column, {r: t for r, t in trials.items() if r in base})
    if not ours:
        return None
    theirs = _scores_by_repeat(column, {r: t for r, t in base.items() if r in ours})
    error, least = _error(column, ours), _error(column, theirs)
    if error is None or least is None:
        return None
    ratio = _ratio(error, least)
    return ColumnScore(
        column=column.name,
        used=tuple(dict.fromkeys(one.used for one in ours.values())),
        n=sum(one.n for one in ours.values()),
        error=error,
        ratio=ratio,
        worse=ratio is None or ratio > 1 + _SLACK,
        **_means(list(ours.values())),
    )


def _ratio(error: float, least: float) -> float | None:
    """Give an error as a share of the baseline's; None if only that is zero."""
    if least > 0:
        return error / least
    return 1.0 if error == 0 else None


def _means(scores: Sequence[ColumnTrial]) -> dict[str, float | None]:
    """Means over all cells of the repeats, by score."""
    means = {
        name: _weighted([(getattr(one, name), one.n) for one in scores])
        for name in _WEIGHED
    }
    return means | {"rmse": _root([(one.rmse, one.n) for one in scores])}


#: Scores whose mean over the repeats is that of their cells.
_WEIGHED = (
    *("mae", "bias", "right", "balanced", "single"),
    *("wasserstein", "energy", "coverage", "width", "crps", "log_loss"),
)


def _scores_by_repeat(column: JudgedColumn, trials: Trials) -> dict[int, ColumnTrial]:
    return {
        repeat: score
        for repeat, trial in trials.items()
        for score in trial.scores
        if score.column == column.name
    }


def _error(column: JudgedColumn, scores: Mapping[int, ColumnTrial]) -> float | None:
    if column.classes:
        right = _weighted([(one.right, one.n) for one in scores.values()])
        return None if right is None else 1.0 - right
    return _weighted([(one.mae, one.n) for one in scores.values()])


def _spread(
    trials: Trials, base: Trials, columns: Sequence[JudgedColumn]
) -> float | None:
    """Tell how much the mean ratio varies from repeat to repeat."""
    means = []
    for repeat, trial in trials.items():
        mean = _mean_ratio(_scores(columns, {repeat: trial}, base))
        if mean is not None:
            means.append(mean)
    return float(np.std(means, ddof=1)) if len(means) > 1 else None


def _mean_ratio(scores: Sequence[ColumnScore]) -> float | None:
    return _mean([score.ratio for score in scores if score.ratio is not None])


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _weighted(values: Sequence[tuple[float | None, int]]) -> float | None:
    """Mean over cells; None where any repeat has none."""
    if not values or any(value is None for value, _ in values):
        return None
    return float(
        np.average([v or 0.0 for v, _ in values], weights=[n for _, n in values])
    )


def _root(values: Sequence[tuple[float | None, int]]) -> float | None:
    """Root of the mean square over cells, without squares that overflow."""
    top = max((value or 0.0 for value, _ in values), default=0.0)
    if top == 0:
        return _weighted(values)
    shares = [(None if v is None else (v / top) ** 2, n) for v, n in values]
    mean = _weighted(shares)
    return None if mean is None else top * float(np.sqrt(mean))


def _largest(values: Iterable[float | None]) -> float | None:
    """Return the largest of those that were measured; 0 is one."""
    return max((value for value in values if value is not None), default=None)

"""A verdict on imputations by three checks, in words and with their numbers.

Are the values plausible, have the chains mixed, is anything left missing?

Each check says "ok", "look" or "problem" with its numbers and what to do, or that it
cannot be made.  None of them can see whether values are missing because of what they
are (not at random): no data can; `sensitivity` shows what that would change.

References
----------
.. [1] D. B. Rubin (2001), Using propensity scores to help design observational studies,
   Health Services & Outcomes Research Methodology 2, 169-188: ratios of variances
   below 1/2 or above 2 stand out.
.. [2] E. A. Stuart (2010), Matching methods for causal inference, Statistical Science
   25(1), 1-21: standardised differences above 0.25 stand out.
.. [3] E. A. Stuart, M. Azur, C. Frangakis and P. Leaf (2009), Multiple imputation with
   large data sets, American Journal of Epidemiology 169(9), 1133-1139: the same ratios,
   for imputed values.
.. [4] A. Gelman and D. B. Rubin (1992), Inference from iterative simulation using
   multiple sequences, Statistical Science 7(4), 457-472: R-hat above 1.2.
.. [5] S. van Buuren (2018), Flexible Imputation of Missing Data, section 6.5.2:
   autocorrelation beside R-hat.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from jupyter_wrangler.contract import (
    Check,
    ColumnFinding,
    ColumnSummary,
    ImputationSpec,
    ImputationSummary,
    Mark,
    Verdict,
)
from jupyter_wrangler.engine.estimator.judgement.differences import Difference
from jupyter_wrangler.engine.methods import METHODS, method_of
from jupyter_wrangler.engine.pooling.convergence import FEWEST

#: Differences of means, in standard deviations, and ratios of variances, that stand
#: out or are a problem, if they are beyond chance.
FAR, VERY_FAR = 0.25, 1.0
UNLIKE, VERY_UNLIKE = 2.0, 4.0
#: The same difference over all rows, where it could not be told among rows alike.
FAR_OVERALL = 1.0
#: Share of the rows below which what is odd about a column is no problem: little hangs
#: on so few cells.
FEW = 0.05
#: Probability with which chains that have mixed stand out, over all columns.
BY_CHANCE = 0.01
#: R-hat and autocorrelation that stand out, and R-hat that is a problem.
APART, FAR_APART, DRIFTS = 1.2, 1.5, 0.5
#: Columns of a check that are listed.
LISTED = 20

_ORDER: tuple[Mark, ...] = ("ok", "unknown", "look", "problem")


def verdict(
    summary: ImputationSummary,
    *,
    n_imputations: int,
    spec: ImputationSpec | None = None,
    differences: Mapping[str, Difference] | None = None,
) -> Verdict:
    """Judge imputations.

    Parameters
    ----------
    summary : ImputationSummary
        What was done to each column.
    n_imputations : int
        Number of completed data sets.
    spec : ImputationSpec, optional
        What was asked for.
    differences : mapping of str to Difference, optional
        See `differences.differences`; without it only means over all rows can be
        compared, which need not agree.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> import pandas as pd
    >>> from jupyter_wrangler.engine.estimator.imputations import impute_m
    >>> from jupyter_wrangler.engine.estimator.summary import summarise
    >>> df = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "y": [2.0, 4.1, None, 8.0]})
    >>> spec = ImputationSpec(method="mean")
    >>> made = impute_m(df, spec).imputations
    >>> found = verdict(summarise(df, spec, made), n_imputations=1, spec=spec)
    >>> [(check.name, check.mark) for check in found.checks]
    [('distributions', 'unknown'), ('chains', 'unknown'), ('missing', 'ok')]
    """
    checks = (
        _distributions(summary, spec, differences or {}),
        _chains(summary, n_imputations, spec),
        _left(summary, spec),
    )
    worst = max((check.mark for check in checks), key=_ORDER.index)
    return Verdict(mark=worst, sentence=_sentence(worst, checks), checks=checks)


def _sentence(worst: Mark, checks: Sequence[Check]) -> str:
    said = [check.title.lower().rstrip("?") for check in checks if check.mark == worst]
    if worst == "ok":
        return "Nothing speaks against using it: all three checks are passed."
    if worst == "unknown":
        return (
            "Nothing that could be checked speaks against using it; not every check "
            "could be made."
        )
    if worst == "look":
        return f"Look before you use it: {'; '.join(said)}?"
    return f"Do not use it as it is: {'; '.join(said)}?"


# ── are the distributions plausible? ──


def _distributions(
    summary: ImputationSummary,
    spec: ImputationSpec | None,
    differences: Mapping[str, Difference],
) -> Check:
    filled = [column for column in summary.columns if column.n_imputed]
    found, doubtful = [], 0
    for column in filled:
        one = _difference(column, spec, differences.get(column.name))
        if one is None:
            doubtful += 1
        else:
            found.append(_tempered(one, column, summary.n_rows))
    return _check(
        "distributions",
        "Are the imputed values plausible?",
        found,
        ok=(
            "Imputed values of {columns} are like the observed ones of rows alike; "
            "they need not be like those of all rows."
        ),
        bad="Imputed values of {columns} are unlike the observed ones of rows alike.",
        unknown=(
            "There are too few values, or no rows alike, to compare imputed with "
            "observed ones."
            if filled
            else "Nothing was imputed, so there is nothing to compare."
        ),
        action=(
            "Draw .plot.overlay(column) and .plot.propensity(column); give the column "
            "other predictors, bounds or another method. It may be right all the same: "
            "where missing values depend on other columns, what is missing differs."
        ),
        rule=(
            f"Mean difference above {FAR} standard deviations (problem: {VERY_FAR:g}) "
            "between imputed and observed values of rows equally likely to lack the "
            f"column, or variances that differ by a factor above {UNLIKE:g} (problem: "
            f"{VERY_UNLIKE:g}), if beyond chance; no problem below {FEW:.0%} of the "
            "rows. Stuart (2010); Rubin (2001); Bondarenko and Raghunathan (2016)."
        ),
        unjudged=doubtful,
    )


def _difference(
    column: ColumnSummary, spec: ImputationSpec | None, one: Difference | None
) -> ColumnFinding | None:
    """Judge one column; None where nothing can be said."""
    if one is None:
        return None
    draws = _draws(column.method, spec)
    alike = one.groups > 1
    far = abs(one.d) if abs(one.d) > one.chance else 0.0
    unlike = _unlike(one)
    numbers = {
        "difference": _number(one.d),
        "chance": _number(one.chance),
        "difference_of_all": _number(one.raw),
        "variance_ratio": _number(one.ratio),
    }
    mark: Mark = "ok" if alike else "unknown"
    said = _apart(one, alike=alike)
    if alike and far > VERY_FAR:
        mark = "problem"
    elif far > (FAR if alike else FAR_OVERALL):
        mark = "look"
    if unlike > UNLIKE and alike:
        very = unlike > VERY_UNLIKE and draws
        mark = "problem" if very or mark == "problem" else "look"
        said += (
            f", and their variance is {one.ratio:.2g} times that of observed ones"
            if draws or one.ratio > 1
            else f", and vary less ({one.ratio:.2g} times the variance), as best "
            f"guesses of {column.method!r} do: means keep, but standard errors and "
            "correlations from this data set are wrong"
        )
    return ColumnFinding(
        column=column.name, mark=mark, sentence=f"{said}.", numbers=numbers
    )


def _apart(one: Difference, *, alike: bool) -> str:
    among = "those of rows alike" if alike else "the observed ones of all rows"
    more = "above" if one.d >= 0 else "below"
    if one.which:
        more = "more" if one.d >= 0 else "less"
        return (
            f"Imputed values are {one.which!r} {more} often than {among}, by "
            f"{abs(one.d):.2g} standard deviations"
        )
    return f"Imputed values lie {abs(one.d):.2g} standard deviations {more} {among}"


def _unlike(one: Difference) -> float:
    """Give the factor between the variances, 1 where it may be chance."""
    if math.isnan(one.ratio):
        return 1.0
    factor = math.inf if one.ratio == 0 else max(one.ratio, 1 / one.ratio)
    return factor if factor > one.ratio_chance else 1.0


# ── have the chains mixed? ──


def _chains(
    summary: ImputationSummary, n_imputations: int, spec: ImputationSpec | None
) -> Check:
    chained = [column for column in summary.columns if column.convergence is not None]
    drawn = [column for column in chained if _draws(column.method, spec)]
    found = [
        _tempered(one, column, summary.n_rows)
        for column in drawn
        if n_imputations > 1
        and (one := _mixing(column, n_imputations, len(drawn))) is not None
    ]
    return _check(
        "chains",
        "Have the chains mixed?",
        found,
        ok="The chains of {columns} have mixed: more rounds would change nothing much.",
        bad="The chains of {columns} have not mixed, or drift.",
        unknown=_unmixed(chained, drawn, n_imputations),
        action=(
            "Impute again with more rounds, for example max_iter=20 or 50, and look at "
            ".plot.trace(column); if it stays, the columns may depend on each other in "
            "a circle: leave one out of the predictors of another."
        ),
        rule=(
            f"R-hat of the means of the imputed values above {APART} (problem: "
            f"{FAR_APART}; Gelman and Rubin 1992) or their lag-1 autocorrelation above "
            f"{DRIFTS} (van Buuren 2018, 6.5.2), if beyond what chains that have "
            f"mixed show by chance; no problem below {FEW:.0%} of the rows."
        ),
        unjudged=len(drawn) - len(found),
    )


def _mixing(
    column: ColumnSummary, n_imputations: int, n_columns: int
) -> ColumnFinding | None:
    chain = column.convergence
    if chain is None or chain.rhat is None:
        return None
    drift = chain.autocorrelation or 0.0
    chance = rhat_by_chance(n_imputations, chain.rounds, BY_CHANCE / n_columns)
    mark: Mark = "ok"
    if chain.rhat > max(chance, FAR_APART):
        mark = "problem"
    elif chain.rhat > max(chance, APART) or drift > DRIFTS:
        mark = "look"
    elif chance > FAR_APART:
        mark = "unknown"
    return ColumnFinding(
        column=column.name,
        mark=mark,
        sentence=(
            f"R-hat is {chain.rhat:.2f} and the autocorrelation {drift:.2f} after "
            f"{_count(chain.rounds, 'round')} of {_count(n_imputations, 'chain')}."
        ),
        numbers={
            "rhat": chain.rhat,
            "autocorrelation": chain.autocorrelation,
            "chance": chance,
        },
    )


def rhat_by_chance(m: int, rounds: int, level: float) -> float:
    """Give the R-hat that chains which have mixed exceed with a small probability.

    Parameters
    ----------
    m, rounds : int
        Chains, 1 or more, and their rounds, 4 or more.
    level : float
        The probability.

    Notes
    -----
    Of 2m half chains of h independent draws of a normal, h times the variance of their
    means over the variance within is F distributed on 2m - 1 and 2m (h - 1) degrees of
    freedom.  R-hat is taken of ranks and of folded ranks, so half the probability
    belongs to each.

    Examples
    --------
    >>> round(rhat_by_chance(5, 10, 0.01), 2), round(rhat_by_chance(2, 4, 0.01), 2)
    (1.2, 3.55)
    """
    from scipy.special import fdtri  # noqa: PLC0415  loads slowly, used rarely

    half, chains = rounds // 2, 2 * m
    ratio = float(fdtri(chains - 1, chains * (half - 1), 1 - level / 2))
    return math.sqrt((half - 1) / half + ratio / half)


def _unmixed(
    chained: Sequence[ColumnSummary], drawn: Sequence[ColumnSummary], m: int
) -> str:
    """Say why the chains cannot be judged."""
    if not chained:
        return (
            "There are no chains: no column was imputed round after round, so there is "
            "nothing to mix."
        )
    if not drawn:
        return (
            "The methods draw nothing, so all chains are alike and R-hat says nothing; "
            "they end when a round changes little, or after max_iter rounds."
        )
    if m < 2:
        return (
            "One imputation is one chain, and whether chains that started apart agree "
            "cannot be seen from one: impute with n_imputations=5 or more to check."
        )
    return (
        f"There are too few rounds, or nothing varies: R-hat needs {FEWEST} rounds or "
        "more, and 10 to mean much (max_iter)."
    )


# ── is nothing left missing without saying so? ──


def _left(summary: ImputationSummary, spec: ImputationSpec | None) -> Check:
    why = {event.column: event.message for event in summary.events if event.column}
    found, silent = [], []
    for column in summary.columns:
        left = column.n_missing - column.n_imputed
        if left <= 0:
            continue
        asked = _asked(column.name, spec)
        mark: Mark = "ok" if asked else "look" if column.name in why else "problem"
        reason = (
            "as you asked" if asked else why.get(column.name, "and nothing says why")
        )
        found.append(
            ColumnFinding(
                column=column.name,
                mark=mark,
                sentence=f"{_count(left, 'value')} still missing: {reason}".rstrip(".")
                + ".",
                numbers={"still_missing": float(left)},
            )
        )
        if asked:
            silent.append(column.name)
    complete = sum(c.n_missing <= c.n_imputed for c in summary.columns)
    ok = (
        "Nothing is missing any more."
        if not found
        else f"Values are still missing where you asked for it ({_names(silent)})."
    )
    return _check(
        "missing",
        "Is anything left missing?",
        found,
        ok=ok,
        bad="Values of {columns} are still missing.",
        unknown=ok,
        action=(
            "Choose a method that fits the column (text: 'most_frequent' or "
            "'constant'; labels: .astype('category')), or drop it before the analysis."
        ),
        rule=(
            "Every missing value is imputed, or left alone because you asked for it; "
            "one that is left for another reason stands out, one left without a reason "
            "is a problem."
        ),
        n_judged=len(found) + complete,
        mark_of_none="ok",
    )


def _asked(name: str, spec: ImputationSpec | None) -> bool:
    if spec is None:
        return False
    outside = spec.columns is not None and name not in spec.columns
    return outside or spec.methods.get(name, spec.method) == ""


# ── what all have in common ──


def _check(
    name: str,
    title: str,
    found: Sequence[ColumnFinding],
    *,
    ok: str,
    bad: str,
    unknown: str,
    action: str,
    rule: str,
    unjudged: int = 0,
    n_judged: int | None = None,
    mark_of_none: Mark = "unknown",
) -> Check:
    """Put together what was found in the columns."""
    odd = [one for one in found if one.mark not in {"ok", "unknown"}]
    worst_first = sorted(found, key=lambda one: (-_ORDER.index(one.mark), -_size(one)))
    judged = [one for one in worst_first if one.mark != "unknown"]
    mark: Mark = judged[0].mark if judged else mark_of_none
    unjudged += len(found) - len(judged)
    if not judged:
        sentence = unknown
    elif odd:
        odd = [one for one in worst_first if one in odd]
        sentence = bad.replace("{columns}", _names([one.column for one in odd]))
    else:
        sentence = ok.replace("{columns}", _columns(len(judged)))
    if judged and unjudged:
        sentence += f" {_columns(unjudged).capitalize()} could not be judged."
    return Check(
        name=name,
        title=title,
        mark=mark,
        sentence=sentence,
        action=action if odd else "",
        rule=rule,
        columns=tuple(worst_first[:LISTED]),
        n_judged=len(judged) if n_judged is None else n_judged,
        n_standing_out=len(odd),
    )


def _size(one: ColumnFinding) -> float:
    """Order the findings of one mark by their first number."""
    first, *_ = [*one.numbers.values(), None]
    return abs(first or 0.0)


def _tempered(one: ColumnFinding, column: ColumnSummary, n_rows: int) -> ColumnFinding:
    """Take what is a problem of few cells as something to look at."""
    if one.mark != "problem" or column.n_imputed >= FEW * n_rows:
        return one
    return one.model_copy(
        update={
            "mark": "look",
            "sentence": f"{one.sentence} It concerns "
            f"{_count(column.n_imputed, 'cell')} of {n_rows:,}.",
        }
    )


def _draws(method: str, spec: ImputationSpec | None) -> bool:
    """Tell whether two imputations by a method differ."""
    if not method or (method not in METHODS and not method.lstrip().startswith("~")):
        return False
    known = method_of(method)
    return known.draws if spec is None else known.differs(spec)


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _columns(n: int) -> str:
    return "one column" if n == 1 else f"{n:,} columns"


def _names(names: Sequence[str], most: int = 3) -> str:
    quoted = [repr(name if len(name) <= 40 else f"{name[:39]}…") for name in names]
    if len(quoted) > most:
        return f"{', '.join(quoted[:most])} and {len(quoted) - most:,} more"
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if quoted[1:] else quoted)

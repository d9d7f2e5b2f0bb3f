"""Whether imputed values are plausible beside observed ones of rows alike."""

from __future__ import annotations

import math
from collections.abc import Mapping

from jupyter_wrangler.contract import (
    Check,
    ColumnFinding,
    ColumnSummary,
    ImputationSpec,
    ImputationSummary,
    Mark,
)
from jupyter_wrangler.engine.estimator.judgement.differences import Difference
from jupyter_wrangler.engine.estimator.judgement.findings import (
    FEW,
    method_draws,
    summed_up,
    tempered,
)

#: Differences of means, in standard deviations, and ratios of variances, that stand
#: out or are a problem, if they are beyond chance.
FAR, VERY_FAR = 0.25, 1.0
UNLIKE, VERY_UNLIKE = 2.0, 4.0
#: The same difference over all rows, where it could not be told among rows alike.
FAR_OVERALL = 1.0


def check_distributions(
    summary: ImputationSummary,
    spec: ImputationSpec | None,
    differences: Mapping[str, Difference],
) -> Check:
    """Compare imputed values with observed ones, column by column."""
    filled = [column for column in summary.columns if column.n_imputed]
    found, doubtful = [], 0
    for column in filled:
        one = _difference(column, spec, differences.get(column.name))
        if one is None:
            doubtful += 1
        else:
            found.append(tempered(one, column, summary.n_rows))
    return summed_up(
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
    draws = method_draws(column.method, spec)
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
    text = _apart(one, alike=alike)
    if alike and far > VERY_FAR:
        mark = "problem"
    elif far > (FAR if alike else FAR_OVERALL):
        mark = "look"
    if unlike > UNLIKE and alike:
        very = unlike > VERY_UNLIKE and draws
        mark = "problem" if very or mark == "problem" else "look"
        text += (
            f", and their variance is {one.ratio:.2g} times that of observed ones"
            if draws or one.ratio > 1
            else f", and vary less ({one.ratio:.2g} times the variance), as best "
            f"guesses of {column.method!r} do: means keep, but standard errors and "
            "correlations from this data set are wrong"
        )
    return ColumnFinding(
        column=column.name, mark=mark, sentence=f"{text}.", numbers=numbers
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


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None

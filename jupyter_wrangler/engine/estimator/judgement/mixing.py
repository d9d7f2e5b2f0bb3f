"""Whether the chains have mixed: R-hat and autocorrelation beyond chance."""

from __future__ import annotations

import math
from collections.abc import Sequence

from jupyter_wrangler.contract import (
    Check,
    ColumnFinding,
    ColumnSummary,
    ImputationSpec,
    ImputationSummary,
    Mark,
)
from jupyter_wrangler.engine.estimator.judgement.findings import (
    FEW,
    method_draws,
    summed_up,
    tempered,
)
from jupyter_wrangler.engine.pooling.convergence import FEWEST
from jupyter_wrangler.wording import count

#: Probability with which chains that have mixed stand out, over all columns.
BY_CHANCE = 0.01
#: R-hat and autocorrelation that stand out, and R-hat that is a problem.
APART, FAR_APART, DRIFTS = 1.2, 1.5, 0.5


def check_chains(
    summary: ImputationSummary, n_imputations: int, spec: ImputationSpec | None
) -> Check:
    """Judge the chains of the columns that a method draws round after round."""
    chained = [column for column in summary.columns if column.convergence is not None]
    drawn = [column for column in chained if method_draws(column.method, spec)]
    found = [
        tempered(one, column, summary.n_rows)
        for column in drawn
        if n_imputations > 1
        and (one := _mixing(column, n_imputations, len(drawn))) is not None
    ]
    return summed_up(
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
            f"{count(chain.rounds, 'round')} of {count(n_imputations, 'chain')}."
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

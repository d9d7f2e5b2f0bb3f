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

from collections.abc import Mapping, Sequence

from jupyter_wrangler.contract import (
    Check,
    ImputationSpec,
    ImputationSummary,
    Mark,
    Verdict,
)
from jupyter_wrangler.engine.estimator.judgement.differences import Difference
from jupyter_wrangler.engine.estimator.judgement.findings import ORDER
from jupyter_wrangler.engine.estimator.judgement.left_missing import check_missing
from jupyter_wrangler.engine.estimator.judgement.mixing import check_chains
from jupyter_wrangler.engine.estimator.judgement.plausible import check_distributions


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
        check_distributions(summary, spec, differences or {}),
        check_chains(summary, n_imputations, spec),
        check_missing(summary, spec),
    )
    worst = max((check.mark for check in checks), key=ORDER.index)
    return Verdict(mark=worst, sentence=_sentence(worst, checks), checks=checks)


def _sentence(worst: Mark, checks: Sequence[Check]) -> str:
    sentences = [
        check.title.lower().rstrip("?") for check in checks if check.mark == worst
    ]
    if worst == "ok":
        return "Nothing speaks against using it: all three checks are passed."
    if worst == "unknown":
        return (
            "Nothing that could be checked speaks against using it; not every check "
            "could be made."
        )
    if worst == "look":
        return f"Look before you use it: {'; '.join(sentences)}?"
    return f"Do not use it as it is: {'; '.join(sentences)}?"

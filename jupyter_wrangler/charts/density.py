"""Observed and imputed values of one column, as distributions."""

from __future__ import annotations

from typing import Any

import numpy as np

from jupyter_wrangler.charts.curves import compared
from jupyter_wrangler.charts.formatting import percent
from jupyter_wrangler.charts.model import Chart
from jupyter_wrangler.charts.observed_vs_imputed import (
    ObservedAndImputed,
    observed_and_imputed,
)
from jupyter_wrangler.charts.theme import IMPUTED, OBSERVED
from jupyter_wrangler.wording import count

_MOST = 25


def overlay(found: Any, column: Any) -> Chart:
    """Draw the distribution of the observed values and of each imputation.

    Parameters
    ----------
    found : Imputations or Result
        What was imputed.
    column : label
        A column with imputed cells.

    Returns
    -------
    Chart
        Its table has the curves (`value`, `density`), of classes the shares (`class`,
        `n`, `share`), by `what` and `which` (imputation, from 0).

    Raises
    ------
    UnknownColumn
        If nothing was imputed in this column.
    InvalidData
        If it is text, or has no observed value.

    References
    ----------
    .. [1] K. Abayomi, A. Gelman and M. Levy (2008), Diagnostics for multivariate
       imputations, JRSS C 57(3), 273-291.

    Examples
    --------
    >>> import pandas as pd
    >>> import jupyter_wrangler as jw
    >>> df = pd.DataFrame({"x": [1.0, 2.0, 3.0, 6.0], "y": [1.0, 2.0, None, None]})
    >>> found = jw.Imputer("mean").impute(df, 1)
    >>> overlay(found, "y").sentence
    "Imputed 'y' is the same on average as observed (1.5 and 1.5; 2 cells in 1
    imputation)."
    """
    drawn = observed_and_imputed(found, column)
    notes = [
        (
            "The two need not agree: where missing values depend on other columns, "
            "what is "
            "missing differs from what is not."
        )
    ]
    shown = drawn.imputed[:_MOST]
    if len(shown) < drawn.m:
        notes.append(f"Shown are the first {_MOST} of {drawn.m:,} imputations.")
    groups = [("observed", "", drawn.observed)]
    groups += [("imputed", str(k), one) for k, one in enumerate(shown)]
    panel, table = compared(groups)
    return Chart(
        title=f"{drawn.name}: observed and imputed",
        sentence=_sentence(drawn),
        panels=(panel,),
        table=table,
        looks={"observed": OBSERVED, "imputed": IMPUTED},
        notes=tuple(notes),
    )


def _sentence(drawn: ObservedAndImputed) -> str:
    size = f"{count(drawn.n, 'cell')} in {count(drawn.m, 'imputation')}"
    a, b = drawn.observed.observed, drawn.every
    if drawn.observed.kind == "class":
        classes = drawn.observed.classes
        seen = np.bincount(a, minlength=len(classes)) / len(a)
        made = np.bincount(b, minlength=len(classes)) / len(b)
        k = int(np.abs(made - seen).argmax())
        return (
            f"{percent(made[k])} of the imputed and {percent(seen[k])} of the observed "
            f"values of {drawn.name!r} are {classes[k]!r} ({size})."
        )
    spelled = drawn.observed.spelled
    apart = float(b.mean() - a.mean())
    both = f"{spelled(b.mean())} and {spelled(a.mean())}; {size}"
    if np.isclose(apart, 0.0, atol=1e-12 * float(np.abs(a).max())):
        return f"Imputed {drawn.name!r} is the same on average as observed ({both})."
    far = drawn.observed.apart(b.mean(), a.mean())
    return f"Imputed {drawn.name!r} is {far} on average than observed ({both})."

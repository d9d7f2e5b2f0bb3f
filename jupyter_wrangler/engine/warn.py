"""What is warned about before anything is imputed, rather than told after it."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.check import ColumnPlan
from jupyter_wrangler.engine.methods import method_of
from jupyter_wrangler.errors import ColumnLeftAlone, ColumnNotUsed, NoSpread


def warn(
    plans: Iterable[ColumnPlan], spec: ImputationSpec, *, stacklevel: int = 1
) -> None:
    """Tell now what the result would otherwise tell later.

    Parameters
    ----------
    plans : iterable of ColumnPlan
        What will happen to each column.
    spec : ImputationSpec
        What was asked for.
    stacklevel : int, default=1
        Frames between this function and the line of the user.

    Warns
    -----
    ColumnLeftAlone
        For each column that keeps its holes although nobody asked for that.
    ColumnNotUsed
        For each column of whole numbers that names the rows.
    NoSpread
        If several imputations will not differ.

    Examples
    --------
    >>> import pandas as pd
    >>> from jupyter_wrangler.engine.check import check
    >>> spec = ImputationSpec(method="mean", n_imputations=2)
    >>> with warnings.catch_warnings(record=True) as told:
    ...     warnings.simplefilter("always")
    ...     warn(check(pd.DataFrame({"x": [1.0, None]}), spec), spec)
    >>> print(told[0].message)
    mean give the same values every time, so the 2 imputations will not differ ...
    """
    plans = tuple(plans)
    for plan in plans:
        asked = spec.methods.get(plan.name, spec.method) != ""
        if plan.n_missing and plan.wanted and not plan.method and asked:
            warnings.warn(
                f"Column {plan.name!r} keeps its {plan.n_missing} missing values. "
                f"{plan.reason}",
                ColumnLeftAlone,
                stacklevel=stacklevel + 1,
            )
    for plan in unused(plans):
        warnings.warn(why_unused(plan), ColumnNotUsed, stacklevel=stacklevel + 1)
    used = {plan.method for plan in plans if plan.method and plan.n_missing}
    if (
        spec.n_imputations > 1
        and used
        and not any(method_of(m).differs(spec) for m in used)
    ):
        warnings.warn(
            f"{', '.join(sorted(used))} give the same values every time, so the "
            f"{spec.n_imputations} imputations will not differ and cannot show "
            "uncertainty; use 'pmm', or n_imputations=1.",
            NoSpread,
            stacklevel=stacklevel + 1,
        )


def unused(plans: Iterable[ColumnPlan]) -> list[ColumnPlan]:
    """List the columns that would help if they did not name the rows."""
    plans = tuple(plans)
    models = any(
        plan.method and plan.n_missing and method_of(plan.method).kind != "simple"
        for plan in plans
    )
    return [plan for plan in plans if plan.names_rows and models]


def why_unused(plan: ColumnPlan) -> str:
    """Say why a column helps no other, and what to do about it."""
    return (
        f"Column {plan.name!r} holds whole numbers that all differ, as ids and running "
        "numbers do, so it helps to impute no other column, and holes of later rows in "
        f"it stay. If it measures something, name it, for example with "
        f"methods={{{plan.name!r}: 'pmm'}}; if not, leave it out."
    )

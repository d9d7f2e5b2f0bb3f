"""Whether what the caller of this process gives fits the data."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from jupyter_wrangler.engine.columns.levels import DATES, NUMERIC
from jupyter_wrangler.engine.planning.start import check_start
from jupyter_wrangler.engine.types import ColumnPlan, Given
from jupyter_wrangler.errors import InvalidSpec, UnknownColumn


def check_given(given: Given, frame: pd.DataFrame) -> frozenset[str]:
    """Refuse what does not fit the frame; give the columns that `where` names."""
    names = [str(name) for name in frame.columns]
    for name in given.post:
        if name not in names:
            raise UnknownColumn(name, names)
    if given.start is not None:
        check_start(given.start, frame)
    if given.where is None:
        return frozenset()
    if given.where.shape != frame.shape or given.where.dtype != bool:
        raise InvalidSpec(
            f"where is {given.where.dtype} of shape {given.where.shape}; True or "
            f"False for each cell is wanted, of shape {frame.shape}. Begin with "
            "df.isna()."
        )
    observed = frame.notna().to_numpy()
    over = (given.where & observed).any(axis=0)
    return frozenset(name for name, some in zip(names, over, strict=True) if some)


def check_post_levels(given: Given, plans: Iterable[ColumnPlan]) -> None:
    """Refuse functions of imputed values for columns that are no numbers."""
    for plan in plans:
        if plan.name in given.post and plan.level not in NUMERIC | DATES:
            raise InvalidSpec(
                f"post is for columns of numbers and dates, but column "
                f"{plan.name!r} is {plan.level}; leave it out, and change the "
                "completed data instead."
            )

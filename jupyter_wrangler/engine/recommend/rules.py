"""What has been found out of a frame on the way to a recommendation."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from jupyter_wrangler.contract import CorrelationDocument
from jupyter_wrangler.engine.columns.levels import PREDICTORS
from jupyter_wrangler.engine.recommend.column_facts import ColumnFacts
from jupyter_wrangler.engine.types import ColumnPlan


@dataclass(kw_only=True)
class Known:
    """What has been found out so far."""

    frame: pd.DataFrame
    target: str | None
    n_imputations: int
    plans: tuple[ColumnPlan, ...]
    facts: dict[str, ColumnFacts]
    group: str | None = None
    #: Columns that belong to the group rather than to the row.
    of_group: frozenset[str] = frozenset()
    correlated: CorrelationDocument | None = None
    warnings: list[str] = field(default_factory=list)

    def judged(self) -> list[ColumnPlan]:
        """Columns that have missing values to fill and something to learn from."""
        return [
            plan
            for plan in self.plans
            if plan.n_missing
            and plan.n_observed
            and plan.level in PREDICTORS
            and plan.name != self.target
        ]

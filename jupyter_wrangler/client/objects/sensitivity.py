"""What an answer rests on: one figure and one table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from jupyter_wrangler import contract
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects.extensions import plots_of

if TYPE_CHECKING:
    from jupyter_wrangler.engine.estimator.imputations import Imputations


@public
class Sensitivity:
    """One analysis made in several ways; made by `result.sensitivity`.

    Parameters
    ----------
    table : DataFrame
        A line for each way, see `to_frame`.
    """

    def __init__(self, table: pd.DataFrame) -> None:
        self.sensitivity_table = table

    def to_frame(self) -> pd.DataFrame:
        """Give the table.

        Returns
        -------
        DataFrame
            A line for each way: `what`, `delta`, `imputation`, `estimate`, `low` and
            `high` (95 %), `n_rows`, and the `reason` where it failed.
        """
        return self.sensitivity_table.copy()

    def plot(self) -> Any:
        """Draw the estimates with their intervals; see `charts.sensitivity`."""
        return plots_of(self)

    @property
    def findings(self) -> tuple[str, ...]:
        """What stands out, in whole sentences."""
        found: tuple[str, ...] = self.plot().findings
        return found

    def __repr__(self) -> str:
        head = " ".join(self.findings)
        return f"{head}\n{self.sensitivity_table.to_string(index=False)}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.plot()._repr_mimebundle_()
        return found | {"text/plain": repr(self)}


def sensitivity_of(
    imputations: Imputations,
    spec: contract.ImputationSpec,
    fn: Callable[[Any], Any],
    delta: Iterable[float],
    column: Any,
    term: str | None,
) -> Sensitivity:
    """Make one analysis of imputations that are here in several ways.

    Parameters
    ----------
    imputations, spec
        What was computed, and what was asked for.
    fn, delta, column, term
        As of `Result.sensitivity`.
    """
    from jupyter_wrangler.engine.estimator.judgement.sensitivity import (  # noqa: PLC0415  loads scipy
        sensitivity,
    )

    table = sensitivity(imputations, spec, fn, delta=delta, column=column, term=term)
    return Sensitivity(table)

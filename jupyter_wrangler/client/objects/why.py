"""Why one cell of a result holds its value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jupyter_wrangler import contract
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.views.why import why_html, why_text

if TYPE_CHECKING:
    from jupyter_wrangler.engine.estimator.imputations import Imputations


@public
class Why:
    """Why one cell holds its value; made by `result.why`.

    Parameters
    ----------
    document : contract.WhyDocument
        All of it, which travels as JSON.
    """

    def __init__(self, document: contract.WhyDocument) -> None:
        self.document = document

    @property
    def value(self) -> str:
        """The value in the first completed data set, as text."""
        return self.document.value

    @property
    def draws(self) -> tuple[str, ...]:
        """The value in each completed data set, as text."""
        return self.document.draws

    @property
    def method(self) -> str:
        """What imputed it; empty for an observed value."""
        return self.document.method

    @property
    def reasons(self) -> tuple[str, ...]:
        """What the method did, in whole sentences."""
        return self.document.reasons

    @property
    def donors(self) -> tuple[contract.Donor, ...]:
        """The rows whose values were handed on, and how near they are."""
        return self.document.donors

    @property
    def influences(self) -> tuple[contract.Influence, ...]:
        """The other columns that moved it most, the strongest first."""
        return self.document.influences

    def __repr__(self) -> str:
        return why_text(self.document)

    def _repr_html_(self) -> str:
        return why_html(self.document)


def why_of(
    imputations: Imputations,
    spec: contract.ImputationSpec,
    row: Any,
    column: Any,
    methods: Mapping[str, str],
    imputation: int,
    numbers: Sequence[int],
) -> Why:
    """Explain a cell of imputations that are here.

    Parameters
    ----------
    imputations, spec
        What was computed, and what was asked for.
    row, column : label
        The cell.
    methods : mapping of str to str
        Column -> what imputed it.
    imputation : int
        The number of the one that is explained.
    numbers : sequence of int
        Those of all imputations.
    """
    from jupyter_wrangler.engine.estimator.judgement.why import why  # noqa: PLC0415  at first use

    numbers = list(numbers)
    k = int(imputation)
    return Why(
        why(imputations, spec, row, column, methods, imputation=k, numbers=numbers)
    )

"""Why one cell of a result holds its value."""

from __future__ import annotations

from jupyter_wrangler import contract
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.views.why import why_html, why_text


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

"""Whether a result can be used: three checks in words."""

from __future__ import annotations

from jupyter_wrangler import contract
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.views.verdict import verdict_html, verdict_text

#: Columns of a check that are listed.
_ALL = 20


@public
class Verdict:
    """What three checks say of a result; made by `result.verdict`.

    Parameters
    ----------
    document : contract.Verdict
        All of it, which travels as JSON.
    """

    def __init__(self, document: contract.Verdict) -> None:
        self.document = document

    @property
    def mark(self) -> contract.Mark:
        """The worst of the checks: "ok", "unknown", "look" or "problem"."""
        return self.document.mark

    @property
    def checks(self) -> dict[str, contract.Check]:
        """The checks "distributions", "chains" and "missing", by name."""
        return {check.name: check for check in self.document.checks}

    @property
    def findings(self) -> tuple[str, ...]:
        """The verdict and what each check says, in whole sentences."""
        sentences = (check.sentence for check in self.document.checks)
        return (self.document.sentence, *sentences)

    def __repr__(self) -> str:
        return verdict_text(self.document, columns=_ALL)

    def _repr_html_(self) -> str:
        return verdict_html(self.document, columns=_ALL)

"""What was found in the columns, and which values stand for missing ones."""

from __future__ import annotations

import dataclasses

from jupyter_wrangler import contract
from jupyter_wrangler.errors import InvalidSpec
from jupyter_wrangler.widgets.panel.drafts import Decisions
from jupyter_wrangler.widgets.panel.listing import Listing


class LookModel:
    """The step Look: the profile, and the values that were marked as missing.

    Parameters
    ----------
    decisions : Decisions
        Those of the panel.
    """

    def __init__(self, decisions: Decisions) -> None:
        self._decisions = decisions
        self.profile: contract.ProfileDocument | None = None
        self.listing = Listing(sort="missing", descending=True)

    def take_profile(self, found: contract.ProfileDocument) -> None:
        """Take what was found; values that surely stand for missing ones are marked."""
        self.profile = found
        sure = frozenset(i for i, hit in enumerate(found.disguised) if hit.sure)
        self._decisions.history.reset(
            dataclasses.replace(self._decisions.draft, marks=sure)
        )

    def mark(self, position: int, *, on: bool) -> None:
        """Mark a value that stands for a missing one, or leave it a value."""
        hits = self.profile.disguised if self.profile else ()
        if not 0 <= position < len(hits):
            raise InvalidSpec(f"There is no value {position} to mark.")
        marks = (
            self._decisions.draft.marks | {position}
            if on
            else self._decisions.draft.marks - {position}
        )
        hit = hits[position]
        verb = "stands for a missing value" if on else "is a value"
        self._decisions.decide(f"{hit.value!r} of {hit.column!r} {verb}", marks=marks)

    @property
    def codes(self) -> dict[str, list[contract.Scalar]]:
        """Column -> values that are marked as missing."""
        found: dict[str, list[contract.Scalar]] = {}
        for i in sorted(self._decisions.draft.marks):
            if self.profile is not None and i < len(self.profile.disguised):
                hit = self.profile.disguised[i]
                found.setdefault(hit.column, []).append(hit.value)
        return found

    @property
    def codes_left(self) -> dict[str, list[contract.Scalar]]:
        """Column -> values that look like codes, and were decided to be values."""
        found: dict[str, list[contract.Scalar]] = {}
        for i, hit in enumerate(self.profile.disguised if self.profile else ()):
            if hit.sure and i not in self._decisions.draft.marks:
                found.setdefault(hit.column, []).append(hit.value)
        return found

"""What the user has decided in the panel, and the way back: undo and redo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from jupyter_wrangler.contract import PlannedColumn
from jupyter_wrangler.contract.imputation_spec import PILOT

#: Decisions that are remembered at most.
_MOST = 200


@dataclass(frozen=True, kw_only=True)
class Draft:
    """All decisions at one time; never changed, only replaced."""

    #: Positions in `ProfileDocument.disguised` of the values to mark as missing.
    marks: frozenset[int] = frozenset()
    #: Column -> what was decided for it instead of what was recommended.
    edits: Mapping[str, PlannedColumn] = field(default_factory=dict)
    #: Number of completed data sets; "auto": as many as standard errors want.
    n_imputations: int | Literal["auto"] = 5
    #: Seed.
    random_state: int = 0
    #: Minutes after which the job is to finish with what it has; None: no limit.
    budget_min: float | None = None

    @property
    def first_imputations(self) -> int:
        """Completed data sets that are made in any case."""
        return PILOT if self.n_imputations == "auto" else self.n_imputations


class History:
    """The present draft, those before it and those that were undone.

    Parameters
    ----------
    draft : Draft
        The first one.

    Examples
    --------
    >>> history = History(Draft())
    >>> history.record("5 imputations become 10", Draft(n_imputations=10))
    >>> history.undo(), history.draft.n_imputations
    ('5 imputations become 10', 5)
    >>> history.redo(), history.draft.n_imputations
    ('5 imputations become 10', 10)
    """

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        #: What was done, and the draft before it.
        self._done: list[tuple[str, Draft]] = []
        #: What was undone, and the draft after it.
        self._undone: list[tuple[str, Draft]] = []

    @property
    def undoes(self) -> str:
        """What `undo` takes back; empty if nothing."""
        return self._done[-1][0] if self._done else ""

    @property
    def redoes(self) -> str:
        """What `redo` does again; empty if nothing."""
        return self._undone[-1][0] if self._undone else ""

    def record(self, words: str, draft: Draft) -> None:
        """Replace the draft; a draft that is the same is no step."""
        if draft == self.draft:
            return
        self._done = [*self._done, (words, self.draft)][-_MOST:]
        self._undone.clear()
        self.draft = draft

    def reset(self, draft: Draft) -> None:
        """Begin anew with a draft."""
        self.draft = draft
        self._done.clear()
        self._undone.clear()

    def undo(self) -> str:
        """Go back by one step; returns what was taken back."""
        if not self._done:
            return ""
        words, before = self._done.pop()
        self._undone.append((words, self.draft))
        self.draft = before
        return words

    def redo(self) -> str:
        """Do again what was undone; returns what that was."""
        if not self._undone:
            return ""
        words, after = self._undone.pop()
        self._done.append((words, self.draft))
        self.draft = after
        return words


class Decisions:
    """The draft with its history, and the words for what was decided last.

    Examples
    --------
    >>> decisions = Decisions()
    >>> decisions.decide("10 imputations", n_imputations=10)
    >>> decisions.undo()
    >>> decisions.announcement, decisions.draft.n_imputations
    ('Taken back: 10 imputations', 5)
    """

    def __init__(self) -> None:
        self.history = History(Draft())
        #: What the panel says once, for those who listen.
        self.announcement = ""

    @property
    def draft(self) -> Draft:
        """The decisions as they are now."""
        return self.history.draft

    def decide(self, words: str, **changes: Any) -> None:
        """Change the draft; `words` say what was decided."""
        self.history.record(words, replace(self.draft, **changes))
        self.announcement = words

    def undo(self) -> None:
        """Take the last decision back."""
        words = self.history.undo()
        self.announcement = (
            f"Taken back: {words}" if words else "There is nothing to undo"
        )

    def redo(self) -> None:
        """Do again what was taken back."""
        words = self.history.redo()
        self.announcement = (
            f"Done again: {words}" if words else "There is nothing to redo"
        )

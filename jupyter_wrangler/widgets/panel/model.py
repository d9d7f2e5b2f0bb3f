"""What the panel knows and what has been decided in it; no drawing, no threads.

Nothing here changes the frame, speaks to the service or imports ipywidgets.  Every
decision is a `Draft` in a `History`, so that each can be undone, and each has the code
that it stands for.
"""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterable
from typing import Any, Literal

from jupyter_wrangler import contract
from jupyter_wrangler.client.objects.plan import Plan
from jupyter_wrangler.contract import PlannedColumn
from jupyter_wrangler.engine.methods import fitting, method_of
from jupyter_wrangler.errors import InvalidSpec, UnknownColumn
from jupyter_wrangler.widgets.panel import code
from jupyter_wrangler.widgets.panel.drafts import Draft, History
from jupyter_wrangler.widgets.panel.problems import Problem

Step = Literal["look", "plan", "run", "judge"]
STEPS: tuple[Step, ...] = ("look", "plan", "run", "judge")
#: Methods that are compared unless the plan has others.
_RIVALS = ("pmm", "norm", "linear", "knn", "rf")
#: Most imputations, as the contract has it.
_MOST_IMPUTATIONS = 1000
_CHOSEN = "You chose it."


@dataclasses.dataclass(kw_only=True)
class Listing:
    """How a table of columns is sorted, filtered and paged."""

    sort: str = "position"
    descending: bool = False
    search: str = ""
    only_missing: bool = False
    first: int = 0


class PanelModel:
    """Steps, decisions with undo and redo, what was found, and the code of it all.

    Parameters
    ----------
    data : str
        What the caller calls the frame.
    """

    def __init__(self, data: str) -> None:
        #: Name of the frame in code.
        self.data = data
        self.step: Step = "look"
        self.history = History(Draft())
        self.profile: contract.ProfileDocument | None = None
        #: Columns by the methods that fit their types, known at once.
        self.standard: contract.PlanDocument | None = None
        #: What was recommended, for `recommended_for`.
        self.recommended: contract.PlanDocument | None = None
        self.recommended_for: tuple[Any, ...] | None = None
        self.board: contract.LeaderboardDocument | None = None
        #: The comparison and the imputation, as the service last described them.
        self.board_job: contract.Job | None = None
        self.job: contract.Job | None = None
        #: Whether the job was deleted elsewhere: nothing can be done with it.
        self.deleted = False
        #: Whether its result is here, whatever becomes of the job.
        self.fetched = False
        self.verdict: contract.Verdict | None = None
        #: Digest of the frame when it was looked at.
        self.digest = ""
        self.problem: Problem | None = None
        #: What the panel says once, for those who listen.
        self.announcement = ""
        self.looking = Listing(sort="missing", descending=True)
        self.planning = Listing()
        self._by_name: tuple[contract.PlanDocument | None, dict[str, PlannedColumn]] = (
            None,
            {},
        )

    # ── decisions ──

    @property
    def draft(self) -> Draft:
        """The decisions as they are now."""
        return self.history.draft

    def _decide(self, words: str, **changes: Any) -> None:
        self.history.record(words, dataclasses.replace(self.draft, **changes))
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

    def go(self, step: str) -> None:
        """Show another step.

        Raises
        ------
        InvalidSpec
            If it cannot be shown yet; says why.
        """
        if step not in STEPS:
            raise InvalidSpec(f"There is no step {step!r}; there are {STEPS}.")
        why = self.why_not(step)
        if why:
            raise InvalidSpec(why)
        self.step = step

    def why_not(self, step: Step) -> str:
        """Say why a step cannot be shown yet; empty if it can."""
        if step == "plan" and self.profile is None:
            return "The columns have not been looked at yet."
        if step == "run" and self.job is None:
            return "No job has been submitted yet: run the plan first."
        if step == "judge" and (self.job is None or self.job.state != "succeeded"):
            return "The job has no result yet."
        if step == "judge" and self.deleted and not self.fetched:
            return "The job was deleted before its result was fetched."
        return ""

    # ── look ──

    def take_profile(self, found: contract.ProfileDocument) -> None:
        """Take what was found; values that surely stand for missing ones are marked."""
        self.profile = found
        sure = frozenset(i for i, hit in enumerate(found.disguised) if hit.sure)
        self.history.reset(dataclasses.replace(self.draft, marks=sure))

    def mark(self, position: int, *, on: bool) -> None:
        """Mark a value that stands for a missing one, or leave it a value."""
        hits = self.profile.disguised if self.profile else ()
        if not 0 <= position < len(hits):
            raise InvalidSpec(f"There is no value {position} to mark.")
        marks = self.draft.marks | {position} if on else self.draft.marks - {position}
        hit = hits[position]
        verb = "stands for a missing value" if on else "is a value"
        self._decide(f"{hit.value!r} of {hit.column!r} {verb}", marks=marks)

    @property
    def codes(self) -> dict[str, list[contract.Scalar]]:
        """Column -> values that are marked as missing."""
        found: dict[str, list[contract.Scalar]] = {}
        for i in sorted(self.draft.marks):
            if self.profile is not None and i < len(self.profile.disguised):
                hit = self.profile.disguised[i]
                found.setdefault(hit.column, []).append(hit.value)
        return found

    @property
    def codes_left(self) -> dict[str, list[contract.Scalar]]:
        """Column -> values that look like codes, and were decided to be values."""
        found: dict[str, list[contract.Scalar]] = {}
        for i, hit in enumerate(self.profile.disguised if self.profile else ()):
            if hit.sure and i not in self.draft.marks:
                found.setdefault(hit.column, []).append(hit.value)
        return found

    # ── plan ──

    @property
    def wanted(self) -> tuple[Any, ...]:
        """What a recommendation depends on."""
        several = self.draft.n_imputations > 1
        return self.draft.marks, several, self.draft.random_state

    @property
    def base(self) -> contract.PlanDocument | None:
        """What was recommended for these decisions, else the standard methods."""
        fresh = self.recommended_for == self.wanted
        return self.recommended if fresh and self.recommended else self.standard

    @property
    def is_recommended(self) -> bool:
        """Whether the plan rests on a recommendation, not on the standard methods."""
        return self.recommended is not None and self.base is self.recommended

    def take_recommendation(
        self, found: contract.PlanDocument, wanted: tuple[Any, ...]
    ) -> None:
        """Take what was recommended for the decisions `wanted`."""
        self.recommended, self.recommended_for = found, wanted
        self.announcement = "The recommended plan is there"

    def column(self, name: str) -> PlannedColumn:
        """Return what is planned for one column.

        Raises
        ------
        UnknownColumn
            If there is none.
        """
        edited = self.draft.edits.get(name)
        if edited is not None:
            return edited
        return self._base_column(name)

    def _base_column(self, name: str) -> PlannedColumn:
        base = self.base
        if self._by_name[0] is not base:
            columns = base.columns if base else ()
            self._by_name = base, {one.name: one for one in columns}
        one = self._by_name[1].get(name)
        if one is None:
            raise UnknownColumn(name, list(self._by_name[1]))
        if not one.missing_values:
            return one
        # a value that was decided to be one is not marked after all
        left = self.codes_left.get(name, ())
        kept = tuple(v for v in one.missing_values if v not in left)
        return one.model_copy(update={"missing_values": kept})

    @property
    def columns(self) -> list[PlannedColumn]:
        """What is planned, decisions included, in the order of the frame."""
        return [
            self.column(one.name) for one in (self.base.columns if self.base else ())
        ]

    @property
    def plan(self) -> Plan:
        """The plan as `jw.impute` takes it.

        Raises
        ------
        InvalidSpec
            If there is none yet.
        """
        if self.base is None:
            raise InvalidSpec(
                "There is no plan yet; wait until the columns are measured."
            )
        update = {"columns": tuple(self.columns)}
        return Plan(self.base.model_copy(update=update))

    def options(self, one: PlannedColumn) -> list[str]:
        """Methods that can be chosen for a column; empty leaves it alone."""
        known: Any = one.level
        found = fitting(known) if one.level else []
        return found if one.method in {"", *found} else [one.method, *found]

    def set_method(self, name: str, method: str) -> None:
        """Choose the method of a column; empty leaves it alone."""
        one = self.column(name)
        if method and method not in self.options(one):
            # in the words of the plan itself
            self.plan[name] = method
        words = (
            f"{name!r} is imputed by {method}" if method else f"{name!r} is left alone"
        )
        base = self._base_column(name)
        reason = base.reason if method == base.method else _CHOSEN
        self._edit(one, words, method=method, reason=reason)

    def set_bound(self, name: str, bound: str, given: str) -> None:
        """Set the least or the largest imputed number of a column; empty for none.

        Raises
        ------
        InvalidSpec
            If it is no number, or the bounds cross.
        """
        value = None if not given.strip() else _number(given, f"The bound of {name!r}")
        one = self.column(name)
        after = one.model_copy(update={bound: value})
        low, high = after.min_value, after.max_value
        if low is not None and high is not None and low > high:
            raise InvalidSpec(
                f"The least value of {name!r}, {low:g}, is above the largest, "
                f"{high:g}; change one of them."
            )
        which = "least" if bound == "min_value" else "largest"
        number = "none" if value is None else f"{value:g}"
        self._edit(one, f"The {which} value of {name!r} is {number}", **{bound: value})

    def set_predictors(self, name: str, given: str) -> None:
        """Set the columns that help to impute a column, separated by commas.

        Raises
        ------
        UnknownColumn
            If one of them is no column of the frame.
        """
        one = self.column(name)
        known = [c.name for c in self.base.columns] if self.base else []
        chosen = split_names(given)
        for other in chosen:
            if other not in known:
                raise UnknownColumn(other, known)
        if name in chosen:
            raise InvalidSpec(f"{name!r} cannot help to impute itself; leave it out.")
        words = "all other columns" if not chosen else ", ".join(chosen)
        self._edit(
            one, f"{name!r} is predicted by {words}", predictors=tuple(chosen) or None
        )

    def _edit(self, one: PlannedColumn, words: str, **changes: Any) -> None:
        after = one.model_copy(update=changes)
        edits = {**self.draft.edits, one.name: after}
        if after == self._base_column(one.name):
            del edits[one.name]
        self._decide(words, edits=edits)

    def restore(self, name: str) -> None:
        """Take what was recommended for a column."""
        edits = {k: v for k, v in self.draft.edits.items() if k != name}
        self._decide(f"{name!r} is planned as recommended", edits=edits)

    def set_imputations(self, given: Any) -> None:
        """Set the number of completed data sets."""
        number = _whole(given, "The number of imputations", 1, _MOST_IMPUTATIONS)
        self._decide(f"{number} imputations", n_imputations=number)

    def set_seed(self, given: Any) -> None:
        """Set the seed."""
        number = _whole(given, "The seed", 0, 2**63 - 1)
        self._decide(f"The seed is {number}", random_state=number)

    def set_budget(self, given: str) -> None:
        """Set after how many minutes the job is to finish; empty for no limit."""
        if not str(given).strip():
            self._decide("No time budget", budget_min=None)
            return
        value = _number(str(given), "The time budget in minutes")
        if value <= 0:
            raise InvalidSpec(
                "The time budget is in minutes, and above 0; leave it empty for none."
            )
        self._decide(f"A time budget of {value:g} min", budget_min=value)

    @property
    def n_to_impute(self) -> int:
        """Columns that the plan imputes."""
        return sum(1 for one in self.columns if one.method and one.n_missing)

    @property
    def why_not_run(self) -> str:
        """Say why the plan cannot be run; empty if it can."""
        if self.base is None:
            return "The columns are still being measured."
        if not any(one.n_missing or one.missing_values for one in self.columns):
            return "Nothing is missing, so there is nothing to impute."
        if not any(one.method for one in self.columns):
            return "Every column is left alone; choose a method for one of them."
        return ""

    # ── compare ──

    @property
    def rivals(self) -> list[str]:
        """Methods to compare: the usual ones, and those of the plan."""
        own = {
            one.method
            for one in self.columns
            if one.n_missing and one.method in _listed_methods(one)
        }
        return [*_RIVALS, *sorted(own - set(_RIVALS))]

    def take_best(self, best: Plan) -> None:
        """Take the best methods of a comparison, with their errors as reasons."""
        edits = dict(self.draft.edits)
        for name, method in best.items():
            one = self.column(name)
            edits[name] = one.model_copy(
                update={"method": str(method), "reason": method.reason}
            )
            if edits[name].method == self._base_column(name).method:
                edits.pop(name)
        self._decide("The best methods of the comparison are in the plan", edits=edits)

    # ── code ──

    @property
    def marked(self) -> str:
        """Name of the data after the marking."""
        return code.marked(self.data, self.codes)

    def code(self, step: Step | None = None) -> str:
        """Give the code of a step, or of all that was done so far."""
        steps = STEPS[: STEPS.index(self.step) + 1] if step is None else (step,)
        lines = [line for one in steps for line in self._code_of(one)]
        return "\n".join(lines)

    def _code_of(self, step: Step) -> Iterable[str]:
        if step == "look":
            yield code.IMPORT
            yield f"jw.profile({self.data})"
            yield from code.marking(self.data, self.codes)
        elif step == "plan" and self.base is not None:
            base = None if self.is_recommended else self.base.columns
            yield from code.planning(self.marked, self.draft, base)
            for one in self.base.columns:
                after = self.draft.edits.get(one.name) or self._base_column(one.name)
                yield from code.editing(one, after)
        elif step == "run":
            yield from code.running(self.marked, self.draft)
            yield "job"
        elif step == "judge":
            yield "res = job.result()"
            yield "res"


def split_names(given: str) -> list[str]:
    """Read names separated by commas; a name that holds one stands in double quotes.

    Examples
    --------
    >>> split_names('age, "last, first", sex')
    ['age', 'last, first', 'sex']
    """
    rows = list(csv.reader([given], skipinitialspace=True))
    return [name.strip() for name in (rows[0] if rows else []) if name.strip()]


def join_names(names: Iterable[str]) -> str:
    """Write names as `split_names` reads them.

    Examples
    --------
    >>> join_names(["age", "last, first"])
    'age, "last, first"'
    """
    out = io.StringIO()
    for name in names:
        row = io.StringIO()
        csv.writer(row, lineterminator="").writerow([name])
        out.write(f"{', ' if out.tell() else ''}{row.getvalue()}")
    return out.getvalue()


def _listed_methods(one: PlannedColumn) -> list[str]:
    known: Any = one.level
    if not one.method or method_of(one.method).kind == "passive":
        return []
    return fitting(known) if one.level else []


def _number(given: str, what: str) -> float:
    try:
        value = float(given)
    except ValueError:
        value = float("nan")
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124  nan
        raise InvalidSpec(f"{what} is {given!r}, and a number is wanted.")
    return value


def _whole(given: Any, what: str, least: int, most: int) -> int:
    try:
        value = int(str(given).strip())
    except ValueError:
        value = least - 1
    if not least <= value <= most:
        raise InvalidSpec(
            f"{what} is {given!r}, and a whole number from {least} to {most:,} is "
            "wanted."
        )
    return value

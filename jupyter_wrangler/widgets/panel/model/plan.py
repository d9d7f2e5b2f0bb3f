"""What is planned for each column, and what was decided instead."""

from __future__ import annotations

from typing import Any

from jupyter_wrangler import contract
from jupyter_wrangler.client.objects.plan import Plan
from jupyter_wrangler.contract import PlannedColumn
from jupyter_wrangler.engine.methods import fitting, method_of
from jupyter_wrangler.errors import InvalidSpec, UnknownColumn
from jupyter_wrangler.widgets.panel.drafts import Decisions
from jupyter_wrangler.widgets.panel.listing import Listing
from jupyter_wrangler.widgets.panel.model.look import LookModel
from jupyter_wrangler.widgets.panel.model.typed import number, split_names, whole

#: Methods that are compared unless the plan has others.
_RIVALS = ("pmm", "norm", "linear", "knn", "rf")
#: Most imputations, as the contract has it.
_MOST_IMPUTATIONS = 1000
_CHOSEN = "You chose it."


class PlanModel:
    """The step Plan: recommended or standard methods, decisions, the comparison.

    Parameters
    ----------
    decisions : Decisions
        Those of the panel.
    look : LookModel
        What was found and marked.
    """

    def __init__(self, decisions: Decisions, look: LookModel) -> None:
        self._decisions = decisions
        self._look = look
        #: Columns by the methods that fit their types, known at once.
        self.standard: contract.PlanDocument | None = None
        #: What was recommended, for `recommended_for`.
        self.recommended: contract.PlanDocument | None = None
        self.recommended_for: tuple[Any, ...] | None = None
        self.board: contract.LeaderboardDocument | None = None
        #: The comparison, as the service last described it.
        self.board_job: contract.Job | None = None
        self.listing = Listing()
        self._by_name: tuple[contract.PlanDocument | None, dict[str, PlannedColumn]] = (
            None,
            {},
        )

    @property
    def wanted(self) -> tuple[Any, ...]:
        """What a recommendation depends on."""
        several = self._decisions.draft.first_imputations > 1
        return self._decisions.draft.marks, several, self._decisions.draft.random_state

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
        self._decisions.announcement = "The recommended plan is there"

    def column(self, name: str) -> PlannedColumn:
        """Return what is planned for one column.

        Raises
        ------
        UnknownColumn
            If there is none.
        """
        edited = self._decisions.draft.edits.get(name)
        if edited is not None:
            return edited
        return self.base_column(name)

    def base_column(self, name: str) -> PlannedColumn:
        """Return what was planned for a column before it was edited."""
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
        left = self._look.codes_left.get(name, ())
        kept = tuple(v for v in one.missing_values if v not in left)
        return one.model_copy(update={"missing_values": kept})

    @property
    def columns(self) -> list[PlannedColumn]:
        """What is planned, decisions included, in the order of the frame."""
        return [
            self.column(one.name) for one in (self.base.columns if self.base else ())
        ]

    @property
    def chosen(self) -> Plan:
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
            self.chosen[name] = method
        words = (
            f"{name!r} is imputed by {method}" if method else f"{name!r} is left alone"
        )
        base = self.base_column(name)
        reason = base.reason if method == base.method else _CHOSEN
        self._edit(one, words, method=method, reason=reason)

    def set_bound(self, name: str, bound: str, given: str) -> None:
        """Set the least or the largest imputed number of a column; empty for none.

        Raises
        ------
        InvalidSpec
            If it is no number, or the bounds cross.
        """
        value = None if not given.strip() else number(given, f"The bound of {name!r}")
        one = self.column(name)
        after = one.model_copy(update={bound: value})
        low, high = after.min_value, after.max_value
        if low is not None and high is not None and low > high:
            raise InvalidSpec(
                f"The least value of {name!r}, {low:g}, is above the largest, "
                f"{high:g}; change one of them."
            )
        which = "least" if bound == "min_value" else "largest"
        text = "none" if value is None else f"{value:g}"
        self._edit(one, f"The {which} value of {name!r} is {text}", **{bound: value})

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
        edits = {**self._decisions.draft.edits, one.name: after}
        if after == self.base_column(one.name):
            del edits[one.name]
        self._decisions.decide(words, edits=edits)

    def restore(self, name: str) -> None:
        """Take what was recommended for a column."""
        edits = {k: v for k, v in self._decisions.draft.edits.items() if k != name}
        self._decisions.decide(f"{name!r} is planned as recommended", edits=edits)

    def set_imputations(self, given: Any) -> None:
        """Set the number of completed data sets, or "auto"."""
        if str(given).strip().casefold() == "auto":
            words = "As many imputations as standard errors want"
            self._decisions.decide(words, n_imputations="auto")
            return
        value = whole(given, "The number of imputations", 1, _MOST_IMPUTATIONS)
        self._decisions.decide(f"{value} imputations", n_imputations=value)

    def set_seed(self, given: Any) -> None:
        """Set the seed."""
        value = whole(given, "The seed", 0, 2**63 - 1)
        self._decisions.decide(f"The seed is {value}", random_state=value)

    def set_budget(self, given: str) -> None:
        """Set after how many minutes the job is to finish; empty for no limit."""
        if not str(given).strip():
            self._decisions.decide("No time budget", budget_min=None)
            return
        value = number(str(given), "The time budget in minutes")
        if value <= 0:
            raise InvalidSpec(
                "The time budget is in minutes, and above 0; leave it empty for none."
            )
        self._decisions.decide(f"A time budget of {value:g} min", budget_min=value)

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
        edits = dict(self._decisions.draft.edits)
        for name, method in best.items():
            one = self.column(name)
            edits[name] = one.model_copy(
                update={"method": str(method), "reason": method.reason}
            )
            if edits[name].method == self.base_column(name).method:
                edits.pop(name)
        self._decisions.decide(
            "The best methods of the comparison are in the plan", edits=edits
        )


def _listed_methods(one: PlannedColumn) -> list[str]:
    known: Any = one.level
    if not one.method or method_of(one.method).kind == "passive":
        return []
    return fitting(known) if one.level else []

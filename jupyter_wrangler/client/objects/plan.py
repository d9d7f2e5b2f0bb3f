"""A plan: which method for which column, why, and how to change it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
from pydantic import ValidationError

from jupyter_wrangler import contract
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects.marking import mark_values
from jupyter_wrangler.client.objects.planned_method import PlannedMethod
from jupyter_wrangler.client.views import plan as views
from jupyter_wrangler.contract import is_formula
from jupyter_wrangler.engine.columns.formula import parse
from jupyter_wrangler.engine.methods import METHODS, fitting, method_of
from jupyter_wrangler.errors import (
    InvalidSpec,
    MethodDoesNotFit,
    UnknownColumn,
    UnknownMethod,
    listed,
)

if TYPE_CHECKING:
    from jupyter_wrangler.engine.estimator.imputer import Imputer

#: Reason for a method that was set by hand.
_CHOSEN_BY_USER = "You chose it."


@public
class Plan(MutableMapping[Any, PlannedMethod]):
    """Column -> method, with reasons; to read, to change and to impute by.

    Parameters
    ----------
    document : PlanDocument
        What was recommended.

    Examples
    --------
    >>> plan = Plan.of({"age": "pmm", "sex": "logreg"})
    >>> plan["age"] = "knn"
    >>> plan["age"].min_value = 0
    >>> plan.settings()
    {'methods': {'age': 'knn', 'sex': 'logreg'}, 'min_value': {'age': 0.0}}
    >>> Plan.from_json(plan.to_json()) == plan
    True
    """

    def __init__(self, document: contract.PlanDocument) -> None:
        self._document = document
        self._columns = {
            column.name: PlannedMethod(column) for column in document.columns
        }

    @classmethod
    def of(cls, methods: Mapping[Any, str], reason: str = _CHOSEN_BY_USER) -> Plan:
        """Make a plan of methods by column, without looking at data."""
        columns = tuple(
            contract.PlannedColumn(name=str(name), method=method, reason=reason)
            for name, method in methods.items()
        )
        for method in methods.values():
            _check_known(method)
        return cls(contract.PlanDocument(columns=columns))

    @classmethod
    def from_json(cls, text: str | bytes) -> Plan:
        """Read what `to_json` wrote.

        Raises
        ------
        InvalidSpec
            If it is no plan.
        """
        try:
            return cls(contract.PlanDocument.model_validate_json(text))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the whole"
            raise InvalidSpec(
                f"The text is no plan: {where}: {first['msg'].lower()}. Give what "
                "Plan.to_json wrote."
            ) from None

    def to_json(self) -> str:
        """Write it down, changes included."""
        return self.document.model_dump_json(indent=1)

    @property
    def document(self) -> contract.PlanDocument:
        """The plan with its changes, as it is stored and sent."""
        columns = tuple(one.column(name) for name, one in self._columns.items())
        return self._document.model_copy(update={"columns": columns})

    # ── column -> method ──

    def __getitem__(self, name: Hashable) -> PlannedMethod:
        if str(name) not in self._columns:
            raise UnknownColumn(str(name), list(self._columns))
        return self._columns[str(name)]

    def __setitem__(self, name: Hashable, method: str) -> None:
        before = self[name]
        column = before.column(str(name))
        if isinstance(method, PlannedMethod):
            column = method.column(str(name))
        elif not isinstance(method, str):
            raise InvalidSpec(
                f"The method of {str(name)!r} was set to a {type(method).__name__}; "
                "give its name, for example 'knn', or '' to leave the column alone."
            )
        _check_known(method)
        if method and before.level and before.level not in method_of(method).levels:
            known: Any = before.level
            raise MethodDoesNotFit(str(name), method, known, fitting(known))
        if not isinstance(method, PlannedMethod):
            update = {"method": method, "reason": _CHOSEN_BY_USER}
            column = column.model_copy(update=update)
        self._columns[str(name)] = PlannedMethod(column)

    def __delitem__(self, name: Hashable) -> None:
        if name not in self:
            raise UnknownColumn(str(name), list(self._columns))
        del self._columns[str(name)]

    def __contains__(self, name: object) -> bool:
        return str(name) in self._columns

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Plan):
            return self.document == other.document
        return dict(self._columns) == other

    __hash__ = None  # type: ignore[assignment]

    # ── what it says ──

    @property
    def target(self) -> str | None:
        """Column that a model will predict."""
        return self._document.target

    @property
    def group(self) -> str | None:
        """Column within whose groups the simple methods work."""
        return self._document.group

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to think about first, in whole sentences."""
        return self._document.warnings

    @property
    def left_alone(self) -> dict[str, str]:
        """Column with missing values that no method fills -> why."""
        return {
            name: one.reason
            for name, one in self._columns.items()
            if one.n_missing and not one
        }

    def to_frame(self) -> pd.DataFrame:
        """Give one line for each column: missing values, method, reason, settings."""
        heads = ["level", "n_missing", "method", "reason", "missing_values"]
        heads += ["predictors", "min_value", "max_value"]
        lines = [one.column(name).model_dump() for name, one in self._columns.items()]
        index = pd.Index(list(self._columns), name="column", dtype=object)
        table = {head: [line[head] for line in lines] for head in heads}
        return pd.DataFrame(table, index=index)

    # ── what is done with it ──

    def settings(
        self,
        columns: Iterable[Hashable] | None = None,
        n_imputations: int | Literal["auto"] | None = None,
    ) -> dict[str, Any]:
        """Say it in the words of `impute` and `Imputer`.

        Parameters
        ----------
        columns : iterable of labels, optional
            Columns of the data.  The target may be gone from them.
        n_imputations : int or "auto", optional
            Imputations that will be made.  Columns that `unfit` names for them get
            ``"auto"``, which chooses among methods that draw.

        Returns
        -------
        dict
            `methods`, `predictors`, `min_value`, `max_value` by column, and `group`,
            as far as there are any.  Columns without missing values are not named, so
            that the usual method fills what later rows lack there.
        """
        gone = set()
        if columns is not None and self.target not in set(map(str, columns)):
            gone = {self.target}
        columns_left = {n: one for n, one in self._columns.items() if n not in gone}
        unfit = self.unfit(n_imputations)
        methods = {
            n: "auto" if n in unfit else str(one)
            for n, one in columns_left.items()
            if one or one.n_missing
        }
        predictors = {
            n: [p for p in names if p not in gone]
            for n, names in _given(columns_left, "predictors").items()
        }
        found: dict[str, Any] = {
            "methods": methods,
            "predictors": predictors,
            "min_value": _given(columns_left, "min_value"),
            "max_value": _given(columns_left, "max_value"),
            "group": self.group,
        }
        return {name: value for name, value in found.items() if value}

    def unfit(self, n_imputations: int | Literal["auto"] | None) -> tuple[str, ...]:
        """Columns whose method was chosen for one imputation, and is not for several.

        Parameters
        ----------
        n_imputations : int, "auto" or None
            Imputations that will be made.

        Returns
        -------
        tuple of str
            Empty for one imputation, and for a plan made for several.  Methods that
            you set yourself are never among them.
        """
        if (n_imputations or 1) == 1 or self._document.n_imputations != 1:
            return ()
        return tuple(
            name
            for name, one in self._columns.items()
            if one and one.reason != _CHOSEN_BY_USER and not _suits_several(one)
        )

    def mark(self, df: Any, *, verbose: bool = True) -> Any:
        """Mark the values that stand for missing ones, in a new frame.

        Parameters
        ----------
        df : pandas.DataFrame or polars.DataFrame
            The data; never changed.
        verbose : bool, default=True
            Print how many cells held each value.

        Returns
        -------
        DataFrame
            `df` itself if the plan has no such values.
        """
        marks = {
            name: list(one.missing_values)
            for name, one in self._columns.items()
            if one.missing_values
        }
        return mark_values(df, marks, verbose=verbose) if marks else df

    def imputer(self, **settings: Any) -> Imputer:
        """Make a scikit-learn estimator that imputes as planned.

        Parameters
        ----------
        **settings : dict
            Of `Imputer`; they go before those of the plan.

        Raises
        ------
        InvalidSpec
            If values stand for missing ones: mark them before an estimator sees them.
        """
        # scikit-learn takes a second to load; only those who fit need it
        from jupyter_wrangler.engine.estimator.imputer import Imputer  # noqa: PLC0415
        from jupyter_wrangler.frames.register_backends import register_backends  # noqa: PLC0415

        register_backends()

        marked = [name for name, one in self._columns.items() if one.missing_values]
        if marked:
            raise InvalidSpec(
                f"Values of {listed(marked)} stand for missing values, "
                "which an "
                "Imputer does not mark by column; mark them first with plan.mark(df), "
                "and set their missing_values to None."
            )
        return Imputer(**(self.settings() | settings))

    # ── views ──

    def __repr__(self) -> str:
        return views.text(self.document)

    def _repr_html_(self) -> str:
        return views.html(self.document)


def _given(columns: Mapping[str, PlannedMethod], setting: str) -> dict[str, Any]:
    """One setting by column, of the columns that have it."""
    values = {name: getattr(one, setting) for name, one in columns.items()}
    return {name: value for name, value in values.items() if value is not None}


def _suits_several(method: str) -> bool:
    """Whether several imputations can take a method, or have to: a formula."""
    if is_formula(method):
        return True
    return METHODS[method].proper or METHODS[method].proper_alone


def _check_known(method: str) -> None:
    if is_formula(method):
        parse(method)
    elif method and method not in METHODS:
        raise UnknownMethod(str(method), list(METHODS))

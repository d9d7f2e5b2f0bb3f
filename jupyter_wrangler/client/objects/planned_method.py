"""The method that is planned for one column, and what goes with it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any, Self

from pydantic import ValidationError

from jupyter_wrangler import contract
from jupyter_wrangler.errors import InvalidSpec, shown


class PlannedMethod(str):  # noqa: SLOT000  people set what it says
    """The method of one column: a string that knows why it was chosen.

    Attributes
    ----------
    reason : str
        Why, in whole sentences.
    level : str
        Measurement level of the column; empty where it is not known.
    n_missing : int
        Missing values when the plan was made.
    """

    reason: str
    level: str
    n_missing: int

    def __new__(cls, column: contract.PlannedColumn) -> Self:
        """Read what was written down."""
        self = super().__new__(cls, column.method)
        self.reason, self.level = column.reason, column.level
        self.n_missing = column.n_missing
        self._missing_values, self._predictors = (
            column.missing_values,
            column.predictors,
        )
        self._min_value, self._max_value = column.min_value, column.max_value
        return self

    def __reduce__(self) -> Any:
        return type(self), (self.column(""),)

    def column(self, name: str) -> contract.PlannedColumn:
        """Write it down, for a column of this name."""
        return contract.PlannedColumn(
            name=name,
            level=self.level,
            n_missing=self.n_missing,
            method=str(self),
            reason=self.reason,
            missing_values=self._missing_values,
            predictors=self._predictors,
            min_value=self._min_value,
            max_value=self._max_value,
        )

    @property
    def missing_values(self) -> tuple[contract.Scalar, ...]:
        """Values that stand for missing ones; set one, or several."""
        return self._missing_values

    @missing_values.setter
    def missing_values(
        self, given: contract.Scalar | Iterable[contract.Scalar] | None
    ) -> None:
        if given is None:
            given = ()
        single = isinstance(given, str) or not isinstance(given, Iterable)
        values = (given,) if single else tuple(given)  # type: ignore[arg-type]
        # NumPy's numbers travel as Python's
        plain = (getattr(value, "item", lambda v=value: v)() for value in values)
        self._validate_and_set(missing_values=tuple(plain))

    @property
    def predictors(self) -> tuple[str, ...] | None:
        """Columns that help to impute it; None means all others."""
        return self._predictors

    @predictors.setter
    def predictors(self, given: Iterable[Hashable] | str | None) -> None:
        if given is not None:
            given = (given,) if isinstance(given, str) else tuple(map(str, given))
        self._validate_and_set(predictors=given)

    @property
    def min_value(self) -> float | None:
        """Least value of its imputed numbers."""
        return self._min_value

    @min_value.setter
    def min_value(self, given: float | None) -> None:
        self._validate_and_set(min_value=given)

    @property
    def max_value(self) -> float | None:
        """Largest value of its imputed numbers."""
        return self._max_value

    @max_value.setter
    def max_value(self, given: float | None) -> None:
        self._validate_and_set(max_value=given)

    def _validate_and_set(self, **change: Any) -> None:
        fields = self.column("").model_dump() | change
        try:
            column = contract.PlannedColumn.model_validate(fields)
        except ValidationError as error:
            first = error.errors()[0]
            (name, value), *_ = change.items()
            raise InvalidSpec(
                f"{name} was set to {shown(value)}, but: {first['msg'].lower()}. Give "
                "plain numbers or strings, or None."
            ) from None
        self._missing_values, self._predictors = (
            column.missing_values,
            column.predictors,
        )
        self._min_value, self._max_value = column.min_value, column.max_value

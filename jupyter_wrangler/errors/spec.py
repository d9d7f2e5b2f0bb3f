"""What was asked for makes no sense, whatever the data."""

from __future__ import annotations

from jupyter_wrangler.errors.base import WranglerError
from jupyter_wrangler.errors.wording import suggestion

#: Keywords of a function from which on all are not listed beside the one meant.
_MANY = 12


class InvalidSpec(WranglerError, ValueError):
    """What was asked for makes no sense, whatever the data."""


class UnknownArgument(InvalidSpec, TypeError):
    """A function was called with a keyword that it does not have."""

    def __init__(self, function: str, argument: str, known: list[str]) -> None:
        self.function, self.argument, self.known = function, argument, known
        meant = suggestion(argument, known)
        takes = f"{meant} It takes" if meant else "it takes"
        # of many keywords the one that was meant drowns
        rest = (
            ""
            if meant and len(known) > _MANY
            else f" {takes} {', '.join(known) or 'nothing'}."
        )
        super().__init__(f"{function}() takes no {argument!r};{rest or f' {meant}'}")


class UnknownMethod(InvalidSpec):
    """No imputation method has this name."""

    def __init__(self, method: str, known: list[str]) -> None:
        self.method, self.known = method, known
        meant = suggestion(method, known)
        choose = f"{meant} Choose" if meant else "choose"
        super().__init__(
            f"There is no method {method!r}; {choose} one of {', '.join(known)}."
        )


class UnknownJobKind(InvalidSpec):
    """No kind of job has this name; a newer version may have one."""

    def __init__(self, kind: str, known: list[str]) -> None:
        self.kind, self.known = kind, known
        super().__init__(
            f"There is no kind of job {kind!r}; this version has {', '.join(known)}. "
            "If the job was submitted with a newer version, upgrade."
        )


class UnknownColumn(InvalidSpec):
    """A column named in the call is not in the data."""

    def __init__(self, column: str, known: list[str]) -> None:
        self.column, self.known = column, known
        shown = ", ".join(map(repr, known[:12])) + (", ..." if len(known) > 12 else "")
        meant = suggestion(column, known)
        has = f"{meant} The" if meant else "the"
        super().__init__(
            f"There is no column {column!r}; {has} data has {shown}. "
            "Check the spelling, or leave the column out."
        )


class UnknownRow(InvalidSpec):
    """A row named in the call is not in the data, or several have its label."""

    def __init__(
        self, row: object, n_rows: int, places: list[int] | None = None, n: int = 0
    ) -> None:
        self.row, self.n_rows = str(row), n_rows
        if places:
            some = ", ".join(map(str, places)) + (", ..." if n > len(places) else "")
            super().__init__(
                f"{n} rows have the label {row!r:.60}, at positions {some}; one row is "
                "wanted. Reset the index and name the row by its position."
            )
            return
        super().__init__(
            f"There is no row {row!r:.60}: no label of the index is equal to it, and "
            f"positions go from 0 to {n_rows - 1:,}."
        )


class MethodDoesNotFit(InvalidSpec):
    """A method was asked for a column of a type that it cannot impute."""

    def __init__(
        self, column: str, method: str, level: str, fitting: list[str]
    ) -> None:
        self.column, self.method, self.level = column, method, level
        self.fitting = fitting
        how = ""
        if method == "polr" and level.startswith("nominal"):
            own = f"df[{column!r}]"
            how = (
                f" If its classes have an order, say so: {own} = pd.Categorical({own}, "
                "categories=[...from lowest to highest...], ordered=True)."
            )
        super().__init__(
            f"Method {method!r} cannot impute {column!r}, which is {level}; "
            f"use one of {', '.join(fitting)} for it.{how}"
        )

"""The data cannot be used as they are."""

from __future__ import annotations

from jupyter_wrangler.errors.base import WranglerError
from jupyter_wrangler.errors.wording import listed, raising


class InvalidData(WranglerError, ValueError):
    """The data cannot be used as they are."""


class EmptyFrame(InvalidData):
    """A frame without rows or without columns."""

    def __init__(self, n_rows: int, n_columns: int) -> None:
        self.n_rows, self.n_columns = n_rows, n_columns
        super().__init__(
            f"The frame has {n_rows} rows and {n_columns} columns; imputation needs "
            "at least one of each. Check how it was read or filtered."
        )


class DuplicateColumns(InvalidData):
    """Two columns share a name."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        super().__init__(
            f"Column names must be unique, but {listed(names)} "
            "occur more than once; rename them, for example with "
            "df.columns = [...], and try again."
        )


class MixedTypes(InvalidData):
    """An object column holds values of several types."""

    def __init__(self, column: str, found: list[str], examples: list[str]) -> None:
        self.column, self.found, self.examples = column, found, examples
        super().__init__(
            f"Column {column!r} mixes {', '.join(found)} (for example "
            f"{', '.join(examples)}); a column needs one type. Convert it, for example "
            f"df[{column!r}] = pd.to_numeric(df[{column!r}], errors='coerce') or "
            f".astype('string')."
        )


class InfiniteValues(InvalidData):
    """A numeric column holds infinite values."""

    def __init__(self, column: str, count: int) -> None:
        self.column, self.count = column, count
        super().__init__(
            f"Column {column!r} has {count} infinite values; finite numbers or missing "
            "values are wanted. Replace them, for example with "
            f"df[{column!r}].replace([np.inf, -np.inf], np.nan)."
        )


class NothingObserved(InvalidData):
    """A column has no observed value to learn from."""

    def __init__(self, column: str) -> None:
        self.column = column
        super().__init__(
            f"Column {column!r} has no observed value, so no method but 'constant' can "
            "fill it; use 'constant' with a fill_value, or leave the column out."
        )


class TooFewDonors(InvalidData):
    """A column has fewer observed values than the donors asked for."""

    def __init__(self, column: str, donors: int, observed: int) -> None:
        self.column, self.donors, self.observed = column, donors, observed
        super().__init__(
            f"{column!r} has {observed} observed values, fewer than donors={donors}; "
            "lower donors or use another method for it."
        )


class DatasetTooLarge(InvalidData):
    """The frame is over the configured limit."""

    def __init__(self, what: str, found: int, limit: int) -> None:
        self.what, self.found, self.limit = what, found, limit
        super().__init__(
            f"The data has {found:,} {what}, over the limit of {limit:,}; send fewer "
            + (
                "columns."
                if what == "columns"
                else f"rows or columns, or {_more(what)}."
            )
        )


def _more(what: str) -> str:
    """Say how the limit of rows, cells or bytes is raised; rows follow from cells."""
    return raising(f"JUPYTER_WRANGLER_MAX_{'BYTES' if what == 'bytes' else 'CELLS'}")


class UnsupportedFrame(InvalidData):
    """The object is no DataFrame, or a column cannot be stored."""


class SchemaMismatch(InvalidData):
    """New rows do not have the columns that the imputer was fitted on."""


class TooFewImputations(InvalidData):
    """What was asked about is the spread of several imputations."""

    def __init__(self, m: int) -> None:
        self.m = m
        super().__init__(
            f"There {'is' if m == 1 else 'are'} {m} imputation{'' if m == 1 else 's'}, "
            "but at least 2 are wanted: without a spread between imputations nothing "
            "can be said about missing values. Impute with n_imputations=5 or more."
        )


class UnreadableImputer(InvalidData):
    """A file holds no fitted imputer, or one that this version cannot read."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(
            f"The saved imputer cannot be read: {why}. Load a file that Imputer.save "
            "of this version has written and nobody has changed, or fit again."
        )


class UnreadableFile(InvalidData):
    """The bytes of a data set are damaged, or are no data set of ours."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(
            f"The file cannot be read: {why}. Write it again from the DataFrame with "
            "this package (jw.impute does), and upload that."
        )


class RequestTooLarge(InvalidData):
    """A request, other than a chunk of an upload, holds more than is taken at once."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(
            f"The request is larger than {limit >> 10:,} KiB, the most that is taken "
            "at once. Upload data in chunks, and name in a spec only the columns "
            "that are to differ from the others."
        )

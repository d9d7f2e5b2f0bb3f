"""Pages of rows: of a data set, or of its completed data with imputed cells marked."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from jupyter_wrangler.contract.base import Label, Request, Scalar, View

#: Rows, columns and cells of one page at most, and characters of one cell.
MOST_ROWS, MOST_COLUMNS, MOST_CELLS, MOST_CHARACTERS = 1000, 200, 20_000, 200

#: How a filter compares a cell; the last four take no value.
FilterOperator = Literal[
    "==", "!=", "<", "<=", ">", ">=", "contains",
    "missing", "observed", "imputed", "not_imputed",
]  # fmt: skip


#: What a completed data set can be taken away as.
ExportFormat = Literal["csv", "parquet", "xlsx"]


class RowFilter(Request):
    """Keeps the rows in which one column is as asked for."""

    #: None: any column; only with "missing", "imputed" and "contains".
    column: Label | None = None
    operator: FilterOperator
    value: Scalar | None = None


#: A `filter` of a request: rows must pass each.
ROW_FILTERS: TypeAdapter[tuple[RowFilter, ...]] = TypeAdapter(
    Annotated[tuple[RowFilter, ...], Field(max_length=20)]
)


class RowQuestion(Request):
    """Which rows and columns are wanted, and in which order."""

    #: The imputation that completes the data; None for the data as handed in.
    imputation: int | None = Field(default=None, ge=0)
    offset: int = Field(default=0, ge=0, le=2**53)
    limit: int = Field(default=100, ge=1, le=MOST_ROWS)
    #: Names; empty for the first `MOST_COLUMNS`.
    columns: Annotated[tuple[Label, ...], Field(max_length=MOST_COLUMNS)] = ()
    #: Column by which rows are ordered; equal ones as they stand, missing ones last.
    sort: Label | None = None
    descending: bool = False
    filters: Annotated[tuple[RowFilter, ...], Field(max_length=20)] = ()


class RowColumn(View):
    """A column of a page."""

    name: str
    #: As the data frame had it.
    dtype: str


class RowPage(View):
    """A page of rows."""

    #: The imputation that completes the data, from 0; None for the data as handed in.
    imputation: int | None
    #: Rows of the data, and those that pass the filter, among which `offset` counts.
    n_rows: int
    n_found: int
    offset: int
    columns: tuple[RowColumn, ...]
    #: Positions of the rows in the data, from 0, and their index labels as text.
    rows: tuple[int, ...]
    index: tuple[str, ...]
    #: Values by row and column: numbers, truth values and text; dates and whole numbers
    #: beyond 2**53 as text; None where a value is missing.
    cells: tuple[tuple[bool | int | float | str | None, ...], ...]
    #: For each row the positions among `columns` of its imputed cells.
    imputed: tuple[tuple[int, ...], ...]

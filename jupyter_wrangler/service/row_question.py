"""The queries of requests for a page of rows, and for one cell."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from jupyter_wrangler.contract import (
    MOST_COLUMNS,
    MOST_ROWS,
    ROW_FILTERS,
    RowQuestion,
    WhyQuestion,
)

#: Characters of the filters of one request.
_MOST_FILTER = 8192


def row_question(
    *,
    offset: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 100,
    columns: Annotated[list[str], Query(max_length=MOST_COLUMNS)] = [],  # noqa: B006  never changed
    sort: str | None = None,
    descending: bool = False,
    filters: Annotated[
        str | None, Query(alias="filter", max_length=_MOST_FILTER)
    ] = None,
) -> RowQuestion:
    """Return what a query asks for; filters are a list in JSON."""
    try:
        return RowQuestion(
            offset=offset,
            limit=limit,
            columns=tuple(columns),
            sort=sort,
            descending=descending,
            filters=ROW_FILTERS.validate_json(filters) if filters else (),
        )
    except ValidationError as error:
        raise RequestValidationError(
            [{**one, "loc": ("query", "filter", *one["loc"])} for one in error.errors()]
        ) from error


Rows = Annotated[RowQuestion, Depends(row_question)]
Why = Annotated[WhyQuestion, Query()]

"""Who the caller is, what they may use, and what they use."""

from __future__ import annotations

from pydantic import Field

from jupyter_wrangler.contract.base import Request, View
from jupyter_wrangler.errors import DatasetTooLarge


class Quota(View):
    """What one user may use."""

    #: Parts of jobs that run at the same time; 0: no limit but the slots there are.
    max_running: int
    #: Jobs that have not ended.
    max_queued: int
    #: Bytes of data sets and results, with what is said of them.
    max_bytes: int
    #: Cells of one data set.
    max_cells: int
    #: Event streams open at a time, for each process of the service.
    max_streams: int
    #: Versions of data sets that are kept.
    max_datasets: int
    #: Jobs that are kept, ended ones too, and the parts of all of them.
    max_jobs: int
    max_parts: int
    #: Versions of named results that are kept.
    max_results: int


class Limits(View):
    """What one data set may hold."""

    max_rows: int
    max_columns: int
    #: The smaller of the setting and of the caller's quota.
    max_cells: int
    #: Bytes of its Parquet file.
    max_bytes: int

    def check(self, n_rows: int, n_columns: int) -> None:
        """Refuse a data set of this shape if it is too large.

        Raises
        ------
        DatasetTooLarge
            Names what there is too much of.

        Examples
        --------
        >>> most = Limits(max_rows=9, max_columns=9, max_cells=20, max_bytes=1)
        >>> most.check(5, 5)
        Traceback (most recent call last):
        ...
        jupyter_wrangler.errors.DatasetTooLarge: The data has 25 cells, over the ...
        """
        for what, found, limit in (
            ("rows", n_rows, self.max_rows),
            ("columns", n_columns, self.max_columns),
            ("cells", n_rows * n_columns, self.max_cells),
        ):
            if found > limit:
                raise DatasetTooLarge(what, found, limit)


class QuotaPatch(Request):
    """Changes a quota; null returns to what holds for everybody."""

    max_running: int | None = Field(default=None, ge=0, lt=2**31)
    max_queued: int | None = Field(default=None, ge=0, lt=2**31)
    max_bytes: int | None = Field(default=None, ge=0, lt=2**63)
    max_cells: int | None = Field(default=None, ge=0, lt=2**63)
    max_streams: int | None = Field(default=None, ge=0, lt=2**31)
    max_datasets: int | None = Field(default=None, ge=0, lt=2**31)
    max_jobs: int | None = Field(default=None, ge=0, lt=2**31)
    max_parts: int | None = Field(default=None, ge=0, lt=2**31)
    max_results: int | None = Field(default=None, ge=0, lt=2**31)


class Usage(View):
    """What one user uses now."""

    #: Parts that run or are on their way to a worker.
    running: int
    #: Jobs that have not ended.
    queued: int
    #: Bytes of data sets and results, of uploads under way, and of what is said of
    #: them: names of columns, specs and summaries.
    bytes: int
    #: Versions of data sets.
    datasets: int = 0
    #: Jobs, ended ones too, and the parts of all of them.
    jobs: int = 0
    parts: int = 0
    #: Versions of named results.
    results: int = 0
    #: Files that are stored, or on their way.
    files: int = 0


class Me(View):
    """Whom the service takes the caller for."""

    kind: str
    name: str
    admin: bool
    #: None while PostgreSQL does not answer.
    quota: Quota | None = None
    usage: Usage | None = None
    #: To be asked before data are packed and sent.
    limits: Limits | None = None

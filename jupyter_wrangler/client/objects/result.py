"""What a job has computed: shown in a cell, written as code and text, and kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from jupyter_wrangler import contract
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects import result_view, saving
from jupyter_wrangler.client.objects.code_options import check_data, check_style
from jupyter_wrangler.client.objects.judged_data import JudgedData
from jupyter_wrangler.client.objects.result_comparison import (
    ResultComparison,
    Side,
    compare_sides,
)
from jupyter_wrangler.client.objects.result_rows import names_of_labels, result_page
from jupyter_wrangler.client.views import formatting
from jupyter_wrangler.client.views.code import sklearn_code, wrangler_code
from jupyter_wrangler.client.views.methods_text import methods_paragraph
from jupyter_wrangler.client.views.result import ResultView, result_html, result_text
from jupyter_wrangler.errors import NotFound
from jupyter_wrangler.wording import count


@public
class Result(JudgedData):
    """What a job has computed: completed data, judged, shown and kept.

    Parameters
    ----------
    api : Api
        The service.
    manifest : ResultManifest
        What there is.
    frame : DataFrame, optional
        The data as they were handed in (pandas or polars).
    """

    #: What a cell shows, once it was computed.
    _view: ResultView | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Pickle what is here, but for what a cell shows."""
        return {k: v for k, v in super().__getstate__().items() if k != "_view"}

    def to_code(
        self,
        style: Literal["wrangler", "sklearn"] = "wrangler",
        data: str | None = None,
    ) -> str:
        """Write a script that gives the same numbers.

        Parameters
        ----------
        style : {"wrangler", "sklearn"}, default="wrangler"
            With `jw.impute`, or with scikit-learn alone, where it can do the same.
        data : str, optional
            Python expression that gives the data, such as
            ``"pd.read_csv('patients.csv')"``; default: from the service.

        Returns
        -------
        str
            Python source; the completed data are in `result` or, of scikit-learn, in
            `done`.

        Raises
        ------
        InvalidSpec
            If scikit-learn cannot do the same; names the column or the setting.
        """
        check_style(style, ("wrangler", "sklearn"))
        check_data(data)
        first = self.cells(min(self._parts, default=0))
        where = result_view.chosen_cells(self._incomplete_frame(), first)
        if style == "wrangler":
            return wrangler_code(self.spec, data or self._data_code("jw"), where)
        return sklearn_code(
            self.spec,
            self._summary(),
            data or self._data_code("jw"),
            chosen=where is not None,
            rounds=first.n_iter,
        )

    def _data_code(self, alias: str) -> str:
        return f"{self._origin_code(alias)}.data"

    def _origin_code(self, alias: str) -> str:
        if self.saved is not None:
            # its job may be gone
            return f"{alias}.load({self.saved.label!r})"
        return f"{alias}.job({str(self._manifest.job_id)!r}).result()"

    def methods_text(self, style: Literal["text", "markdown"] = "text") -> str:
        """Write the paragraph on missing data for a paper, with its references.

        Parameters
        ----------
        style : {"text", "markdown"}, default="text"
            What to write.

        Returns
        -------
        str
            Shares of missing values, methods, imputations, iterations, predictors,
            pooling, diagnostics, seed and version, with citations; read it before you
            publish it.
        """
        check_style(style, ("text", "markdown"))
        chained = any(column.convergence for column in self._summary().columns)
        return methods_paragraph(
            self._summary(),
            self.spec,
            self.verdict.document,
            n_imputations=self.n_imputations,
            rounds=self.cells(min(self._parts)).n_iter if chained else 0,
            markdown=style == "markdown",
        )

    # ── kept under a name ──

    @property
    def saved(self) -> contract.ResultVersion | None:
        """The version of a named result that this is; None: it is not saved."""
        return self._manifest.saved

    def save(self, name: str, *, note: str | None = None) -> contract.ResultVersion:
        """Save it as the next version of a named result, which outlives the job.

        Saved again without a change, it is the version that is there.

        Parameters
        ----------
        name : str
            Up to 255 characters without ``@``; `jw.load` takes it.
        note : str, optional
            What is to be known about this version.

        Raises
        ------
        JobNotFound
            If the job was deleted before.
        QuotaExceeded, StorageQuotaExceeded
            If you keep as many versions, or bytes, as you may.
        """
        version = saving.save(self._api, self._manifest, name, note)
        self._manifest = self._manifest.model_copy(update={"saved": version})
        return version

    def compare(self, other: Result | str) -> ResultComparison:
        """Compare it with another result, cell by cell; fetches all cells of both.

        Parameters
        ----------
        other : Result or str
            Another result, or the name of a saved one, as ``"patients@2"``.
        """
        if not isinstance(other, Result):
            other = Result(self._api, saving.load_manifest(self._api, other))
        return compare_sides(self._side(), other._side())

    def _side(self) -> Side:
        return Side(
            manifest=self._manifest,
            spec=saving.spec_of(self._api, self._manifest),
            frame=self._incomplete_frame(),
            cells={k: self.cells(k) for k in sorted(self._parts)},
        )

    # ── cells ──

    def page(
        self,
        offset: int = 0,
        limit: int = 100,
        *,
        imputation: int = 0,
        columns: Sequence[str] = (),
        sort: str | None = None,
        descending: bool = False,
        filters: Sequence[dict[str, Any]] = (),
    ) -> contract.RowPage:
        """Fetch one page of completed rows, with the imputed cells marked.

        Neither the data nor the imputed cells come here as a whole: the service reads
        the page, and keeps it for all who look.

        Parameters
        ----------
        offset, limit : int
            Which rows of those found; a page holds at most 1000 rows and 20 000 cells.
        imputation : int, default=0
            Which completed data set.
        columns : sequence of str, optional
            Default: the first 200.
        sort : str, optional
            Column to order by; missing values come last.
        descending : bool, default=False
            Largest first.
        filters : sequence of dict, optional
            Such as ``{"column": "age", "operator": ">=", "value": 30}`` or
            ``{"column": "chol", "operator": "imputed"}``.

        Raises
        ------
        InvalidSpec
            If the question does not fit the data.
        NotFound
            If there is no such imputation, or the job of a result that is not saved
            was deleted.
        """
        return result_page(
            self._api,
            self._manifest,
            offset=offset,
            limit=limit,
            imputation=imputation,
            columns=names_of_labels(columns),
            sort=None if sort is None else str(sort),
            descending=descending,
            filters=filters,
        )

    # ── looks ──

    def __repr__(self) -> str:
        version = self._manifest.dataset_version
        sets = count(self.n_imputations, "completed data set")
        rows = count(version.n_rows, "row")
        columns = count(version.n_columns, "column")
        text = f"Result: {sets} of {rows} × {columns}"  # noqa: RUF001  as pandas does
        if self.summary is not None:
            each = " in each" if self.n_imputations > 1 else ""
            text += f", {formatting.imputed_cells(self.summary)}{each}"
        return text + (" (partial)" if self.partial else "")

    def _repr_html_(self) -> str:
        return result_html(self._shown())

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self) if cycle else result_text(self._shown()))

    def _shown(self) -> ResultView:
        """Compute what a cell shows, once."""
        with self._lock:
            if self._view is None:
                try:
                    spec = self._judged_by()
                except NotFound:
                    # its job was deleted; the view does without what was asked for
                    spec = None
                light = self._is_light()
                found = self.imputations if light or self.summary is None else None
                summary = self._summary()
                verdict = result_view.verdict_of(
                    summary,
                    spec,
                    self.n_imputations,
                    found,
                    result_view.MOST_COMPARED,
                )
                self._view = result_view.view_of(repr(self), summary, verdict, found)
            return self._view

    def _is_light(self) -> bool:
        """Whether the cells are few enough to be fetched for a view."""
        version = self._manifest.dataset_version
        size = sum(part.size for part in self._parts.values())
        cells = version.n_rows * version.n_columns
        return size <= result_view.MOST_BYTES and cells <= result_view.MOST_CELLS

"""What a job has computed: completed data, and where they were completed.

Only imputed cells travel, and only when they are asked for; they are put into the
frame that was handed in, or, in a new process, into the one that the service keeps.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from jupyter_wrangler import contract, frames
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects import result_view, saving
from jupyter_wrangler.client.objects.extensions import plots_of
from jupyter_wrangler.client.objects.recipe import Recipe, recipe_of
from jupyter_wrangler.client.objects.result_comparison import (
    ResultComparison,
    Side,
    compare_sides,
)
from jupyter_wrangler.client.objects.result_rows import result_page
from jupyter_wrangler.client.objects.sensitivity import Sensitivity
from jupyter_wrangler.client.objects.verdict import Verdict
from jupyter_wrangler.client.objects.why import Why
from jupyter_wrangler.client.transport.api import Api
from jupyter_wrangler.client.views import formatting
from jupyter_wrangler.client.views.code import sklearn_code, wrangler_code
from jupyter_wrangler.client.views.methods_text import methods_paragraph
from jupyter_wrangler.client.views.result import ResultView, result_html, result_text
from jupyter_wrangler.errors import (
    DigestMismatch,
    InvalidSpec,
    NotFound,
    listed,
)

if TYPE_CHECKING:
    from jupyter_wrangler.engine.estimator.imputations import Imputations
    from jupyter_wrangler.engine.pooling.pool import PooledModel

_OF_MODELS = (
    "This result was made of later rows by the models of an earlier job, and its own "
    "job knows no settings. Ask the result of the job that fitted the models, for "
    "example jw.job(id).result(); id is what jw.jobs() lists."
)


@public
class Result:
    """Completed data sets of one job.

    Parameters
    ----------
    api : Api
        The service.
    manifest : ResultManifest
        What there is.
    frame : DataFrame, optional
        The data as they were handed in (pandas or polars).
    """

    def __init__(
        self, api: Api, manifest: contract.ResultManifest, frame: Any = None
    ) -> None:
        self._api, self._manifest = api, manifest
        self._handed_in = frame
        self._lock = threading.RLock()
        self._data_frame: pd.DataFrame | None = None
        self._cells: dict[int, frames.ImputedCells] = {}
        self._parts = {part.imputation: part for part in manifest.imputations}
        self._df: Any = None
        self._spec: contract.ImputationSpec | None = None
        self._view: ResultView | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Pickle what is here: the frame handed in and the cells fetched so far.

        The rest is fetched from the service when it is wanted.
        """
        with self._lock:
            here = {"_lock", "_df", "_view"}
            return {k: v for k, v in vars(self).items() if k not in here}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Rebuild a pickled or copied result."""
        vars(self).update(state, _lock=threading.RLock(), _df=None, _view=None)

    # ── completed data ──

    @property
    def df(self) -> Any:
        """The first completed data set; always the same object."""
        with self._lock:
            if self._df is None:
                self._df = self.complete(min(self._parts, default=0))
            return self._df

    @property
    def datasets(self) -> list[Any]:
        """All completed data sets, new frames each time."""
        return [self.complete(k) for k in sorted(self._parts)]

    def complete(self, k: int = 0) -> Any:
        """Give completed data set `k`, counted from 0, as a new frame.

        Raises
        ------
        NotFound
            If there is no such imputation, or it was not finished.
        """
        done = frames.complete(self._incomplete_frame(), self.cells(k))
        done.attrs = frames.provenance(self._manifest.job_id, k, done.attrs)
        return frames.as_given(done, self._handed_in)

    @property
    def mask(self) -> Any:
        """Frame of the same shape: True where a cell was imputed."""
        df = self._incomplete_frame()
        names = frames.names_of(df)
        mask = np.zeros(df.shape, dtype=bool)
        for name, rows in self.cells(min(self._parts, default=0)).rows.items():
            mask[rows, names.index(name)] = True
        found = pd.DataFrame(mask, index=df.index, columns=df.columns)
        return frames.as_given(found, self._handed_in, same_types=False)

    @property
    def imputed(self) -> pd.DataFrame:
        """Every imputed cell, one per line, under the index of the data.

        The columns are `imputation` (from 0), `row` (position), `column` and `value`.
        """
        df = self._incomplete_frame()
        labels = dict(zip(frames.names_of(df), df.columns, strict=True))
        pieces = [
            pd.DataFrame(
                {
                    "imputation": k,
                    "row": cells.rows[name],
                    "column": [labels[name]] * len(values),
                    "value": pd.Series(
                        list(values), df.index[cells.rows[name]], object
                    ),
                },
                index=df.index[cells.rows[name]],
            )
            for k, cells in ((k, self.cells(k)) for k in sorted(self._parts))
            for name, values in cells.values.items()  # noqa: PD011  a dict of ours
            if len(values)
        ]
        if not pieces:
            heads = ["imputation", "row", "column", "value"]
            return pd.DataFrame(columns=heads, index=df.index[:0])
        return pd.concat(pieces)

    # ── what was done ──

    @property
    def data(self) -> Any:
        """The data with their missing values, as they were handed in."""
        self._incomplete_frame()
        return self._handed_in

    @property
    def spec(self) -> contract.ImputationSpec:
        """What was asked for, including the seed; fetched once."""
        with self._lock:
            if self._spec is None:
                saved = self._manifest.saved
                # the job of a saved result may be gone
                asked = saved.spec if saved else None
                if asked is None:
                    with saving.saying_what_went(self._manifest, "its settings"):
                        asked = self._api.job(self._manifest.job_id).spec
                if not isinstance(asked, contract.ImputationSpec):
                    raise InvalidSpec(_OF_MODELS)
                self._spec = asked
            return self._spec

    @property
    def n_imputations(self) -> int:
        """Number of completed data sets."""
        return len(self._parts)

    @property
    def partial(self) -> bool:
        """Whether the job was stopped before all imputations were finished."""
        return self._manifest.partial

    @property
    def summary(self) -> contract.ImputationSummary | None:
        """What was done to each column; None for a partial result."""
        found = self._manifest.summary
        return found if isinstance(found, contract.ImputationSummary) else None

    @property
    def events(self) -> tuple[contract.LoggedEvent, ...]:
        """What the engine logged in the imputations fetched so far, or in all."""
        if self.summary is not None:
            return self.summary.events
        return tuple(e for k in sorted(self._parts) for e in self.cells(k).events)

    @property
    def recipe(self) -> Recipe:
        """The fitted models, to impute later rows; raises `NoRecipe` if none are kept.

        As in ``res.recipe.transform(new_df)``.
        """
        return recipe_of(self._api, self._manifest)

    # ── what they say together ──

    @property
    def imputations(self) -> Imputations:
        """All finished imputations: draws, chains and intervals; fetches all cells."""
        cells = [self.cells(k) for k in sorted(self._parts)]
        return frames.imputations_of(self._incomplete_frame(), cells)

    @property
    def verdict(self) -> Verdict:
        """Whether it can be used: three checks in words; fetches all cells."""
        found, spec = self.imputations, self._judged_by()
        return Verdict(
            result_view.verdict_of(self._summary(), spec, self.n_imputations, found)
        )

    def why(self, row: Any, column: Any, imputation: int | None = None) -> Why:
        """Tell why a cell holds its value.

        Parameters
        ----------
        row : label or int
            A label of the index; a whole number that is no label is a position, from 0.
        column : label
            Any column.
        imputation : int, optional
            The completed data set whose value is explained; default: the first.

        Returns
        -------
        Why
            Value, draws, 90 % range, donors, strongest predictors, and what the method
            did; of an observed cell, that it was observed.

        Raises
        ------
        UnknownRow, UnknownColumn
            If there is no such cell.
        NotFound
            If there is no such imputation.
        """
        from jupyter_wrangler.engine.estimator.judgement.why import why  # noqa: PLC0415  at first use

        numbers = sorted(self._parts)
        k = min(numbers, default=0) if imputation is None else imputation
        # refuses what is none
        self.cells(k)
        columns = self.summary.columns if self.summary else ()
        methods = {column.name: column.method for column in columns}
        found = self.imputations
        return Why(
            why(
                found,
                self.spec,
                row,
                column,
                methods,
                imputation=int(k),
                numbers=numbers,
            )
        )

    def sensitivity(
        self,
        fn: Callable[[Any], Any],
        *,
        delta: Iterable[float] = (),
        column: Any = None,
        term: str | None = None,
    ) -> Sensitivity:
        """Make one analysis in several ways, to see what its answer rests on.

        Parameters
        ----------
        fn : callable
            Takes a completed data set; gives a number, a fitted model, or a pair of
            estimates and their covariance.
        delta : iterable of float, optional
            Shifts of the imputed values of `column`, in its units, as though values
            were not missing at random; columns computed by a formula follow.
        column : label, optional
            A column of numbers; default: the only imputed one.
        term : str, optional
            Which parameter of the model; default: the only one.

        Returns
        -------
        Sensitivity
            Of the complete cases, of median or mode, of each imputation, pooled, and
            pooled for each shift; a table and a chart.

        Raises
        ------
        InvalidSpec, UnknownColumn
            If the column cannot be shifted, or the parameter is not named.
        """
        from jupyter_wrangler.engine.estimator.judgement.sensitivity import (  # noqa: PLC0415  loads scipy
            sensitivity,
        )

        spec = self._judged_by()
        if spec is None:
            # only shifts look at the settings
            spec = (
                self.spec if np.size(np.asarray(delta)) else contract.ImputationSpec()
            )

        def of_given(df: Any) -> Any:
            return fn(frames.as_given(df, self.data, same_types=False))

        table = sensitivity(
            self.imputations,
            spec,
            of_given if callable(fn) else fn,
            delta=delta,
            column=column,
            term=term,
        )
        return Sensitivity(table)

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
        if style not in ("wrangler", "sklearn"):
            raise InvalidSpec(
                f"style={style!r:.60} is none; give 'wrangler' or 'sklearn'."
            )
        if data is not None and not isinstance(data, str):
            raise InvalidSpec(
                f"data is a {type(data).__name__}, and a Python expression as text is "
                "wanted, for example data=\"pd.read_csv('patients.csv')\"."
            )
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

    def _summary(self) -> contract.ImputationSummary:
        return self.summary or result_view.summary_of(self.imputations, self.spec)

    def _judged_by(self) -> contract.ImputationSpec | None:
        """Give the settings that a verdict looks at; None: there are none."""
        return self.spec

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
        if style not in ("text", "markdown"):
            raise InvalidSpec(
                f"style={style!r:.60} is none; give 'text' or 'markdown'."
            )
        chained = any(column.convergence for column in self._summary().columns)
        return methods_paragraph(
            self._summary(),
            self.spec,
            self.verdict.document,
            n_imputations=self.n_imputations,
            rounds=self.cells(min(self._parts)).n_iter if chained else 0,
            markdown=style == "markdown",
        )

    @property
    def diagnostics(self) -> pd.DataFrame:
        """R-hat and lag-1 autocorrelation by column, see `Imputations.diagnostics`."""
        return self.imputations.diagnostics

    @property
    def plot(self) -> Any:
        """Charts, as in ``result.plot.overlay("chol")``; see `charts.Plots`."""
        return plots_of(self)

    def pool(
        self, fn: Callable[[Any], Any], *, dfcom: float | None = None
    ) -> PooledModel:
        """Analyse each completed data set and pool the results by Rubin's rules.

        Parameters
        ----------
        fn : callable
            Takes a completed data set (as it was handed in: pandas or polars); gives a
            fitted model, or a pair of estimates and their covariance.
        dfcom : float, optional
            Degrees of freedom of the analysis had the data been complete; default:
            what the models say.

        Returns
        -------
        PooledModel
            As `jw.pool` gives it.

        Raises
        ------
        TooFewImputations
            If there are fewer than two.
        """
        from jupyter_wrangler.engine.pooling.pool import pool  # noqa: PLC0415  loads scipy

        return pool([fn(done) for done in self.datasets], dfcom=dfcom)

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
            columns=_names(columns),
            sort=None if sort is None else str(sort),
            descending=descending,
            filters=filters,
        )

    def cells(self, k: int) -> frames.ImputedCells:
        """Give the imputed cells of imputation `k`; fetched once."""
        with self._lock:
            if not isinstance(k, Hashable) or k not in self._parts:
                there = listed(sorted(self._parts)) or "none"
                raise NotFound(
                    f"There is no finished imputation {k}; there is: {there} "
                    "(counted from 0)."
                )
            if k not in self._cells:
                data = saving.fetch_cells(self._api, self._manifest, self._parts[k])
                _check_digest(data, self._parts[k].sha256, f"imputation {k}")
                self._cells[k] = frames.cells_from_parquet(data)
            return self._cells[k]

    def _incomplete_frame(self) -> pd.DataFrame:
        with self._lock:
            if self._data_frame is None:
                if self._handed_in is None:
                    self._fetch_data()
                self._data_frame = frames.as_pandas(self._handed_in)
            return self._data_frame

    def _fetch_data(self) -> None:
        version = self._manifest.dataset_version
        data = saving.fetch_data(self._api, self._manifest)
        _check_digest(data, version.sha256, f"dataset {version.name!r}")
        df = frames.from_parquet(data)
        self._handed_in = frames.of_world(df, frames.world_of(data))

    # ── looks ──

    def __repr__(self) -> str:
        version = self._manifest.dataset_version
        sets = formatting.count(self.n_imputations, "completed data set")
        rows = formatting.count(version.n_rows, "row")
        columns = formatting.count(version.n_columns, "column")
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


def _names(columns: Any) -> tuple[str, ...]:
    """Give labels as text; one label alone is one column."""
    if columns is None:
        return ()
    if isinstance(columns, str) or not isinstance(columns, Iterable):
        return (str(columns),)
    return tuple(map(str, columns))


def _check_digest(data: bytes, sha256: str, what: str) -> None:
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise DigestMismatch(
            f"The bytes of {what} arrived changed (SHA-256 {found[:12]} instead of "
            f"{sha256[:12]}); fetch them again."
        )

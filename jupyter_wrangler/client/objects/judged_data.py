"""Completed data with what was asked for and done, and what can be said of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from jupyter_wrangler import contract, frames
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects import result_view, saving
from jupyter_wrangler.client.objects.completed_data import CompletedData
from jupyter_wrangler.client.objects.extensions import plots_of
from jupyter_wrangler.client.objects.recipe import Recipe, recipe_of
from jupyter_wrangler.client.objects.sensitivity import Sensitivity, sensitivity_of
from jupyter_wrangler.client.objects.verdict import Verdict
from jupyter_wrangler.client.objects.why import Why, why_of
from jupyter_wrangler.errors import InvalidSpec

if TYPE_CHECKING:
    from jupyter_wrangler.engine.pooling.pooled_model import PooledModel

_OF_MODELS = (
    "This result was made of later rows by the models of an earlier job, and its own "
    "job knows no settings. Ask the result of the job that fitted the models, for "
    "example jw.job(id).result(); id is what jw.jobs() lists."
)


@public
class JudgedData(CompletedData):
    """Completed data sets that know how they came about and how far to trust them."""

    #: What was asked for, once it was fetched.
    _spec: contract.ImputationSpec | None = None

    # ── what was done ──

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
        numbers = sorted(self._parts)
        k = min(numbers, default=0) if imputation is None else imputation
        # refuses what is none
        self.cells(k)
        columns = self.summary.columns if self.summary else ()
        methods = {column.name: column.method for column in columns}
        return why_of(self.imputations, self.spec, row, column, methods, k, numbers)

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
        spec = self._judged_by()
        if spec is None:
            # only shifts look at the settings
            shifted = np.size(np.asarray(delta))
            spec = self.spec if shifted else contract.ImputationSpec()

        def of_given(df: Any) -> Any:
            return fn(frames.as_given(df, self.data, same_types=False))

        analysis = of_given if callable(fn) else fn
        return sensitivity_of(self.imputations, spec, analysis, delta, column, term)

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

    def _summary(self) -> contract.ImputationSummary:
        return self.summary or result_view.summary_of(self.imputations, self.spec)

    def _judged_by(self) -> contract.ImputationSpec | None:
        """Give the settings that a verdict looks at; None: there are none."""
        return self.spec

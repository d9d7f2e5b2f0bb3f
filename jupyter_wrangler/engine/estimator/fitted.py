"""A fitted imputer: what was learned, applied to later rows, named and kept."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any, Self, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import OneToOneFeatureMixin
from sklearn.utils._set_output import _get_output_config
from sklearn.utils.validation import check_is_fitted

from jupyter_wrangler.calls import public
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.contract.validation import build_request
from jupyter_wrangler.engine import ports
from jupyter_wrangler.engine.estimator.arrays import Cells, fill_array
from jupyter_wrangler.engine.estimator.estimator_io import (
    check_indicators,
    fill_frame,
    indicator_of,
    plain,
    widened,
    with_missing,
)
from jupyter_wrangler.engine.estimator.imputations import Imputations
from jupyter_wrangler.engine.estimator.parameters import Parameters
from jupyter_wrangler.engine.estimator.run_steps import finish
from jupyter_wrangler.engine.planning.early_warnings import warn
from jupyter_wrangler.engine.planning.frame import named
from jupyter_wrangler.engine.state import State, from_state, to_state
from jupyter_wrangler.engine.strategies import transform
from jupyter_wrangler.engine.strategies.run import Run
from jupyter_wrangler.engine.types import ColumnPlan, Given, Imputation, Step
from jupyter_wrangler.errors import InvalidSpec, UnreadableImputer, shown

#: What a run holds for the imputed cells of the fit alone.
_OF_THE_FIT = ("y", "imputed", "over", "events", "traces", "donors")


@public
class Fitted(Parameters):
    """What an `Imputer` does once it is fitted."""

    _run: Run
    indicator_features_: tuple[str, ...]
    #: What their indicators are called.
    indicator_names_: tuple[str, ...]
    #: What comes out for arrays, as `arrays.kind_of` tells it.
    array_kind_: str

    def impute_new(self, X: Any, n_imputations: int = 5) -> Imputations:
        """Make several imputations of later rows by what was learned.

        Parameters
        ----------
        X : DataFrame (pandas or polars) or array of shape (n, p)
            Rows with the columns of the fit.
        n_imputations : int, default=5
            Number of completed data sets.

        Returns
        -------
        Imputations
            Column by column in the dtype of the fit, where the rows had another.

        Raises
        ------
        SchemaMismatch
            As `transform` does.

        Notes
        -----
        The draws differ, the models do not: what is not known about their parameters
        is not in the spread.  For predictions of new rows that is small where the fit
        had many rows; to pool estimates of these rows use `impute` on all of them.
        Imputation k uses the k-th child of the seed.

        Examples
        --------
        >>> from jupyter_wrangler.engine.estimator.imputer import Imputer
        >>> df = pd.DataFrame({"x": np.arange(9.0), "y": np.arange(9.0) ** 2})
        >>> fitted = Imputer("pmm", donors=3, random_state=0).fit(df)
        >>> later = pd.DataFrame({"x": [4.0, 7.5], "y": [None, 60.0]})
        >>> fitted.impute_new(later, 3).draws("y").isna().any(axis=None)
        np.False_
        """
        check_is_fitted(self, "n_iter_")
        X = self._widened(ports.as_pandas(X))
        frame = self._frame(X, reset=False)
        spec = build_request(
            ImputationSpec,
            **self._run.spec.model_dump() | {"n_imputations": plain(n_imputations)},
        )
        incomplete = [p for p in self._run.plans if frame[p.name].hasnans]
        asked = [
            replace(p, n_missing=int(frame[p.name].isna().sum())) for p in incomplete
        ]
        warn(asked, spec, done=True)
        made: list[Imputation] = []
        columns = dict(frame.items())
        for k in range(spec.n_imputations):
            seed = np.random.SeedSequence(self._seed, spawn_key=(k,))
            cells = self._apply(frame, np.random.default_rng(seed))
            one, changed = self._imputation(frame, cells)
            columns |= changed
            made.append(one)
        data = pd.DataFrame(columns, index=frame.index)
        if isinstance(X, pd.DataFrame):
            data.columns = X.columns
        return Imputations(data, made)

    def transform_steps(self, X: Any) -> Generator[Step, None, Imputation]:
        """Impute rows as `transform` does, step by step, and give the cells alone.

        Parameters
        ----------
        X : DataFrame or array of shape (n, p)
            Rows with the columns of the fit.

        Yields
        ------
        Step
            At least one for each visit of a column.

        Returns
        -------
        Imputation
            The imputed cells, in the dtypes of the fit.
        """
        check_is_fitted(self, "n_iter_")
        frame = self._frame(self._widened(ports.as_pandas(X)), reset=False)
        cells = yield from self._steps(frame, self._rng())
        return Imputation(
            values={
                name: values for name, (rows, values) in cells.items() if len(rows)
            },
            rows={name: rows for name, (rows, _) in cells.items() if len(rows)},
            events=(),
            n_iter=self._run.n_iter,
        )

    def plans_for(self, X: pd.DataFrame) -> tuple[ColumnPlan, ...]:
        """Say what `transform` does to each column of some rows."""
        frame = named(X)
        return tuple(
            replace(
                plan,
                n_missing=int(frame[plan.name].isna().sum()),
                n_observed=int(frame[plan.name].count()),
                method=plan.method if plan.wanted else "",
            )
            for plan in self._run.plans
        )

    def _imputation(
        self, frame: pd.DataFrame, cells: Cells
    ) -> tuple[Imputation, dict[Any, pd.Series]]:
        """Give cells as an imputation, and the columns that need another dtype."""
        values: dict[str, Any] = {}
        columns: dict[Any, pd.Series] = {}
        rows_of = {name: rows for name, (rows, _) in cells.items() if len(rows)}
        for name, rows in rows_of.items():
            columns[name], values[name] = with_missing(
                frame[name], rows, cells[name][1]
            )
        made = Imputation(
            values=values, rows=rows_of, events=(), n_iter=self._run.n_iter
        )
        return made, columns

    def to_state(self) -> State:
        """Take the fitted imputer apart into plain values; see `engine.state`.

        Returns
        -------
        State
            What `transform` needs, without any pickle: parameters, models, and the
            rows that are donors.  A starting frame and cells that were chosen by hand
            served the fit only and are left out.

        Raises
        ------
        InvalidSpec
            If a part has no plain form, for example a function in `post`.
        """
        check_is_fitted(self, "n_iter_")
        known = {
            name: value
            for name, value in vars(self).items()
            if name.endswith("_") or name in {"_seed", "_sklearn_output_config"}
        }
        done_with = {"start": None, "where": None, "random_state": self._seed}
        params = self.get_params(deep=False) | done_with
        # What the fit has imputed is its result; later rows need the models only.
        run = replace(
            self._run,
            given=Given(post=self._run.given.post),
            **{name: type(getattr(self._run, name))() for name in _OF_THE_FIT},
        )
        return to_state({"params": params, "fitted": known, "run": run})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """Put a fitted imputer together again.

        Parameters
        ----------
        state : State
            Of `to_state`, by this version.

        Returns
        -------
        Imputer
            That imputes later rows as the one that was taken apart.

        Raises
        ------
        UnreadableImputer
            If the state is none, or comes from another version.
        """
        found = from_state(state)
        try:
            imputer = cls(**found["params"])
            for name, value in found["fitted"].items():
                setattr(imputer, name, value)
            imputer._run = found["run"]
            right = isinstance(imputer._run, Run)
        except (KeyError, TypeError):
            right = False
        if not right:
            raise UnreadableImputer("it is the state of something else")
        return imputer

    def save(self, path: Any) -> None:
        """Write the fitted imputer to a file, without pickle.

        Parameters
        ----------
        path : str or path
            Where to; `jw.load_imputer` reads it.

        Raises
        ------
        InvalidSpec
            If a part of it has no plain form, for example a function in `post`.
        """
        state = self.to_state()
        ports.write(state, path)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[Any]:
        """Name the columns that `transform` gives.

        Parameters
        ----------
        input_features : array-like of str, optional
            Names of the columns, where the fit had none.

        Returns
        -------
        ndarray of str
        """
        check_is_fitted(self, "n_iter_")
        if input_features is None:
            kept, flags = self._kept(), list(self._flags())
        else:
            names = OneToOneFeatureMixin.get_feature_names_out(self, input_features)
            by_column = dict(zip(self._run.columns, names, strict=True))
            kept = [by_column[name] for name in self._kept()]
            flags = [indicator_of(by_column[name]) for name in self._flagged()]
            check_indicators(kept, flags)
        return np.asarray([*kept, *flags], dtype=object)

    def _widened(self, X: Any) -> Any:
        """Add the columns that later rows lack, if that is asked for."""
        for name in ("handle_unknown", "missing_columns"):
            if getattr(self, name) not in {"error", "impute"}:
                raise InvalidSpec(
                    f"{name}={shown(getattr(self, name))} cannot be asked for; choose "
                    "'error' or 'impute'."
                )
        if self.missing_columns == "error":
            return X
        return widened(X, list(self._run.columns))

    def _rng(self) -> np.random.Generator:
        """Begin the draws of `transform`; those of several imputations differ."""
        k = self._run.imputation
        key = (k, 0) if k else ()
        return np.random.default_rng(np.random.SeedSequence(self._seed, spawn_key=key))

    def _steps(
        self, frame: pd.DataFrame, rng: np.random.Generator
    ) -> Generator[Step, None, Cells]:
        unknown = cast("Any", self.handle_unknown)
        cells = yield from transform.apply(
            self._run, frame, rng, handle_unknown=unknown
        )
        wanted = {plan.name for plan in self._run.plans if plan.wanted}
        return {name: found for name, found in cells.items() if name in wanted}

    def _apply(self, frame: pd.DataFrame, rng: np.random.Generator) -> Cells:
        return finish(self._steps(frame, rng), frame.size)

    def _complete(self, X: Any, frame: pd.DataFrame, cells: Cells) -> Any:
        kept, flagged = self._kept(), self._flagged()
        if isinstance(X, pd.DataFrame):
            return fill_frame(X, frame, cells, kept, flagged)
        return fill_array(X, frame, cells, kept, flagged, self.array_kind_)

    def _back(self, done: Any, given: Any) -> Any:
        """Give back what came in, unless scikit-learn was told what to give."""
        wanted = _get_output_config("transform", self)["dense"]
        return done if wanted == "pandas" else ports.as_given(given, done)

    def _kept(self) -> list[str]:
        """Columns that come out."""
        return [
            plan.name
            for plan in self._run.plans
            if self.keep_empty_features or plan.n_observed
        ]

    def _flagged(self) -> tuple[str, ...]:
        return self.indicator_features_ if self.add_indicator else ()

    def _flags(self) -> tuple[str, ...]:
        return self.indicator_names_ if self.add_indicator else ()

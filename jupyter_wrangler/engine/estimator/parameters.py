"""What an imputer is told by its analyst, and the spec that this asks for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state

from jupyter_wrangler.calls import public
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.contract.validation import build_request
from jupyter_wrangler.engine import ports
from jupyter_wrangler.engine.estimator.estimator_io import frame_of, plain, spelled
from jupyter_wrangler.engine.planning.start import start_of
from jupyter_wrangler.engine.planning.where import where_of
from jupyter_wrangler.engine.types import Given
from jupyter_wrangler.errors import InvalidSpec, shown


@public
class Parameters(BaseEstimator):
    """The parameters of an `Imputer`, which tells what they mean."""

    #: Seed of the fit, drawn from `random_state`.
    _seed: int

    def __init__(
        self,
        method: str = "pmm",
        *,
        methods: dict[str, str] | None = None,
        n_neighbors: int = 5,
        weights: str = "uniform",
        max_donors: int | str = "auto",
        donors: int = 5,
        matchtype: int = 1,
        sample_posterior: bool = True,
        n_estimators: int = 10,
        group: str | None = None,
        time: str | None = None,
        columns: list[str] | None = None,
        predictors: dict[str, list[str]] | None = None,
        max_predictors: int | str = "auto",
        blocks: dict[str, list[str]] | None = None,
        visit_sequence: str | list[str] = "ascending",
        min_value: float | dict[str, float] | None = None,
        max_value: float | dict[str, float] | None = None,
        factor: dict[str, float] | None = None,
        delta: dict[str, float | dict[str, float]] | None = None,
        start: Any = None,
        where: Any = None,
        post: dict[str, Any] | None = None,
        max_iter: int = 10,
        tol: float = 1e-3,
        tol_scale: str = "column",
        fill_value: Any = None,
        random_state: Any = None,
        missing_values: Any = np.nan,
        add_indicator: bool = False,
        keep_empty_features: bool = True,
        handle_unknown: str = "error",
        missing_columns: str = "error",
    ) -> None:
        self.method = method
        self.methods = methods
        self.n_neighbors = n_neighbors
        self.weights = weights
        self.max_donors = max_donors
        self.donors = donors
        self.matchtype = matchtype
        self.sample_posterior = sample_posterior
        self.n_estimators = n_estimators
        self.group = group
        self.time = time
        self.columns = columns
        self.predictors = predictors
        self.max_predictors = max_predictors
        self.blocks = blocks
        self.visit_sequence = visit_sequence
        self.min_value = min_value
        self.max_value = max_value
        self.factor = factor
        self.delta = delta
        self.start = start
        self.where = where
        self.post = post
        self.max_iter = max_iter
        self.tol = tol
        self.tol_scale = tol_scale
        self.fill_value = fill_value
        self.random_state = random_state
        self.missing_values = missing_values
        self.add_indicator = add_indicator
        self.keep_empty_features = keep_empty_features
        self.handle_unknown = handle_unknown
        self.missing_columns = missing_columns

    def _draw_seed(self) -> int:
        state = self.random_state
        if isinstance(state, int | np.integer):
            return int(state)
        try:
            drawn = check_random_state(state)
        except ValueError:
            raise InvalidSpec(
                f"random_state={shown(state)} is no seed; a whole number, a NumPy "
                "RandomState or None is wanted."
            ) from None
        return int(drawn.randint(np.iinfo(np.int32).max))

    def _spec(self, n_imputations: int = 1) -> ImputationSpec:
        return build_request(
            ImputationSpec,
            method=self.method,
            methods=plain(self.methods or {}),
            n_neighbors=plain(self.n_neighbors),
            weights=self.weights,
            max_donors=plain(self.max_donors),
            donors=plain(self.donors),
            matchtype=plain(self.matchtype),
            sample_posterior=plain(self.sample_posterior),
            n_estimators=plain(self.n_estimators),
            group=None if self.group is None else str(self.group),
            time=None if self.time is None else str(self.time),
            columns=None if self.columns is None else spelled(self.columns, alone=True),
            predictors={
                name: spelled(helpers, alone=True)
                for name, helpers in plain(self.predictors or {}).items()
            },
            max_predictors=plain(self.max_predictors),
            blocks={
                name: spelled(members, alone=True)
                for name, members in plain(self.blocks or {}).items()
            },
            visit_sequence=spelled(self.visit_sequence),
            min_value=plain(self.min_value),
            max_value=plain(self.max_value),
            factor=plain(self.factor or {}),
            delta=plain(self.delta or {}),
            max_iter=plain(self.max_iter),
            tol=plain(self.tol),
            tol_scale=self.tol_scale,
            fill_value=plain(self.fill_value),
            random_state=self._seed,
            n_imputations=plain(n_imputations),
        )

    def _given(self, X: Any, frame: pd.DataFrame) -> Given:
        labelled = isinstance(X, pd.DataFrame)
        return Given(
            start=start_of(self.start, frame, labelled=labelled),
            where=where_of(ports.as_pandas(self.where), frame, labelled=labelled),
            post={str(name): change for name, change in (self.post or {}).items()},
        )

    def _frame(self, X: Any, *, reset: bool) -> pd.DataFrame:
        names = () if reset else tuple(self._run.columns)
        return frame_of(self, X, self.missing_values, reset=reset, names=names)

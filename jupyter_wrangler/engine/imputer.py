"""A scikit-learn estimator over the methods: in process, no service, no Jupyter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.utils import check_random_state
from sklearn.utils._set_output import _get_output_config
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.contract.asking import ask
from jupyter_wrangler.engine import apply, chain
from jupyter_wrangler.engine.check import check
from jupyter_wrangler.engine.edge import (
    Cells,
    fill_array,
    fill_frame,
    frame_of,
    plain,
    spelled,
    widened,
    with_holes,
)
from jupyter_wrangler.engine.finish import finish
from jupyter_wrangler.engine.imputations import Imputations, impute_m
from jupyter_wrangler.engine.run import Given, Imputation, Run
from jupyter_wrangler.engine.start import start_of
from jupyter_wrangler.engine.state import State, from_state, to_state
from jupyter_wrangler.engine.warn import warn
from jupyter_wrangler.errors import InvalidSpec, UnreadableImputer

#: Writes a state to a file; see `set_writer`.
writer: Callable[[State, Any], None] | None = None


def set_writer(write: Callable[[State, Any], None]) -> None:
    """Say how a fitted imputer becomes a file; a room that may do I/O knows."""
    global writer  # noqa: PLW0603  set once, when the package is first used
    writer = write


@dataclass(frozen=True, kw_only=True)
class Worlds:
    """Frames of other makes than pandas."""

    #: Tells one of them.
    knows: Callable[[Any], bool]
    #: Makes a pandas frame of it.
    read: Callable[[Any], pd.DataFrame]
    #: Makes of a pandas frame what the second one is.
    back: Callable[[pd.DataFrame, Any], Any]


#: Frames of other makes; see `set_worlds`.
worlds: Worlds | None = None


def set_worlds(known: Worlds) -> None:
    """Say which other frames there are; the engine itself knows pandas only."""
    global worlds  # noqa: PLW0603  set once, when the package is first used
    worlds = known


class Imputer(TransformerMixin, BaseEstimator):
    """Fill missing values of DataFrames or arrays, once and for later rows.

    Parameters
    ----------
    method : str, default="pmm"
        Method for all columns: one of those that the methods page of the docs tells.
    methods : dict of str to str, optional
        Column -> method, for those that want another one ("" leaves it alone), or a
        formula by which it is computed from others: ``"~ weight / height ** 2"``.
    n_neighbors : int, default=5
        Neighbours of `knn`.
    weights : {"uniform", "distance"}, default="uniform"
        How `knn` weighs its neighbours.
    donors : int, default=5
        Donors of `pmm` and `boosting`.
    matchtype : {0, 1, 2}, default=1
        Which predictions `pmm` compares: both estimated, those of the receivers drawn,
        or both drawn.
    sample_posterior : bool, default=True
        Whether `norm`, `cart`, `rf`, `boosting` and the logistic methods draw; False
        takes their prediction, for one best guess.
    n_estimators : int, default=10
        Trees of `rf`.
    group : str, optional
        Column within whose groups the simple methods work: all but `constant`.
    time : str, optional
        Column that says when, for `ffill`, `bfill`, `interpolate` and `time`; default:
        the index.
    predictors : dict of str to list of str, optional
        Column -> columns that help to impute it (see `quickpred`); those not named
        use all others.
    blocks : dict of str to list of str, optional
        Name -> columns that are imputed together by `pmm`: what a row lacks of them is
        copied from one donor.
    visit_sequence : str or list of str, default="ascending"
        Order of the visits of the chained equations: "ascending" or "descending" by
        the number of holes, "monotone", "roman" (left to right), "arabic", or names.
    min_value, max_value : float or dict of str to float, optional
        Bounds of imputed numbers, for all numeric columns or by column.
    factor, delta : dict of str to float (or dict), optional
        Column -> factor of its imputed numbers, and number added to them after that,
        for data that are not missing at random.  Of classes `delta` shifts the
        log-odds: class -> shift, or a number for True and for ordered classes.
    start : DataFrame or array of shape (n, p), optional
        Where the chained equations start: the rows of the data of the fit, and the
        columns that you mean (all, by position, of an array); holes allowed.
    where : array of bool of shape (n, p), optional
        Cells to impute; default: those without a value.  Observed ones are imputed as
        though each alone were missing.
    post : dict of str to callable, optional
        Column of numbers or dates -> function of its imputed values that gives as many
        back.
    max_iter : int, default=10
        Most rounds of the chained equations.
    tol : float, default=1e-3
        Relative change below which a chain without draws stops early.
    fill_value : scalar or dict of str to scalar, optional
        Value of `constant`, for all columns or by column.
    random_state : int, RandomState or None, default=None
        Seed of all draws.
    missing_values : scalar, default=nan
        What stands for a hole, besides NaN, None and NA.
    add_indicator : bool, default=False
        Append a column of 0 and 1 for each column that had holes in the fit.
    keep_empty_features : bool, default=True
        Keep columns without any observed value, with their holes; False drops them.
    handle_unknown : {"error", "impute"}, default="error"
        What `transform` does with classes that the fit has not seen: refuse them, or
        take them for holes where they would help to impute others; they themselves
        stay.
    missing_columns : {"error", "impute"}, default="error"
        What `transform` does with frames that lack columns of the fit: refuse them, or
        impute all of these columns.

    Attributes
    ----------
    n_iter_ : int
        Rounds that were run; 1 where no method is chained.
    events_ : tuple of LoggedEvent
        What a statistician would want to know of the fit.
    indicator_features_ : tuple of str
        Columns that have an indicator.
    n_features_in_ : int
        Number of columns of the fit.
    feature_names_in_ : ndarray of str
        Their names, where the fit had string names.

    Notes
    -----
    `fit_transform` gives the imputation of the fit itself.  `transform` applies what
    was learned and fits nothing, see `engine.apply`; a row of the fit can get another
    value there than in `fit_transform`, as in scikit-learn's IterativeImputer.  Each
    call begins with the seed of the fit, so that it is repeatable: two batches of rows
    get the same random numbers.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[1.0, 2.0], [3.0, np.nan], [np.nan, 6.0]])
    >>> Imputer("mean").fit_transform(X)
    array([[1., 2.],
           [3., 4.],
           [2., 6.]])
    >>> df = pd.DataFrame({"n": [1, 2, None, 4], "c": ["a", "b", "b", None]})
    >>> Imputer("knn", n_neighbors=1).fit_transform(df.astype({"n": "Int64"}))
       n  c
    0  1  a
    1  2  b
    2  2  b
    3  4  b
    """

    def __init__(
        self,
        method: str = "pmm",
        *,
        methods: dict[str, str] | None = None,
        n_neighbors: int = 5,
        weights: str = "uniform",
        donors: int = 5,
        matchtype: int = 1,
        sample_posterior: bool = True,
        n_estimators: int = 10,
        group: str | None = None,
        time: str | None = None,
        predictors: dict[str, list[str]] | None = None,
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
        self.donors = donors
        self.matchtype = matchtype
        self.sample_posterior = sample_posterior
        self.n_estimators = n_estimators
        self.group = group
        self.time = time
        self.predictors = predictors
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
        self.fill_value = fill_value
        self.random_state = random_state
        self.missing_values = missing_values
        self.add_indicator = add_indicator
        self.keep_empty_features = keep_empty_features
        self.handle_unknown = handle_unknown
        self.missing_columns = missing_columns

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn to impute.

        Parameters
        ----------
        X : DataFrame (pandas or polars) or array of shape (n, p)
            Rows with holes.
        y : None
            Ignored; there for pipelines.

        Returns
        -------
        Imputer
            Itself.

        Warns
        -----
        ColumnLeftAlone
            For each column that keeps its holes although nobody asked for that.
        """
        del y
        self._learn(_read(X))
        self._warn(stacklevel=2)
        return self

    def fit_transform(self, X: Any, y: Any = None, **params: Any) -> Any:
        """Learn to impute, and impute the rows learned from.

        Parameters
        ----------
        X : DataFrame (pandas or polars) or array of shape (n, p)
            Rows with holes.
        y : None
            Ignored; there for pipelines.
        **params : dict
            Ignored; there for pipelines.

        Returns
        -------
        DataFrame or ndarray
            As came in, completed.
        """
        del y, params
        given, X = X, _read(X)
        frame = self._learn(X)
        # scikit-learn's own wrapper lies between this and the line of the user.
        self._warn(stacklevel=3)
        found = self._run.result()
        imputed = found.values  # noqa: PD011  no pandas object
        cells = {name: (rows, imputed[name]) for name, rows in found.rows.items()}
        return self._back(self._complete(X, frame, cells), given)

    def transform(self, X: Any) -> Any:
        """Impute rows by what was learned.

        Parameters
        ----------
        X : DataFrame (pandas or polars) or array of shape (n, p)
            Rows with the columns of the fit.

        Returns
        -------
        DataFrame or ndarray
            As came in, completed.

        Raises
        ------
        SchemaMismatch
            If columns are missing or unknown, or a class was never seen.
        """
        check_is_fitted(self, "n_iter_")
        given, X = X, self._widened(_read(X))
        frame = self._frame(X, reset=False)
        cells = self._apply(frame, np.random.default_rng(self._seed))
        return self._back(self._complete(X, frame, cells), given)

    def impute(self, X: Any, n_imputations: int = 5) -> Imputations:
        """Make several imputations, whose differences show what is not known.

        Parameters
        ----------
        X : DataFrame (pandas or polars) or array of shape (n, p)
            Rows with holes.
        n_imputations : int, default=5
            Number of completed data sets.

        Returns
        -------
        Imputations
            The completed data, to look at and to pool; those of `jw.impute` with the
            same settings and seed.  Columns stay as they are, and nothing is learned
            for `transform`.

        Examples
        --------
        >>> df = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "y": [2.0, 4.1, 5.9, None]})
        >>> found = Imputer("pmm", donors=2, random_state=0).impute(df, 20)
        >>> pooled = found.pool(lambda done: (done.y.mean(), done.y.var() / 4))
        >>> round(pooled["x0"].fmi, 2)
        0.07
        """
        other, X = clone(self), _read(X)
        frame = other._frame(X, reset=True)  # noqa: SLF001  of the same class
        given = other._given(X, frame)  # noqa: SLF001
        if isinstance(X, pd.DataFrame):
            frame.columns = X.columns
        other._seed = self._draw_seed()  # noqa: SLF001
        spec = other._spec(n_imputations)  # noqa: SLF001
        warn(check(frame, spec), spec, stacklevel=2)
        return impute_m(frame, spec, given)

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
        >>> df = pd.DataFrame({"x": np.arange(9.0), "y": np.arange(9.0) ** 2})
        >>> fitted = Imputer("pmm", donors=3, random_state=0).fit(df)
        >>> later = pd.DataFrame({"x": [4.0, 7.5], "y": [None, 60.0]})
        >>> fitted.impute_new(later, 3).draws("y").isna().any(axis=None)
        np.False_
        """
        check_is_fitted(self, "n_iter_")
        X = self._widened(_read(X))
        frame = self._frame(X, reset=False)
        spec = ask(
            ImputationSpec,
            **self._run.spec.model_dump() | {"n_imputations": plain(n_imputations)},
        )
        holed = [p for p in self._run.plans if frame[p.name].hasnans]
        asked = [replace(p, n_missing=int(frame[p.name].isna().sum())) for p in holed]
        warn(asked, spec, stacklevel=2)
        made: list[Imputation] = []
        columns = dict(frame.items())
        for k in range(spec.n_imputations):
            seed = np.random.SeedSequence(self._seed, spawn_key=(k,))
            cells = self._apply(frame, np.random.default_rng(seed))
            cells = {name: found for name, found in cells.items() if len(found[0])}
            values: dict[str, Any] = {}
            for name, (rows, found) in cells.items():
                columns[name], values[name] = with_holes(frame[name], rows, found)
            rows_of = {name: rows for name, (rows, _) in cells.items()}
            made.append(
                Imputation(
                    values=values, rows=rows_of, events=(), n_iter=self._run.n_iter
                )
            )
        data = pd.DataFrame(columns, index=frame.index)
        if isinstance(X, pd.DataFrame):
            data.columns = X.columns
        return Imputations(data, made)

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
        run = replace(self._run, given=Given(post=self._run.given.post))
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
        if writer is None:
            raise InvalidSpec(
                "Nothing is set up to write files here: take the imputer from "
                "jupyter_wrangler (jw.Imputer), or call save_imputer(imputer, path) of "
                "jupyter_wrangler.frames.imputers."
            )
        writer(state, path)

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
        names = _check_feature_names_in(self, input_features)
        by_column = dict(zip(self._run.columns, names, strict=True))
        kept = [by_column[name] for name in self._kept()]
        flags = [f"missingindicator_{by_column[n]}" for n in self._flagged()]
        return np.asarray([*kept, *flags], dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags

    def _learn(self, X: Any) -> pd.DataFrame:
        frame = self._frame(X, reset=True)
        self._seed = self._draw_seed()
        spec = self._spec()
        steps = chain.fit(frame, spec, keep=True, given=self._given(X, frame))
        self._run = finish(steps, frame.size)
        self.n_iter_ = max(1, self._run.n_iter)
        self.events_ = tuple(self._run.events)
        self.indicator_features_ = tuple(
            plan.name for plan in self._run.plans if plan.n_missing
        )
        return frame

    def _warn(self, stacklevel: int) -> None:
        """Warn of columns that keep their holes, unless they are dropped as asked."""
        kept = set(self._kept())
        plans = [plan for plan in self._run.plans if plan.name in kept]
        warn(plans, self._run.spec, stacklevel=stacklevel + 1)

    def _draw_seed(self) -> int:
        state = self.random_state
        if isinstance(state, int | np.integer):
            return int(state)
        try:
            drawn = check_random_state(state)
        except ValueError:
            raise InvalidSpec(
                f"random_state={state!r} is no seed; a whole number, a NumPy "
                "RandomState or None is wanted."
            ) from None
        return int(drawn.randint(np.iinfo(np.int32).max))

    def _spec(self, n_imputations: int = 1) -> ImputationSpec:
        return ask(
            ImputationSpec,
            method=self.method,
            methods=plain(self.methods or {}),
            n_neighbors=plain(self.n_neighbors),
            weights=self.weights,
            donors=plain(self.donors),
            matchtype=plain(self.matchtype),
            sample_posterior=plain(self.sample_posterior),
            n_estimators=plain(self.n_estimators),
            group=None if self.group is None else str(self.group),
            time=None if self.time is None else str(self.time),
            predictors={
                name: spelled(helpers, alone=True)
                for name, helpers in plain(self.predictors or {}).items()
            },
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
            fill_value=plain(self.fill_value),
            random_state=self._seed,
            n_imputations=plain(n_imputations),
        )

    def _given(self, X: Any, frame: pd.DataFrame) -> chain.Given:
        labelled = isinstance(X, pd.DataFrame)
        return chain.Given(
            start=start_of(self.start, frame, labelled=labelled),
            where=None if self.where is None else np.asarray(self.where),
            post={str(name): change for name, change in (self.post or {}).items()},
        )

    def _frame(self, X: Any, *, reset: bool) -> pd.DataFrame:
        return frame_of(self, X, self.missing_values, reset=reset)

    def _widened(self, X: Any) -> Any:
        """Add the columns that later rows lack, if that is asked for."""
        for name in ("handle_unknown", "missing_columns"):
            if getattr(self, name) not in {"error", "impute"}:
                raise InvalidSpec(
                    f"{name}={getattr(self, name)!r} cannot be asked for; choose "
                    "'error' or 'impute'."
                )
        if self.missing_columns == "error":
            return X
        return widened(X, list(self._run.columns))

    def _apply(self, frame: pd.DataFrame, rng: np.random.Generator) -> Cells:
        unknown = cast("Any", self.handle_unknown)
        steps = apply.apply(self._run, frame, rng, handle_unknown=unknown)
        return finish(steps, frame.size)

    def _complete(self, X: Any, frame: pd.DataFrame, cells: Cells) -> Any:
        fill = fill_frame if isinstance(X, pd.DataFrame) else fill_array
        return fill(X, frame, cells, self._kept(), self._flagged())

    def _back(self, done: Any, given: Any) -> Any:
        """Give back what came in, unless scikit-learn was told what to give."""
        told = _get_output_config("transform", self)["dense"]
        if worlds is None or not worlds.knows(given) or told == "pandas":
            return done
        return worlds.back(done, given)

    def _kept(self) -> list[str]:
        """Columns that come out."""
        return [
            plan.name
            for plan in self._run.plans
            if self.keep_empty_features or plan.n_observed or plan.method
        ]

    def _flagged(self) -> tuple[str, ...]:
        return self.indicator_features_ if self.add_indicator else ()


def _read(X: Any) -> Any:
    """See a frame of another make as one of pandas."""
    return worlds.read(X) if worlds is not None and worlds.knows(X) else X

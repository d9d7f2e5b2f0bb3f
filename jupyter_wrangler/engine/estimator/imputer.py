"""A scikit-learn estimator over the methods: in process, no service, no Jupyter.

Its parameters are in `engine.estimator.parameters`, what it does once fitted in
`engine.estimator.fitted`.
"""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from sklearn.base import TransformerMixin, clone
from sklearn.utils.validation import check_is_fitted

from jupyter_wrangler.calls import public
from jupyter_wrangler.engine import ports
from jupyter_wrangler.engine.estimator.arrays import kind_of
from jupyter_wrangler.engine.estimator.estimator_io import (
    check_indicators,
    indicator_of,
)
from jupyter_wrangler.engine.estimator.fitted import Fitted
from jupyter_wrangler.engine.estimator.imputations import Imputations, impute_m
from jupyter_wrangler.engine.estimator.run_steps import finish
from jupyter_wrangler.engine.planning.check import check
from jupyter_wrangler.engine.planning.early_warnings import warn, warn_long
from jupyter_wrangler.engine.strategies.impute import fit
from jupyter_wrangler.engine.strategies.run import Run
from jupyter_wrangler.engine.strategies.simple.whole_array import fit_floats, floats_of

#: Only larger frames are asked beforehand how long they take.
_LARGE = 100_000


@public
class Imputer(TransformerMixin, Fitted):
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
    max_donors : int or {"auto", "all"}, default="auto"
        Most rows among which `knn` looks for neighbours, drawn once.  "auto" takes all,
        but 20 000 where there are 200 000 rows or more, and says so in ``events_``.
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
    columns : list of str, optional
        Columns to impute; default: all.  The others keep their missing values, and help
        all the same.
    predictors : dict of str to list of str, optional
        Column -> columns that help to impute it (see `quickpred`); those not named
        use all others, see `max_predictors`.
    max_predictors : int or {"auto", "all"}, default="auto"
        Most predictors of a column that `predictors` does not name: those of the others
        that correlate most with it.  "auto" takes all, but 100 where there are 200
        columns or more, and says so in ``events_``.
    blocks : dict of str to list of str, optional
        Name -> columns that are imputed together by `pmm`: what a row lacks of them is
        copied from one donor.
    visit_sequence : str or list of str, default="ascending"
        Order of the visits of the chained equations: "ascending" or "descending" by
        the number of missing values, "monotone", "roman" (left to right), "arabic", or
        names.
    min_value, max_value : float or dict of str to float, optional
        Bounds of imputed numbers, for all numeric columns or by column.
    factor, delta : dict of str to float (or dict), optional
        Column -> factor of its imputed numbers, and number added to them after that,
        for data that are not missing at random.  Of classes `delta` shifts the
        log-odds: class -> shift, or a number for True and for ordered classes.
    start : DataFrame or array of shape (n, p), optional
        Where the chained equations start: the rows of the data of the fit, and the
        columns that you mean (all, by position, of an array); missing values allowed.
    where : DataFrame or array of bool of shape (n, p), optional
        Cells to impute; default: those without a value.  Observed ones are imputed as
        though each alone were missing.  A frame is taken by its labels.
    post : dict of str to callable, optional
        Column of numbers or dates -> function of its imputed values that gives as many
        back.
    max_iter : int, default=10
        Most rounds of the chained equations.
    tol : float, default=1e-3
        Relative change below which a chain without draws stops early.
    tol_scale : {"column", "largest"}, default="column"
        What `tol` is relative to: the standard deviation of each column, or the
        largest absolute value of all columns, as in scikit-learn's IterativeImputer.
    fill_value : scalar or dict of str to scalar, optional
        Value of `constant`, for all columns or by column.
    random_state : int, RandomState or None, default=None
        Seed of all draws.
    missing_values : scalar, default=nan
        What stands for a missing value, besides NaN, None and NA.
    add_indicator : bool, default=False
        Append a column of 0 and 1 for each column that had missing values in the fit.
    keep_empty_features : bool, default=True
        Keep columns without any observed value, with their missing values; False drops
        them.
    handle_unknown : {"error", "impute"}, default="error"
        What `transform` does with classes that the fit has not seen: refuse them, or
        take them for missing values where they would help to impute others; they
        themselves stay.
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
    indicator_names_ : tuple of str
        What the indicators are called.
    array_kind_ : str
        What comes out for arrays: "float", "object", or the dtype of dates.
    n_features_in_ : int
        Number of columns of the fit.
    feature_names_in_ : ndarray of str
        Their names, where the fit had string names.

    Notes
    -----
    `fit_transform` gives the imputation of the fit itself.  `transform` applies what
    was learned and fits nothing, see `engine.strategies.transform`; a row of the fit
    can get another value there than in `fit_transform`, as in scikit-learn's
    IterativeImputer.  Each call begins with the seed of the fit, so that it is
    repeatable: two batches of rows get the same random numbers.

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

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn to impute.

        Parameters
        ----------
        X : DataFrame (pandas or polars) or array of shape (n, p)
            Rows with missing values.
        y : None
            Ignored; there for pipelines.

        Returns
        -------
        Imputer
            Itself.

        Warns
        -----
        ColumnLeftAlone
            Lists the columns that keep missing values although nobody asked for that.
        """
        del y
        self._learn(ports.as_pandas(X))
        self._warn()
        return self

    def fit_transform(self, X: Any, y: Any = None, **params: Any) -> Any:
        """Learn to impute, and impute the rows learned from.

        Parameters
        ----------
        X : DataFrame (pandas or polars) or array of shape (n, p)
            Rows with missing values.
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
        given, X = X, ports.as_pandas(X)
        frame = self._learn(X)
        self._warn()
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
        given, X = X, self._widened(ports.as_pandas(X))
        frame = self._frame(X, reset=False)
        cells = self._apply(frame, self._rng())
        return self._back(self._complete(X, frame, cells), given)

    def impute(self, X: Any, n_imputations: int | Literal["auto"] = 5) -> Imputations:
        """Make several imputations, whose differences show what is not known.

        Parameters
        ----------
        X : DataFrame (pandas or polars) or array of shape (n, p)
            Rows with missing values.
        n_imputations : int or "auto", default=5
            Number of completed data sets.  "auto" makes 10, and adds as many as
            standard errors want that vary by less than 5 % between runs, up to 200;
            ``events`` says what decided.

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
        other, X = clone(self), ports.as_pandas(X)
        frame = other._frame(X, reset=True)  # noqa: SLF001  of the same class
        given = other._given(X, frame)  # noqa: SLF001
        if isinstance(X, pd.DataFrame):
            frame.columns = X.columns
        other._seed = self._draw_seed()  # noqa: SLF001
        spec = other._spec(n_imputations)  # noqa: SLF001
        warn(check(frame, spec), spec)
        return impute_m(frame, spec, given)

    def adopt(self, run: Run, X: pd.DataFrame) -> Self:
        """Become fitted by a run that was made of these data elsewhere.

        Parameters
        ----------
        run : Run
            Of `engine.strategies.impute.fit` with ``keep=True``.
        X : DataFrame
            The data that it was made of.

        Returns
        -------
        Imputer
            Itself, as `fit` would have left it.
        """
        frame = self._frame(X, reset=True)
        self._seed = self._draw_seed()
        self._take(run, X, frame)
        return self

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
        if frame.size > _LARGE:
            # What may take hours is reported before it, not after.
            warn_long(check(frame, spec), spec)
        known = None
        if isinstance(X, np.ndarray) and X.dtype == float and not self._chooses_cells:
            known = floats_of(frame, spec)
        run = fit_floats(known, spec) if known else None
        if run is None:
            given = self._given(X, frame)
            steps = fit(frame, spec, keep=True, given=given, ready=True, known=known)
            run = finish(steps, frame.size)
        self._take(run, X, frame)
        return frame

    @property
    def _chooses_cells(self) -> bool:
        return not (self.start is None and self.where is None and not self.post)

    def _take(self, run: Run, X: Any, frame: pd.DataFrame) -> None:
        """Take a run for what was learned from these rows."""
        self._run = run
        self.n_iter_ = max(1, self._run.n_iter)
        self.events_ = tuple(self._run.events)
        labels = X.columns if isinstance(X, pd.DataFrame) else frame.columns
        incomplete = [
            label
            for label, plan in zip(labels, self._run.plans, strict=True)
            if plan.n_missing
        ]
        self.indicator_features_ = tuple(map(str, incomplete))
        self.indicator_names_ = tuple(str(indicator_of(one)) for one in incomplete)
        self.array_kind_ = kind_of(
            X, [column.own.dtype for column in self._run.columns.values()]
        )
        check_indicators(self._kept(), self._flags())

    def _warn(self) -> None:
        """Warn of columns that keep missing values, unless they are dropped."""
        kept = set(self._kept())
        plans = [plan for plan in self._run.plans if plan.name in kept]
        warn(plans, self._run.spec, done=True)

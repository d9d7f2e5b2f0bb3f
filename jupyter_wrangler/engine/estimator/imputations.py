"""Several imputations of one frame: what differs between them is what is not known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.calls import public
from jupyter_wrangler.contract import ImputationSpec, LoggedEvent
from jupyter_wrangler.engine.columns.draw_intervals import moments, spread, votes
from jupyter_wrangler.engine.columns.values import placed
from jupyter_wrangler.engine.estimator.chains import chain_table, diagnostics_of
from jupyter_wrangler.engine.estimator.run_steps import finish
from jupyter_wrangler.engine.strategies import impute
from jupyter_wrangler.engine.types import Given, Imputation
from jupyter_wrangler.errors import InvalidSpec, UnknownColumn, shown

if TYPE_CHECKING:
    from jupyter_wrangler.engine.pooling.pooled_model import PooledModel


@public
class Imputations:
    """The imputed cells of m completed data sets, and the data they belong to.

    Parameters
    ----------
    data : DataFrame of shape (n, p)
        The data with their missing values; not copied.
    imputations : sequence of Imputation
        One or more.

    Notes
    -----
    Only imputed cells are held; each completed data set is made when it is asked for.

    Examples
    --------
    >>> df = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "y": [2.0, 4.1, 5.9, None]})
    >>> found = impute_m(df, ImputationSpec(method="pmm", donors=2, n_imputations=3))
    >>> found
    Imputations: 3 of 4 rows and 2 columns, 1 imputed cell in each
    >>> found.complete(0).isna().any(axis=None)
    np.False_
    >>> found.complete("long").shape
    (12, 2)
    """

    def __init__(self, data: pd.DataFrame, imputations: Sequence[Imputation]) -> None:
        if not imputations:
            raise InvalidSpec("There is no imputation; at least one is wanted.")
        self.data = data
        self.imputations = tuple(imputations)
        self._labels = dict(zip(map(str, data.columns), data.columns, strict=True))

    # ── completed data ──

    @property
    def m(self) -> int:
        """Number of imputations."""
        return len(self.imputations)

    def __len__(self) -> int:
        return self.m

    def __iter__(self) -> Iterator[pd.DataFrame]:
        return (self.complete(k) for k in range(self.m))

    @overload
    def complete(self, k: int | Literal["long", "stacked"] = ...) -> pd.DataFrame: ...
    @overload
    def complete(self, k: Literal["all"]) -> list[pd.DataFrame]: ...
    def complete(
        self, k: int | Literal["all", "long", "stacked"] = 0
    ) -> pd.DataFrame | list[pd.DataFrame]:
        """Give completed data.

        Parameters
        ----------
        k : int or {"all", "long", "stacked"}, default=0
            Which data set, counted from 0; or all of them: in a list, below one
            another under an index that begins with the imputation ("long"), or below
            one another under the index of the data ("stacked").

        Returns
        -------
        DataFrame or list of DataFrame
        """
        if k == "all":
            return list(self)
        if k == "long":
            return pd.concat(list(self), keys=range(self.m), names=["imputation"])
        if k == "stacked":
            return pd.concat(list(self))
        one = self._one(k, ", 'all', 'long' and 'stacked'")
        done = self.data.copy()
        positions = {name: at for at, name in enumerate(self._labels)}
        for name, values in one.values.items():  # noqa: PD011  a dict of ours
            at = positions[name]
            series: Any = filled(self.data.iloc[:, at], one.rows[name], values)
            done.isetitem(at, series)
        return done

    # ── what they say ──

    def pool(
        self, fn: Callable[[pd.DataFrame], Any], *, dfcom: float | None = None
    ) -> PooledModel:
        """Analyse each completed data set and pool the results by Rubin's rules.

        Parameters
        ----------
        fn : callable
            Takes a completed data set; gives a fitted model or a pair (estimates,
            covariance), see `pooling.pool`.
        dfcom : float, optional
            Degrees of freedom of the analysis had the data been complete.

        Returns
        -------
        PooledModel
        """
        from jupyter_wrangler.engine.pooling.pool import pool  # noqa: PLC0415  loads scipy

        return pool([fn(done) for done in self], dfcom=dfcom)

    @property
    def events(self) -> tuple[LoggedEvent, ...]:
        """What was logged, by imputation."""
        return tuple(event for one in self.imputations for event in one.events)

    @property
    def chain_mean(self) -> pd.DataFrame:
        """Means of the imputed cells: imputation and round by chained column.

        Of columns of classes it is the mean of their codes, 0 for the first class.
        """
        return chain_table(self.imputations, self._labels, 0)

    @property
    def chain_var(self) -> pd.DataFrame:
        """Variances of the imputed cells: imputation and round by chained column."""
        return chain_table(self.imputations, self._labels, 1)

    @property
    def diagnostics(self) -> pd.DataFrame:
        """How well the chains have mixed.

        A line for each chained column: `rounds`, and for the chains of means and of
        variances R-hat and lag-1 autocorrelation, see `convergence`.
        """
        return diagnostics_of(self.imputations, self._labels)

    # ── cell by cell ──

    def draws(self, column: Any) -> pd.DataFrame:
        """Give the imputed values of one column: rows by imputation.

        Parameters
        ----------
        column : label
            A column with imputed cells.

        Returns
        -------
        DataFrame of shape (cells, m)
            In the dtype of the column, under the index of the data.

        Raises
        ------
        UnknownColumn
            If nothing was imputed in it.
        """
        name = self._name(column)
        rows = self.imputations[0].rows[name]
        return pd.DataFrame(
            {
                k: pd.Series(
                    one.values[name],  # noqa: PD011  a dict of ours
                    index=self.data.index[rows],
                    dtype=one.values[name].dtype,  # noqa: PD011
                )
                for k, one in enumerate(self.imputations)
            }
        ).rename_axis(columns="imputation")

    def intervals(self, column: Any, level: float = 0.95) -> pd.DataFrame:
        """Tell what is likely for each imputed cell of one column.

        Parameters
        ----------
        column : label
            A column with imputed cells.
        level : float, default=0.95
            Coverage of the interval, for numbers.

        Returns
        -------
        DataFrame
            Of numbers, moments and spans `estimate` (mean), `low` and `high`; of all
            others `estimate` (the most frequent one) and `share`, its share of the
            imputations.

        Notes
        -----
        With enough imputations that 2 draws lie beyond each end (80 for 95 %) the ends
        are quantiles.  With fewer they are those of a prediction from m draws of a
        normal, mean +- t sd sqrt(1 + 1/m) on m - 1 degrees of freedom; wide for few
        imputations, and NaN for one.
        """
        draws = self.draws(column)
        kinds = {dtype.kind for dtype in draws.dtypes}
        numeric = all(pd.api.types.is_numeric_dtype(d) for d in draws.dtypes)
        dates = kinds <= set("mM")
        if not (numeric or dates) or kinds & set("b"):
            return votes(draws)
        if not 0 < level < 1:
            raise InvalidSpec(
                f"level={shown(level)} cannot be asked for; give 0.95 for 95 %."
            )
        if dates:
            return moments(draws, level)
        y = draws.to_numpy(dtype=np.float64)
        return pd.DataFrame(spread(y, level), index=draws.index)

    def donors(self, column: Any, k: int = 0) -> pd.DataFrame:
        """Tell whose values fill one column in imputation `k`.

        Parameters
        ----------
        column : label
            A column imputed by a method with donors (`pmm`, `knn`, ...).
        k : int, default=0
            Which imputation.

        Returns
        -------
        DataFrame of shape (cells, donors)
            Positions of the donors' rows, nearest first, under the index of the data;
            missing where there were fewer, or where the value was adjusted after it
            was taken (by bounds, factor, delta or post).

        Raises
        ------
        UnknownColumn
            If the column's values are nobody's.
        InvalidSpec
            If all of them were adjusted, or there is no imputation `k`.
        """
        name = self._name(column)
        one = self._one(k)
        if name not in one.donors:
            raise UnknownColumn(str(column), [str(n) for n in one.donors])
        rows = one.donors[name]
        if rows.ndim == 1 and (rows < 0).all():
            raise InvalidSpec(
                f"The values of column {name!r} were adjusted after they were taken "
                "(by bounds, factor, delta or post), so that they are nobody's; impute "
                "it without that to see donors."
            )
        found = rows[:, None] if rows.ndim == 1 else rows
        return (
            pd.DataFrame(found, index=self.data.index[one.rows[name]])
            .astype("Int64")
            .replace(-1, pd.NA)
            .rename_axis(columns="donor")
        )

    def _one(self, k: Any, others: str = "") -> Imputation:
        if k not in range(self.m):
            raise InvalidSpec(
                f"There is no completed data set {shown(k)}; there are 0 to "
                f"{self.m - 1}{others}."
            )
        one: Imputation = self.imputations[k]
        return one

    def _name(self, column: Any) -> str:
        name = str(column)
        if name not in self.imputations[0].rows:
            raise UnknownColumn(name, list(self.imputations[0].rows))
        return name

    def __repr__(self) -> str:
        n, p = self.data.shape
        cells = sum(map(len, self.imputations[0].rows.values()))
        word = "cell" if cells == 1 else "cells"
        return (
            f"Imputations: {self.m} of {n:,} rows and {p:,} columns, "
            f"{cells:,} imputed {word} in each"
        )


def impute_m(
    df: pd.DataFrame, spec: ImputationSpec, given: Given | None = None
) -> Imputations:
    """Make all imputations that a spec asks for, one after the other.

    Parameters
    ----------
    df : DataFrame
        The data.
    spec : ImputationSpec
        What is asked for; imputation k has the numbers that a job gives it.
    given : Given, optional
        What only a caller in this process can say: start, cells, functions.

    Returns
    -------
    Imputations
        With `se_cv` more than `n_imputations`, if standard errors want them.
    """
    # what is known beforehand; the first imputation adds the plans
    known = [given or Given()]
    made: list[Imputation] = []

    def add(k: int) -> None:
        run = finish(impute.fit(df, spec, k, given=known[0]), df.size)
        made.append(run.result())
        # all would choose the same, each at the cost of many trials
        known[0] = replace(known[0], plans=run.plans)

    for k in range(spec.n_imputations):
        add(k)
    if spec.se_cv is not None:
        # loads scipy
        from jupyter_wrangler.engine.estimator.needed import needed_imputations  # noqa: PLC0415

        needed = needed_imputations(df, made, spec.se_cv)
        for k in range(needed.pilot, needed.m):
            add(k)
        made[0] = replace(made[0], events=(*made[0].events, needed.event))
    return Imputations(df, made)


def filled(series: pd.Series, rows: NDArray[np.intp], values: Any) -> pd.Series:
    """Put values into the missing values of a column; its dtype stays."""
    own = placed(series.array, rows, values)
    # Said aloud: pandas would make strings of an object column of strings.
    done: pd.Series = pd.Series(own, index=series.index, dtype=own.dtype)
    return done

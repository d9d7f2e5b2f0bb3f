"""Which values are missing together: patterns, pairs, influx and outflux.

`R` is the response indicator: True where a value is observed.  A *pattern* is a row
of R; two rows have the same one if the same columns are missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.calls import public
from jupyter_wrangler.engine.planning.frame import named


@dataclass(frozen=True, kw_only=True, eq=False)
class Patterns:
    """The patterns of a frame, from complete rows to empty ones."""

    #: A line for each pattern, True where observed; columns in ascending order of
    #: missing values.
    table: pd.DataFrame
    #: Number of rows with each pattern.
    rows: NDArray[np.intp]
    #: Missing values of each column, in the order of the table.
    missing: pd.Series
    #: Pattern of each row of the frame.
    of_row: NDArray[np.intp]

    @property
    def n_missing(self) -> int:
        """Missing values in all."""
        return int(self.missing.sum())

    @property
    def monotone(self) -> bool:
        """Whether a row that lacks a column lacks all columns to the right of it."""
        observed = self.table.to_numpy()
        return not (observed[:, 1:] & ~observed[:, :-1]).any()

    def to_frame(self) -> pd.DataFrame:
        """Give the table as mice prints it.

        Returns
        -------
        DataFrame
            0 and 1 by column under the number of rows, the missing values of each
            pattern in a last column, those of each column in a last line.
        """
        shown = self.table.astype(int)
        shown["missing"] = (~self.table).sum(axis=1)
        shown.index = pd.Index([str(count) for count in self.rows], name="rows")
        last = pd.DataFrame(
            [[*self.missing, self.n_missing]], columns=shown.columns, index=["missing"]
        )
        return pd.concat([shown, last.rename_axis("rows")])

    def __repr__(self) -> str:
        return self.to_frame().to_string()

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html())


@public
def md_pattern(df: Any) -> Patterns:
    """Tell which missing-data patterns a frame has.

    Parameters
    ----------
    df : pandas.DataFrame or polars.DataFrame of shape (n, p)
        The data.

    Returns
    -------
    Patterns
        In ascending order of missing values, then with the left columns observed
        first.

    Raises
    ------
    InvalidData
        If the frame is empty or two columns share a name.

    Notes
    -----
    Costs one pass over n p cells and a sort of n short keys.

    References
    ----------
    .. [1] J. L. Schafer (1997), Analysis of Incomplete Multivariate Data.
    .. [2] S. van Buuren (2018), Flexible Imputation of Missing Data, section 4.1.

    Examples
    --------
    >>> df = pd.DataFrame({"a": [1, 2, 3], "b": [1, None, None], "c": [1, None, 3]})
    >>> md_pattern(df)
             a  c  b  missing
    rows
    1        1  1  1        0
    1        1  1  0        1
    1        1  0  0        2
    missing  0  1  2        3
    """
    r = named(df).notna()
    missing = (~r).sum()
    order = np.argsort(missing.to_numpy(), kind="stable")
    observed = r.to_numpy()[:, order]
    packed = np.packbits(observed, axis=1)
    _, first, of_row, rows = np.unique(
        packed, axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    found = observed[first]
    # Fewest missing first, then those that lack the right columns: the binary number
    # of the pattern, which np.unique sorted by, descending.
    rank = np.lexsort((-np.arange(len(first)), (~found).sum(axis=1)))
    back = np.empty_like(rank)
    back[rank] = np.arange(len(rank))
    names = [str(name) for name in r.columns[order]]
    return Patterns(
        table=pd.DataFrame(found[rank], columns=names),
        rows=rows[rank],
        missing=pd.Series(missing.to_numpy()[order], index=names),
        of_row=back[of_row.ravel()],
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Pairs:
    """Numbers of rows by what is observed of two columns: first row, then column."""

    #: Both observed.
    rr: pd.DataFrame
    #: The column of the row observed, that of the column missing.
    rm: pd.DataFrame
    #: The other way round.
    mr: pd.DataFrame
    #: Both missing.
    mm: pd.DataFrame

    @property
    def usable(self) -> pd.DataFrame:
        """Share of the cases with the row's column missing that have the other one."""
        return self.mr / (self.mr + self.mm)


@public
def md_pairs(df: Any) -> Pairs:
    """Count, for each pair of columns, the rows in which they are observed or missing.

    Parameters
    ----------
    df : pandas.DataFrame or polars.DataFrame of shape (n, p)
        The data.

    Returns
    -------
    Pairs
        Four tables of shape (p, p), whose sum is n in every cell.

    Notes
    -----
    Costs one matrix product of n p^2.

    References
    ----------
    .. [1] S. van Buuren (2018), Flexible Imputation of Missing Data, section 4.1.2.

    Examples
    --------
    >>> df = pd.DataFrame({"a": [1, 2, 3], "b": [1, None, None]})
    >>> md_pairs(df).rm
       a  b
    a  0  2
    b  0  0
    """
    observed = named(df).notna()
    names = list(observed.columns)
    r = observed.to_numpy(dtype=np.float64)
    both = r.T @ r
    own, n = np.diagonal(both), len(r)

    def table(counts: NDArray[np.float64]) -> pd.DataFrame:
        return pd.DataFrame(counts.astype(int), index=names, columns=names)

    return Pairs(
        rr=table(both),
        rm=table(own[:, None] - both),
        mr=table(own[None, :] - both),
        mm=table(n - own[:, None] - own[None, :] + both),
    )


@public
def flux(df: Any) -> pd.DataFrame:
    """Tell how each column is connected to the others through what is missing.

    Parameters
    ----------
    df : pandas.DataFrame or polars.DataFrame of shape (n, p)
        The data.

    Returns
    -------
    DataFrame
        A line for each column: `observed` (share), `influx` (how well its missing
        values are connected to observed values: high is easy to impute), `outflux` (how
        well its values are connected to missing values: high is useful as a predictor),
        `inbound` and `outbound` (averages over the other columns of the shares of its
        missing values, and of its values, for which the other is observed, and
        missing), and `incomplete` (share of incomplete rows among those that have it).

    Notes
    -----
    Outflux is NaN in a frame without missing values.

    References
    ----------
    .. [1] S. van Buuren (2018), Flexible Imputation of Missing Data, section 4.1.3.
    .. [2] I. R. White and J. B. Carlin (2010), Statistics in Medicine 29, 2920-2931.

    Examples
    --------
    >>> df = pd.DataFrame({"a": [1, 2, 3, 4], "b": [1, None, None, 4]})
    >>> flux(df)[["observed", "influx", "outflux"]].round(3)
       observed  influx  outflux
    a       1.0   0.000      1.0
    b       0.5   0.333      0.0
    """
    r = named(df).notna()
    pairs, others = md_pairs(df), max(r.shape[1] - 1, 1)
    observed, missing = r.sum(), (~r).sum()
    incomplete = (~r).any(axis=1)
    rm, mr = pairs.rm.sum(axis=1), pairs.mr.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return pd.DataFrame(
            {
                "observed": observed / len(r),
                "influx": mr / observed.sum(),
                "outflux": rm / missing.sum(),
                # the pair of a column with itself adds nothing to either sum
                "inbound": (mr / missing / others).fillna(0.0),
                "outbound": (rm / observed / others).fillna(0.0),
                "incomplete": r[incomplete].sum() / observed,
            }
        )

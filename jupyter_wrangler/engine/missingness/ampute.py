"""Make missing values in complete data by a known mechanism, for tests and teaching.

Each row is a candidate for one *pattern* (which columns would be missing).  A weighted
sum of its standardised values decides, through a logistic function, how likely it
is to get that pattern.  MCAR: every row is as likely.  MAR: the weights are on columns
that stay observed.  MNAR: they are on those that go missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from jupyter_wrangler.calls import public
from jupyter_wrangler.engine import ports
from jupyter_wrangler.engine.columns.missing_cells import masked
from jupyter_wrangler.engine.columns.values import EXACT
from jupyter_wrangler.engine.missingness.score_probabilities import (
    SHAPES,
    Floats,
    Type,
    grouped,
    probabilities,
)
from jupyter_wrangler.engine.planning.frame import named
from jupyter_wrangler.errors import InvalidData, InvalidSpec, shown

Mechanism = Literal["MCAR", "MAR", "MNAR"]


@public
def ampute(
    df: Any,
    prop: float = 0.5,
    mechanism: Mechanism = "MAR",
    *,
    patterns: ArrayLike | None = None,
    freq: Sequence[float] | None = None,
    weights: ArrayLike | None = None,
    type: Type | Sequence[Type] = "RIGHT",  # noqa: A002  the word of mice
    odds: ArrayLike | None = None,
    bycases: bool = True,
    random_state: Any = None,
) -> Any:
    """Make missing values in a complete frame.

    Parameters
    ----------
    df : pandas.DataFrame or polars.DataFrame of shape (n, p)
        Complete data; not changed.  Missing values are allowed where no weight lies.
    prop : float, default=0.5
        Share of rows that get a missing value, or of cells with ``bycases=False``.
    mechanism : {"MCAR", "MAR", "MNAR"}, default="MAR"
        Whether missing values depend on nothing, on what stays observed, or on what is
        lost.
    patterns : array-like of shape (k, p), optional
        0 where a pattern is missing, 1 where it stays observed; default: one pattern
        for each column, which is missing alone.
    freq : sequence of k floats, optional
        Share of each pattern among the rows with missing values; default: equal ones.
    weights : array-like of shape (k, p), optional
        Weights of the columns in the sum score of each pattern; default: 1 for the
        observed columns with MAR, and for the missing ones with MNAR.
    type : {"RIGHT", "LEFT", "MID", "TAIL"} or sequence of k of them, default="RIGHT"
        Which scores are likely to get missing values: high, low, middling or extreme
        ones.
    odds : array-like of shape (k, g) or (g,), optional
        In place of `type`: the candidates of each pattern fall into g groups of equal
        size by their scores, the lowest first, and these are how likely the groups get
        missing values, in proportion (as ``cont=FALSE`` in mice); NaN fills a line of
        fewer groups up.
    bycases : bool, default=True
        Whether `prop` counts rows or cells.
    random_state : int, Generator or None, default=None
        Source of the draws.

    Returns
    -------
    DataFrame
        With missing values.  NumPy integers become floats, which can hold them, and
        NumPy booleans become nullable ones.

    Raises
    ------
    InvalidSpec
        If the arguments do not fit one another.
    InvalidData
        If the frame is empty, or has missing values where weights lie.

    Notes
    -----
    A row gets its missing values with probability logistic(s + b), where s is the
    standardised sum score, turned over or folded by `type`, and b makes the mean of the
    probabilities `prop`; so the share of a frame varies as a binomial one does. With
    `odds` the rows of group j of g get them with probability prop g odds_j / sum(odds).
    Numbers are standardised; other columns count by the rank of their values. Costs n p
    for each pattern.

    References
    ----------
    .. [1] R. M. Schouten, P. Lugtig and G. Vink (2018), Generating missing values for
       simulation purposes: a multivariate amputation procedure, Journal of Statistical
       Computation and Simulation 88(15), 2909-2930.

    Examples
    --------
    >>> df = pd.DataFrame({"x": np.arange(100.0), "y": np.arange(100.0) ** 2})
    >>> missing = ampute(df, 0.3, patterns=[[1, 0]], random_state=0)
    >>> missing.isna().sum().to_dict()
    {'x': 0, 'y': 31}
    >>> bool(df.x[missing.y.isna()].mean() > df.x.mean())
    True
    """
    frame = named(df)
    observed = _patterns(patterns, frame.shape[1], mechanism)
    share = _shares(freq, len(observed))
    loads = _weights(weights, observed, mechanism)
    shapes = _types(type, len(observed))
    lines = _odds(odds, len(observed), mechanism, type)
    wanted = _by_rows(prop, observed, share, bycases=bycases)
    scores = _scores(frame, loads)
    rng = np.random.default_rng(random_state)
    n = len(frame)
    candidate = rng.choice(len(observed), size=n, p=share)
    luck = rng.random(n)
    missing = np.zeros(frame.shape, dtype=bool)
    for k, pattern in enumerate(observed):
        rows = np.flatnonzero(candidate == k)
        likely = (
            probabilities(scores[rows, k], wanted, shapes[k])
            if lines is None
            else grouped(scores[rows, k], wanted, lines[k])
        )
        missing[np.ix_(rows[luck[rows] < likely], ~pattern)] = True
    made = {
        k: _with_missing(frame.iloc[:, k], missing[:, k]) for k in range(frame.shape[1])
    }
    done = pd.DataFrame(made, index=frame.index)
    done.columns = ports.as_pandas(df).columns
    return ports.as_given(df, done)


def _odds(
    odds: ArrayLike | None, k: int, mechanism: str, given: Type | Sequence[Type]
) -> list[Floats] | None:
    """Odds of the groups of each pattern, if there are groups."""
    if odds is None:
        return None
    lines = np.atleast_2d(np.asarray(odds, dtype=np.float64))
    lines = np.repeat(lines, k, axis=0) if len(lines) == 1 else lines
    kept = [line[~np.isnan(line)] for line in lines]
    fits = all(len(one) and (one >= 0).all() and 0 < one.sum() < np.inf for one in kept)
    if len(lines) != k or not fits:
        raise InvalidSpec(
            f"odds of shape {lines.shape} do not fit {k} patterns; for each one a line "
            "of finite numbers that are not negative, nor all 0, is wanted."
        )
    if mechanism == "MCAR" or given != "RIGHT":
        raise InvalidSpec(
            "odds go with mechanism='MAR' or 'MNAR', and stand in place of type; leave "
            "out one of them."
        )
    return kept


def _patterns(patterns: ArrayLike | None, p: int, mechanism: str) -> NDArray[np.bool_]:
    """Observed columns by pattern, shape (k, p)."""
    if mechanism not in {"MCAR", "MAR", "MNAR"}:
        raise InvalidSpec(
            f"mechanism={shown(mechanism)} cannot be asked for; choose MCAR, MAR or "
            "MNAR."
        )
    if patterns is None:
        if p == 1 and mechanism == "MAR":
            raise InvalidSpec(
                "One column alone cannot be missing at random: nothing is left "
                "observed for the missing values to depend on. Use mechanism='MCAR' or "
                "'MNAR'."
            )
        return ~np.eye(p, dtype=bool)
    given = np.atleast_2d(np.asarray(patterns, dtype=np.float64))
    if given.shape[1] != p or not np.isin(given, (0, 1)).all():
        raise InvalidSpec(
            f"patterns of shape {given.shape} do not fit {p} columns; rows of {p} "
            "zeros (missing) and ones (observed) are wanted."
        )
    observed: NDArray[np.bool_] = given == 1
    if observed.all(axis=1).any():
        raise InvalidSpec(
            "A pattern of ones only makes no missing values; leave it out."
        )
    if mechanism == "MAR" and not observed.any(axis=1).all():
        raise InvalidSpec(
            "A pattern of zeros only cannot be missing at random: nothing is left "
            "observed. Use mechanism='MCAR' or 'MNAR'."
        )
    return observed


def _shares(freq: Sequence[float] | None, k: int) -> Floats:
    if freq is None:
        return np.full(k, 1 / k)
    share = np.atleast_1d(np.asarray(freq, dtype=np.float64))
    if len(share) != k or (share < 0).any() or abs(share.sum() - 1) > 1e-6:
        raise InvalidSpec(
            f"freq={shown(share)} does not fit {k} patterns; {k} shares that sum to 1 "
            "are wanted."
        )
    found: Floats = share / share.sum()
    return found


def _weights(
    weights: ArrayLike | None, observed: NDArray[np.bool_], mechanism: str
) -> Floats:
    if mechanism == "MCAR":
        if weights is not None:
            raise InvalidSpec(
                "Weights mean nothing with mechanism='MCAR', where every row is as "
                "likely; leave them out, or use 'MAR' or 'MNAR'."
            )
        return np.zeros(observed.shape)
    if weights is None:
        return (observed if mechanism == "MAR" else ~observed).astype(np.float64)
    given = np.atleast_2d(np.asarray(weights, dtype=np.float64))
    if given.shape != observed.shape or not np.isfinite(given).all():
        raise InvalidSpec(
            f"weights of shape {given.shape} do not fit patterns of shape "
            f"{observed.shape}; as many finite numbers are wanted."
        )
    return given


def _types(given: Type | Sequence[Type], k: int) -> list[Type]:
    types: list[Any] = [given] * k if isinstance(given, str) else list(given)
    unknown = [one for one in types if one not in SHAPES]
    if unknown or len(types) != k:
        raise InvalidSpec(
            f"type={shown(given)} does not fit {k} patterns; one of "
            f"{', '.join(SHAPES)}, or one for each pattern, is wanted."
        )
    return types


def _by_rows(
    prop: float, observed: NDArray[np.bool_], share: Floats, *, bycases: bool
) -> float:
    """Share of rows that get missing values."""
    p = observed.shape[1]
    most = 1.0 if bycases else float(share @ (~observed).sum(axis=1)) / p
    if not 0 <= prop <= most:
        raise InvalidSpec(
            f"prop={shown(prop)} cannot be asked for; these patterns allow a share "
            f"between 0 and {most:.3g} of the {'rows' if bycases else 'cells'}."
        )
    return prop / most


def _scores(frame: pd.DataFrame, weights: Floats) -> Floats:
    """Weighted sum scores by pattern, shape (n, k)."""
    used = np.flatnonzero(weights.any(axis=0))
    scores = np.zeros((len(frame), len(weights)))
    for k in used.tolist():
        series = frame.iloc[:, k]
        if series.hasnans:
            raise InvalidData(
                f"Column {series.name!r} has missing values, on which no score can "
                "depend; complete it, give it weight 0, or use mechanism='MCAR'."
            )
        numeric = pd.api.types.is_numeric_dtype(series.dtype)
        if numeric and series.dtype.kind != "c":
            y = series.to_numpy(dtype=np.float64)
        else:
            y = pd.factorize(series, sort=True)[0].astype(np.float64)
        spread = float(y.std())
        if spread > 0:
            scores += np.outer((y - y.mean()) / spread, weights[:, k])
    return scores


def _with_missing(series: pd.Series, missing: NDArray[np.bool_]) -> pd.Series:
    if not missing.any():
        return series
    if series.dtype == bool:
        series = series.astype("boolean")
    dtype = series.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in "iu":
        low, high = int(series.min()), int(series.max())
        if max(-low, high) > EXACT:
            # Floats, which pandas would make of them, cannot hold them all.
            series = series.astype("UInt64" if dtype.kind == "u" else "Int64")
    return masked(series, missing)

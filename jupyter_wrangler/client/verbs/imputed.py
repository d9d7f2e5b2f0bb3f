"""The verb `imputed`: which cells of a frame were imputed, wherever it has been."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler import calls, frames
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects.result import Result
from jupyter_wrangler.client.session import Client
from jupyter_wrangler.client.verbs.connect import default_client
from jupyter_wrangler.errors import (
    DuplicateColumns,
    JobNotFound,
    NotFound,
    OriginUnknown,
    WranglerError,
)

#: Jobs that are looked through where a frame does not say where it is from.
MOST_JOBS = 20
#: Named results in which the job of a frame is looked for, newest first.
MOST_SAVED = 100
#: Share of the cells of a row that have to be equal for it to be the same row, and of
#: the rows of a frame that have to be found for it to be of a job.
SAME_CELLS, SAME_ROWS = 0.5, 0.5


@public
def imputed(df: Any, *, client: Client | None = None) -> Any:
    """Tell which cells of a frame were imputed.

    Parameters
    ----------
    df : DataFrame (pandas, polars) or pyarrow.Table
        A completed data set of a job, or some of its rows and columns: copied,
        filtered, sorted, read back from Parquet, or with new columns beside.
    client : Client, optional
        The service to ask; see `connect`.

    Returns
    -------
    DataFrame
        Of the shape of `df`, of nullable booleans: True where a cell was imputed and
        still has that value, False where it was observed or has been changed since, NA
        where nobody can know.

    Raises
    ------
    NotFound
        If the frame does not say where it is from and none of your last 20 imputation
        jobs fits it, or the job that it names is not there.

    Warns
    -----
    OriginUnknown
        If some rows or columns are not those of the job.

    Notes
    -----
    A completed pandas frame names its job in ``df.attrs["jupyter_wrangler"]``, which
    pandas keeps through copies, selections and Parquet, and loses in merges; polars and
    pyarrow have no place for it.  Without it the completed data of your last jobs are
    compared with the frame.  Rows are matched by their label, if most of their values
    agree, and else by their values.
    """
    frame = frames.as_pandas(df)
    named = frame.set_axis(list(map(str, frame.columns)), axis=1)
    if not named.columns.is_unique:
        raise DuplicateColumns(list(named.columns[named.columns.duplicated()].unique()))
    client = client or default_client()
    origin = frames.provenance_of(df)
    if origin is not None:
        done, mask = _completed(_named_result(client, origin[0]), origin[1])
        rows = matched_rows(named, done)
    else:
        done, mask, rows = _searched(client, named)
    found = imputed_cells(named, done, mask, rows)
    _warn_of_unknown(found)
    found = found.set_axis(frame.columns, axis=1)
    return frames.as_given(found, df, same_types=False)


def _named_result(client: Client, job_id: str) -> Result:
    """Give the result of the job that a frame names, or a saved one of that job."""
    try:
        found: Result = client.job(job_id).result()
    except JobNotFound as error:
        api = client.api
        for named in itertools.islice(api.named_results(), MOST_SAVED):
            for version in api.result_versions(named.id):
                if str(version.job_id) == job_id:
                    return client.load(version.label)
        raise JobNotFound(
            f"The frame is from job {job_id[:8]}, which was deleted, and no saved "
            "result of yours is of that job. Impute again, and keep what you need with "
            "result.save(name)."
        ) from error
    return found


def _completed(result: Result, k: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give a completed data set, and which of its cells were imputed."""
    done = frames.as_pandas(result.complete(k))
    names = list(map(str, done.columns))
    mask = np.zeros(done.shape, dtype=bool)
    for name, rows in result.cells(k).rows.items():
        mask[rows, names.index(name)] = True
    shown = pd.DataFrame(mask, index=done.index, columns=names)
    return done.set_axis(names, axis=1), shown


def _searched(
    client: Client, df: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, NDArray[np.intp]]:
    """Look through the last jobs for the one that the frame fits best."""
    best, most = None, 0
    for job in client.jobs(MOST_JOBS, state="succeeded"):
        if job.seen.kind != "imputation":
            continue
        try:
            result = job.result()
        except WranglerError:
            # deleted, or not to be fetched: it cannot be compared
            continue
        known = result.summary.columns if result.summary else ()
        names = {column.name for column in known}
        if names and not names & set(df.columns):
            continue
        # of a job that was finished early some are not there
        for k in sorted(result._parts):  # noqa: SLF001  ours
            done, mask = _completed(result, k)
            rows = matched_rows(df, done)
            if not len(rows) or (rows >= 0).mean() <= SAME_ROWS:
                break
            same, imputed_too, of = _n_equal(df, done, mask, rows)
            if imputed_too and same > most:
                best, most = (done, mask, rows), same
                if same == of:
                    return best
    if best is not None:
        return best
    raise NotFound(
        "This frame does not say where it is from (its attrs are lost, as after a "
        f"merge, or it is of polars or pyarrow), and none of your last {MOST_JOBS} "
        "finished imputation jobs made it. Give the frame as result.df or "
        "result.complete(k) gave it, or use result.mask."
    )


def _n_equal(
    df: pd.DataFrame, done: pd.DataFrame, mask: pd.DataFrame, rows: NDArray[np.intp]
) -> tuple[int, int, int]:
    """Count the cells that are equal, those of them that were imputed, and all."""
    here = rows >= 0
    both = [name for name in df.columns if name in done.columns]
    equal = imputed_too = 0
    for name in both:
        same = _equal(df[name].iloc[here], done[name].iloc[rows[here]])
        equal += int(same.sum())
        imputed_too += int((same & mask[name].to_numpy()[rows[here]]).sum())
    return equal, imputed_too, len(df) * len(both)


def matched_rows(df: pd.DataFrame, done: pd.DataFrame) -> NDArray[np.intp]:
    """Find the rows of a frame among those of the completed data.

    Returns
    -------
    ndarray of shape (len(df),)
        Positions in `done`; -1 where no row, or more than one, is the same.

    Examples
    --------
    >>> done = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [4.0, 5.0, 6.0]})
    >>> matched_rows(done.iloc[[2, 0]], done)
    array([2, 0])
    >>> matched_rows(done.iloc[[2, 0]].reset_index(drop=True), done)
    array([2, 0])
    """
    both = [name for name in df.columns if name in done.columns]
    rows = np.full(len(df), -1, dtype=np.intp)
    if not both or not len(df):
        return rows
    if df.index.equals(done.index):
        rows = np.arange(len(df))
    elif done.index.is_unique and df.index.dtype == done.index.dtype:
        rows = done.index.get_indexer(df.index).astype(np.intp)
    agree = np.zeros(len(df))
    place = np.where(rows >= 0, rows, 0)
    for name in both:
        agree += _equal(df[name], done[name].iloc[place]) & (rows >= 0)
    likely = np.where(agree >= SAME_CELLS * len(both), rows, -1)
    lost = np.flatnonzero((rows < 0) | (agree < len(both)))
    rows = likely.copy()
    if len(lost):
        # the row with all of its values is surer than one of its label with some
        exact = _by_values(df[both].iloc[lost], done[both])
        rows[lost] = np.where(exact >= 0, exact, likely[lost])
    return rows


def _by_values(df: pd.DataFrame, done: pd.DataFrame) -> NDArray[np.intp]:
    """Find rows by all their values; -1 where they are not those of one row only."""
    ours = pd.util.hash_pandas_object(_plain(df), index=False).to_numpy()
    theirs = pd.Index(pd.util.hash_pandas_object(_plain(done), index=False).to_numpy())
    once = ~theirs.duplicated(keep=False)
    places = np.flatnonzero(once)
    found = theirs[once].get_indexer(pd.Index(ours))
    return np.where(found >= 0, places[found] if len(places) else -1, -1)


def _plain(df: pd.DataFrame) -> pd.DataFrame:
    """See values alike that differ by the dtype of their column only."""
    return pd.DataFrame({name: _comparable(df[name]) for name in df.columns})


def _comparable(series: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(series.dtype):
        return series.astype("Float64").astype(float).round(12)
    return series.astype(object).map(lambda one: "" if pd.isna(one) else str(one))


def _equal(a: pd.Series, b: pd.Series) -> NDArray[np.bool_]:
    one, other = (_comparable(series).to_numpy() for series in (a, b))
    same = one == other
    if one.dtype.kind == other.dtype.kind == "f":
        same |= np.isnan(one) & np.isnan(other)
    return np.asarray(same, dtype=bool) & np.ones(len(a), dtype=bool)


def imputed_cells(
    df: pd.DataFrame,
    done: pd.DataFrame,
    mask: pd.DataFrame,
    rows: NDArray[np.intp],
) -> pd.DataFrame:
    """Say of each cell whether it was imputed and has that value still."""
    there = rows >= 0
    place = np.where(there, rows, 0)
    found = {}
    for name in df.columns:
        if name not in done.columns:
            found[name] = pd.array([pd.NA] * len(df), dtype="boolean")
            continue
        same = _equal(df[name], done[name].iloc[place])
        hit = mask[name].to_numpy()[place] & same
        found[name] = pd.arrays.BooleanArray(hit.astype(bool), ~there)
    return pd.DataFrame(found, index=df.index)


def _warn_of_unknown(found: pd.DataFrame) -> None:
    unknown = found.isna()
    columns = [name for name in found.columns if unknown[name].all()]
    rows = int(unknown.drop(columns=columns).all(axis=1).sum()) if len(found) else 0
    sentences = []
    if columns and len(found):
        sentences.append(f"columns {', '.join(map(repr, columns[:5]))} are new")
    if rows and len(columns) < found.shape[1]:
        sentences.append(f"{rows:,} of {len(found):,} rows are not those of the job")
    if sentences:
        calls.warn(
            "Of some cells nobody can know whether they were imputed, and they are "
            f"NA: {' and '.join(sentences)}.",
            OriginUnknown,
        )

"""Completed data sets: the data that were handed in, and their imputed cells.

Only imputed cells travel, and only when they are asked for; they are put into the
frame that was handed in, or, in a new process, into the one that the service keeps.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from jupyter_wrangler import contract, frames
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects import saving
from jupyter_wrangler.client.transport.api import Api
from jupyter_wrangler.errors import DigestMismatch, NotFound, listed

if TYPE_CHECKING:
    from jupyter_wrangler.engine.estimator.imputations import Imputations


@public
class CompletedData:
    """The completed data sets of one job, fetched when they are first wanted.

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

    def __getstate__(self) -> dict[str, Any]:
        """Pickle what is here: the frame handed in and the cells fetched so far.

        The rest is fetched from the service when it is wanted.
        """
        with self._lock:
            return {k: v for k, v in vars(self).items() if k not in {"_lock", "_df"}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Rebuild a pickled or copied object."""
        vars(self).update(state, _lock=threading.RLock(), _df=None)

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

    @property
    def data(self) -> Any:
        """The data with their missing values, as they were handed in."""
        self._incomplete_frame()
        return self._handed_in

    @property
    def n_imputations(self) -> int:
        """Number of completed data sets."""
        return len(self._parts)

    @property
    def numbers(self) -> list[int]:
        """Numbers of the completed data sets, from 0; gaps if the job ended early."""
        return sorted(self._parts)

    @property
    def imputations(self) -> Imputations:
        """All finished imputations: draws, chains and intervals; fetches all cells."""
        cells = [self.cells(k) for k in sorted(self._parts)]
        return frames.imputations_of(self._incomplete_frame(), cells)

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
        self._handed_in = frames.as_backend(df, frames.backend_of(data))


def _check_digest(data: bytes, sha256: str, what: str) -> None:
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise DigestMismatch(
            f"The bytes of {what} arrived changed (SHA-256 {found[:12]} instead of "
            f"{sha256[:12]}); fetch them again."
        )

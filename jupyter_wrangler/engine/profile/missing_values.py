"""Where values are missing, one bit for each cell, and what can be counted from it.

Everything but pairs of columns costs one pass over the bits of the columns that have
missing values: patterns are found by numbering rows 64 columns at a time, and the sums
that flux needs are taken over rows instead of over pairs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.contract import (
    ColumnFlux,
    MissingPairs,
    MissingPattern,
    MissingPatterns,
)
from jupyter_wrangler.engine.profile.products import over_rows

Floats = NDArray[np.float64]

#: Rows whose bits are spread out at once, and cells at most.
BLOCK = 65_536
CELLS = 8_000_000


@dataclass(frozen=True, kw_only=True)
class MissingCells:
    """The missing values of n rows and p columns."""

    n: int
    names: tuple[str, ...]
    #: Missing values of each column, shape (p,).
    missing: NDArray[np.intp]
    #: Positions of the columns with missing values, by ascending number of these, shape
    #: (h,).
    incomplete: NDArray[np.intp]
    #: A bit for each row of these columns, set where missing, shape (h, ceil(n / 8)).
    bits: NDArray[np.uint8]
    #: Missing values of each row, shape (n,).
    by_row: NDArray[np.intp]

    def blocks(self) -> Iterator[tuple[slice, NDArray[np.uint8]]]:
        """Give 0 and 1 for some rows at a time, shape (h, rows)."""
        # Whole bytes of bits.
        size = min(BLOCK, max(8, CELLS // max(len(self.incomplete), 1) // 8 * 8))
        for start in range(0, self.n, size):
            rows = slice(start, min(start + size, self.n))
            yield (
                rows,
                np.unpackbits(
                    self.bits[:, start // 8 : -(-rows.stop // 8)],
                    axis=1,
                    count=rows.stop - start,
                ),
            )


def missing_cells_of(
    names: tuple[str, ...], n: int, masks: Iterable[NDArray[np.bool_]]
) -> MissingCells:
    """Collect the missing values of each column in turn.

    Parameters
    ----------
    names : tuple of str
        Names of the columns.
    n : int
        Number of rows.
    masks : iterable of ndarray of bool of shape (n,)
        Where a value is missing, for each column.

    Examples
    --------
    >>> masks = [np.array([False, True, True]), np.array([False, False, False])]
    >>> cells = missing_cells_of(("a", "b"), len(masks[0]), masks)
    >>> cells.missing, cells.by_row
    (array([2, 0]), array([0, 1, 1]))
    """
    missing, packed, positions = [], [], []
    by_row = np.zeros(n, dtype=np.intp)
    for position, mask in enumerate(masks):
        missing.append(int(np.count_nonzero(mask)))
        if missing[-1]:
            by_row += mask
            packed.append(np.packbits(mask))
            positions.append(position)
    counts = np.array(missing, dtype=np.intp)
    order = np.argsort(counts[positions], kind="stable")
    return MissingCells(
        n=n,
        names=names,
        missing=counts,
        incomplete=np.array(positions, dtype=np.intp)[order],
        bits=np.array([packed[k] for k in order], dtype=np.uint8).reshape(
            len(packed), -(-n // 8)
        ),
        by_row=by_row,
    )


def patterns_of(cells: MissingCells, most: int) -> MissingPatterns:
    """List the patterns of missing values, as `md_pattern` orders them.

    Parameters
    ----------
    missing values : Missing values
        Of the frame.
    most : int
        Patterns to list at most: the most frequent ones.

    Examples
    --------
    >>> masks = [np.array([False, True, True]), np.array([False, False, True])]
    >>> found = patterns_of(missing_cells_of(("a", "b"), len(masks[0]), masks), 10)
    >>> found.columns, [(p.missing, p.n_rows) for p in found.listed], found.monotone
    (('b', 'a'), [((), 1), ((1,), 1), ((0, 1), 1)], True)
    """
    first, counts = _first_rows_and_counts(cells)
    lacking = cells.by_row[first]
    kept = np.arange(len(first))
    if len(first) > most:
        # A rarer pattern than the `most`-th cannot be listed.
        least = np.partition(counts, -most)[-most]
        kept = np.flatnonzero(counts >= least)
    if len(kept) > most:
        # Among equally frequent ones, those that lack less are listed.
        tied = counts[kept] == least
        room = most - int((~tied).sum())
        limit = np.partition(lacking[kept[tied]], room - 1)[room - 1]
        kept = kept[~tied | (lacking[kept] <= limit)]
    bits = _bits_of_rows(cells, first[kept])
    keys = [*np.packbits(bits, axis=0)[::-1], lacking[kept]]
    order = np.lexsort(keys)
    if len(kept) > most:
        places = np.empty(len(kept), dtype=np.intp)
        places[order] = np.arange(len(kept))
        order = np.lexsort([places, -counts[kept]])[:most]
        order = order[np.argsort(places[order])]
    by_missing = np.argsort(cells.missing, kind="stable")
    whole = len(cells.names) - len(cells.incomplete)
    return MissingPatterns(
        columns=tuple(cells.names[k] for k in by_missing),
        n_missing=tuple(cells.missing[by_missing].tolist()),
        listed=tuple(
            MissingPattern(
                missing=tuple((whole + np.flatnonzero(bits[:, k])).tolist()),
                n_rows=int(counts[kept[k]]),
            )
            for k in order
        ),
        n_patterns=len(first),
        monotone=not (cells.bits[:-1] & ~cells.bits[1:]).any(),
    )


def _first_rows_and_counts(
    cells: MissingCells,
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """First row of each pattern, and its number of rows."""
    codes = np.zeros(cells.n, dtype=np.int64)
    for start in range(0, len(cells.incomplete), 64):
        words = np.zeros((cells.n, 8), dtype=np.uint8)
        part = slice(start, start + 64)
        for begin in range(0, cells.n, BLOCK):
            end = min(begin + BLOCK, cells.n)
            bits = np.unpackbits(
                cells.bits[part, begin // 8 : -(-end // 8)], axis=1, count=end - begin
            )
            packed = np.packbits(bits, axis=0)
            words[begin:end, : len(packed)] = packed.T
        own, seen = pd.factorize(words.view(np.uint64).ravel())
        codes, _ = pd.factorize(codes * np.int64(len(seen)) + own)
    counts = np.bincount(codes)
    # Codes are given in the order in which they occur.
    fresh = np.maximum.accumulate(codes)
    first = np.flatnonzero(np.diff(fresh, prepend=-1) > 0)
    return first, counts


def _bits_of_rows(cells: MissingCells, rows: NDArray[np.intp]) -> NDArray[np.uint8]:
    """0 and 1 for these rows, shape (h, rows)."""
    return (cells.bits[:, rows // 8] >> (7 - rows % 8).astype(np.uint8)) & np.uint8(1)


def flux_of(cells: MissingCells) -> tuple[ColumnFlux, ...]:
    """Tell how each column is connected to the others, as `flux` does.

    References
    ----------
    .. [1] S. van Buuren (2018), Flexible Imputation of Missing Data, section 4.1.3.

    Examples
    --------
    >>> masks = [np.zeros(4, dtype=bool), np.array([False, True, True, False])]
    >>> [round(c.influx, 3) for c in flux_of(missing_cells_of(("a", "b"), 4, masks))]
    [0.0, 0.333]
    """
    n, p = cells.n, len(cells.names)
    observed = n - cells.missing
    # Rows that have the column, weighed by how many columns they have or lack.
    lacked_here = np.zeros(p, dtype=np.intp)
    incomplete_here = np.zeros(p, dtype=np.intp)
    for rows, bits in cells.blocks():
        by_row = cells.by_row[rows]
        weights = by_row[None].astype(np.float64)
        held = over_rows(bits.astype(np.float64), weights)[:, 0]
        lacked_here[cells.incomplete] += held.astype(np.intp)
        incomplete_here[cells.incomplete] += bits.sum(axis=1, dtype=np.intp)
    lacked = int(cells.by_row.sum()) - lacked_here
    incomplete = int(np.count_nonzero(cells.by_row)) - incomplete_here
    mr = cells.missing * p - lacked_here
    others = max(p - 1, 1)

    def share(part: NDArray[np.intp], whole: NDArray[np.intp] | int) -> list[float]:
        with np.errstate(divide="ignore", invalid="ignore"):
            found: list[float] = np.true_divide(part, whole).tolist()
        return found

    columns = zip(
        cells.names,
        share(observed, n),
        share(mr, int(observed.sum())),
        share(lacked, int(cells.missing.sum())),
        share(mr, cells.missing * others),
        share(lacked, observed * others),
        share(incomplete, observed),
        strict=True,
    )
    return tuple(
        ColumnFlux(
            column=name,
            observed=has,
            influx=_finite_or_none(influx),
            outflux=_finite_or_none(outflux),
            inbound=_finite_or_none(inbound) or 0.0,
            outbound=_finite_or_none(outbound) or 0.0,
            incomplete=_finite_or_none(rest),
        )
        for name, has, influx, outflux, inbound, outbound, rest in columns
    )


def pairs_of(cells: MissingCells) -> MissingPairs:
    """Count the rows in which both of two columns with missing values are observed.

    Notes
    -----
    Costs one matrix product of n h^2.
    """
    together = np.zeros((len(cells.incomplete), len(cells.incomplete)))
    for _, bits in cells.blocks():
        # Whole numbers up to a block of rows are exact in single precision.
        ones = bits.astype(np.float32)
        together += over_rows(ones, ones)
    n, own = cells.n, np.diagonal(together)
    both = n - own[:, None] - own[None, :] + together
    spread = np.sqrt(own * (n - own))
    with np.errstate(divide="ignore", invalid="ignore"):
        phi = (n * together - own[:, None] * own) / (spread[:, None] * spread)
    order = np.argsort(cells.incomplete)
    here = np.ix_(order, order)
    return MissingPairs(
        columns=tuple(cells.names[k] for k in cells.incomplete[order]),
        both=tuple(map(tuple, both[here].astype(int).tolist())),
        correlation=tuple(
            tuple(_finite_or_none(value) for value in row)
            for row in np.clip(phi[here], -1.0, 1.0).tolist()
        ),
    )


def _finite_or_none(value: float) -> float | None:
    return value if np.isfinite(value) else None

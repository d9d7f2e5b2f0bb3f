"""Correlation of missingness: which columns are missing in the same rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_PIECE = 1_000_000


def phi(missing: Sequence[Bools], block: Sequence[int]) -> list[Floats]:
    """Correlate some indicators with all that come after them.

    Parameters
    ----------
    missing : sequence of ndarray of bool of shape (n,)
        Where the columns are missing: some rows, never all.
    block : sequence of int
        Positions that are next to each other, ascending.

    Returns
    -------
    list of ndarray
        For each position i of the block phi with i + 1, i + 2, ...

    Examples
    --------
    >>> a = np.array([True, False, False, True])
    >>> phi([a, ~a, a], [0])
    [array([-1.,  1.])]
    """
    if not block:
        return []
    start, n = block[0], len(missing[0])
    q, b = len(missing) - start, len(block)
    both = np.zeros((b, q))
    step = max(256, _PIECE // q)
    for at in range(0, n, step):
        # Counts of a piece are exact in single precision.
        piece = np.stack([m[at : at + step] for m in missing[start:]])
        piece = piece.astype(np.float32)
        both += piece[:b] @ piece.T
    counts = np.array([float(m.sum()) for m in missing[start:]])
    spread = counts * (n - counts)
    r = n * both - counts[:b, None] * counts
    r /= np.sqrt(spread[:b, None] * spread)
    return [np.clip(r[i, i + 1 :], -1.0, 1.0) for i in range(b)]

"""Products of a few lines with many rows.

A linear algebra library shares such a product among threads, which costs far more than
it brings as soon as another process wants a processor.  Pieces that it takes as small
stay in one thread, and are summed in the same order on every machine.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Multiplications of a piece: below what OpenBLAS shares among threads.
SMALL = 200_000
#: Rows of a piece at least, and lines of a product at most.
ROWS, LINES = 64, 50


def over_rows(left: NDArray[Any], right: NDArray[Any]) -> NDArray[np.float64]:
    """Multiply two matrices over their last axis.

    Parameters
    ----------
    left : ndarray of shape (h, n)
    right : ndarray of shape (k, n)

    Returns
    -------
    ndarray of shape (h, k)
        `left @ right.T`.

    Examples
    --------
    >>> over_rows(np.eye(2), np.array([[1.0, 2.0]]))
    array([[1.],
           [2.]])
    """
    h, k = len(left), len(right)
    product = np.empty((h, k))
    for i in range(0, h, LINES):
        for j in range(0, k, LINES):
            rows, columns = slice(i, i + LINES), slice(j, j + LINES)
            product[rows, columns] = _block_product(left[rows], right[columns])
    return product


def _block_product(left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    n = left.shape[1]
    size = max(ROWS, SMALL // max(len(left) * len(right), 1))
    whole = n // size * size
    found: NDArray[Any] = left[:, whole:] @ right[:, whole:].T
    if whole:
        a = left[:, :whole].reshape(len(left), -1, size).transpose(1, 0, 2)
        b = right[:, :whole].reshape(len(right), -1, size).transpose(1, 2, 0)
        found = found + np.matmul(a, b).sum(axis=0)
    return found

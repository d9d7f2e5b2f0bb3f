"""An order of columns in which similar ones stand together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Columns at most whose branches are turned so that neighbours are nearest.
_TURNED = 300


def clustered(strength: Floats, p: int) -> tuple[int, ...]:
    """Order p columns by average linkage of their pairs.

    Parameters
    ----------
    strength : ndarray of shape (p * (p - 1) / 2,)
        From 0 (nothing in common) to 1, by pairs as in an upper triangle.
    p : int
        Number of columns.

    Returns
    -------
    tuple of int
        Positions.

    References
    ----------
    .. [1] Z. Bar-Joseph, D. K. Gifford and T. S. Jaakkola (2001), Fast optimal leaf
       ordering for hierarchical clustering, Bioinformatics 17, S22-S29.

    Examples
    --------
    >>> clustered(np.array([0.1, 0.9, 0.1]), 3)
    (1, 2, 0)
    """
    if p < 3:
        return tuple(range(p))
    # Imported when needed, as everywhere in what kernels load.
    from scipy.cluster.hierarchy import leaves_list, linkage  # noqa: PLC0415

    apart = 1.0 - np.clip(np.nan_to_num(strength, nan=0.0), 0.0, 1.0)
    tree = linkage(apart, "average", optimal_ordering=p <= _TURNED)
    return tuple(int(i) for i in leaves_list(tree))

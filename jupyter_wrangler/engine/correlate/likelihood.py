"""Pearson's correlation by maximum likelihood: every row counts, with what it has."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.models.normal import standard
from jupyter_wrangler.engine.models.normal_fit import em_steps

Floats = NDArray[np.float64]

#: Change of a parameter, in standard deviations, below which EM ends; steps at most.
TOL, STEPS = 1e-8, 2_000


def likeliest(x: Floats) -> Generator[int, None, tuple[Floats, bool]]:
    """Correlate the columns of normal rows with missing values, missing at random.

    Parameters
    ----------
    x : ndarray of shape (p, n)
        Columns as lines, NaN for missing values; none of them constant.

    Yields
    ------
    int
        Steps of EM that are done.

    Returns
    -------
    r : ndarray of shape (p, p)
    converged : bool
        Whether EM came to rest.

    References
    ----------
    .. [1] R. J. A. Little and D. B. Rubin (2019), Statistical Analysis with Missing
       Data, section 11.2.
    """
    rows = x.T
    mean, scale = standard(rows)
    found = yield from em_steps(
        (rows - mean) / scale, tol=TOL, max_iter=STEPS, ridge=0.0
    )
    root = np.sqrt(found.cov.diagonal())
    r: Floats = np.clip(found.cov / root / root[:, None], -1.0, 1.0)
    return r, found.converged

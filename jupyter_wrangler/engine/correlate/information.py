"""Mutual information: how much one column tells of another, in nats."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.correlate.pair import Found, symmetric

Floats = NDArray[np.float64]


def mutual_info(
    x: Floats, y: Floats, *, classes: tuple[bool, bool], seed: int
) -> Found:
    """Estimate the mutual information of two complete columns.

    Parameters
    ----------
    x, y : ndarray of shape (n,)
        Numbers, or codes of classes.
    classes : tuple of bool
        Whether each is of classes.
    seed : int
        Of the noise that tells equal numbers apart.

    Returns
    -------
    Found
        Zero or more; there is no p-value.

    Notes
    -----
    scikit-learn's estimators: three nearest neighbours for numbers [1]_, and within
    classes [2]_; the shares of the cells for two columns of classes.

    References
    ----------
    .. [1] A. Kraskov, H. Stogbauer and P. Grassberger (2004), Estimating mutual
       information, Physical Review E 69, 066138.
    .. [2] B. C. Ross (2014), Mutual Information between Discrete and Continuous Data
       Sets, PLoS ONE 9(2), e87357.

    Examples
    --------
    >>> x = np.array([0.0, 0.0, 1.0, 1.0])
    >>> round(mutual_info(x, 1 - x, classes=(True, True), seed=0).r, 4)
    0.6931
    """
    # scikit-learn takes a second to load; only this measure needs it
    from sklearn.feature_selection import (  # noqa: PLC0415
        mutual_info_classif,
        mutual_info_regression,
    )
    from sklearn.metrics import mutual_info_score  # noqa: PLC0415

    if all(classes):
        nats = mutual_info_score(x, y)
    elif any(classes):
        number, codes = (y, x) if classes[0] else (x, y)
        nats = mutual_info_classif(
            number[:, None],
            codes.astype(np.intp),
            discrete_features=False,
            random_state=seed % 2**32,
        )[0]
    else:
        nats = mutual_info_regression(
            x[:, None], y, discrete_features=False, random_state=seed % 2**32
        )[0]
    return symmetric(max(float(nats), 0.0), np.nan)

"""Which columns go with which, read from their correlations."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from jupyter_wrangler.contract import CorrelationDocument
from jupyter_wrangler.engine.correlate.findings import strengths


def related(
    document: CorrelationDocument, name: str
) -> list[tuple[float, str, str, float | None]]:
    """List what a column correlates with, the strongest first.

    Returns
    -------
    list of tuple
        Strength, column, measure, and corrected p-value.
    """
    names = [column.name for column in document.columns]
    if name not in names:
        return []
    at = names.index(name)
    left, right = np.triu_indices(len(names), 1)
    strength = strengths(document)
    own = np.flatnonzero(((left == at) | (right == at)) & ~np.isnan(strength))
    found = [
        (
            float(strength[k]),
            names[right[k] if left[k] == at else left[k]],
            str(document.measures[document.measure[k]]),
            document.p_adjusted[k],
        )
        for k in own
    ]
    return sorted(found, key=lambda one: -one[0])


def strongest(
    document: CorrelationDocument, names: Collection[str]
) -> dict[str, float]:
    """Strength of each column to whichever of some columns it is most related to."""
    columns = [column.name for column in document.columns]
    p = len(columns)
    found = np.zeros((p, p))
    found[np.triu_indices(p, 1)] = np.nan_to_num(strengths(document))
    found = np.maximum(found, found.T)
    some = [i for i, name in enumerate(columns) if name in names]
    best = found[:, some].max(axis=1, initial=0.0)
    return dict(zip(columns, best.tolist(), strict=True))

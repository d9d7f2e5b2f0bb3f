"""What a model would learn from its own target, if nobody looked."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import pandas as pd

from jupyter_wrangler.contract import CorrelationDocument, CorrelationSpec
from jupyter_wrangler.engine.correlate.run import correlate
from jupyter_wrangler.engine.recommend.associations import related
from jupyter_wrangler.engine.types import Step

#: Strength from which a column is nearly the target, and from which missing values that
#: go with the target are reported.
COPY, GOES_WITH = 0.98, 0.1


def copies(document: CorrelationDocument, target: str) -> list[str]:
    """Warn of columns that are nearly the target."""
    return [
        f"{other!r} is nearly the same as the target {target!r} ({measure} "
        f"{strength:.2f}): a model that sees it learns nothing else. Take it out, "
        "unless it is known before the target is."
        for strength, other, measure, _ in related(document, target)
        if strength >= COPY
    ]


def informative_missingness(
    frame: pd.DataFrame, incomplete: Sequence[str], target: str
) -> Generator[Step, None, list[str]]:
    """Warn of columns whose missing values go with the target."""
    if not incomplete:
        return []
    # Names cannot clash: each stands for its position.
    named = {f"missing {k}": frame[name].isna() for k, name in enumerate(incomplete)}
    looked = pd.DataFrame({**named, "target": frame[target]})
    document = yield from correlate(looked, CorrelationSpec())
    return [
        f"Whether {incomplete[int(other.split()[1])]!r} is missing goes with the "
        f"target {target!r} ({measure} {strength:.2f}): a model can learn from the "
        "missing values. See whether they are made the same way where it will be used."
        for strength, other, measure, p in related(document, "target")
        if strength >= GOES_WITH and p is not None and p < 0.05
    ]

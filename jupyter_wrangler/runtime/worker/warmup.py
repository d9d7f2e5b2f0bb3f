"""What a runner does while it waits: everything for the first time.

A process that was just forked copies each page of memory at the first write, and
libraries make their tables when they are first asked.  A small part would take half
as long again for that; a runner in the warm pool has the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from jupyter_wrangler import frames
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.estimator import summary
from jupyter_wrangler.engine.strategies import impute
from jupyter_wrangler.engine.types import Imputation
from jupyter_wrangler.runtime import memory

#: Of the frame that is made up: as many as small data have.
_ROWS = 300
_SPEC = ImputationSpec(max_iter=3, random_state=0)


def warm_up(wanted: Callable[[], bool]) -> None:
    """Compute a part of made-up data, as far as one gets.

    Parameters
    ----------
    wanted : callable
        Tells whether there is real work; asked after every step.
    """
    for _ in _steps():
        if wanted():
            return


def _steps() -> Iterator[None]:
    memory.present()
    packed = frames.to_parquet(_example_frame()).data
    yield
    frames.shape_of(packed)
    frame = frames.from_parquet(packed, labels=False)
    frames.read_cell_options(packed)
    yield
    run = impute.impute(frame, _SPEC, 0)
    while True:
        try:
            next(run)
        except StopIteration as stop:
            done: Imputation = stop.value
            break
        yield
    cells = frames.cells_to_parquet(
        done.values, done.rows, n_iter=done.n_iter, chains=done.chains
    )
    frames.cells_from_parquet(cells)
    yield
    summary.summarise(frame, _SPEC, [done]).model_dump(mode="json")


def _example_frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(_ROWS, 4)), columns=list("abcd"))
    df["e"] = rng.choice(["x", "y", "z"], _ROWS)
    df["f"] = pd.Series(rng.choice(["p", "q"], _ROWS), dtype="category")
    return df.mask(rng.random(df.shape) < 0.05)

"""How much memory a part is thought to take.

Each runner is bounded by itself; but two large parts at a time, each within its own
bound, can take more than the machine has.
"""

from __future__ import annotations

from jupyter_wrangler.contract import AnySpec, ImputationSpec
from jupyter_wrangler.engine.models.costs.methods import COSTS

#: Bytes of one cell, and of a runner before it has read any.
_CELL, _BASE = 8, 170 * 2**20
#: Bytes below which a part takes little, and is not counted: the share of memory that
#: runners do not get leaves room for these.
LITTLE = 256 * 2**20


def estimate(spec: AnySpec, n_rows: int, n_columns: int) -> int:
    """Return the bytes that a part is thought to take; 0 where they are few.

    Parameters
    ----------
    spec : AnySpec
        What is asked for.
    n_rows, n_columns : int
        Shape of the data set.

    Examples
    --------
    >>> spec = ImputationSpec(method="pmm")
    >>> estimate(spec, 1_000, 20), estimate(spec, 10_000_000, 20) // 2**30
    (0, 15)
    """
    times = spec.memory_factor
    if isinstance(spec, ImputationSpec) and not spec.methods:
        cost = COSTS.get(spec.method)
        times = cost.memory if cost else times
    found = n_rows * n_columns * _CELL * times
    return _BASE + found if found >= LITTLE else 0

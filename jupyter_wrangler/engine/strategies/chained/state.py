"""What the chained equations learned for later rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.methods.protocol import Kind
from jupyter_wrangler.engine.models.regression import Model
from jupyter_wrangler.engine.strategies.chained.multivariate_pmm import MultivariatePMM


@dataclass(kw_only=True)
class ChainState:
    """The models of a chain, and the order in which they were fitted."""

    kind: ClassVar[Kind] = "chained"
    shift: NDArray[np.float64] | None = None
    #: Columns in the order of the visits of one round; a column may return.
    visits: tuple[str, ...] = ()
    #: Models of methods that are replayed, by round and place in `visits`; the others
    #: draw or hold donors, so only those of the last round are kept.
    rounds: list[dict[int, Model]] = field(default_factory=list)
    last: dict[str, Model] = field(default_factory=dict)
    #: Column that leads a block in `visits` -> the last model of the block.
    together: dict[str, MultivariatePMM] = field(default_factory=dict)

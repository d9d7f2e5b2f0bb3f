"""The regression of one column on others, by whichever method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Model(Protocol):
    """A fitted regression that imputes rows."""

    @property
    def donates(self) -> bool:
        """Whether `draw` gives positions among the observed rows."""

    def draw(self, x: Floats, rng: np.random.Generator) -> NDArray[Any]:
        """Give numbers, codes or donors, one for each row of `x`."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A model that sees some coordinates of the design only."""

    model: Model
    #: Coordinates of its predictors.
    others: NDArray[np.intp]

    @property
    def donates(self) -> bool:
        """Whether `draw` gives positions among the observed rows."""
        return self.model.donates

    def draw(self, x: Floats, rng: np.random.Generator) -> NDArray[Any]:
        """Give numbers, codes or donors, one for each row of `x`."""
        return self.model.draw(x[:, self.others], rng)

"""Joint methods: one model of all columns at once, fitted to incomplete data.

A joint method sees the coordinates of all columns (numbers, ranks, dummies), divided
by their standard deviations, with NaN for missing values; it yields how far it is and
returns a model that completes rows.  Its module has ``fit(z, blocks, rng)``.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.coding import Coding
from jupyter_wrangler.engine.columns.column import Column
from jupyter_wrangler.engine.models.exact_copies import (
    Copy,
    copied,
    copies_of,
    kept_together,
)
from jupyter_wrangler.engine.models.normal import Floats, constant, standard


class Model(Protocol):
    """What a joint method learned."""

    def complete(self, z: Floats, rng: np.random.Generator) -> Floats:
        """Fill the missing values of standardised rows."""
        ...


#: Yields the share done and words for it; returns the model and the completed rows.
Fitting = Generator[tuple[float, str], None, tuple[Model, Floats]]
Fit = Callable[[Floats, Sequence[slice], np.random.Generator], Fitting]


@dataclass(frozen=True, kw_only=True)
class Joint:
    """A fitted joint method, for rows in their own units."""

    model: Model
    #: Column -> its coordinates.
    slices: dict[str, slice]
    centre: Floats
    scale: Floats
    #: Whether a coordinate was constant, and is so wherever it is missing.
    constant: NDArray[np.bool_]
    #: Coordinates that tell others exactly.
    copies: tuple[Copy, ...] = ()

    def complete(
        self, blocks: Sequence[Floats], rng: np.random.Generator
    ) -> dict[str, Floats]:
        """Complete rows, given and returned as coordinates of each column."""
        x = np.concatenate(list(blocks), axis=1)
        z = (copied(x, self.copies) - self.centre) / self.scale
        filled = self.model.complete(z, rng)
        _settle(filled, z, self.constant)
        return self.split(filled, x)

    def split(self, z: Floats, x: Floats) -> dict[str, Floats]:
        """Coordinates of each column in its own units, of rows that came as `x`."""
        rows = kept_together(z * self.scale + self.centre, x, self.copies)
        return {name: rows[:, part] for name, part in self.slices.items()}


def _settle(filled: Floats, z: Floats, constant: NDArray[np.bool_]) -> None:
    """Put the constant where one is missing: the models see a spread in everything."""
    filled[np.isnan(z) & constant] = 0.0


def coordinates(y: NDArray[Any], ry: NDArray[np.bool_], coding: Coding) -> Floats:
    """Coordinates of numbers or codes, NaN where missing.

    Examples
    --------
    >>> y, ry = np.array([1, -1, 0]), np.array([True, False, True])
    >>> coordinates(y, ry, Coding(table=np.eye(2)[:, 1:]))
    array([[ 1.],
           [nan],
           [ 0.]])
    """
    block = np.full((len(y), coding.width), np.nan)
    block[ry] = coding.encode(y[ry])
    return block


def values_of(block: Floats, coding: Coding) -> NDArray[Any]:
    """Numbers, or codes of the most probable classes, of completed coordinates."""
    if coding.table is None:
        return cast("NDArray[Any]", block[:, 0])
    return coding.classify(block)


def fit(
    fit_: Fit,
    columns: Sequence[Column],
    codings: dict[str, Coding],
    rng: np.random.Generator,
) -> Generator[tuple[float, str], None, tuple[Joint, dict[str, Floats]]]:
    """Fit a joint method to incomplete columns, and complete their coordinates."""
    blocks = [coordinates(c.y, c.ry, codings[c.name]) for c in columns]
    slices: dict[str, slice] = {}
    stop = 0
    for column, block in zip(columns, blocks, strict=True):
        start, stop = stop, stop + block.shape[1]
        slices[column.name] = slice(start, stop)
    rows = np.concatenate(blocks, axis=1)
    copies = copies_of(rows, _single(slices.values()))
    x = copied(rows, copies)
    centre, scale = standard(x)
    same = constant(x)
    # the value itself, which a mean would round
    centre = np.where(same, np.fmax.reduce(x), centre)
    x = (x - centre) / scale
    model, z = yield from fit_(x, list(slices.values()), rng)
    _settle(z, x, same)
    joint = Joint(
        model=model,
        slices=slices,
        centre=centre,
        scale=scale,
        constant=same,
        copies=copies,
    )
    return joint, joint.split(z, rows)


def _single(blocks: Iterable[slice]) -> list[int]:
    """Coordinates that are a column of their own; of dummies one alone says little."""
    return [block.start for block in blocks if block.stop - block.start == 1]

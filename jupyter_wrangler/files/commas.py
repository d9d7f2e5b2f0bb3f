"""Columns of a text file whose numbers have, or might have, decimal commas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from jupyter_wrangler.files.decimals import (
    are_comma_numbers,
    are_grouped,
    comma_number,
    has_decimal_commas,
    might_have_decimal_commas,
)


def with_commas(
    frame: pd.DataFrame, cells: pd.DataFrame, decimal: str | None
) -> tuple[pd.DataFrame, frozenset[int], tuple[str, ...]]:
    """Read numbers with decimal commas; return also where they are, and notes.

    Each column is judged by itself: files mix both marks.
    """
    if decimal == ".":
        return frame, frozenset(), ()
    columns = _CommaColumns.of(frame, cells, decimal)
    for at in columns.commas:
        column = frame.iloc[:, at]
        if column.dtype.kind not in "bif":
            numbers = column.map(lambda c: comma_number(str(c)), na_action="ignore")
            frame.isetitem(at, numbers.to_numpy(float, na_value=float("nan")))
    return frame, columns.commas, tuple(columns.notes(cells.columns, decimal))


@dataclass(frozen=True, kw_only=True)
class _CommaColumns:
    """Columns whose numbers have, or might have, decimal commas."""

    #: Position -> cells that are not missing, of all columns.
    known: dict[int, list[str]]
    might: frozenset[int]
    sure: frozenset[int]
    #: Those that are read with decimal commas.
    commas: frozenset[int]

    @classmethod
    def of(
        cls, frame: pd.DataFrame, cells: pd.DataFrame, decimal: str | None
    ) -> _CommaColumns:
        """Judge each column of a frame by its cells."""
        known = {
            at: cells.iloc[:, at][frame.iloc[:, at].notna().to_numpy(bool)].tolist()
            for at in range(frame.shape[1])
        }
        might = frozenset(at for at in known if might_have_decimal_commas(known[at]))
        sure = frozenset(at for at in might if has_decimal_commas(known[at]))
        # one that is sure speaks for the others
        commas = might if sure or decimal == "," else frozenset()
        if decimal == ",":
            commas |= {
                at for at, own in known.items() if own and are_comma_numbers(own)
            }
        return cls(known=known, might=might, sure=sure, commas=commas)

    def notes(self, names: pd.Index, decimal: str | None) -> Iterator[str]:
        """Say how numbers were read that could be something else."""
        for at in sorted(self.might - self.commas):
            yield (
                f"Column {names[at]!r} is left as text: a number such as "
                f"{next(c for c in self.known[at] if ',' in c)!r} could be a thousand "
                "or have decimals. Say --decimal , for decimals."
            )
        if not self.sure or decimal is not None:
            return
        for at, own in self.known.items():
            if are_grouped(own):
                yield (
                    f"Column {names[at]!r} is read with decimal points: "
                    f"{own[0]!r} could be a thousand. Say --decimal , if it is."
                )

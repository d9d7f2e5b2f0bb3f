"""What the specs of all kinds have in common, and the types of their fields."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from jupyter_wrangler.contract.base import Bounded, Label, Request

#: A number that JSON can carry; NaN would become nothing on its way.
Finite = Annotated[float, Field(allow_inf_nan=False)]
#: Names of columns.
Labels = Annotated[tuple[Label, ...], Bounded]
#: A number for each of some columns.
Numbers = Annotated[dict[Label, Finite], Bounded]
#: Characters of a word that lists show of a spec.
BRIEF = 100


class JobSpec(Request):
    """What the specs of all kinds have in common, and what each kind declares."""

    #: What one part of the work is called.
    part_word: ClassVar[str] = "part"
    #: What a part stores: imputed cells as Parquet, or JSON, of which the last stage
    #: makes one document.
    stores: ClassVar[Literal["cells", "document"]] = "document"
    #: Whether the job goes on without the parts that failed; its document says why.
    skips_failed_parts: ClassVar[bool] = False
    #: Whether the results of its parts mean something before all have ended.
    shows_parts_early: ClassVar[bool] = False
    #: Whether it may end with those of its parts that are done.
    finishes_early: ClassVar[bool] = False
    #: Times the bytes of its data that a part takes in memory; measured, see
    #: docs/limits.md.
    memory_factor: ClassVar[int] = 10

    @classmethod
    def part_kind(cls, stage: int) -> str:
        """Return what a part makes: a piece of the work, or what sums it up."""
        if stage == 0:
            return cls.part_word
        return "summary" if cls.stores == "cells" else "document"

    @abstractmethod
    def n_parts(self, n_columns: int) -> int:
        """Return the number of parts that can run side by side."""

    def most_parts(self, n_columns: int) -> int:
        """Return the number of parts that there may be when more are added."""
        return self.n_parts(n_columns)

    def listed_methods(self) -> dict[str, Any]:
        """Return the methods as lists show them: not more than fits there."""
        return {}

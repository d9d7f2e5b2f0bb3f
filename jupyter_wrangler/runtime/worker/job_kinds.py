"""What the parts of a look at the data compute: analysis, correlation, comparison.

Each part leaves JSON, and the last stage makes one document of all of them.  The
functions are those that run in a notebook too, so that the numbers are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from pydantic import TypeAdapter

from jupyter_wrangler.contract import (
    AnalysisSpec,
    AnySpec,
    ComparisonSpec,
    CorrelationDocument,
    Findings,
    LeaderboardDocument,
    ProfileDocument,
    Spec,
)
from jupyter_wrangler.engine.types import Step

#: A part's JSON, or why there is none.
Part = dict[str, Any]
#: What the last stage makes of all parts.
Document = ProfileDocument | CorrelationDocument | LeaderboardDocument
#: Sentences that the row of a job keeps.
MOST = 10

_SPEC: TypeAdapter[AnySpec] = TypeAdapter(Spec)


def parse(spec: dict[str, Any]) -> AnySpec:
    """Read a spec of whatever kind."""
    return _SPEC.validate_python(spec)


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a kind is computed: part `k` of a frame, and the document of all parts."""

    part: Callable[[pd.DataFrame, Any, int], Generator[Step, None, Part]]
    document: Callable[[pd.DataFrame, Any, Sequence[Part]], Document]


def look(kind: str) -> Look:
    """Give how a kind is computed; loads its statistics."""
    if kind == "analysis":
        return Look(part=_profile, document=_profiled)
    if kind == "correlation":
        from jupyter_wrangler.engine.correlate.run import (  # noqa: PLC0415
            block,
            combine,
        )

        return Look(part=block, document=combine)
    from jupyter_wrangler.engine.compare.run import cell  # noqa: PLC0415

    return Look(part=cell, document=_compared)


def findings(kind: Any, document: Document) -> Findings:
    """Give the sentences of a document, for the row of the job."""
    told = (
        document.sentences
        if isinstance(document, ProfileDocument)
        else document.findings
    )
    return Findings(kind=kind, sentences=told[:MOST])


def _profile(
    frame: pd.DataFrame, spec: AnalysisSpec, k: int
) -> Generator[Step, None, Part]:
    from jupyter_wrangler.engine.profile.run import profile  # noqa: PLC0415

    del k  # there is one part only
    document = yield from profile(frame, spec)
    return document.model_dump(mode="json")


def _profiled(
    frame: pd.DataFrame, spec: AnalysisSpec, parts: Sequence[Part]
) -> Document:
    del frame, spec
    return ProfileDocument.model_validate(parts[0])


def _compared(
    frame: pd.DataFrame, spec: ComparisonSpec, parts: Sequence[Part]
) -> Document:
    from jupyter_wrangler.engine.compare.run import combine  # noqa: PLC0415

    del frame
    return combine(spec, parts)

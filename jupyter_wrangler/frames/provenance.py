"""Where a completed frame comes from, as a few bytes that travel with it.

`DataFrame.attrs` survive copies, selections and a round trip through Parquet; merges
with other frames lose them.  Only ids are kept there, not which cells were imputed.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

#: Key in `DataFrame.attrs`.
ATTRIBUTE = "jupyter_wrangler"


def provenance(
    job_id: uuid.UUID | str,
    imputation: int,
    attrs: Mapping[Any, Any] | None = None,
) -> dict[Any, Any]:
    """Give the attributes of a completed frame, beside those that it has.

    Examples
    --------
    >>> provenance("7f3a", 2)
    {'jupyter_wrangler': {'job': '7f3a', 'imputation': 2}}
    """
    return {**(attrs or {}), ATTRIBUTE: {"job": str(job_id), "imputation": imputation}}


def provenance_of(df: Any) -> tuple[str, int] | None:
    """Read the job and the imputation that a frame names; None if it names none.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"a": [1]})
    >>> df.attrs = provenance("7f3a", 2)
    >>> provenance_of(df.head()), provenance_of([1])
    (('7f3a', 2), None)
    """
    found = getattr(df, "attrs", {}).get(ATTRIBUTE)
    if not isinstance(found, Mapping):
        return None
    job, imputation = found.get("job"), found.get("imputation", 0)
    if not isinstance(job, str) or not isinstance(imputation, int):
        return None
    return job, imputation

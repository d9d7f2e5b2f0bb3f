"""What happened to a job, and how its parts are, as tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from jupyter_wrangler import contract

#: The first columns of the table, as far as they hold something.
_FIRST_COLUMNS = ("at", "event", "stage", "k", "attempt", "worker", "reason")


def history_table(events: Iterable[contract.JobEvent]) -> pd.DataFrame:
    """Return one row for each event, in the order given."""
    rows: list[dict[str, Any]] = [
        {"at": event.at, "event": event.type, **event.details} for event in events
    ]
    found = dict.fromkeys(name for row in rows for name in row)
    first = [name for name in _FIRST_COLUMNS if name in found]
    rest = [name for name in found if name not in _FIRST_COLUMNS]
    return pd.DataFrame(rows).reindex(columns=[*first, *rest])


def parts_table(parts: Iterable[contract.JobPart]) -> pd.DataFrame:
    """Return one row for each part, with the sentence of its error."""
    fields = [*contract.JobPart.model_fields]
    rows = [
        dict(part) | {"error": part.error.message if part.error else None}
        for part in parts
    ]
    return pd.DataFrame(rows, columns=fields)

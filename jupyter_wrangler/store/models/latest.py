"""The newest version of what has versions: the one with the highest number."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased, foreign


def is_latest(version: Any, parent_key: str, parent: Any) -> Any:
    """Return the condition that joins a parent with its newest version.

    Parameters
    ----------
    version, parent : model
        A version has a number `n`; a parent has an `id`.
    parent_key : str
        Attribute of the version that holds the id of its parent.
    """
    other = aliased(version)
    highest = (
        select(func.max(other.n))
        .where(getattr(other, parent_key) == parent.id)
        .correlate(parent)
        .scalar_subquery()
    )
    return and_(
        foreign(getattr(version, parent_key)) == parent.id, version.n == highest
    )

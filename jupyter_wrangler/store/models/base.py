"""What all tables share: the naming of constraints, column types and checks.

Relationships are declared `lazy="raise_on_sql"`: a query says what it loads, and a
query for each row of a list is an error rather than a slow page.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any, get_args

from sqlalchemy import DateTime, LargeBinary, MetaData, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

from jupyter_wrangler.contract.states import FinalState
from jupyter_wrangler.errors import InvalidSpec

SCHEMA = "wrangler"

#: The largest values of the types integer and bigint.
INT4, INT8 = 2**31 - 1, 2**63 - 1
#: Characters that a name may have.
_MAX_NAME = 255

UuidKey = Annotated[
    uuid.UUID,
    mapped_column(primary_key=True, server_default=text("gen_random_uuid()")),
]
#: A time of the database's clock, by default that of the transaction.
Timestamp = Annotated[dt.datetime, mapped_column(server_default=text("now()"))]


class Base(DeclarativeBase):
    """Base of all tables, with a naming convention that migrations rely on."""

    metadata = MetaData(
        schema=SCHEMA,
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        },
    )
    type_annotation_map = {  # noqa: RUF012  SQLAlchemy reads it once, as given
        str: Text,
        dt.datetime: DateTime(timezone=True),
        uuid.UUID: Uuid,
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        bytes: LargeBinary,
    }


def one_of(column: str, literal: Any) -> str:
    """Return the CHECK that a column holds one of the values of a `Literal`.

    Examples
    --------
    >>> from typing import Literal
    >>> one_of("state", Literal["queued", "running"])
    "state IN ('queued', 'running')"
    """
    return f"{column} IN ({', '.join(repr(value) for value in get_args(literal))})"


#: Holds for jobs and parts: the time of the end is set exactly in final states.
FINISHED = f"({one_of('state', FinalState)}) = (finished_at IS NOT NULL)"


def checked_choice(what: str, value: str, literal: Any) -> str:
    """Return a value that a `Literal` lists.

    Raises
    ------
    InvalidSpec
        If it does not list it.
    """
    known = get_args(literal)
    if value not in known:
        raise InvalidSpec(f"{what} is {value!r}; it must be one of {', '.join(known)}.")
    return value


def checked_name(what: str, name: str) -> str:
    """Return a name that PostgreSQL can store and people can read.

    Raises
    ------
    InvalidSpec
        If it is blank, too long, or has control characters or lone surrogates.

    Examples
    --------
    >>> checked_name("A user", "ada")
    'ada'
    >>> checked_name("A user", " ")
    Traceback (most recent call last):
    ...
    jupyter_wrangler.errors.InvalidSpec: A user needs a name; this one is blank.
    """
    if not name.strip():
        raise InvalidSpec(f"{what} needs a name; this one is blank.")
    if len(name) > _MAX_NAME:
        raise InvalidSpec(
            f"The name begins with {name[:20]!r} and has {len(name)} characters; "
            f"choose one of at most {_MAX_NAME}."
        )
    if any(c < " " or c == "\x7f" or "\ud800" <= c <= "\udfff" for c in name):
        raise InvalidSpec(
            f"The name {name!r} has characters that cannot be shown; leave them out."
        )
    return name


def checked_count(what: str, value: int, *, least: int = 0, most: int = INT4) -> int:
    """Return a number within bounds, by default those of an integer column.

    Raises
    ------
    InvalidSpec
        If it is outside of them.
    """
    if not least <= value <= most:
        raise InvalidSpec(f"{what} is {value}; it must be from {least} to {most}.")
    return value

"""Kinds of jobs beside imputations, and results in JSON.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_CHECKS = (
    ("job", "kind", ("imputation",), ("analysis", "correlation", "comparison")),
    ("blob", "format", ("parquet",), ("json",)),
)


def _check(table: str, column: str, values: tuple[str, ...]) -> None:
    name = op.f(f"ck_{table}_{column}")
    op.drop_constraint(name, table, schema="wrangler", type_="check")
    listed = ", ".join(repr(value) for value in values)
    op.create_check_constraint(
        name, table, f"{column} IN ({listed})", schema="wrangler"
    )


def upgrade() -> None:
    for table, column, old, new in _CHECKS:
        _check(table, column, (*old, *new))


def downgrade() -> None:
    # rows that the older version cannot read would keep it from starting
    op.execute("DELETE FROM wrangler.job WHERE kind <> 'imputation'")
    op.execute("DELETE FROM wrangler.blob WHERE format = 'json'")
    for table, column, old, _ in _CHECKS:
        _check(table, column, old)

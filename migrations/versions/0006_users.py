"""Users whose names are given away again; workers that cannot read the data.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_S = "wrangler"


def upgrade() -> None:
    op.add_column("user", sa.Column("hub_id", sa.Text(), nullable=True), schema=_S)
    op.add_column(
        "user",
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        schema=_S,
    )
    op.drop_constraint(op.f("uq_user_kind_name"), "user", schema=_S)
    op.create_index(
        "uq_user_kind_name",
        "user",
        ["kind", "name"],
        unique=True,
        schema=_S,
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.create_index("ix_user_hub_id", "user", ["hub_id"], schema=_S)
    op.add_column(
        "audit_entry", sa.Column("details", sa.Text(), nullable=True), schema=_S
    )
    _allow(
        action="'cancel', 'delete', 'forget', 'rename', 'transfer', 'purge'",
        subject="'job', 'dataset', 'user'",
    )
    op.add_column("release", sa.Column("storage_id", sa.Text()), schema=_S)
    op.add_column("worker", sa.Column("storage_fault", sa.Text()), schema=_S)
    # The role of the service may not change the history of jobs.  With this it can do
    # one thing: give all of one user's to another.  Row-level security still binds.
    op.execute("""
        CREATE FUNCTION wrangler.transfer_events(a uuid, b uuid) RETURNS void
        LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        AS 'UPDATE wrangler.job_event SET owner_id = b WHERE owner_id = a'""")


def downgrade() -> None:
    op.execute("DROP FUNCTION wrangler.transfer_events(uuid, uuid)")
    op.drop_column("worker", "storage_fault", schema=_S)
    op.drop_column("release", "storage_id", schema=_S)
    op.execute("DELETE FROM wrangler.audit_entry WHERE subject = 'user'")
    _allow(action="'cancel', 'delete'", subject="'job', 'dataset'")
    op.drop_column("audit_entry", "details", schema=_S)
    op.drop_index("ix_user_hub_id", "user", schema=_S)
    op.drop_index("uq_user_kind_name", "user", schema=_S)
    # one name, one user: those who left take their id along in the name
    op.execute("""
        UPDATE wrangler."user" SET name = left(name, 200) || ' ' || id
         WHERE left_at IS NOT NULL""")
    op.create_unique_constraint(
        op.f("uq_user_kind_name"), "user", ["kind", "name"], schema=_S
    )
    op.drop_column("user", "left_at", schema=_S)
    op.drop_column("user", "hub_id", schema=_S)


def _allow(**values: str) -> None:
    for column, known in values.items():
        name = op.f(f"ck_audit_entry_{column}")
        op.drop_constraint(name, "audit_entry", schema=_S)
        op.create_check_constraint(
            name, "audit_entry", f"{column} IN ({known})", schema=_S
        )

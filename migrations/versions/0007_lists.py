"""Lists without bodies, metadata that count, memory of parts, an audit that stays.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_S = "wrangler"
_LIMITS = ("max_datasets", "max_jobs", "max_parts")
_FIVE = "max_running, max_queued, max_bytes, max_cells, max_streams"
_MACHINERY = "(SELECT current_setting('wrangler.machinery', true) = 'on')"
_MINE = "owner_id = nullif(current_setting('wrangler.owner', true), '')::uuid"
#: Table -> columns of a new index.
_INDEXES = (
    (
        "job",
        ["owner_id", "state", "created_at", "id"],
        "ix_job_owner_id_state_created_at",
    ),
    ("job", ["created_at", "id"], "ix_job_created_at"),
    ("job", ["owner_id", "meta_bytes", "n_parts"], None),
    ("dataset_version", ["owner_id", "meta_bytes"], None),
    ("job_event", ["owner_id", "xid", "seq"], None),
)


def upgrade() -> None:
    for name in _LIMITS:
        op.add_column("quota", sa.Column(name, sa.Integer()), schema=_S)
    _check_quota(f"{_FIVE}, {', '.join(_LIMITS)}")
    for table, column in (
        ("job", "meta_bytes"),
        ("dataset_version", "meta_bytes"),
        ("job_part", "memory"),
        ("worker", "memory"),
    ):
        op.add_column(
            table,
            sa.Column(column, sa.BigInteger(), server_default="0", nullable=False),
            schema=_S,
        )
    op.add_column(
        "job",
        sa.Column("n_parts", sa.Integer(), server_default="0", nullable=False),
        schema=_S,
    )
    op.add_column(
        "upload", sa.Column("finished_at", sa.DateTime(timezone=True)), schema=_S
    )
    op.add_column("job", sa.Column("brief", JSONB()), schema=_S)
    op.execute("""
        UPDATE wrangler.dataset_version SET meta_bytes = octet_length(columns::text)""")
    op.execute("""
        UPDATE wrangler.job j
           SET n_parts = (SELECT count(*) FROM wrangler.job_part WHERE job_id = j.id),
               meta_bytes = octet_length(spec::text)
                            + coalesce(octet_length(summary::text), 0),
               brief = coalesce((
                   SELECT jsonb_object_agg(key, value) FROM jsonb_each(spec)
                    WHERE jsonb_typeof(value) NOT IN ('object', 'array')
                       OR key = 'methods' AND kind = 'comparison'), '{}')""")
    op.alter_column("job", "brief", nullable=False, schema=_S)
    for table, columns, name in _INDEXES:
        op.create_index(_name(table, columns, name), table, columns, schema=_S)

    op.add_column("audit_entry", sa.Column("owner_kind", sa.Text()), schema=_S)
    op.add_column("audit_entry", sa.Column("owner_name", sa.Text()), schema=_S)
    op.execute("""
        UPDATE wrangler.audit_entry a SET owner_kind = u.kind, owner_name = u.name
          FROM wrangler."user" u WHERE u.id = a.owner_id""")
    op.alter_column("audit_entry", "owner_kind", nullable=False, schema=_S)
    op.alter_column("audit_entry", "owner_name", nullable=False, schema=_S)
    op.drop_constraint(op.f("fk_audit_entry_owner_id_user"), "audit_entry", schema=_S)
    # nobody changes or deletes an entry, not even who owns the table
    op.execute("DROP POLICY owner ON wrangler.audit_entry")
    op.execute(f"""
        CREATE POLICY reading ON wrangler.audit_entry FOR SELECT
         USING ({_MACHINERY} OR {_MINE})""")
    op.execute(f"""
        CREATE POLICY writing ON wrangler.audit_entry FOR INSERT
          WITH CHECK ({_MACHINERY} OR {_MINE})""")


def downgrade() -> None:
    op.execute("DROP POLICY writing ON wrangler.audit_entry")
    op.execute("DROP POLICY reading ON wrangler.audit_entry")
    op.execute(f"""
        CREATE POLICY owner ON wrangler.audit_entry USING ({_MACHINERY} OR {_MINE})""")
    op.execute("""
        DELETE FROM wrangler.audit_entry a
         WHERE NOT EXISTS (SELECT 1 FROM wrangler."user" u WHERE u.id = a.owner_id)""")
    op.create_foreign_key(
        op.f("fk_audit_entry_owner_id_user"),
        "audit_entry",
        "user",
        ["owner_id"],
        ["id"],
        source_schema=_S,
        referent_schema=_S,
        ondelete="CASCADE",
    )
    op.drop_column("audit_entry", "owner_name", schema=_S)
    op.drop_column("audit_entry", "owner_kind", schema=_S)
    for table, columns, name in _INDEXES:
        op.drop_index(_name(table, columns, name), table, schema=_S)
    for column in ("brief", "n_parts", "meta_bytes"):
        op.drop_column("job", column, schema=_S)
    op.execute("DELETE FROM wrangler.upload WHERE finished_at IS NOT NULL")
    op.drop_column("upload", "finished_at", schema=_S)
    op.drop_column("dataset_version", "meta_bytes", schema=_S)
    op.drop_column("job_part", "memory", schema=_S)
    op.drop_column("worker", "memory", schema=_S)
    _check_quota(_FIVE)
    for name in _LIMITS:
        op.drop_column("quota", name, schema=_S)


def _name(table: str, columns: list[str], name: str | None) -> str:
    return op.f(name or f"ix_{table}_{'_'.join(columns)}")


def _check_quota(columns: str) -> None:
    name = op.f("ck_quota_positive")
    op.drop_constraint(name, "quota", schema=_S, type_="check")
    op.create_check_constraint(name, "quota", f"least({columns}) >= 0", schema=_S)

"""Requests: specs that name ten thousand columns, and keys that tell them apart.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SPEC = "ck_job_spec_size"


def upgrade() -> None:
    _limit_specs(16 * 1024 * 1024)
    op.add_column(
        "job",
        sa.Column("request_sha", sa.LargeBinary(), nullable=True),
        schema="wrangler",
    )
    op.create_check_constraint(
        op.f("ck_job_request_sha_length"),
        "job",
        "octet_length(request_sha) = 32",
        schema="wrangler",
    )
    op.add_column(
        "job",
        sa.Column("reuses", sa.Integer(), server_default="0", nullable=False),
        schema="wrangler",
    )
    op.create_table(
        "job_key",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("request_sha", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "octet_length(request_sha) = 32",
            name=op.f("ck_job_key_request_sha_length"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["wrangler.user.id"],
            name=op.f("fk_job_key_owner_id_user"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["job_id"],
            ["wrangler.job.id"],
            name=op.f("fk_job_key_job_id_job"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("owner_id", "key", name=op.f("pk_job_key")),
        schema="wrangler",
    )
    op.create_index(op.f("ix_job_key_job_id"), "job_key", ["job_id"], schema="wrangler")

    op.create_table(
        "audit_entry",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "action IN ('cancel', 'delete')", name=op.f("ck_audit_entry_action")
        ),
        sa.CheckConstraint(
            "subject IN ('job', 'dataset')", name=op.f("ck_audit_entry_subject")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["wrangler.user.id"],
            name=op.f("fk_audit_entry_owner_id_user"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_entry")),
        schema="wrangler",
    )
    for name in ("job_key", "audit_entry"):
        op.execute(f"ALTER TABLE wrangler.{name} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE wrangler.{name} FORCE ROW LEVEL SECURITY")
        # as in 0004
        op.execute(f"""
            CREATE POLICY owner ON wrangler.{name}
             USING ((SELECT current_setting('wrangler.machinery', true) = 'on')
                    OR owner_id = nullif(current_setting('wrangler.owner', true), '')
                                  ::uuid)""")


def downgrade() -> None:
    op.drop_table("audit_entry", schema="wrangler")
    op.drop_table("job_key", schema="wrangler")
    op.drop_column("job", "reuses", schema="wrangler")
    op.drop_column("job", "request_sha", schema="wrangler")
    _limit_specs(65536)


def _limit_specs(most: int) -> None:
    op.execute(f"ALTER TABLE wrangler.job DROP CONSTRAINT {_SPEC}")
    op.execute(
        f"ALTER TABLE wrangler.job ADD CONSTRAINT {_SPEC} "
        f"CHECK (pg_column_size(spec) < {most})"
    )

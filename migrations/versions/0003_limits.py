"""Limits: quotas, turns, estimates, the version in charge, and what clearing needs.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_QUEUED = sa.text("state = 'queued'")
_TURN = ["queue", "owner_id", "rank", "created_at", "stage", "k"]


def upgrade() -> None:
    op.create_table(
        "quota",
        sa.Column(
            "id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False
        ),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("max_running", sa.Integer(), nullable=True),
        sa.Column("max_queued", sa.Integer(), nullable=True),
        sa.Column("max_bytes", sa.BigInteger(), nullable=True),
        sa.Column("max_cells", sa.BigInteger(), nullable=True),
        sa.Column("max_streams", sa.Integer(), nullable=True),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "least(max_running, max_queued, max_bytes, max_cells, max_streams) >= 0",
            name=op.f("ck_quota_positive"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["wrangler.user.id"],
            name=op.f("fk_quota_owner_id_user"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota")),
        sa.UniqueConstraint(
            "owner_id",
            name=op.f("uq_quota_owner_id"),
            postgresql_nulls_not_distinct=True,
        ),
        schema="wrangler",
    )
    op.create_table(
        "release",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_release_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        schema="wrangler",
    )
    op.add_column(
        "job", sa.Column("estimate_s", sa.Float(), nullable=True), schema="wrangler"
    )
    op.create_index(
        "ix_job_owner_id_unfinished",
        "job",
        ["owner_id"],
        schema="wrangler",
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_index(
        op.f("ix_job_finished_at"), "job", ["finished_at"], schema="wrangler"
    )
    op.create_index(
        op.f("ix_blob_owner_id_size"), "blob", ["owner_id", "size"], schema="wrangler"
    )
    op.create_index(
        op.f("ix_blob_last_ref_at"), "blob", ["last_ref_at"], schema="wrangler"
    )
    op.add_column(
        "job_part",
        sa.Column("rank", sa.SmallInteger(), server_default="4", nullable=False),
        schema="wrangler",
    )
    op.execute("""
        UPDATE wrangler.job_part p SET rank = 9 - j.priority
          FROM wrangler.job j
         WHERE j.id = p.job_id AND j.finished_at IS NULL AND j.priority <> 5""")
    op.create_check_constraint(
        op.f("ck_job_part_rank"),
        "job_part",
        "rank BETWEEN 0 AND 9",
        schema="wrangler",
    )
    op.drop_index("ix_job_part_queued", "job_part", schema="wrangler")
    op.create_index(
        "ix_job_part_queued",
        "job_part",
        _TURN,
        schema="wrangler",
        postgresql_where=_QUEUED,
    )


def downgrade() -> None:
    op.drop_index("ix_job_part_queued", "job_part", schema="wrangler")
    op.create_index(
        "ix_job_part_queued",
        "job_part",
        ["dispatch_after"],
        schema="wrangler",
        postgresql_where=_QUEUED,
    )
    op.drop_constraint(
        op.f("ck_job_part_rank"), "job_part", schema="wrangler", type_="check"
    )
    op.drop_column("job_part", "rank", schema="wrangler")
    op.drop_index(op.f("ix_blob_last_ref_at"), "blob", schema="wrangler")
    op.drop_index(op.f("ix_blob_owner_id_size"), "blob", schema="wrangler")
    op.drop_index(op.f("ix_job_finished_at"), "job", schema="wrangler")
    op.drop_index("ix_job_owner_id_unfinished", "job", schema="wrangler")
    op.drop_column("job", "estimate_s", schema="wrangler")
    op.drop_table("release", schema="wrangler")
    op.drop_table("quota", schema="wrangler")

"""The order of an owner's jobs: least work left first; jobs that finish early.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_S = "wrangler"
_NOW = sa.text("now()")
_COLUMNS = (
    sa.Column("queue", sa.Text(), server_default="jw.small", nullable=False),
    sa.Column("part_s", sa.Double()),
    sa.Column(
        "queued_at", sa.DateTime(timezone=True), server_default=_NOW, nullable=False
    ),
    sa.Column(
        "due_at", sa.DateTime(timezone=True), server_default=_NOW, nullable=False
    ),
    sa.Column("finish_requested_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    for column in _COLUMNS:
        op.add_column("job", column, schema=_S)
    # those that wait keep their order: by when they came
    op.execute("""
        UPDATE wrangler.job j SET queued_at = created_at, due_at = created_at,
               queue = coalesce((SELECT queue FROM wrangler.job_part p
                                  WHERE p.job_id = j.id LIMIT 1), queue)
         WHERE finished_at IS NULL""")
    op.create_index(
        "ix_job_turn",
        "job",
        ["queue", "owner_id", sa.text("priority DESC"), "due_at", "id"],
        schema=_S,
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    _index_parts(["queue", "owner_id", "job_id", "stage", "k"])


def downgrade() -> None:
    _index_parts(["queue", "owner_id", "rank", "created_at", "stage", "k"])
    op.drop_index("ix_job_turn", "job", schema=_S)
    for column in _COLUMNS:
        op.drop_column("job", column.name, schema=_S)


def _index_parts(columns: list[str]) -> None:
    name = "ix_job_part_queued"
    op.drop_index(name, "job_part", schema=_S)
    op.create_index(
        name,
        "job_part",
        columns,
        schema=_S,
        postgresql_where=sa.text("state = 'queued'"),
    )

"""Requests: specs that name ten thousand columns.

Revision ID: 0006
Revises: 0003
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0003"
branch_labels = None
depends_on = None

_SPEC = "ck_job_spec_size"


def upgrade() -> None:
    _limit_specs(16 * 1024 * 1024)


def downgrade() -> None:
    _limit_specs(65536)


def _limit_specs(most: int) -> None:
    op.execute(f"ALTER TABLE wrangler.job DROP CONSTRAINT {_SPEC}")
    op.execute(
        f"ALTER TABLE wrangler.job ADD CONSTRAINT {_SPEC} "
        f"CHECK (pg_column_size(spec) < {most})"
    )

"""The kinds of jobs are said in the contract, not in a CHECK.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_FORM = "kind ~ '^[a-z][a-z_]{0,31}$'"
_LISTED = "kind IN ('imputation', 'analysis', 'correlation', 'comparison')"
_DELETE_OTHERS = "DELETE FROM wrangler.job WHERE NOT (" + _LISTED + ")"  # noqa: S608


def _check(condition: str) -> None:
    name = op.f("ck_job_kind")
    op.drop_constraint(name, "job", schema="wrangler", type_="check")
    op.create_check_constraint(name, "job", condition, schema="wrangler")


def upgrade() -> None:
    _check(_FORM)


def downgrade() -> None:
    # rows that the older version cannot read would keep it from starting
    op.execute(_DELETE_OTHERS)
    _check(_LISTED)

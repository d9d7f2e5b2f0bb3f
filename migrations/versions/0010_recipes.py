"""Fitted models are kept beside the imputed cells.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_S = "wrangler"
_NAME = "fk_job_part_owner_id_recipe_sha_blob"
_INDEX = "ix_job_part_owner_id_recipe_sha"
_DELETE_OTHERS = "DELETE FROM wrangler.job WHERE kind = 'transform'"


def _check(formats: str) -> None:
    name = op.f("ck_blob_format")
    op.drop_constraint(name, "blob", schema=_S, type_="check")
    op.create_check_constraint(name, "blob", f"format IN ({formats})", schema=_S)


def upgrade() -> None:
    op.add_column("job_part", sa.Column("recipe_sha", sa.LargeBinary()), schema=_S)
    op.add_column("job_part", sa.Column("recipe_note", sa.Text()), schema=_S)
    op.create_foreign_key(
        op.f(_NAME),
        "job_part",
        "blob",
        ["owner_id", "recipe_sha"],
        ["owner_id", "sha256"],
        source_schema=_S,
        referent_schema=_S,
        ondelete="RESTRICT",
    )
    op.create_index(
        op.f(_INDEX),
        "job_part",
        ["owner_id", "recipe_sha"],
        schema=_S,
        postgresql_where=sa.text("recipe_sha IS NOT NULL"),
    )
    _check("'parquet', 'json', 'recipe'")


def downgrade() -> None:
    # the older version knows neither the kind nor the format
    op.execute(_DELETE_OTHERS)
    op.drop_index(op.f(_INDEX), "job_part", schema=_S)
    op.drop_constraint(op.f(_NAME), "job_part", schema=_S, type_="foreignkey")
    op.drop_column("job_part", "recipe_note", schema=_S)
    op.drop_column("job_part", "recipe_sha", schema=_S)
    op.execute("DELETE FROM wrangler.blob WHERE format = 'recipe'")
    _check("'parquet', 'json'")

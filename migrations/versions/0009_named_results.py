"""Named results: versions that outlive the jobs that computed them.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_S = "wrangler"
_EIGHT = (
    "max_running, max_queued, max_bytes, max_cells, max_streams, "
    "max_datasets, max_jobs, max_parts"
)
_TABLES = ("named_result", "result_version", "result_part")
# as in 0004
_VISIBLE = """(SELECT current_setting('wrangler.machinery', true) = 'on')
    OR owner_id = nullif(current_setting('wrangler.owner', true), '')::uuid"""


def upgrade() -> None:
    op.create_table(
        "named_result",
        _id(),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("last_n", sa.Integer(), server_default="0", nullable=False),
        _created_at(),
        sa.CheckConstraint(
            "length(name) BETWEEN 1 AND 255", name=op.f("ck_named_result_name_length")
        ),
        sa.CheckConstraint("last_n >= 0", name=op.f("ck_named_result_last_n")),
        _foreign_key("named_result", "owner_id", "user", "RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_named_result")),
        sa.UniqueConstraint(
            "owner_id", "name", name=op.f("uq_named_result_owner_id_name")
        ),
        schema=_S,
    )
    op.create_index(
        "ix_named_result_owner_id_created_at",
        "named_result",
        ["owner_id", "created_at", "id"],
        schema=_S,
    )
    _create_versions()
    op.create_table(
        "result_part",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("k", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "role IN ('cells', 'recipe')", name=op.f("ck_result_part_role")
        ),
        sa.CheckConstraint("k >= 0", name=op.f("ck_result_part_k")),
        _foreign_key("result_part", "version_id", "result_version", "CASCADE"),
        sa.ForeignKeyConstraint(
            ["owner_id", "sha256"],
            ["wrangler.blob.owner_id", "wrangler.blob.sha256"],
            name=op.f("fk_result_part_owner_id_sha256_blob"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("version_id", "role", "k", name=op.f("pk_result_part")),
        schema=_S,
    )
    _index("result_part", "owner_id", "sha256")
    for name in _TABLES:
        op.execute(f"ALTER TABLE wrangler.{name} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE wrangler.{name} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY owner ON wrangler.{name} USING ({_VISIBLE})")
    op.add_column("quota", sa.Column("max_results", sa.Integer()), schema=_S)
    _check_quota(f"{_EIGHT}, max_results")
    _allow_subjects("'job', 'dataset', 'result', 'user'")


def _create_versions() -> None:
    op.create_table(
        "result_version",
        _id(),
        sa.Column("result_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("source_id", sa.Uuid()),
        sa.Column("source", sa.Text()),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("job_name", sa.Text()),
        sa.Column("job_state", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("spec", JSONB(), nullable=False),
        sa.Column("brief", JSONB(), nullable=False),
        sa.Column("summary", JSONB()),
        sa.Column("n_wanted", sa.Integer(), nullable=False),
        sa.Column("app_version", sa.Text(), nullable=False),
        sa.Column("input_version_id", sa.Uuid(), nullable=False),
        sa.Column("meta_bytes", sa.BigInteger(), server_default="0", nullable=False),
        _created_at(),
        sa.CheckConstraint("n >= 1", name=op.f("ck_result_version_n")),
        sa.CheckConstraint(
            "length(note) BETWEEN 1 AND 2000",
            name=op.f("ck_result_version_note_length"),
        ),
        sa.CheckConstraint(
            "job_state IN ('succeeded', 'failed', 'timed_out', 'cancelled', "
            "'quarantined')",
            name=op.f("ck_result_version_job_state"),
        ),
        _foreign_key("result_version", "result_id", "named_result", "CASCADE"),
        _foreign_key("result_version", "owner_id", "user", "RESTRICT"),
        _foreign_key("result_version", "source_id", "result_version", "SET NULL"),
        _foreign_key(
            "result_version", "input_version_id", "dataset_version", "RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_version")),
        sa.UniqueConstraint(
            "result_id", "n", name=op.f("uq_result_version_result_id_n")
        ),
        schema=_S,
    )
    for columns in (
        ("input_version_id",),
        ("source_id",),
        ("job_id",),
        ("owner_id", "meta_bytes"),
    ):
        _index("result_version", *columns)


def downgrade() -> None:
    # nobody may delete an entry, but a subject that the older version does not know
    # would keep it from starting
    op.execute("CREATE POLICY removing ON wrangler.audit_entry USING (true)")
    op.execute("DELETE FROM wrangler.audit_entry WHERE subject = 'result'")
    op.execute("DROP POLICY removing ON wrangler.audit_entry")
    _allow_subjects("'job', 'dataset', 'user'")
    _check_quota(_EIGHT)
    op.drop_column("quota", "max_results", schema=_S)
    for name in reversed(_TABLES):
        op.drop_table(name, schema=_S)


def _id() -> sa.Column[object]:
    return sa.Column(
        "id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False
    )


def _created_at() -> sa.Column[object]:
    return sa.Column(
        "created_at",
        sa.DateTime(timezone=True),
        server_default=sa.text("now()"),
        nullable=False,
    )


def _foreign_key(
    table: str, column: str, referred: str, ondelete: str
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"wrangler.{referred}.id"],
        name=op.f(f"fk_{table}_{column}_{referred}"),
        ondelete=ondelete,
    )


def _index(table: str, *columns: str) -> None:
    name = op.f(f"ix_{table}_{'_'.join(columns)}")
    op.create_index(name, table, list(columns), schema=_S)


def _check_quota(columns: str) -> None:
    name = op.f("ck_quota_positive")
    op.drop_constraint(name, "quota", schema=_S, type_="check")
    op.create_check_constraint(name, "quota", f"least({columns}) >= 0", schema=_S)


def _allow_subjects(known: str) -> None:
    name = op.f("ck_audit_entry_subject")
    op.drop_constraint(name, "audit_entry", schema=_S)
    op.create_check_constraint(name, "audit_entry", f"subject IN ({known})", schema=_S)

"""Row-level security: a second wall between owners, behind the WHERE of each verb.

A transaction says for whom it works, in settings that end with it: `wrangler.owner`
is the id of one user, `wrangler.machinery` is 'on' for what serves everybody. With
neither there are no rows. The owner of the tables is bound too (FORCE), for
installations with one role. What the machinery does may look at all rows of a table:
its setting comes first and is read in a subquery, which PostgreSQL evaluates once for
a statement. An owner's statements look at few, and a second subquery would cost them
more than it saves.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MACHINERY = "(SELECT current_setting('wrangler.machinery', true) = 'on')"
_CALLER = "nullif(current_setting('wrangler.owner', true), '')::uuid"
_OWNED = (
    "blob",
    "upload",
    "dataset",
    "dataset_version",
    "job",
    "job_part",
    "job_event",
)
_MINE = {
    "user": f"id = {_CALLER}",
    # attempts have no owner of their own, and are seen where their part is
    "job_attempt": """
        EXISTS (SELECT 1 FROM wrangler.job_part p WHERE p.id = part_id)""",
    **dict.fromkeys(_OWNED, f"owner_id = {_CALLER}"),
}
_TABLES = (*_MINE, "quota")


def upgrade() -> None:
    for name in _TABLES:
        op.execute(f'ALTER TABLE wrangler."{name}" ENABLE ROW LEVEL SECURITY')
        op.execute(f'ALTER TABLE wrangler."{name}" FORCE ROW LEVEL SECURITY')
    for name, mine in _MINE.items():
        op.execute(f"""
            CREATE POLICY owner ON wrangler."{name}" USING ({_MACHINERY} OR {mine})""")
    # what holds for a user, and for all, is set by administrators
    op.execute(f"CREATE POLICY machinery ON wrangler.quota USING ({_MACHINERY})")
    op.execute(f"""
        CREATE POLICY owner ON wrangler.quota FOR SELECT
         USING (owner_id = {_CALLER}
                OR owner_id IS NULL AND {_CALLER} IS NOT NULL)""")


def downgrade() -> None:
    op.execute("DROP POLICY machinery ON wrangler.quota")
    for name in _TABLES:
        op.execute(f'DROP POLICY owner ON wrangler."{name}"')
        op.execute(f'ALTER TABLE wrangler."{name}" NO FORCE ROW LEVEL SECURITY')
        op.execute(f'ALTER TABLE wrangler."{name}" DISABLE ROW LEVEL SECURITY')

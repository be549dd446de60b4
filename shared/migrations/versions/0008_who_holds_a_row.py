"""who holds a row that is worked on."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TABLES = ("scan_jobs", "scan_folders", "enrichments")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("holder", sa.String(), nullable=True))


def downgrade() -> None:
    for table in _TABLES:
        op.drop_column(table, "holder")

"""when a run of a scan job began."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("scan_jobs", sa.Column("run_began_at", sa.DateTime(timezone=True), nullable=True))
    # Of those that run at this moment it is not known better.
    op.execute("UPDATE scan_jobs SET run_began_at = started_at")


def downgrade() -> None:
    op.drop_column("scan_jobs", "run_began_at")

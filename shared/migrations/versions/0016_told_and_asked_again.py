"""whether clients were told how a scan job ended, and whether it was asked for again while its folders were listed."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("scan_jobs", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("scan_jobs", sa.Column("is_asked_again", sa.Boolean(), server_default=sa.false(), nullable=False))
    # Those that ended before were told of, or it is too late for it.
    op.execute("UPDATE scan_jobs SET told_at = coalesce(completed_at, updated_at)")
    op.create_index(
        "ix_scan_jobs_untold",
        "scan_jobs",
        ["status"],
        postgresql_where=sa.text("told_at IS NULL"),
        sqlite_where=sa.text("told_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_scan_jobs_untold", table_name="scan_jobs")
    op.drop_column("scan_jobs", "is_asked_again")
    op.drop_column("scan_jobs", "told_at")

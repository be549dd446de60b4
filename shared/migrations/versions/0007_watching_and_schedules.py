"""libraries that are watched, and scanned by schedule."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("libraries", sa.Column("watch", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("libraries", sa.Column("scan_interval_minutes", sa.Integer(), nullable=True))
    op.create_table(
        "library_watches",
        sa.Column("library_id", sa.String(length=36), nullable=False),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_event_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_scan_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["library_id"],
            ["libraries.id"],
            name=op.f("fk_library_watches_library_id_libraries"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("library_id", name=op.f("pk_library_watches")),
    )


def downgrade() -> None:
    op.drop_table("library_watches")
    op.drop_column("libraries", "scan_interval_minutes")
    op.drop_column("libraries", "watch")

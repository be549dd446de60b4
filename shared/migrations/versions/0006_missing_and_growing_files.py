"""files that a scan does not see, what became of them, and files that are still being written."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_INDEXES = (("library_id", "is_unseen"), ("library_id", "missing_since"), ("missing_since",))


def _columns() -> list[tuple[str, sa.Column[object]]]:
    return [
        ("libraries", sa.Column("disk", sa.String(), nullable=True)),
        ("media_files", sa.Column("is_unseen", sa.Boolean(), nullable=False, server_default=sa.false())),
        ("scan_folders", sa.Column("not_before", sa.DateTime(timezone=True), nullable=True)),
        ("scan_folders", sa.Column("looks", sa.Integer(), nullable=False, server_default="0")),
        ("scan_jobs", sa.Column("reconciled_at", sa.DateTime(timezone=True), nullable=True)),
        ("scan_jobs", sa.Column("reconciliation", sa.JSON(), nullable=False, server_default="{}")),
    ]


def upgrade() -> None:
    for table, column in _columns():
        op.add_column(table, column)
    for columns in _INDEXES:
        op.create_index(f"ix_media_files_{'_'.join(columns)}", "media_files", list(columns), unique=False)


def downgrade() -> None:
    for columns in reversed(_INDEXES):
        op.drop_index(f"ix_media_files_{'_'.join(columns)}", table_name="media_files")
    for table, column in reversed(_columns()):
        op.drop_column(table, column.name)

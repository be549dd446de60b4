"""matches that users choose, what providers say more, extras, subtitles, and what names said."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_INDEXES = (
    ("media", ["is_doubtful"]),
    ("media_files", ["size"]),
    ("media_files", ["library_id", "owner_key"]),
    ("media_files", ["library_id", "owner_folder"]),
)


def _columns() -> list[tuple[str, sa.Column[object]]]:
    return [
        ("libraries", sa.Column("providers", sa.JSON(none_as_null=True), nullable=True)),
        ("media", sa.Column("certification", sa.String(), nullable=True)),
        ("media", sa.Column("studios", sa.JSON(), nullable=False, server_default="[]")),
        ("media", sa.Column("collection", sa.JSON(), nullable=False, server_default="{}")),
        ("media", sa.Column("is_doubtful", sa.Boolean(), nullable=False, server_default=sa.false())),
        ("media", sa.Column("chosen", sa.JSON(), nullable=False, server_default="{}")),
        ("media", sa.Column("locked_fields", sa.JSON(), nullable=False, server_default="[]")),
        ("media", sa.Column("asked_with", sa.String(length=32), nullable=True)),
        ("media_files", sa.Column("guess", sa.JSON(), nullable=False, server_default="{}")),
        ("media_files", sa.Column("extra_type", sa.String(), nullable=True)),
        ("media_files", sa.Column("owner_key", sa.String(), nullable=True)),
        ("media_files", sa.Column("owner_folder", sa.String(), nullable=True)),
        ("media_files", sa.Column("subtitles", sa.JSON(), nullable=False, server_default="[]")),
        ("media_files", sa.Column("fingerprint", sa.String(length=32), nullable=True)),
        ("enrichments", sa.Column("is_asked", sa.Boolean(), nullable=False, server_default=sa.false())),
    ]


def upgrade() -> None:
    for table, column in _columns():
        op.add_column(table, column)
    for table, columns in _INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns, unique=False)
    # Names say more than was kept of them: the next scan reads them again.
    op.execute(sa.text("UPDATE scan_folders SET settled_signature = NULL"))
    op.bulk_insert(
        sa.table(
            "providers",
            sa.column("id", sa.String()),
            sa.column("name", sa.String()),
            sa.column("enabled", sa.Boolean()),
            sa.column("priority", sa.Integer()),
            sa.column("config", sa.JSON()),
        ),
        [{"id": str(uuid4()), "name": "tvmaze", "enabled": True, "priority": 20, "config": {}}],
    )


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM providers WHERE name = 'tvmaze'"))
    for table, columns in reversed(_INDEXES):
        op.drop_index(f"ix_{table}_{'_'.join(columns)}", table_name=table)
    for table, column in reversed(_columns()):
        op.drop_column(table, column.name)

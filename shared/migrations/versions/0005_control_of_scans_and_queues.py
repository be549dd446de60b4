"""pausing, retrying, what somebody opened, and how queues are worked on."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_OPENED = "ix_enrichments_opened"


def _columns() -> list[tuple[str, sa.Column[object]]]:
    return [
        ("scan_jobs", sa.Column("paused_from", sa.String(), nullable=True)),
        ("scan_jobs", sa.Column("relisted", sa.JSON(none_as_null=True), nullable=True)),
        ("scan_jobs", sa.Column("measured_at", sa.DateTime(timezone=True), nullable=True)),
        ("enrichments", sa.Column("is_opened", sa.Boolean(), nullable=False, server_default=sa.false())),
        ("failures", sa.Column("media_id", sa.String(length=36), nullable=True)),
    ]


def upgrade() -> None:
    for table, column in _columns():
        op.add_column(table, column)
    op.create_index(
        _OPENED,
        "enrichments",
        ["status"],
        unique=False,
        postgresql_where=sa.text("is_opened"),
        sqlite_where=sa.text("is_opened = 1"),
    )
    op.create_table(
        "queue_controls",
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("concurrency", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("queue", name=op.f("pk_queue_controls")),
    )


def downgrade() -> None:
    op.drop_table("queue_controls")
    op.drop_index(_OPENED, table_name="enrichments")
    for table, column in reversed(_columns()):
        op.drop_column(table, column.name)

"""an index for each order of a list of titles."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    title = sa.text("substr(search_title, 1, 200)")
    op.create_index("ix_media_type_sort_title_id", "media", ["type", title, "id"], unique=False)
    op.create_index("ix_media_type_release_date_id", "media", ["type", "release_date", "id"], unique=False)
    op.create_index("ix_media_type_rating_id", "media", ["type", "rating", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_media_type_rating_id", table_name="media")
    op.drop_index("ix_media_type_release_date_id", table_name="media")
    op.drop_index("ix_media_type_sort_title_id", table_name="media")

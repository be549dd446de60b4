"""the keys of providers are sealed."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from shared.vault import is_sealed, seal, unseal

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_PROVIDERS = sa.table("providers", sa.column("id", sa.String()), sa.column("config", sa.JSON()))


def upgrade() -> None:
    _rewrite(lambda text: text if is_sealed(text) else seal(text))


def downgrade() -> None:
    """Open them again; a key that can't be opened stops it, so that it isn't lost."""
    _rewrite(unseal)


def _rewrite(change: Callable[[str], str]) -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(_PROVIDERS)).all():
        config: dict[str, Any] = row.config
        changed = {key: change(value) if isinstance(value, str) else value for key, value in config.items()}
        if changed != config:
            connection.execute(_PROVIDERS.update().where(_PROVIDERS.c.id == row.id).values(config=changed))

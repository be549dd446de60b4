"""people, and what a search looks through."""

import sqlalchemy as sa
from alembic import op

from shared.catalogue.search_text import search_text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: How SQLite's full-text table spells a text. Two spaces make a trigram of the first letter of a word, and of the last;
#: the second spelling makes some of how a line begins and ends. What both have in common takes no room: only which rows
#: have a trigram is kept.
_SPELLED = (
    "replace({row}.text, ' ', '  ')"
    " || replace(replace({row}.text, char(10) || ' ', char(10)), ' ' || char(10), char(10))"
)
_OLD, _NEW = _SPELLED.format(row="old"), _SPELLED.format(row="new")

#: Keep SQLite's full-text table as ``search_texts`` is. It has no texts of its own: it must be told what it forgets.
_TRIGGERS = (
    f"""
    CREATE TRIGGER search_texts_inserted AFTER INSERT ON search_texts BEGIN
        INSERT INTO search_trigrams (rowid, text) VALUES (new.id, {_NEW});
    END
    """,  # noqa: S608
    f"""
    CREATE TRIGGER search_texts_deleted AFTER DELETE ON search_texts BEGIN
        INSERT INTO search_trigrams (search_trigrams, rowid, text) VALUES ('delete', old.id, {_OLD});
    END
    """,  # noqa: S608
    f"""
    CREATE TRIGGER search_texts_updated AFTER UPDATE OF text ON search_texts WHEN old.text <> new.text BEGIN
        INSERT INTO search_trigrams (search_trigrams, rowid, text) VALUES ('delete', old.id, {_OLD});
        INSERT INTO search_trigrams (rowid, text) VALUES (new.id, {_NEW});
    END
    """,  # noqa: S608
)

#: Rows that are filled in at once.
_BATCH = 1000


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("key", name=op.f("uq_people_key")),
    )
    op.create_table(
        "credits",
        sa.Column("media_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("character", sa.String(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name=op.f("fk_credits_media_id_media"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_credits_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("media_id", "person_id", "role", name=op.f("pk_credits")),
    )
    op.create_index("ix_credits_person_id", "credits", ["person_id"], unique=False)
    op.create_table(
        "search_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("media_id", sa.String(length=36), nullable=True),
        sa.Column("episode_id", sa.String(length=36), nullable=True),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episodes.id"], name=op.f("fk_search_texts_episode_id_episodes"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["media_id"], ["media.id"], name=op.f("fk_search_texts_media_id_media"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_search_texts_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_texts")),
        sa.UniqueConstraint("episode_id", name=op.f("uq_search_texts_episode_id")),
        sa.UniqueConstraint("media_id", name=op.f("uq_search_texts_media_id")),
        sa.UniqueConstraint("person_id", name=op.f("uq_search_texts_person_id")),
    )
    if op.get_context().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE search_trigrams USING fts5(text, content = '', tokenize = 'trigram', detail = 'none')"
        )
        for trigger in _TRIGGERS:
            op.execute(trigger)
    else:
        _index_trigrams()
    _fill("media_id", "SELECT id, title, original_title, guessed_title FROM media ORDER BY id")
    _fill("episode_id", "SELECT id, title FROM episodes ORDER BY id")


def _fill(owner: str, names: str) -> None:
    """Have what the catalogue holds found by its names."""
    bind = op.get_bind()
    texts = sa.table("search_texts", sa.column(owner), sa.column("text"))
    rows = bind.execute(sa.text(names)).all()
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        bind.execute(texts.insert(), [{owner: row_id, "text": search_text(known)} for row_id, *known in batch])


def _index_trigrams() -> None:
    """Index what is searched; without the extension a search reads the whole table, and finds the same."""
    bind = op.get_bind()
    if bind.scalar(sa.text("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'")) is None:
        return
    try:
        with bind.begin_nested():
            bind.execute(sa.text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    except sa.exc.DBAPIError:
        # Who may not create it reads the whole table, too.
        return
    op.execute(
        "CREATE INDEX ix_search_texts_trigrams ON search_texts USING gin (text gin_trgm_ops)"
        # A list of what isn't in the index yet would be read by every search.
        " WITH (fastupdate = off)"
    )


def downgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.execute("DROP TABLE search_trigrams")
    op.drop_table("search_texts")
    op.drop_index("ix_credits_person_id", table_name="credits")
    op.drop_table("credits")
    op.drop_table("people")

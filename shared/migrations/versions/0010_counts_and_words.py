"""how many titles there are, kept by triggers; and searching by words instead of texts."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from shared.catalogue.search_text import words_of

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None

#: What is counted of each table.
_COUNTED = {"media": "type", "library_media": "library_id"}

#: PostgreSQL tells all rows of a statement at once.
_FUNCTION = """
    CREATE FUNCTION count_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO title_counts (counted, slot, titles)
        SELECT {column}, pg_backend_pid() % 64, count(*) * CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END
        FROM changed GROUP BY {column} ORDER BY {column}
        ON CONFLICT (counted, slot) DO UPDATE SET titles = title_counts.titles + excluded.titles;
        RETURN NULL;
    END $$
"""
_TRIGGER = """
    CREATE TRIGGER {table}_{event}_counted AFTER {event} ON {table}
    REFERENCING {which} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_{table}()
"""
_SQLITE_TRIGGER = """
    CREATE TRIGGER {table}_{event}_counted AFTER {event} ON {table} BEGIN
        INSERT INTO title_counts (counted, slot, titles) VALUES ({which}.{column}, 0, {one})
        ON CONFLICT (counted, slot) DO UPDATE SET titles = titles + excluded.titles;
    END
"""

#: A text's words, and once more, marked, those that begin a name.
_VECTOR = r"""
    CREATE FUNCTION search_vector(names text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT array_to_tsvector(array_remove(string_to_array(
            translate(names || replace(names, E'\n ', E'\n ='), E'\n', ' '), ' '), ''))
    $$
"""
_MARKED = "{row}.text || replace({row}.text, char(10) || ' ', char(10) || ' =')"
_PLAIN = "{row}.word"
#: SQLite's full-text tables; they have no texts of their own and must be told what they forget. Whatever is neither a
#: space nor the end of a line is part of a word.
_INDEXES = (
    ("search_texts", "text", "search_text_words", _MARKED, "unicode61 remove_diacritics 0 categories ''{}''"),
    ("search_words", "word", "search_word_trigrams", _PLAIN, "trigram"),
)
#: How SQLite's index of whole texts spelled them.
_BEFORE = (
    "replace({row}.text, ' ', '  ')"
    " || replace(replace({row}.text, char(10) || ' ', char(10)), ' ' || char(10), char(10))"
)
_CATEGORIES = "L* M* N* P* S* Cf Cn Co Cs"

#: Rows that are filled in at once.
_BATCH = 10_000


def upgrade() -> None:
    _count()
    _index_words()


def _count() -> None:
    op.create_table(
        "title_counts",
        sa.Column("counted", sa.String(length=36), nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("titles", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("counted", "slot", name=op.f("pk_title_counts")),
    )
    for table, kind in _COUNTED.items():
        if not _is_sqlite():
            op.execute(_FUNCTION.format(table=table, column=kind))
        for event, which, one in (("INSERT", "NEW", 1), ("DELETE", "OLD", -1)):
            trigger = _SQLITE_TRIGGER if _is_sqlite() else _TRIGGER
            op.execute(trigger.format(table=table, column=kind, event=event, which=which, one=one))
        op.execute(f"INSERT INTO title_counts SELECT {kind}, 0, count(*) FROM {table} GROUP BY {kind}")  # noqa: S608


def _index_words() -> None:
    op.create_table(
        "search_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_words")),
    )
    if _is_sqlite():
        for event in ("inserted", "deleted", "updated"):
            op.execute(f"DROP TRIGGER search_texts_{event}")
        op.execute("DROP TABLE search_trigrams")
        for index in _INDEXES:
            _index_on_sqlite(*index)
    else:
        op.execute("DROP INDEX IF EXISTS ix_search_texts_trigrams")
        op.execute(_VECTOR)
    words = sa.table("search_words", sa.column("word"))
    for batch in _batches(sorted(_words())):
        op.get_bind().execute(words.insert(), [{"word": f" {word} "} for word in batch])
    op.create_index("ix_search_words_word", "search_words", ["word"], unique=False)
    if not _is_sqlite():
        # A list of what isn't in the index yet would be read by every search.
        rows = "WITH (fastupdate = off)"
        op.execute(f"CREATE INDEX ix_search_texts_words ON search_texts USING gin (search_vector(text)) {rows}")
        if _has_trigrams():
            op.execute(f"CREATE INDEX ix_search_words_trigrams ON search_words USING gin (word gin_trgm_ops) {rows}")
        op.execute("ANALYZE search_texts, search_words")


def _index_on_sqlite(table: str, text: str, index: str, spelled: str, tokenize: str) -> None:
    """Index a table's texts in a full-text table that follows it, beginning with those that are there."""
    old, new, tokenize = spelled.format(row="old"), spelled.format(row="new"), tokenize.format(_CATEGORIES)
    op.execute(f"CREATE VIRTUAL TABLE {index} USING fts5(text, content = '', tokenize = '{tokenize}', detail = 'none')")
    forget = f"INSERT INTO {index} ({index}, rowid, text) VALUES ('delete', old.id, {old});"  # noqa: S608
    note = f"INSERT INTO {index} (rowid, text) VALUES (new.id, {new});"  # noqa: S608
    differs = f"UPDATE OF {text} ON {table} WHEN old.{text} <> new.{text}"
    op.execute(f"CREATE TRIGGER {table}_inserted AFTER INSERT ON {table} BEGIN {note} END")
    op.execute(f"CREATE TRIGGER {table}_deleted AFTER DELETE ON {table} BEGIN {forget} END")
    op.execute(f"CREATE TRIGGER {table}_updated AFTER {differs} BEGIN {forget} {note} END")
    op.execute(f"INSERT INTO {index} (rowid, text) SELECT id, {spelled.format(row=table)} FROM {table}")  # noqa: S608


def _words() -> set[str]:
    """Return all words of all names."""
    texts = sa.text("SELECT text FROM search_texts").execution_options(yield_per=_BATCH)
    return {word for text in op.get_bind().scalars(texts) for word in words_of(text)}


def _batches(rows: list[str]) -> Iterator[list[str]]:
    return (rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH))


def _has_trigrams() -> bool:
    """Whether pg_trgm is there; without it a search reads all words, and finds the same."""
    return bool(op.get_bind().scalar(sa.text("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")))


def _is_sqlite() -> bool:
    return op.get_context().dialect.name == "sqlite"


def downgrade() -> None:
    if _is_sqlite():
        for table, _, index, *_ in _INDEXES:
            for event in ("inserted", "deleted", "updated"):
                op.execute(f"DROP TRIGGER {table}_{event}")
            op.execute(f"DROP TABLE {index}")
        _index_on_sqlite("search_texts", "text", "search_trigrams", _BEFORE, "trigram")
    else:
        op.execute("DROP INDEX ix_search_texts_words")
        op.execute("DROP FUNCTION search_vector(text)")
        if _has_trigrams():
            trigrams = "USING gin (text gin_trgm_ops) WITH (fastupdate = off)"
            op.execute(f"CREATE INDEX ix_search_texts_trigrams ON search_texts {trigrams}")
    op.drop_table("search_words")
    for table in _COUNTED:
        for event in ("INSERT", "DELETE"):
            op.execute(f"DROP TRIGGER {table}_{event}_counted" + ("" if _is_sqlite() else f" ON {table}"))
        if not _is_sqlite():
            op.execute(f"DROP FUNCTION count_{table}()")
    op.drop_table("title_counts")

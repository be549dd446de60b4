"""what making a search vector costs: the planner took it for nothing, and read small catalogues whole."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_VECTOR = r"""
    array_to_tsvector(array_remove(string_to_array(
        translate(names || replace(names, E'\n ', E'\n ='), E'\n', ' '), ' '), ''))
"""
_HEAD = "CREATE OR REPLACE FUNCTION search_vector(names text) RETURNS tsvector IMMUTABLE PARALLEL SAFE"


def upgrade() -> None:
    # A function in SQL is written into each statement, and its cost is forgotten then. This one takes 5 µs, which is
    # 200 times what an operator does by the planner's measure.
    _replace(f"{_HEAD} LANGUAGE plpgsql COST 200 AS $$ BEGIN RETURN {_VECTOR}; END $$")


def downgrade() -> None:
    _replace(f"{_HEAD} LANGUAGE sql AS $$ SELECT {_VECTOR} $$")


def _replace(statement: str) -> None:
    if op.get_context().dialect.name == "sqlite":
        return
    op.execute(statement)
    # Nothing changes, but connections look at the index anew, in which they have the function's old form.
    op.execute("ALTER INDEX ix_search_texts_words SET (fastupdate = off)")

"""By what titles are found: whoever renames one, or changes its genres, calls this in the same transaction."""

from collections.abc import Collection, Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.catalogue import search_words
from shared.catalogue.normal import normalised
from shared.catalogue.search_text import search_text, words_of
from shared.dialects import insert_for, insert_new, insert_rows
from shared.models import Media, MediaGenre, SearchText


def search_title(title: str, original_title: str | None) -> str:
    """Spell the titles as ``Media.search_title`` has them, which lists are sorted by and filtered through."""
    return normalised(f"{title} {original_title or ''}")


def index_titles(session: Session, media_ids: Collection[str]) -> None:
    """Have titles found by their title, their original one, and the one that their files have."""
    names = select(Media.id, Media.title, Media.original_title, Media.guessed_title)
    rows = session.execute(names.where(Media.id.in_(media_ids)))
    write_texts(session, SearchText.media_id, ((media_id, search_text(known)) for media_id, *known in rows))


def index_genres(session: Session, titles: Collection[Media]) -> None:
    """Have titles found by their genres."""
    session.execute(
        delete(MediaGenre)
        .where(MediaGenre.media_id.in_([media.id for media in titles]))
        .execution_options(synchronize_session=False)
    )
    rows = [
        {"media_id": media.id, "genre": genre}
        for media in titles
        for genre in sorted({normalised(genre) for genre in media.genres})
    ]
    insert_new(session, MediaGenre, rows)


def write_texts(session: Session, owner: InstrumentedAttribute[str | None], texts: Iterable[tuple[str, str]]) -> None:
    """Write what searches look through; ``owner`` is the column that says whose texts these are."""
    # In one order, so that no two transactions wait for each other.
    rows = [{owner.key: owner_id, "text": text} for owner_id, text in sorted(texts)]
    if rows:
        insert = insert_for(session, SearchText)
        changed = insert.on_conflict_do_update(
            index_elements=[owner.key],
            set_={"text": insert.excluded.text},
            where=SearchText.text != insert.excluded.text,
        )
        insert_rows(session, changed, rows)
        search_words.add(session, set().union(*(words_of(row["text"]) for row in rows)))

"""Write what searches look through: whoever names or renames something calls this in the same transaction."""

from collections.abc import Collection, Iterable

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.catalogue.search_text import search_text
from shared.dialects import insert_for
from shared.models import Episode, Media, Person, SearchText


def index_titles(session: Session, media_ids: Collection[str]) -> None:
    """Have titles found by their title, their original one, and the one that their files have."""
    names = select(Media.id, Media.title, Media.original_title, Media.guessed_title)
    rows = session.execute(names.where(Media.id.in_(media_ids)))
    _write(session, SearchText.media_id, ((media_id, search_text(known)) for media_id, *known in rows))


def index_episodes(session: Session, episode_ids: Collection[str]) -> None:
    """Have episodes found by their titles."""
    rows = session.execute(select(Episode.id, Episode.title).where(Episode.id.in_(episode_ids)))
    _write(session, SearchText.episode_id, ((episode_id, search_text([title])) for episode_id, title in rows))


def index_people(session: Session, person_ids: Collection[str]) -> None:
    """Have people found by their names."""
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(person_ids)))
    _write(session, SearchText.person_id, ((person_id, search_text([name])) for person_id, name in rows))


def _write(session: Session, owner: InstrumentedAttribute[str | None], texts: Iterable[tuple[str, str]]) -> None:
    # In one order, so that no two transactions wait for each other.
    rows = [{owner.key: owner_id, "text": text} for owner_id, text in sorted(texts)]
    if rows:
        insert = insert_for(session, SearchText)
        changed = insert.on_conflict_do_update(
            index_elements=[owner.key],
            set_={"text": insert.excluded.text},
            where=SearchText.text != insert.excluded.text,
        )
        session.execute(changed, rows)

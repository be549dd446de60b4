"""Write what searches look through: whoever names or renames something calls this in the same transaction."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.catalogue.indexing import write_texts
from shared.catalogue.search_text import search_text
from shared.models import Episode, Person, SearchText


def index_episodes(session: Session, episode_ids: Collection[str]) -> None:
    """Have episodes found by their titles."""
    rows = session.execute(select(Episode.id, Episode.title).where(Episode.id.in_(episode_ids)))
    write_texts(session, SearchText.episode_id, ((episode_id, search_text([title])) for episode_id, title in rows))


def index_people(session: Session, person_ids: Collection[str]) -> None:
    """Have people found by their names."""
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(person_ids)))
    write_texts(session, SearchText.person_id, ((person_id, search_text([name])) for person_id, name in rows))

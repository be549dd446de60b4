"""Record who made a title and who plays in it; whoever is spelled alike is taken for the same person."""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared.catalogue.normal import normalised
from shared.dialects import insert_new
from shared.models import Credit, Person
from shared.models.base import new_id
from worker.providers import base
from worker.record.search import index_people

#: Letters; what is longer is no name, and more than an index takes.
_LONGEST_NAME = 200


def people(session: Session, credited: Iterable[base.Credit]) -> dict[str, str]:
    """Make sure of the people who are credited, and return their ids by the key of their names.

    Another worker may be adding the same people at this moment, and each then waits for the other's transaction. All
    add them in the order of their keys, so that no two wait for each other. Whoever records several titles in one
    transaction therefore calls this for all of them together before, best in a transaction of its own.
    """
    names: dict[str, str] = {}
    for credit in credited:
        if (key := _key(credit)) is not None:
            names.setdefault(key, credit.name)
    known = _known(session, names)
    missing = sorted(names.keys() - known.keys())
    if missing:
        made = {key: new_id() for key in missing}
        insert_new(session, Person, [{"id": made[key], "key": key, "name": names[key]} for key in missing])
        known |= _known(session, missing)
        # Whom another worker added, that one indexes.
        index_people(session, [made[key] for key in missing if known[key] == made[key]])
    return known


def record(session: Session, credited: Mapping[str, Collection[base.Credit]]) -> None:
    """Make these the credits of titles, by their ids, in this order. The caller holds the titles' rows.

    Who has no credit left stays, as with titles that are removed: another title may be about to name them.
    """
    if not credited:
        return
    ids = people(session, [credit for theirs in credited.values() for credit in theirs])
    session.execute(
        delete(Credit).where(Credit.media_id.in_(list(credited))).execution_options(synchronize_session=False)
    )
    insert_new(session, Credit, [row for media_id, theirs in credited.items() for row in _rows(media_id, theirs, ids)])


def _rows(media_id: str, credited: Iterable[base.Credit], ids: Mapping[str, str]) -> list[dict[str, str | int | None]]:
    rows: dict[tuple[str, str], dict[str, str | int | None]] = {}
    for credit in credited:
        person_id = ids.get(_key(credit) or "")
        if person_id is not None:
            row = {"media_id": media_id, "person_id": person_id, "role": credit.role, "character": credit.character}
            rows.setdefault((person_id, credit.role), row | {"position": len(rows)})
    return list(rows.values())


def _key(credit: base.Credit) -> str | None:
    """Spell a name as people are told apart; None for what can be no name."""
    key = normalised(credit.name) if len(credit.name) <= _LONGEST_NAME else ""
    return key if 0 < len(key) <= _LONGEST_NAME else None


def _known(session: Session, keys: Collection[str]) -> dict[str, str]:
    rows = session.execute(select(Person.key, Person.id).where(Person.key.in_(keys)))
    return {key: person_id for key, person_id in rows}  # noqa: C416 - dict() loses the types of rows

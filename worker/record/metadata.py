"""Record what the providers said of a title; titles that turn out to be the same become one."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, select, tuple_, update
from sqlalchemy.orm import Session

from shared.catalogue.indexing import index_genres, index_titles, search_title
from shared.dialects import insert_new
from shared.kinds import MatchStatus, MediaType
from shared.models import ExternalId, Media, Movie, TVShow
from shared.models.base import now
from shared.wire import camel
from worker.providers.base import Match, Metadata, Problem
from worker.record import credits as record_credits
from worker.record import episodes
from worker.record.merging import merge

BY_USER = Problem("unmatched-by-user", "A user said that this is no title that a provider knows.")

#: What is recorded of a title that nobody is known to be.
_NOTHING = Metadata("", Match(0.0))


@dataclass(frozen=True, slots=True)
class Told:
    """What providers said of a title: who it is, and what there is to know.

    ``is_partial``: the answer is brief, or somebody did not answer: what it lacks stays as it was. ``asked_with`` is
    the digest of the question when the answer is all that there is to know.
    """

    media_id: str
    metadata: Metadata
    is_partial: bool = False
    asked_with: str | None = None


def identified(
    session: Session, media_id: str, metadata: Metadata, *, is_partial: bool = False, asked_with: str | None = None
) -> str:
    """Record the answer for one title, see ``all_identified``."""
    return all_identified(session, [Told(media_id, metadata, is_partial, asked_with)])[media_id]


def all_identified(session: Session, told: Sequence[Told]) -> dict[str, str]:
    """Record answers, in as many statements as for one; return each title's id.

    That is another one when the answer says that we knew the title already.

    1. What another answer said of a title goes when this one says that it is another title; its ids go also when this
       one is whole and doesn't say them.
    2. The provider's ids say whose title it is; when it is another one's, this title's files go there.
    3. The answer fills the title, its credits, and the seasons and episodes of which there are files.
    """
    locked = _locked(session, [each.media_id for each in told])
    renamed = _forget_ids(session, locked, told)
    owners = _owners(session, locked, told)
    goes_on_as: dict[str, str] = {}
    filled: dict[str, _Filled] = {}
    for each in told:
        media, is_another = locked[each.media_id], each.media_id in renamed
        owner_id = _at_last(owners[media.id], goes_on_as)
        if owner_id != media.id:
            owner = locked.get(owner_id) or _locked(session, [owner_id])[owner_id]
            merge(session, media, owner)
            goes_on_as[media.id] = owner_id
            filled.pop(media.id, None)
            media, is_another = owner, False
        keeps = each.is_partial and not is_another
        _fill_answer(media, each, keeps=keeps)
        filled[media.id] = _Filled(media, each.metadata, keeps)
        if media.type == MediaType.TV_SHOW:
            if is_another:
                episodes.strip(session, media.id)
            # Who is one with another title is asked about again, with all the files that both have.
            if not each.metadata.is_brief and owner_id == each.media_id:
                episodes.fill(session, media.id, each.metadata, keeps=keeps)
    _relate(session, list(filled.values()))
    return {each.media_id: _at_last(each.media_id, goes_on_as) for each in told}


def unidentified(session: Session, media_id: str, reason: Problem, metadata: Metadata | None) -> None:
    """Record that nobody knew the title, and why; it stays browsable under the name that its files have.

    What was known of it stays, unless a user said since that it is another title. ``metadata`` has no title, but it may
    have pictures, and the candidates of which none was near enough.
    """
    media = _locked(session, [media_id])[media_id]
    if media.match_status == MatchStatus.MATCHED:
        if _is_as_chosen(session, media):
            return
        _empty(session, media)
    answer = metadata or _NOTHING
    _fill_pictures(media, answer, keeps=False)
    _note_unmatched(media, reason, answer.match)


def unmatched_by_user(session: Session, media_id: str) -> None:
    """Record that a user said that the title is none that providers know: it is shown by its files' names alone."""
    media = _locked(session, [media_id])[media_id]
    _empty(session, media)
    _note_unmatched(media, BY_USER, _NOTHING.match)


@dataclass(frozen=True, slots=True)
class _Filled:
    """A title that is as an answer has it, but for what lies in other tables."""

    media: Media
    metadata: Metadata
    #: What the answer lacks stays.
    keeps: bool


def _locked(session: Session, media_ids: Collection[str]) -> dict[str, Media]:
    """Return titles as they are now, which no user edits until the transaction ends."""
    rows = select(Media).where(Media.id.in_(media_ids)).order_by(Media.id).with_for_update(key_share=True)
    return {media.id: media for media in session.scalars(rows.execution_options(populate_existing=True))}


def _at_last(media_id: str, goes_on_as: Mapping[str, str]) -> str:
    """Follow a title through all that it became one with."""
    while media_id in goes_on_as:
        media_id = goes_on_as[media_id]
    return media_id


def _forget_ids(session: Session, titles: Mapping[str, Media], told: Sequence[Told]) -> set[str]:
    """Remove the ids that answers contradict, and whole ones don't have.

    Return the titles that turn out to be another one, which lose all.
    """
    known: dict[str, dict[tuple[str, str], ExternalId]] = {media_id: {} for media_id in titles}
    for row in session.scalars(select(ExternalId).where(ExternalId.media_id.in_(titles))):
        known[row.media_id][row.source, row.external_id] = row
    renamed = set()
    for each in told:
        theirs, chosen = known[each.media_id], titles[each.media_id].chosen
        said = {(str(source), external_id) for source, external_id in each.metadata.ids.items()}
        contradicted = {key for key in theirs if key not in said and key[0] in each.metadata.ids}
        is_another = bool(contradicted) and theirs.keys().isdisjoint(said)
        if external_id := chosen.get("externalId"):
            is_another |= bool(theirs) and (chosen["source"], external_id) not in theirs
        if is_another:
            renamed.add(each.media_id)
        for key in theirs if is_another else contradicted if each.is_partial else theirs.keys() - said:
            session.delete(theirs[key])
    session.flush()
    return renamed


def _owners(session: Session, titles: Mapping[str, Media], told: Sequence[Told]) -> dict[str, str]:
    """Claim the answers' ids for their titles; the first that another title has makes that one the owner."""
    claims = [
        {
            "type": titles[each.media_id].type,
            "source": str(source),
            "external_id": external_id,
            "media_id": each.media_id,
        }
        for each in told
        for source, external_id in each.metadata.ids.items()
    ]
    # In one order, so that no two transactions wait for each other.
    claims.sort(key=lambda claim: (claim["source"], claim["external_id"], claim["type"]))
    insert_new(session, ExternalId, claims)
    key = (ExternalId.type, ExternalId.source, ExternalId.external_id)
    asked = [(claim["type"], claim["source"], claim["external_id"]) for claim in claims]
    rows = session.execute(select(*key, ExternalId.media_id).where(tuple_(*key).in_(asked))) if asked else ()
    holders = {tuple(spot): media_id for *spot, media_id in rows}
    owners = {each.media_id: each.media_id for each in told}
    for claim, spot in zip(claims, asked, strict=True):
        media_id = claim["media_id"]
        if owners[media_id] == media_id:
            owners[media_id] = holders.get(spot, media_id)
    return owners


def _fill_answer(media: Media, told: Told, *, keeps: bool) -> None:
    _fill(media, told.metadata, keeps=keeps)
    _fill_pictures(media, told.metadata, keeps=keeps)
    match = told.metadata.match
    media.match_status, media.match_score = MatchStatus.MATCHED, match.score
    media.match_detail, media.is_doubtful = _detail(told.metadata), match.is_doubtful and not media.chosen
    media.fetched_at, media.asked_with = now(), told.asked_with


def _fill(media: Media, metadata: Metadata, *, keeps: bool) -> None:
    """Fill what the user did not lock; ``keeps``: what the answer lacks stays."""
    values: dict[str, Any] = {
        "title": metadata.title or media.guessed_title,
        "original_title": metadata.original_title,
        "description": metadata.description,
        "release_date": metadata.release_date,
        "rating": metadata.rating,
        "genres": list(metadata.genres),
        "certification": metadata.certification,
        "studios": list(metadata.studios),
        "collection": _collection(metadata),
    }
    for name, value in values.items():
        if camel(name) not in media.locked_fields and not (keeps and value in (None, [], {})):
            setattr(media, name, value)
    media.search_title = search_title(media.title, media.original_title)


def _collection(metadata: Metadata) -> dict[str, str]:
    collection = metadata.collection
    return {"name": collection.name, "externalId": collection.external_id} if collection else {}


def _fill_pictures(media: Media, metadata: Metadata, *, keeps: bool) -> None:
    if metadata.poster != media.poster_source and (metadata.poster or not keeps):
        media.poster_source, media.poster_image, media.palette, media.poster_failed_at = metadata.poster, None, [], None
    if metadata.backdrop != media.backdrop_source and (metadata.backdrop or not keeps):
        media.backdrop_source, media.backdrop_image = metadata.backdrop, None


def _relate(session: Session, filled: Sequence[_Filled]) -> None:
    """Write what other tables have of titles, in as many statements as for one."""
    session.flush()
    index_genres(session, [each.media for each in filled])
    index_titles(session, [each.media.id for each in filled])
    record_credits.record(
        session,
        {each.media.id: each.metadata.credits for each in filled if each.metadata.credits or not each.keeps},
    )
    _fill_kind(session, Movie, ("duration", "trailer_url"), [each for each in filled if _is_film(each.media)])
    _fill_kind(session, TVShow, ("creator", "network"), [each for each in filled if not _is_film(each.media)])


def _is_film(media: Media) -> bool:
    return media.type == MediaType.MOVIE


def _fill_kind(session: Session, kind: type[Movie | TVShow], names: Sequence[str], filled: Sequence[_Filled]) -> None:
    """Fill what only films or only shows have."""
    rows: dict[tuple[str, ...], list[dict[str, object]]] = defaultdict(list)
    for each in filled:
        values = {name: getattr(each.metadata, name) for name in names}
        said = {name: value for name, value in values.items() if value is not None or not each.keeps}
        if said:
            rows[tuple(said)].append({"of": each.media.id} | {f"new_{name}": value for name, value in said.items()})
    for said_names, changed in rows.items():
        change = update(kind).where(kind.media_id == bindparam("of"))
        session.connection().execute(change.values({name: bindparam(f"new_{name}") for name in said_names}), changed)


def _detail(metadata: Metadata) -> dict[str, Any]:
    return {
        "provider": metadata.provider,
        "parts": dict(metadata.match.parts),
        "runnersUp": [dict(runner_up) for runner_up in metadata.match.runners_up],
    }


def _is_as_chosen(session: Session, media: Media) -> bool:
    """Whether a title is known by the id that the user chose, if any was."""
    if not media.chosen:
        return True
    chosen = select(ExternalId.media_id).filter_by(
        media_id=media.id, source=media.chosen.get("source"), external_id=media.chosen.get("externalId")
    )
    return session.scalar(chosen) is not None


def _empty(session: Session, media: Media) -> None:
    """Take from a title what providers said of it, but for what the user locked."""
    session.execute(delete(ExternalId).where(ExternalId.media_id == media.id))
    _fill(media, _NOTHING, keeps=False)
    _fill_pictures(media, _NOTHING, keeps=False)
    _relate(session, [_Filled(media, _NOTHING, keeps=False)])
    if media.type == MediaType.TV_SHOW:
        episodes.strip(session, media.id)


def _note_unmatched(media: Media, reason: Problem, match: Match) -> None:
    media.match_status, media.match_score, media.is_doubtful = MatchStatus.UNMATCHED, None, False
    media.match_detail = {
        "cause": reason.cause,
        "reason": reason.message,
        "runnersUp": [dict(runner_up) for runner_up in match.runners_up],
    }
    media.fetched_at, media.asked_with = now(), None

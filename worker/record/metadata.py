"""Record what the providers said of a title; titles that turn out to be the same become one."""

from typing import Any

from sqlalchemy import delete, select, update
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


def identified(
    session: Session, media_id: str, metadata: Metadata, *, is_partial: bool = False, asked_with: str | None = None
) -> str:
    """Record an answer, and return the title's id: another one when the answer says that we knew the title already.

    1. What another answer said of it goes when this one says that it is another title.
    2. The provider's ids say whose title it is; when it is another one's, this title's files go there.
    3. The answer fills the title, its credits, and the seasons and episodes of which there are files.

    ``is_partial``: the answer is brief, or somebody did not answer: what it lacks stays as it was. ``asked_with`` is
    the digest of the question when the answer is all that there is to know.
    """
    media = _locked(session, media_id)
    is_another = _forget_ids(session, media, metadata)
    owner_id = _owner(session, media, metadata)
    if owner_id != media_id:
        owner = _locked(session, owner_id)
        merge(session, media, owner)
        media, is_another = owner, False
    keeps = is_partial and not is_another
    _fill(media, metadata, keeps=keeps)
    _fill_pictures(media, metadata, keeps=keeps)
    media.match_status, media.match_score = MatchStatus.MATCHED, metadata.match.score
    media.match_detail, media.is_doubtful = _detail(metadata), metadata.match.is_doubtful and not media.chosen
    media.fetched_at, media.asked_with = now(), asked_with
    _relate(session, media, metadata, keeps=keeps)
    if media.type == MediaType.TV_SHOW:
        if is_another:
            episodes.strip(session, media.id)
        # Who is one with another title is asked about again, with all the files that both have.
        if not metadata.is_brief and owner_id == media_id:
            episodes.fill(session, media.id, metadata, keeps=keeps)
    session.flush()
    return media.id


def unidentified(session: Session, media_id: str, reason: Problem, metadata: Metadata | None) -> None:
    """Record that nobody knew the title, and why; it stays browsable under the name that its files have.

    What was known of it stays, unless a user said since that it is another title. ``metadata`` has no title, but it may
    have pictures, and the candidates of which none was near enough.
    """
    media = _locked(session, media_id)
    if media.match_status == MatchStatus.MATCHED:
        if _is_as_chosen(session, media):
            return
        _empty(session, media)
    answer = metadata or _NOTHING
    _fill_pictures(media, answer, keeps=False)
    _note_unmatched(media, reason, answer.match)


def unmatched_by_user(session: Session, media_id: str) -> None:
    """Record that a user said that the title is none that providers know: it is shown by its files' names alone."""
    media = _locked(session, media_id)
    _empty(session, media)
    _note_unmatched(media, BY_USER, _NOTHING.match)


def _locked(session: Session, media_id: str) -> Media:
    """Return a title as it is now, which no user edits until the transaction ends."""
    return session.get_one(Media, media_id, with_for_update={"key_share": True}, populate_existing=True)


def _forget_ids(session: Session, media: Media, metadata: Metadata) -> bool:
    """Remove the ids that an answer contradicts; of a title that it says is another one all, and then return True."""
    rows = session.scalars(select(ExternalId).where(ExternalId.media_id == media.id))
    known = {(row.source, row.external_id): row for row in rows}
    told = {(str(source), external_id) for source, external_id in metadata.ids.items()}
    contradicted = {key for key in known if key not in told and key[0] in metadata.ids}
    is_another = bool(contradicted) and known.keys().isdisjoint(told)
    if chosen := media.chosen.get("externalId"):
        is_another |= bool(known) and (media.chosen["source"], chosen) not in known
    gone = known.keys() if is_another else contradicted
    for key in gone:
        session.delete(known[key])
    session.flush()
    return is_another


def _owner(session: Session, media: Media, metadata: Metadata) -> str:
    """Claim the answer's ids for this title; the first that another title has makes that one the owner."""
    for source, external_id in sorted(metadata.ids.items()):
        row = {"type": media.type, "source": source, "external_id": external_id}
        insert_new(session, ExternalId, [row | {"media_id": media.id}])
        owner = session.scalar(select(ExternalId.media_id).filter_by(**row))
        if owner is not None and owner != media.id:
            return owner
    return media.id


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


def _relate(session: Session, media: Media, metadata: Metadata, *, keeps: bool) -> None:
    """Fill what stands in other tables: genres and names to look up by, people, and what only films or shows have."""
    index_genres(session, media)
    session.flush()
    index_titles(session, [media.id])
    if metadata.credits or not keeps:
        record_credits.record(session, media.id, metadata.credits)
    kind: type[Movie | TVShow] = Movie if media.type == MediaType.MOVIE else TVShow
    own: dict[type[Movie | TVShow], dict[str, object]] = {
        Movie: {"duration": metadata.duration, "trailer_url": metadata.trailer_url},
        TVShow: {"creator": metadata.creator, "network": metadata.network},
    }
    values = {name: value for name, value in own[kind].items() if value is not None or not keeps}
    if values:
        session.execute(update(kind).where(kind.media_id == media.id).values(values))


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
    _relate(session, media, _NOTHING, keeps=False)
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

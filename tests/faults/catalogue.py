"""What the catalogue holds, row by row and without ids and dates, so that two runs can be compared."""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.models import (
    Credit,
    Enrichment,
    Episode,
    ExternalId,
    Library,
    LibraryMedia,
    Media,
    MediaFile,
    Movie,
    Person,
    ScanFolder,
    Season,
    TVShow,
    episode_files,
)

#: What a row is, and what is said of it.
Row = tuple[Hashable, Hashable]


@dataclass(frozen=True, slots=True)
class Difference:
    """How a catalogue differs from the one that it should be."""

    lost: list[Row]
    doubled: list[Row]
    changed: list[Row]
    #: Files that are marked as missing though they are there.
    deleted: list[Row]

    @property
    def is_none(self) -> bool:
        return not (self.lost or self.doubled or self.changed or self.deleted)


def difference(wanted: Iterable[Row], found: Iterable[Row]) -> Difference:
    """Compare two catalogues: identities that lack or are too many, and rows of which something else is said."""
    wanted, found = Counter(wanted), Counter(found)
    wanted_ids, found_ids = Counter(), Counter()
    for (identity, _), count in wanted.items():
        wanted_ids[identity] += count
    for (identity, _), count in found.items():
        found_ids[identity] += count
    lost, doubled = wanted_ids - found_ids, found_ids - wanted_ids
    changed = [row for row in (found - wanted) if row[0] not in doubled]
    deleted = [row for row in found if row[0][0] == "file" and row[1][0]]
    return Difference(list(lost), list(doubled), changed, deleted)


def rows(session: Session) -> list[Row]:
    """Return every row of the catalogue."""
    return [
        *_titles(session),
        *_files(session),
        *_episodes(session),
        *_seasons(session),
        *_held(session),
        *_work(session),
    ]


def _names(session: Session) -> dict[str, str]:
    """Spell each title by what it is known by everywhere."""
    known: dict[str, list[str]] = {}
    for row in session.scalars(select(ExternalId)):
        known.setdefault(row.media_id, []).append(f"{row.source}:{row.external_id}")
    return {
        media.id: " ".join([media.type, *sorted(known.get(media.id, [media.title]))])
        for media in session.scalars(select(Media))
    }


def _titles(session: Session) -> list[Row]:
    names = _names(session)
    more: dict[str, Hashable] = {
        media_id: facts
        for media_id, *facts in session.execute(select(Movie.media_id, Movie.duration, Movie.trailer_url))
    }
    more |= {
        media_id: facts for media_id, *facts in session.execute(select(TVShow.media_id, TVShow.creator, TVShow.network))
    }
    cast: dict[str, list[Any]] = {}
    credited = select(Credit.media_id, Credit.position, Credit.role, Credit.character, Person.name)
    for media_id, *facts in session.execute(credited.join(Person, Person.id == Credit.person_id)):
        cast.setdefault(media_id, []).append(tuple(facts))
    return [
        (
            ("title", names[media.id]),
            (
                media.title,
                media.original_title,
                media.description,
                media.release_date,
                media.rating,
                tuple(media.genres),
                media.certification,
                tuple(media.studios),
                media.search_title,
                media.match_status,
                media.match_score,
                media.is_doubtful,
                media.poster_image,
                media.backdrop_image,
                tuple(media.palette),
                tuple(more.get(media.id, ())),
                tuple(sorted(cast.get(media.id, ()), key=repr)),
            ),
        )
        for media in session.scalars(select(Media))
    ]


def _files(session: Session) -> list[Row]:
    names = _names(session)
    of_film = dict(session.execute(select(Movie.id, Movie.media_id)).tuples().all())
    return [
        (
            ("file", file.path),
            (
                file.missing_since is not None,
                file.size,
                names.get(of_film.get(file.movie_id or "", "")),
                file.edition,
                file.part,
                file.extra_type,
                file.fingerprint,
                repr(sorted(file.probe.items())),
            ),
        )
        for file in session.scalars(select(MediaFile))
    ]


def _episodes(session: Session) -> list[Row]:
    names = _names(session)
    query = (
        select(TVShow.media_id, Season.season_number, Episode, func.coalesce(MediaFile.path, ""))
        .join(Season, Season.tv_show_id == TVShow.id)
        .join(Episode, Episode.season_id == Season.id)
        .join(episode_files, episode_files.c.episode_id == Episode.id, isouter=True)
        .join(MediaFile, MediaFile.id == episode_files.c.file_id, isouter=True)
    )
    return [
        (
            ("episode", names[media_id], season, episode.episode_number, path),
            (episode.title, episode.overview, episode.air_date, episode.runtime, episode.still_image),
        )
        for media_id, season, episode, path in session.execute(query)
    ]


def _seasons(session: Session) -> list[Row]:
    names = _names(session)
    query = select(TVShow.media_id, Season).join(Season, Season.tv_show_id == TVShow.id)
    return [
        (
            ("season", names[media_id], season.season_number),
            (season.name, season.overview, season.air_date, season.poster_image),
        )
        for media_id, season in session.execute(query)
    ]


def _held(session: Session) -> list[Row]:
    names = _names(session)
    query = select(Library.library_path, LibraryMedia.media_id).join(Library, Library.id == LibraryMedia.library_id)
    return [(("held", path, names[media_id]), ()) for path, media_id in session.execute(query)]


def _work(session: Session) -> list[Row]:
    names = _names(session)
    titles = session.execute(select(Enrichment.media_id, Enrichment.status))
    folders = session.execute(
        select(ScanFolder.path, ScanFolder.status, ScanFolder.signature == ScanFolder.settled_signature)
    )
    return [
        *((("way", names[media_id]), status) for media_id, status in titles),
        *((("folder", path), (status, bool(is_settled))) for path, status, is_settled in folders),
    ]

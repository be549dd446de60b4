"""Rows for tests, and the databases that they stand in."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from redis import Redis
from sqlalchemy import delete, insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from shared import events
from shared.catalogue.indexing import index_titles
from shared.catalogue.normal import normalised
from shared.database import Database
from shared.kinds import MatchStatus, MediaType, Role
from shared.migrate import migrate
from shared.models import (
    Base,
    Credit,
    Enrichment,
    Episode,
    ExternalId,
    Library,
    LibraryMedia,
    Media,
    MediaFile,
    MediaGenre,
    Movie,
    Person,
    ProviderRow,
    ScanFolder,
    ScanJob,
    Season,
    TitleCount,
    TVShow,
)
from shared.scan_jobs import EnrichmentStatus, FolderStatus, JobStatus
from shared.scan_options import ScanOptions
from worker.record.search import index_episodes, index_people

#: When the first thing that a test builds was added; each further one comes a minute later.
EPOCH = datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)
MODIFIED = datetime(2025, 12, 24, 18, 30, 0, 500000, tzinfo=UTC)

_numbers = count(1)


# Databases


def a_new_postgres_database(postgres_url: str) -> str:
    """Create an empty database beside the given one, and return its URL."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]  # the name is ours
    url = make_url(postgres_url).set(drivername="postgresql+psycopg", database=name)
    return url.render_as_string(hide_password=False)


def a_new_database_url(kind: str, postgres_url: str, folder: Path) -> str:
    """Return the URL of a database of this kind that has no tables yet."""
    if kind == "postgresql":
        return a_new_postgres_database(postgres_url)
    return f"sqlite:///{folder / f'{uuid4().hex}.db'}"


def a_migrated_database(kind: str, postgres_url: str, folder: Path) -> Database:
    database = Database(a_new_database_url(kind, postgres_url, folder))
    migrate(database)
    return database


@contextmanager
def emptied_afterwards(database: Database) -> Iterator[Database]:
    """Lend a migrated database, and put it back to how the migrations left it."""
    columns = ProviderRow.__table__
    with database.read() as session:
        providers = [dict(row) for row in session.execute(select(columns)).mappings()]
    try:
        yield database
    finally:
        with database.begin() as session:
            # What others count in comes last.
            for table in (*reversed(Base.metadata.sorted_tables), TitleCount.__table__):
                session.execute(delete(table))
            session.execute(insert(ProviderRow), providers)


# The catalogue


def a_library(
    session: Session,
    name: str = "Films",
    *,
    path: str | Path | None = None,
    library_type: MediaType = MediaType.MOVIE,
    **more: Any,
) -> Library:
    number = next(_numbers)
    library = Library(
        name=name,
        slug=f"{name.lower()}-{number}",
        library_path=str(path or f"/media/{number}/{name}"),
        library_type=library_type,
        **more,
    )
    session.add(library)
    session.flush()
    return library


def a_title(
    session: Session,
    media_type: MediaType,
    title: str,
    *,
    library: Library | None = None,
    genres: Sequence[str] = (),
    external_ids: Mapping[str, str] | None = None,
    **more: Any,
) -> Media:
    added = EPOCH + timedelta(minutes=next(_numbers))
    values: dict[str, Any] = {
        "created_at": added,
        "updated_at": added,
        "search_title": normalised(title),
        "guessed_title": title,
        "match_status": MatchStatus.MATCHED,
    }
    media = Media(type=media_type, title=title, genres=list(genres), **(values | more))
    session.add(media)
    session.flush()
    session.add_all(MediaGenre(genre=normalised(genre), media_id=media.id) for genre in genres)
    session.add_all(
        ExternalId(type=media_type, source=source, external_id=known, media_id=media.id)
        for source, known in (external_ids or {}).items()
    )
    if library is not None:
        session.add(LibraryMedia(library_id=library.id, media_id=media.id))
    session.flush()
    index_titles(session, [media.id])
    return media


def a_movie(
    session: Session,
    title: str = "Heat",
    *,
    duration: int | None = None,
    trailer_url: str | None = None,
    **of_the_title: Any,
) -> Movie:
    media = a_title(session, MediaType.MOVIE, title, **of_the_title)
    movie = Movie(media_id=media.id, duration=duration, trailer_url=trailer_url)
    session.add(movie)
    session.flush()
    return movie


def a_show(
    session: Session,
    title: str = "The Wire",
    *,
    creator: str | None = None,
    network: str | None = None,
    **of_the_title: Any,
) -> TVShow:
    media = a_title(session, MediaType.TV_SHOW, title, **of_the_title)
    show = TVShow(media_id=media.id, creator=creator, network=network)
    session.add(show)
    session.flush()
    return show


def a_season(session: Session, show: TVShow, number: int = 1, **more: Any) -> Season:
    season = Season(tv_show_id=show.id, season_number=number, **more)
    session.add(season)
    session.flush()
    return season


def an_episode(session: Session, season: Season, number: int = 1, title: str = "The Target", **more: Any) -> Episode:
    episode = Episode(season_id=season.id, episode_number=number, title=title, **more)
    session.add(episode)
    session.flush()
    index_episodes(session, [episode.id])
    return episode


def a_file(
    session: Session,
    path: str | Path | None = None,
    *,
    library: Library | None = None,
    movie: Movie | None = None,
    episodes: Sequence[Episode] = (),
    size: int = 734003200,
    **more: Any,
) -> MediaFile:
    library = library or a_library(session)
    values: dict[str, Any] = {"modified_at": MODIFIED, "created_at": EPOCH, "probe": {}}
    file = MediaFile(
        library_id=library.id,
        movie_id=movie.id if movie else None,
        path=str(path or f"{library.library_path}/{next(_numbers)}.mkv"),
        size=size,
        **(values | more),
    )
    file.episodes = list(episodes)
    session.add(file)
    session.flush()
    return file


def a_credit(
    session: Session,
    media_id: str,
    name: str = "Al Pacino",
    *,
    role: Role = Role.ACTOR,
    character: str | None = None,
    position: int = 0,
) -> Credit:
    """Credit somebody, who may be known from another title."""
    person = session.scalar(select(Person).where(Person.key == normalised(name)))
    person = person or Person(name=name, key=normalised(name))
    credit = Credit(media_id=media_id, person=person, role=role, character=character, position=position)
    session.add(credit)
    session.flush()
    index_people(session, [credit.person_id])
    return credit


def a_day(text: str) -> date:
    return date.fromisoformat(text)


# Scanning


def a_scan_job(
    session: Session, library: Library | None = None, *, status: JobStatus = JobStatus.PENDING, **more: Any
) -> ScanJob:
    library = library or a_library(session)
    values: dict[str, Any] = {
        "path": library.library_path,
        "options": ScanOptions().to_json(),
        "reconciled_at": more.get("discovered_at"),
    }
    scan_job = ScanJob(library_id=library.id, status=status, **(values | more))
    session.add(scan_job)
    session.flush()
    return scan_job


def a_scan_folder(
    session: Session, scan_job: ScanJob, *, status: FolderStatus = FolderStatus.PENDING, **more: Any
) -> ScanFolder:
    values: dict[str, Any] = {"path": f"{scan_job.path}/{next(_numbers)}", "signature": "as it is"}
    folder = ScanFolder(library_id=scan_job.library_id, scan_job_id=scan_job.id, status=status, **(values | more))
    session.add(folder)
    session.flush()
    return folder


def an_enrichment(
    session: Session,
    scan_job: ScanJob | None = None,
    *,
    media_id: str | None = None,
    status: EnrichmentStatus = EnrichmentStatus.METADATA,
    **more: Any,
) -> Enrichment:
    enrichment = Enrichment(
        media_id=media_id or a_movie(session).media_id,
        scan_job_id=scan_job.id if scan_job else None,
        status=status,
        **more,
    )
    session.add(enrichment)
    session.flush()
    return enrichment


# Events


def told(redis: Redis) -> list[dict[str, Any]]:
    """Return what clients were told so far, without the events' numbers."""
    frames = [json.loads(frame) for frame in events.since(redis, "0-0")]
    return [{name: value for name, value in frame.items() if name != "eventId"} for frame in frames]

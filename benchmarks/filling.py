"""A large catalogue, written past the scan; the same number gives the same catalogue every time."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, Self

from sqlalchemy.engine import make_url

from benchmarks.titles import titles
from shared.catalogue.indexing import search_title
from shared.catalogue.normal import normalised
from shared.catalogue.search_text import search_text, words_of
from shared.database import Database
from shared.kinds import MatchStatus, MediaType, Role
from shared.migrate import migrate
from shared.models import (
    Base,
    Credit,
    Episode,
    ExternalId,
    Library,
    LibraryMedia,
    Media,
    MediaFile,
    MediaGenre,
    Movie,
    Person,
    SearchText,
    SearchWord,
    Season,
    TVShow,
)
from shared.models.catalogue import episode_files
from tests.servers import postgres_server

Row = dict[str, Any]

_GENRES = ("Action", "Comedy", "Crime", "Drama", "Horror", "Romance", "Thriller", "Western")
#: Rows that are written at once.
_LARGE = 200_000
#: The indexes that are no constraints, and what makes them.
_PLAIN_INDEXES = {
    "postgresql": """
        SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
        AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = indexname)
    """,
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
}
#: A database that is to be filled may be lost on the way.
_FAST = {
    "postgresql": ("SET maintenance_work_mem = '512MB'",),
    "sqlite": ("PRAGMA synchronous = OFF", "PRAGMA foreign_keys = OFF", "PRAGMA cache_size = -1000000"),
}


def fill_with_names(database: Database, count: int, words: int) -> None:
    """Add films that have a title and nothing else."""
    random = Random(count)
    with _Writer(database) as writer:
        for title in titles(count, words):
            media_id = _add_title(writer, random, MediaType.MOVIE, title, pictures=False)
            writer.add(Movie, id=_id(random), media_id=media_id, duration=None, trailer_url=None)


def fill(database: Database, films: int) -> None:
    """Add films with a file, credits, genres and ids each; a tenth as many shows of two seasons and 20 episodes."""
    random = Random(films)
    names = titles(films * 2, films // 3)
    with _Writer(database) as writer:
        people = [_add_person(writer, random, f"{first} {number}") for number, first in enumerate(islice(names, films))]
        libraries = [_add_library(writer, random, number) for number in range(10)]
        for number, name in enumerate(islice(names, films)):
            _add_film(writer, random, name, libraries[number % 8], people)
        for number, name in enumerate(titles(films // 10, films // 3, seed=7)):
            _add_show(writer, random, name, libraries[8 + number % 2], people)


@contextmanager
def kept_database(folder: Path, kind: str, fill: Callable[[Database], None]) -> Iterator[str]:
    """Yield the URL of a database that is filled if it isn't there yet, and stays in the folder."""
    is_filled = folder / f"{kind}-is-filled"
    with postgres_server(folder / "postgresql") if kind == "postgresql" else nullcontext() as server:
        url = f"sqlite:///{folder / 'library.db'}"
        if server is not None:
            url = make_url(server).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        database = Database(url)
        migrate(database)
        if not is_filled.exists():
            fill(database)
            is_filled.touch()
        yield url
        database.engine.dispose()


class _Writer:
    """Rows on their way to the database: PostgreSQL copies them in, SQLite is given a statement for many.

    Indexes are made afterwards: that is faster than to keep them. That what a row refers to is there is not looked at.
    """

    def __init__(self, database: Database) -> None:
        self._dialect = database.engine.dialect.name
        connection = database.engine.raw_connection()
        self._connection: Any = connection.driver_connection
        # It is for this alone, and thrown away afterwards.
        connection.detach()
        self._connection.rollback()
        if self._dialect == "postgresql":
            self._connection.autocommit = True
        self._cursor = self._connection.cursor()
        self._rows: dict[str, list[Row]] = {table.name: [] for table in Base.metadata.sorted_tables}
        self._count = 0
        self._indexes: list[str] = []
        self._words: set[str] = set()

    def __enter__(self) -> Self:
        for statement in _FAST[self._dialect]:
            self._cursor.execute(statement)
        found = self._cursor.execute(_PLAIN_INDEXES[self._dialect]).fetchall()
        self._indexes = [definition for _, definition in found]
        for name, _ in found:
            self._cursor.execute(f"DROP INDEX {name}")
        if self._dialect == "postgresql":
            for table in self._rows:
                # PostgreSQL's own look after what rows refer to; the others count, and stay.
                self._cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
                self._cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        for statement in self._indexes:
            self._cursor.execute(statement)
        if self._dialect == "postgresql":
            for table in self._rows:
                self._cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
        self._cursor.execute("VACUUM ANALYZE" if self._dialect == "postgresql" else "ANALYZE")
        self._connection.close()

    def add_text(self, owner: str, owner_id: str, names: str) -> None:
        """Have somebody found by this name."""
        owners: Row = dict.fromkeys(("media_id", "episode_id", "person_id"))
        spelled = search_text([names])
        self.add(SearchText, **(owners | {owner: owner_id}), text=spelled)
        for word in words_of(spelled) - self._words:
            self._words.add(word)
            self.add(SearchWord, word=f" {word} ")

    def add(self, table: Any, **row: Any) -> None:
        self._rows[getattr(table, "__table__", table).name].append(row)
        self._count += 1
        if self._count >= _LARGE:
            self._flush()

    def _flush(self) -> None:
        self._count = 0
        self._cursor.execute("BEGIN")
        for table, rows in self._rows.items():
            if rows:
                self._write(table, rows)
                rows.clear()
        self._cursor.execute("COMMIT")

    def _write(self, table: str, rows: list[Row]) -> None:
        columns = ", ".join(f'"{name}"' for name in rows[0])
        if self._dialect == "sqlite":
            places = ", ".join("?" * len(rows[0]))
            values = (tuple(row.values()) for row in rows)
            self._cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", values)  # noqa: S608
            return
        with self._cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copied:
            for row in rows:
                copied.write_row(tuple(row.values()))


def _id(random: Random) -> str:
    digits = f"{random.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _when(random: Random) -> str:
    seconds, microseconds = divmod(random.getrandbits(40) % 3_600_000_000, 1_000_000)
    return f"2026-01-31 12:{seconds // 60:02}:{seconds % 60:02}.{microseconds:06}"


def _add_title(writer: _Writer, random: Random, media_type: MediaType, title: str, *, pictures: bool = True) -> str:
    media_id, when = _id(random), _when(random)
    writer.add(
        Media,
        id=media_id,
        type=media_type.value,
        title=title,
        description=f"{title}, a story of people who look for something." * 4 if pictures else None,
        search_title=search_title(title, None),
        guessed_title=title,
        guessed_ids="{}",
        genres=json.dumps(random.sample(_GENRES, 3) if pictures else []),
        match_status=MatchStatus.MATCHED.value,
        match_score=0.98,
        match_detail='{"provider": "tmdb", "parts": {"title": 1.0, "year": 0.9}, "runnersUp": []}',
        palette='["#102030", "#203040", "#304050", "#405060"]',
        poster_image=f"{random.getrandbits(128):032x}" if pictures else None,
        backdrop_image=f"{random.getrandbits(128):032x}" if pictures else None,
        # Nothing is to be fetched any more.
        poster_source=f"/{media_id}.jpg" if pictures else None,
        backdrop_source=f"/{media_id}.jpg" if pictures else None,
        rating=round(random.uniform(1, 10), 1),
        release_date=f"{1950 + int(random.random() * 76)}-{1 + int(random.random() * 12):02}-15",
        created_at=when,
        updated_at=when,
    )
    writer.add_text("media_id", media_id, title)
    return media_id


def _add_facts(writer: _Writer, random: Random, media_type: MediaType, title: str, library_id: str) -> str:
    """Add a title with its place in a library, genres and ids."""
    media_id = _add_title(writer, random, media_type, title)
    writer.add(LibraryMedia, library_id=library_id, media_id=media_id)
    for genre in random.sample(_GENRES, 3):
        writer.add(MediaGenre, genre=normalised(genre), media_id=media_id)
    for source in ("TMDB", "IMDB"):
        external_id = str(random.getrandbits(60))
        writer.add(ExternalId, type=media_type.value, source=source, external_id=external_id, media_id=media_id)
    return media_id


def _add_credits(writer: _Writer, random: Random, media_id: str, people: Sequence[str]) -> None:
    for position, person_id in enumerate(random.sample(people, 10)):
        character = f"Role {position}" if position else None
        role = (Role.ACTOR if position else Role.DIRECTOR).value
        row = {"media_id": media_id, "person_id": person_id, "role": role}
        writer.add(Credit, **row, character=character, position=position)


def _add_person(writer: _Writer, random: Random, name: str) -> str:
    person_id = _id(random)
    writer.add(Person, id=person_id, name=name, key=normalised(name))
    writer.add_text("person_id", person_id, name)
    return person_id


def _add_library(writer: _Writer, random: Random, number: int) -> str:
    library_id, when = _id(random), _when(random)
    kind = MediaType.MOVIE if number < 8 else MediaType.TV_SHOW
    writer.add(
        Library,
        id=library_id,
        name=f"Library {number}",
        slug=f"library-{number}",
        is_library=True,
        library_path=f"/media/{number}",
        library_type=kind.value,
        created_at=when,
        updated_at=when,
    )
    return library_id


def _add_file(writer: _Writer, random: Random, library_id: str, movie_id: str | None, path: str) -> str:
    file_id, when = _id(random), _when(random)
    writer.add(
        MediaFile,
        id=file_id,
        library_id=library_id,
        movie_id=movie_id,
        path=path,
        size=random.getrandbits(32),
        modified_at=when,
        created_at=when,
        probe='{"container": "matroska", "duration": 6120.5, "video_codec": "h264", "width": 1920, "height": 1080}',
    )
    return file_id


def _add_film(writer: _Writer, random: Random, title: str, library_id: str, people: Sequence[str]) -> None:
    media_id, movie_id = _add_facts(writer, random, MediaType.MOVIE, title, library_id), _id(random)
    writer.add(Movie, id=movie_id, media_id=media_id, duration=random.randrange(80, 200), trailer_url=None)
    _add_file(writer, random, library_id, movie_id, f"/media/{title}/{movie_id}.mkv")
    _add_credits(writer, random, media_id, people)


def _add_show(writer: _Writer, random: Random, title: str, library_id: str, people: Sequence[str]) -> None:
    media_id, show_id = _add_facts(writer, random, MediaType.TV_SHOW, title, library_id), _id(random)
    writer.add(TVShow, id=show_id, media_id=media_id)
    _add_credits(writer, random, media_id, people)
    for season_number in (1, 2):
        season_id = _id(random)
        writer.add(Season, id=season_id, tv_show_id=show_id, season_number=season_number)
        for number in range(1, 11):
            episode_id, name = _id(random), f"Episode {number}"
            writer.add(Episode, id=episode_id, season_id=season_id, episode_number=number, title=name)
            writer.add_text("episode_id", episode_id, name)
            file_id = _add_file(writer, random, library_id, None, f"/media/{title}/{episode_id}.mkv")
            writer.add(episode_files, episode_id=episode_id, file_id=file_id)

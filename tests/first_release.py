"""A library as the first release left it: rows of every table of its first migration."""

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

REVISION = "0001"
KEY = "0123456789abcdef0123456789abcdef"
#: A name that holds whatever names hold.
ODD = "Amélie — L'Été “perdu” 🎬 \\ ' \" % _ ; -- 百年 Ñandú"

_WHEN = datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)
_DATED = {"created_at": _WHEN, "updated_at": _WHEN}


def an_id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


FILMS, SHOWS = an_id(1), an_id(2)
MATRIX, NAMELESS, STRANGE, WIRE = an_id(11), an_id(12), an_id(13), an_id(14)


def fill(connection: Connection) -> None:
    """Write the rows."""
    tables = sa.MetaData()
    tables.reflect(connection)
    for name, rows in _ROWS.items():
        for row in rows:
            connection.execute(tables.tables[name].insert(), row)
    providers = tables.tables["providers"]
    connection.execute(providers.update().where(providers.c.name == "tmdb").values(config={"apiKey": KEY}))


def contents(connection: Connection) -> dict[str, list[str]]:
    """Return every row of every table, but of what SQLite searches by.

    Without the signature by which a folder counts as read: migrations have folders read again.
    """
    tables = sa.MetaData()
    tables.reflect(connection, only=lambda name, _: "trigrams" not in name and "words" not in name)
    return {
        name: sorted(
            str(sorted((column, value) for column, value in row.items() if column != "settled_signature"))
            for row in connection.execute(sa.select(table)).mappings()
        )
        for name, table in tables.tables.items()
        if name != "alembic_version"
    }


def _title(id_: str, title: str, type_: str = "MOVIE", **more: Any) -> dict[str, Any]:
    known = {
        "id": id_,
        "type": type_,
        "title": title,
        "genres": ["Drama", "Sci-Fi & Fantasy"],
        "search_title": title.lower(),
        "guessed_title": title,
        "guessed_ids": {},
        "match_status": "MATCHED",
        "match_detail": {"title": 1.0},
        "palette": ["#101010", "#202020", "#303030", "#404040"],
    }
    return known | _DATED | more


def _file(number: int, path: str, library_id: str = FILMS, **more: Any) -> dict[str, Any]:
    known = {
        "id": an_id(number),
        "library_id": library_id,
        "path": path,
        "size": 2**33 + number,
        "modified_at": _WHEN,
        "probe": {"container": "mkv", "duration": 5400.5},
        "created_at": _WHEN,
    }
    return known | more


def _library(id_: str, name: str, path: str, type_: str) -> dict[str, Any]:
    known = {"id": id_, "name": name, "slug": f"{type_.lower()}-library", "is_library": True}
    return known | {"library_path": path, "library_type": type_} | _DATED


_ROWS: dict[str, list[dict[str, Any]]] = {
    "libraries": [_library(FILMS, ODD, "/media/films", "MOVIE"), _library(SHOWS, "Shows", "/media/tv", "TV_SHOW")],
    "media": [
        _title(MATRIX, "The Matrix", rating=8.2, release_date=date(1999, 3, 31), poster_image="a" * 32),
        _title(NAMELESS, "?", match_status="UNMATCHED", genres=[], palette=[], guessed_year=2001),
        _title(STRANGE, ODD, original_title=ODD, description=ODD * 50),
        _title(WIRE, "The Wire", "TV_SHOW", release_date=date(2002, 6, 2)),
    ],
    "settings": [{"key": "firstRun", "value": False}, {"key": "scanSettings", "value": {"maxDepth": 3}}],
    "external_ids": [{"type": "MOVIE", "source": "TMDB", "external_id": "603", "media_id": MATRIX}],
    "library_media": [
        *({"library_id": FILMS, "media_id": media_id} for media_id in (MATRIX, NAMELESS, STRANGE)),
        {"library_id": SHOWS, "media_id": WIRE},
    ],
    "media_genres": [{"genre": "drama", "media_id": MATRIX}, {"genre": "drama", "media_id": WIRE}],
    "media_names": [
        {"library_id": FILMS, "key": "TMDB:603", "media_id": MATRIX},
        {"library_id": FILMS, "key": f"{ODD}:2001", "media_id": STRANGE},
    ],
    "movies": [
        {"id": an_id(21), "media_id": MATRIX, "duration": 136, "trailer_url": "https://example.org/?a=1&b=2"},
        {"id": an_id(22), "media_id": NAMELESS},
        {"id": an_id(23), "media_id": STRANGE},
    ],
    "tv_shows": [{"id": an_id(24), "media_id": WIRE, "creator": "David Simon", "network": "HBO"}],
    "scan_jobs": [
        {
            "id": an_id(31 + number),
            "library_id": library_id,
            "status": status,
            "path": "/media/films",
            "options": {"max_depth": 3, "file_extensions": [".mkv"]},
            "fence": number,
            "started_at": _WHEN,
            "percent": 50,
            "totals": {},
            **_DATED,
        }
        for number, (library_id, status) in enumerate([(FILMS, "COMPLETED"), (SHOWS, "IN_PROGRESS")])
    ],
    "enrichments": [
        {"media_id": MATRIX, "scan_job_id": an_id(31), "status": "SETTLED", "fence": 1, "attempts": 0},
        {"media_id": NAMELESS, "scan_job_id": None, "status": "METADATA", "fence": 0, "attempts": 2},
    ],
    "failures": [
        {
            "id": an_id(41),
            "scan_job_id": an_id(31),
            "cause": "file-empty",
            "path": ODD,
            "message": ODD,
            "created_at": _WHEN,
        }
    ],
    "scan_folders": [
        {
            "id": an_id(51),
            "library_id": FILMS,
            "scan_job_id": an_id(31),
            "path": f"/media/films/{ODD}",
            "signature": "s",
            "settled_signature": "s",
            "status": "SETTLED",
            "files": 2,
            "fence": 1,
            "attempts": 0,
        }
    ],
    "seasons": [{"id": an_id(61), "tv_show_id": an_id(24), "season_number": 0, "name": ODD, "air_date": _WHEN.date()}],
    "episodes": [
        {"id": an_id(71 + number), "season_id": an_id(61), "episode_number": number, "title": title}
        for number, title in enumerate(["", ODD])
    ],
    "media_files": [
        _file(81, "/media/films/The Matrix (1999)/The Matrix (1999).mkv", movie_id=an_id(21), edition="Director's Cut"),
        _file(82, f"/media/films/{ODD}/{ODD}.mkv", movie_id=an_id(23), folder_id=an_id(51)),
        _file(84, "/media/films/The Matrix (1999)/gone.mkv", movie_id=an_id(21), missing_since=_WHEN),
        _file(83, "/media/tv/The Wire/S00E01.mkv", SHOWS),
    ],
    "episode_files": [{"episode_id": an_id(72), "file_id": an_id(83)}],
}

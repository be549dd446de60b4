"""GET /api/v1/movies and /api/v1/movies/{id}."""

from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import func, select

from shared.colours import DEFAULT_PALETTE
from shared.database import Database
from shared.kinds import MatchStatus, Role
from shared.models import Enrichment, Media, MediaName
from shared.models.base import now
from shared.scan_jobs import EnrichmentStatus
from tests.api.conftest import CountQueries
from tests.builders import a_credit, a_day, a_file, a_library, a_movie, a_show, an_enrichment
from tests.statements import counted_queries

MOVIES = "/api/v1/movies"
PALETTE = ["#7C3AED", "#2563EB", "#EC4899", "#8B5CF6"]
IMAGE = "0123456789abcdef0123456789abcdef"
SUBTITLES = {
    "language": "en",
    "title": None,
    "format": "srt",
    "forced": False,
    "hearingImpaired": True,
    "default": False,
}
GUESS = {
    "kind": "movie",
    "title": "Heat",
    "year": 1995,
    "otherTitles": [],
    "season": None,
    "episodes": [],
    "airDate": None,
    "episodeTitle": None,
    "ids": {"TMDB": "949"},
    "edition": None,
    "part": None,
    "threeD": "HSBS",
    "extra": None,
    "sources": {"title": "folder", "threeD": "file"},
}


def titles(client: FlaskClient, query: str = "") -> list[str]:
    answer = client.get(f"{MOVIES}{query}")
    assert answer.status_code == 200, answer.text
    return [movie["media"]["title"] for movie in answer.json["data"]]


def a_rich_movie(database: Database) -> str:
    """Add a film of which everything is known, and return its id."""
    with database.begin() as session:
        library = a_library(session, path="/media/films")
        movie = a_movie(
            session,
            "Heat",
            library=library,
            duration=170,
            trailer_url="https://example.org/heat",
            original_title="Heat (original)",
            description="A heist.",
            release_date=a_day("1995-12-15"),
            rating=8.3,
            genres=["Crime", "Drama"],
            external_ids={"TMDB": "949", "IMDB": "tt0113277"},
            match_score=0.98,
            match_detail={
                "provider": "tmdb",
                "parts": {"title": 1.0, "year": 0.98},
                # As the first version kept it: there was one provider.
                "runnersUp": [{"externalId": "950", "title": "Heat", "year": 1986, "score": 0.3}],
            },
            is_doubtful=True,
            chosen={"source": "TMDB", "externalId": "949"},
            locked_fields=["rating"],
            certification="R",
            studios=["Regency"],
            collection={"name": "Heists", "externalId": "77"},
            palette=PALETTE,
            poster_source="https://example.org/poster.jpg",
            poster_image=IMAGE,
            backdrop_source="https://example.org/backdrop.jpg",
        )
        probe = {
            "container": "mkv",
            "duration": 10200.5,
            "video_codec": "h264",
            "audio_codec": "aac",
            "width": 1920,
            "height": 1080,
        }
        a_file(
            session,
            "/media/films/Heat.mkv",
            library=library,
            movie=movie,
            size=5_000_000_000,
            probe=probe,
            guess=GUESS | {"sources": {"title": "folder", "three_d": "file"}},
            subtitles=[SUBTITLES | {"path": "Heat.en.srt"}],
            owner_key="heat:1995",
        )
        extra = {"extra_type": "trailer", "owner_key": "heat:1995", "probe": {"duration": 90.5}, "size": 5000}
        a_file(session, "/media/films/Heat-trailer.mkv", library=library, **extra)
        session.add(MediaName(library_id=library.id, key="heat:1995", media_id=movie.media_id))
        a_credit(session, movie.media_id, "Michael Mann", role=Role.DIRECTOR, position=1)
        a_credit(session, movie.media_id, "Al Pacino", character="Vincent Hanna", position=0)
        return movie.id


def test_the_year_of_a_title_that_nobody_knows_is_the_one_in_its_name(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        a_movie(session, "Unknown", match_status=MatchStatus.UNMATCHED, guessed_year=1987)
        a_movie(session, "Known", release_date=a_day("1988-02-01"), guessed_year=1987)

    found = client.get("/api/v1/movies?year=1987").json["data"]

    assert [(movie["media"]["title"], movie["media"]["year"]) for movie in found] == [("Unknown", 1987)]
    assert found[0]["media"]["releaseDate"] is None


def test_a_movie_is_what_the_wire_contract_says(client: FlaskClient, database: Database) -> None:
    movie_id = a_rich_movie(database)

    answer = client.get(f"{MOVIES}/{movie_id}")

    assert answer.status_code == 200
    assert answer.json["success"] is True
    movie = answer.json["data"]
    file = movie["files"][0]
    stream = f"http://localhost/api/v1/stream/{movie_id}"
    pacino, mann = (credit["personId"] for credit in movie["credits"])
    assert movie == {
        "id": movie_id,
        "duration": 170,
        "trailerUrl": "https://example.org/heat",
        "filePath": "/media/films/Heat.mkv",
        "fileSize": "5000000000",
        "fileModifiedAt": "2025-12-24T18:30:00.500Z",
        "mediaId": movie["media"]["id"],
        "media": {
            "id": movie["mediaId"],
            "title": "Heat",
            "originalTitle": "Heat (original)",
            "type": "MOVIE",
            "description": "A heist.",
            "posterUrl": f"http://localhost/api/v1/image/{IMAGE}",
            "backdropUrl": "https://example.org/backdrop.jpg",
            "meshGradientColors": PALETTE,
            "releaseDate": "1995-12-15T00:00:00.000Z",
            "year": 1995,
            "rating": 8.3,
            "genres": ["Crime", "Drama"],
            "certification": "R",
            "studios": ["Regency"],
            "collection": {"name": "Heists", "externalId": "77"},
            "externalIds": [
                {"source": "IMDB", "externalId": "tt0113277"},
                {"source": "TMDB", "externalId": "949"},
            ],
            "matchStatus": "matched",
            "matchScore": 0.98,
            "matchReason": None,
            "matchProvider": "tmdb",
            "isDoubtful": True,
            "chosen": {"source": "TMDB", "externalId": "949"},
            "lockedFields": ["rating"],
            "match": {
                "score": 0.98,
                "parts": {"title": 1.0, "year": 0.98},
                "provider": "tmdb",
                "candidates": [{"source": "TMDB", "externalId": "950", "title": "Heat", "year": 1986, "score": 0.3}],
            },
            "createdAt": movie["media"]["createdAt"],
            "updatedAt": movie["media"]["updatedAt"],
        },
        "files": [
            {
                "id": file["id"],
                "filePath": "/media/films/Heat.mkv",
                "fileSize": "5000000000",
                "fileModifiedAt": "2025-12-24T18:30:00.500Z",
                "edition": None,
                "part": None,
                "threeD": "HSBS",
                "subtitles": [
                    SUBTITLES | {"url": f"http://localhost/api/v1/stream/{file['id']}/subtitles/0"},
                ],
                "guess": GUESS,
                "container": "mkv",
                "duration": 10200.5,
                "videoCodec": "h264",
                "audioCodec": "aac",
                "width": 1920,
                "height": 1080,
                "problem": None,
                "missingSince": None,
                "streamUrl": f"http://localhost/api/v1/stream/{file['id']}",
            }
        ],
        "streamUrl": stream,
        "credits": [
            {"personId": pacino, "name": "Al Pacino", "role": "actor", "character": "Vincent Hanna"},
            {"personId": mann, "name": "Michael Mann", "role": "director", "character": None},
        ],
        "extras": [
            {
                "id": movie["extras"][0]["id"],
                "type": "trailer",
                "title": "Heat-trailer",
                "seasonNumber": None,
                "filePath": "/media/films/Heat-trailer.mkv",
                "fileSize": "5000",
                "duration": 90.5,
                "streamUrl": f"http://localhost/api/v1/stream/{movie['extras'][0]['id']}",
            }
        ],
    }


def test_the_list_shows_the_same_movie_as_its_own_page_but_for_what_only_details_have(
    client: FlaskClient, database: Database
) -> None:
    movie_id = a_rich_movie(database)

    movie = client.get(f"{MOVIES}/{movie_id}").json["data"]

    del movie["credits"], movie["extras"], movie["media"]["match"], movie["files"][0]["guess"]
    assert client.get(MOVIES).json["data"] == [movie]


def test_a_movie_with_many_people_takes_as_many_queries_as_one_with_none(
    client: FlaskClient, database: Database, queries_of: CountQueries
) -> None:
    with database.begin() as session:
        alone, crowded = a_movie(session), a_movie(session)
        for position in range(50):
            a_credit(session, crowded.media_id, f"Extra {position}", position=position)
    client.get(f"{MOVIES}/{alone.id}")

    assert queries_of(client, f"{MOVIES}/{alone.id}") == queries_of(client, f"{MOVIES}/{crowded.id}") <= 2

    credited = client.get(f"{MOVIES}/{crowded.id}").json["data"]["credits"]
    assert [credit["name"] for credit in credited] == [f"Extra {position}" for position in range(50)]


def test_a_movie_of_which_nothing_is_known_has_every_key_with_null(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        movie_id = a_movie(session, "Heat", match_status=MatchStatus.PENDING).id

    movie = client.get(f"{MOVIES}/{movie_id}").json["data"]

    for name in ("duration", "trailerUrl", "filePath", "fileSize", "fileModifiedAt", "streamUrl"):
        assert movie[name] is None
    for name in ("description", "posterUrl", "backdropUrl", "releaseDate", "rating", "originalTitle", "matchScore"):
        assert movie["media"][name] is None
    for name in ("meshGradientColors", "genres", "externalIds"):
        assert movie["media"][name] == []
    assert movie["files"] == []


def test_the_first_file_is_the_one_that_a_player_should_get(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        movie = a_movie(session)
        library = a_library(session)
        gone = a_file(session, "/m/a.mkv", library=library, movie=movie, missing_since=now(), probe={"height": 2160})
        broken = a_file(session, "/m/b.mkv", library=library, movie=movie, probe={"error": "file-not-video"})
        small = a_file(session, "/m/c.mkv", library=library, movie=movie, probe={"height": 720})
        large = a_file(session, "/m/d.mkv", library=library, movie=movie, probe={"height": 1080})
        expected = [large.id, small.id, broken.id, gone.id]

    shown = client.get(f"{MOVIES}/{movie.id}").json["data"]

    assert [file["id"] for file in shown["files"]] == expected
    assert shown["filePath"] == "/m/d.mkv"


def test_without_a_provider_the_duration_is_the_files_own_in_minutes(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        movie = a_movie(session)
        a_file(session, movie=movie, probe={"duration": 5400.4})

    assert client.get(f"{MOVIES}/{movie.id}").json["data"]["duration"] == 90


@pytest.mark.parametrize("size", [0, 1, 2**31, 2**53 + 1, 2**63 - 1])
def test_sizes_travel_as_strings_to_the_last_byte(client: FlaskClient, database: Database, size: int) -> None:
    with database.begin() as session:
        movie = a_movie(session)
        a_file(session, movie=movie, size=size)

    shown = client.get(f"{MOVIES}/{movie.id}").json["data"]

    assert shown["fileSize"] == str(size)
    assert shown["files"][0]["fileSize"] == str(size)


@pytest.mark.parametrize("kind", ["movies", "tvshows", "stream", "scan/job"])
@pytest.mark.parametrize(
    "malformed",
    ["1", "abc", "x" * 10_000, "%00", "..", "%2e%2e", "' OR 1=1", "ÄÖÜ", "%ED%A0%80", "0" * 35, "0" * 37, "-" * 36],
)
def test_what_can_be_no_id_is_refused(client: FlaskClient, kind: str, malformed: str) -> None:
    answer = client.get(f"/api/v1/{kind}/{malformed}")

    assert answer.status_code == 400
    assert answer.json["error"] == "Validation failed"
    assert [detail["field"] for detail in answer.json["details"]] == ["id"]
    assert len(answer.data) < 1000


@pytest.mark.parametrize("kind", ["movies", "tvshows", "stream", "scan/job"])
def test_an_unknown_id_is_not_found(client: FlaskClient, kind: str) -> None:
    answer = client.get(f"/api/v1/{kind}/{uuid4()}")

    assert answer.status_code == 404
    assert answer.json["error"] == "Not found"


def test_a_shows_id_is_no_movies_id(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        show, movie = a_show(session), a_movie(session)

    assert client.get(f"{MOVIES}/{show.id}").status_code == 404
    assert client.get(f"{MOVIES}/{movie.media_id}").status_code == 404
    assert client.get(f"/api/v1/tvshows/{movie.id}").status_code == 404


def test_an_empty_catalogue_is_an_empty_list(client: FlaskClient) -> None:
    answer = client.get(MOVIES)

    assert answer.json["data"] == []
    meta = {"page": 1, "limit": 10, "total": 0, "totalPages": 0, "hasNext": False, "hasPrev": False}
    assert answer.json["meta"] == meta | {"nextCursor": None}


def test_without_parameters_the_ten_newest_are_shown_newest_first(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        for number in range(12):
            a_movie(session, f"Film {number}")
        a_show(session, "No film")

    answer = client.get(MOVIES)

    assert [movie["media"]["title"] for movie in answer.json["data"]] == [f"Film {n}" for n in range(11, 1, -1)]
    meta = {"page": 1, "limit": 10, "total": 12, "totalPages": 2, "hasNext": True, "hasPrev": False}
    assert answer.json["meta"] == meta | {"nextCursor": answer.json["meta"]["nextCursor"]}


def test_the_pages_together_are_everything_once(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        for number in range(7):
            # The same instant for all: only the id tells them apart.
            a_movie(session, f"Film {number}", created_at=now().replace(microsecond=0))

    pages = [client.get(f"{MOVIES}?limit=3&page={page}").json for page in (1, 2, 3, 4)]

    assert [len(page["data"]) for page in pages] == [3, 3, 1, 0]
    assert len({movie["id"] for page in pages for movie in page["data"]}) == 7
    assert [page["meta"]["hasNext"] for page in pages] == [True, True, False, False]
    assert [page["meta"]["hasPrev"] for page in pages] == [False, True, True, True]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?sort=title&order=asc", ["Alien", "Éclair", "Zodiac"]),
        ("?sort=title&order=desc", ["Zodiac", "Éclair", "Alien"]),
        ("?sort=title", ["Zodiac", "Éclair", "Alien"]),
        ("?sort=releaseDate&order=asc", ["Alien", "Zodiac", "Éclair"]),
        ("?sort=releaseDate&order=desc", ["Zodiac", "Alien", "Éclair"]),
        ("?sort=rating&order=asc", ["Zodiac", "Alien", "Éclair"]),
        ("?sort=rating&order=desc", ["Alien", "Zodiac", "Éclair"]),
        ("?sort=createdAt&order=asc", ["Zodiac", "Alien", "Éclair"]),
        ("?order=asc", ["Zodiac", "Alien", "Éclair"]),
    ],
)
def test_a_list_is_sorted_as_asked_and_what_has_no_value_comes_last(
    client: FlaskClient, database: Database, query: str, expected: list[str]
) -> None:
    with database.begin() as session:
        a_movie(session, "Zodiac", release_date=a_day("2007-03-02"), rating=7.7)
        a_movie(session, "Alien", release_date=a_day("1979-05-25"), rating=8.5)
        a_movie(session, "Éclair")

    assert titles(client, query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?genre=Crime", {"Heat", "Zodiac"}),
        ("?genre=crime", {"Heat", "Zodiac"}),
        ("?genre=Cri", set()),
        ("?genre=Science Fiction", {"Alien"}),
        ("?year=1995", {"Heat"}),
        ("?year=1996", set()),
        ("?rating=8", {"Heat", "Alien"}),
        ("?rating=8.3", {"Heat", "Alien"}),
        ("?rating=0", {"Heat", "Alien", "Zodiac"}),
        ("?q=HEAT", {"Heat"}),
        ("?q=lie", {"Alien", "Amélie"}),
        ("?q=eat", {"Heat"}),
        ("?q=amélie", {"Amélie"}),
        ("?q=amelie", {"Amélie"}),
        ("?unmatched=true", {"Amélie"}),
        ("?unmatched=false", {"Heat", "Alien", "Zodiac"}),
        ("?genre=Crime&year=2007", {"Zodiac"}),
        ("?unknownParameter=1&year=2007", {"Zodiac"}),
    ],
)
def test_a_list_is_filtered_and_so_is_its_total(
    client: FlaskClient, database: Database, query: str, expected: set[str]
) -> None:
    with database.begin() as session:
        a_movie(session, "Heat", genres=["Crime", "Drama"], release_date=a_day("1995-12-31"), rating=8.3)
        a_movie(session, "Zodiac", genres=["Crime"], release_date=a_day("2007-01-01"), rating=7.7)
        a_movie(session, "Alien", genres=["Science Fiction"], release_date=a_day("1979-05-25"), rating=8.5)
        a_movie(session, "Amélie", match_status=MatchStatus.UNMATCHED)

    answer = client.get(f"{MOVIES}{query}").json

    assert {movie["media"]["title"] for movie in answer["data"]} == expected
    assert answer["meta"]["total"] == len(expected)


def test_a_list_is_of_the_library_that_is_asked_for(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        mine, yours = a_library(session, "Mine"), a_library(session, "Yours")
        a_movie(session, "Heat", library=mine)
        a_movie(session, "Alien", library=yours)

    assert titles(client, f"?libraryId={mine.id}") == ["Heat"]
    assert titles(client, f"?libraryId={uuid4()}") == []


@pytest.mark.parametrize("path", [MOVIES, "/api/v1/tvshows"])
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("limit=1.5", "limit"),
        ("limit=" + "9" * 400, "limit"),
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=99999999999999999999", "page"),
        ("sort=size", "sort"),
        ("sort=created_at;DROP TABLE media", "sort"),
        ("order=up", "order"),
        ("year=nineteen", "year"),
        ("year=1", "year"),
        ("rating=11", "rating"),
        ("rating=-1", "rating"),
        ("rating=nan", "rating"),
        ("rating=inf", "rating"),
        ("genre=", "genre"),
        ("genre=%00", "genre"),
        ("q=", "q"),
        ("q=a%00b", "q"),
        ("q=" + "x" * 101, "q"),
        ("unmatched=perhaps", "unmatched"),
        ("libraryId=" + "x" * 101, "libraryId"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(client: FlaskClient, path: str, query: str, field: str) -> None:
    answer = client.get(f"{path}?{query}")

    assert answer.status_code == 400
    assert answer.json["error"] == "Validation failed"
    assert [detail["field"] for detail in answer.json["details"]] == [field]


@pytest.mark.parametrize("q", ["!!!", "%25", "_", "%20"])
def test_a_query_without_a_letter_or_digit_is_not_a_query_for_everything(
    client: FlaskClient, database: Database, q: str
) -> None:
    with database.begin() as session:
        a_movie(session, "Heat")

    assert titles(client, f"?q={q}") == []


def test_the_last_page_that_may_be_asked_for_is_empty_and_quick(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        a_movie(session)

    assert client.get(f"{MOVIES}?page=1000000&limit=100").json["data"] == []


def test_a_page_of_fifty_takes_as_many_queries_as_a_page_of_one(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        library = a_library(session)
        for number in range(50):
            movie = a_movie(session, library=library, genres=["Crime"], external_ids={"TMDB": str(number)})
            a_file(session, library=library, movie=movie)
            a_file(session, library=library, movie=movie)
    client.get(MOVIES)

    with counted_queries(database) as for_one:
        assert len(client.get(f"{MOVIES}?limit=1").json["data"]) == 1
    with counted_queries(database) as for_fifty:
        assert len(client.get(f"{MOVIES}?limit=50").json["data"]) == 50

    assert len(for_one) == len(for_fifty)
    assert len(for_fifty) <= 6


def test_a_page_of_titles_to_paint_takes_as_many_queries_however_many(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        for _ in range(50):
            a_movie(session, poster_source="https://example.org/poster.jpg")
    # The first request also asks whether route guards are on.
    client.get("/api/v1/library")

    with counted_queries(database) as for_one:
        client.get(f"{MOVIES}?limit=1")
    with counted_queries(database) as for_fifty:
        client.get(f"{MOVIES}?limit=50")

    assert len(for_one) == len(for_fifty)


def test_stored_colours_are_shown(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        movie = a_movie(session, poster_source="https://example.org/p.jpg", palette=PALETTE, poster_failed_at=now())

    assert client.get(f"{MOVIES}/{movie.id}").json["data"]["media"]["meshGradientColors"] == PALETTE


def test_without_a_poster_there_are_no_colours(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        movie = a_movie(session)

    assert client.get(f"{MOVIES}/{movie.id}").json["data"]["media"]["meshGradientColors"] == []


def test_a_poster_that_failed_shows_the_default_and_stores_nothing(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        movie = a_movie(session, poster_source="https://example.org/p.jpg", poster_failed_at=now())

    shown = client.get(f"{MOVIES}/{movie.id}").json["data"]["media"]["meshGradientColors"]

    assert shown == list(DEFAULT_PALETTE)
    with database.read() as session:
        assert session.get_one(Media, movie.media_id).palette == []


@pytest.mark.parametrize("path", ["", "/{id}"])
def test_a_title_without_colours_is_sent_to_be_painted_once_when_it_is_looked_at(
    client: FlaskClient, database: Database, redis: Redis, path: str
) -> None:
    with database.begin() as session:
        movie = a_movie(session, poster_source="https://example.org/p.jpg")

    for _ in range(3):
        assert client.get(MOVIES + path.replace("{id}", movie.id)).status_code == 200

    with database.read() as session:
        wanted = session.scalars(select(Enrichment)).all()
    assert [(row.media_id, row.status, row.scan_job_id) for row in wanted] == [
        (movie.media_id, EnrichmentStatus.ARTWORK, None)
    ]
    assert redis.llen("artwork") == 1


def test_a_title_that_is_settled_without_colours_is_painted_again(
    client: FlaskClient, database: Database, redis: Redis
) -> None:
    with database.begin() as session:
        movie = a_movie(session, poster_source="https://example.org/p.jpg")
        an_enrichment(session, media_id=movie.media_id, status=EnrichmentStatus.SETTLED)

    client.get(MOVIES)

    with database.read() as session:
        assert session.get_one(Enrichment, movie.media_id).status == EnrichmentStatus.ARTWORK
    assert redis.llen("artwork") == 1


@pytest.mark.parametrize(
    "of_the_title",
    [
        {},
        {"poster_source": "https://example.org/p.jpg", "palette": PALETTE},
        {"poster_source": "https://example.org/p.jpg", "poster_failed_at": now()},
    ],
    ids=["no poster", "colours", "failed just now"],
)
def test_a_title_that_needs_no_colours_is_left_alone(
    client: FlaskClient, database: Database, redis: Redis, of_the_title: dict[str, Any]
) -> None:
    with database.begin() as session:
        a_movie(session, **of_the_title)

    client.get(MOVIES)

    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Enrichment)) == 0
    assert redis.llen("artwork") == 0


def test_a_title_whose_metadata_is_still_to_come_stays_where_it_is(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        movie = a_movie(session, poster_source="file:///media/poster.jpg")
        an_enrichment(session, media_id=movie.media_id, status=EnrichmentStatus.METADATA)

    shown = client.get(f"{MOVIES}/{movie.id}").json["data"]

    assert shown["media"]["posterUrl"] is None
    with database.read() as session:
        assert session.get_one(Enrichment, movie.media_id).status == EnrichmentStatus.METADATA


def test_a_movie_whose_files_are_all_missing_is_not_offered_to_be_played(
    client: FlaskClient, database: Database
) -> None:
    with database.begin() as session:
        movie = a_movie(session)
        a_file(session, movie=movie, missing_since=now())

    shown = client.get(f"/api/v1/movies/{movie.id}").json["data"]

    assert shown["streamUrl"] is None
    assert shown["files"][0]["missingSince"] is not None

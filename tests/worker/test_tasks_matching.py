"""What titles are taken for, through scans with a stand-in for TMDB: in two steps, not twice, and as users say."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared import enrichments, tasks
from shared.database import Database
from shared.kinds import ExtraType, MatchStatus, MediaType
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
    Season,
    episode_files,
)
from shared.models.base import now
from shared.scan_counting import count
from shared.scan_jobs import EnrichmentStatus
from tests.scans import a_scan, causes, extras_of, run_to_the_end, status_of, worker_that_asks
from tests.tmdb_stand_in import TmdbStandIn
from tests.trees import a_file, a_long_video, a_video
from worker.app import resources
from worker.providers.budget import Budget
from worker.resources import TITLES_AT_ONCE
from worker.tasks.metadata import FRESH_FOR, fetch
from worker.tasks.scan import discover, look_into, register
from worker.tasks.upkeep import sweep


@pytest.fixture
def tmdb() -> Iterator[TmdbStandIn]:
    with TmdbStandIn() as stand_in:
        yield stand_in


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, redis_url: str, tmdb: TmdbStandIn) -> Iterator[Database]:
    postgres_url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    with worker_that_asks(tmdb, tmp_path / "data", redis_url, postgres_url, per_second=500) as own:
        yield own


def a_film(root: Path, name: str, number: int = 0) -> Path:
    """Make a film in a folder of its own, whose file is like no other of another number."""
    return a_file(root / name / f"{name}.mkv", a_video() + bytes([number]) * 64)


def scanned(database: Database, root: Path, media_type: MediaType = MediaType.MOVIE, **options: Any) -> str:
    scan_job_id = a_scan(database, root, media_type, **options)
    run_to_the_end(scan_job_id)
    assert status_of(database, scan_job_id) == "COMPLETED"
    return scan_job_id


def name_files(scan_job_id: str) -> None:
    for body in (discover, register, look_into):
        body(scan_job_id)


def the_title(session: Session) -> Media:
    return session.scalars(select(Media)).one()


def asked(tmdb: TmdbStandIn) -> list[str]:
    """Return what TMDB was asked, without pictures, and forget it."""
    paths = [path for path, _ in tmdb.asked if not path.startswith("/t/")]
    tmdb.asked.clear()
    return paths


def say(database: Database, **values: Any) -> None:
    """Say something of the one title, as a user does, and have it fetched."""
    with database.begin() as session:
        media = the_title(session)
        enrichments.fetch(session, [media.id], None, is_asked=True)
        for name, value in values.items():
            setattr(media, name, value)
    fetch(None)
    fetch(None)


# Specials


def test_a_special_without_a_number_stands_where_a_provider_lists_its_title(
    database: Database, tmdb: TmdbStandIn, tmp_path: Path
) -> None:
    tmdb.add_show(7, "Festive", 2010, {0: 3, 1: 2}, episodes={(0, 3): {"name": "A Christmas Tale"}})
    root = tmp_path / "shows" / "Festive (2010)"
    a_file(root / "Season 1" / "Festive S01E01.mkv", a_video() + b"1")
    a_file(root / "Specials" / "A Christmas Tale.mkv", a_video() + b"2")
    a_file(root / "Specials" / "Something Else.mkv", a_video() + b"3")

    scan_job_id = scanned(database, tmp_path / "shows", MediaType.TV_SHOW)

    assert causes(database, scan_job_id) == []
    with database.read() as session:
        rows = session.execute(select(Season.season_number, Episode.episode_number, Episode.title).join(Episode))
        listed = {(season, number if number < 10_000 else None): title for season, number, title in rows}
    assert listed == {(1, 1): "Episode 1x01", (0, 3): "A Christmas Tale", (0, None): "Something Else"}


# By how long a film is


@pytest.mark.parametrize("looked_into", [False, True])
def test_of_two_films_of_a_name_without_a_year_it_is_the_one_that_lasts_so_long(
    database: Database, tmdb: TmdbStandIn, tmp_path: Path, *, looked_into: bool
) -> None:
    tmdb.add_movie(1, "Heat", 1995, runtime=170, popularity=9.0)
    tmdb.add_movie(2, "Heat", 1986, runtime=101, popularity=9.0)
    a_file(tmp_path / "films" / "Heat.mkv", a_long_video(101))
    scan_job_id = a_scan(database, tmp_path / "films")

    for body in (discover, register, *([look_into] if looked_into else [])):
        body(scan_job_id)
    fetch(scan_job_id)

    with database.read() as session:
        media = the_title(session)
        assert (media.release_date and media.release_date.year, media.is_doubtful) == (1986, False)
        assert media.match_detail["parts"]["duration"] == 1.0


# In two steps


def test_a_search_is_enough_to_show_a_title_and_its_details_follow(
    database: Database, tmdb: TmdbStandIn, tmp_path: Path
) -> None:
    tmdb.add_movie(949, "Heat", 1995)
    a_film(tmp_path / "films", "Heat (1995)")
    scan_job_id = a_scan(database, tmp_path / "films")
    name_files(scan_job_id)

    fetch(scan_job_id)
    with database.read() as session:
        brief = the_title(session)
        first = asked(tmdb)
        counts = count(session, scan_job_id)
        assert session.scalars(select(Enrichment.status)).all() == [EnrichmentStatus.DETAILS]
        assert session.scalars(select(Credit)).all() == []
    fetch(scan_job_id)

    assert first == ["/3/search/movie"]
    assert asked(tmdb) == ["/3/movie/949"]
    assert (brief.match_status, brief.description) == (MatchStatus.MATCHED, "What happens in Heat.")
    assert (counts.titles, counts.titles_fetched, brief.asked_with) == (1, 0, None)
    with database.read() as session:
        full = the_title(session)
        assert session.scalars(select(Enrichment.status)).all() == [EnrichmentStatus.ARTWORK]
        assert session.scalars(select(Credit)).all() != []
        assert (full.certification, full.match_score, full.match_detail) == (
            "PG-13",
            brief.match_score,
            brief.match_detail,
        )
        assert full.asked_with is not None


def test_details_wait_until_nothing_is_nameless(database: Database, tmdb: TmdbStandIn, tmp_path: Path) -> None:
    for number in range(TITLES_AT_ONCE + 2):
        tmdb.add_movie(100 + number, f"Journey {number}", 1960)
        a_film(tmp_path / "films", f"Journey {number} (1960)", number)
    scan_job_id = a_scan(database, tmp_path / "films")
    name_files(scan_job_id)

    steps = []
    for _ in range(4):
        fetch(scan_job_id)
        with database.read() as session:
            statuses = session.scalars(select(Enrichment.status)).all()
        steps.append([statuses.count(status) for status in ("METADATA", "DETAILS", "ARTWORK")])

    assert steps == [
        [2, TITLES_AT_ONCE, 0],
        [0, TITLES_AT_ONCE + 2, 0],
        [0, 2, TITLES_AT_ONCE],
        [0, 0, TITLES_AT_ONCE + 2],
    ]


def test_without_a_limit_a_title_is_told_at_once(database: Database, tmdb: TmdbStandIn, tmp_path: Path) -> None:
    tmdb.add_movie(949, "Heat", 1995)
    a_film(tmp_path / "films", "Heat (1995)")
    resources.tmdb_budget = Budget(resources.redis, "tmdb", 0)
    scan_job_id = a_scan(database, tmp_path / "films")
    name_files(scan_job_id)

    fetch(scan_job_id)

    assert asked(tmdb) == ["/3/search/movie", "/3/movie/949"]
    with database.read() as session:
        assert session.scalars(select(Enrichment.status)).all() == [EnrichmentStatus.ARTWORK]
        assert session.scalars(select(Movie.duration)).one() is not None


def test_the_sweeper_sends_for_details_that_wait(database: Database, tmdb: TmdbStandIn, tmp_path: Path) -> None:
    tmdb.add_movie(949, "Heat", 1995)
    a_film(tmp_path / "films", "Heat (1995)")
    scan_job_id = a_scan(database, tmp_path / "films")
    name_files(scan_job_id)
    fetch(scan_job_id)
    resources.redis.delete(*tasks.QUEUES)

    sweep()

    assert resources.redis.llen(tasks.METADATA) == 1
    assert status_of(database, scan_job_id) == "IN_PROGRESS"


# Once in a while


def a_scanned_film(database: Database, tmdb: TmdbStandIn, root: Path) -> Path:
    tmdb.add_movie(949, "Heat", 1995)
    tmdb.add_movie(950, "Another Heat", 1995)
    file = a_film(root, "Heat (1995)")
    scanned(database, root)
    assert len(asked(tmdb)) == 2
    return file


def test_what_was_fetched_lately_is_not_fetched_again(database: Database, tmdb: TmdbStandIn, tmp_path: Path) -> None:
    file = a_scanned_film(database, tmdb, tmp_path / "films")
    a_file(file.with_suffix(".en.srt"), b"1")

    scanned(database, tmp_path / "films")

    assert asked(tmdb) == []
    with database.read() as session:
        (known,) = session.scalars(select(MediaFile)).all()
        assert [subtitle["language"] for subtitle in known.subtitles] == ["en"]
        assert session.scalars(select(Enrichment.status)).all() == [EnrichmentStatus.SETTLED]


def test_a_user_who_asks_again_is_answered_anew_once(database: Database, tmdb: TmdbStandIn, tmp_path: Path) -> None:
    file = a_scanned_film(database, tmdb, tmp_path / "films")

    scanned(database, tmp_path / "films", rescan=True)
    by_rescan = asked(tmdb)
    say(database)
    by_refresh = asked(tmdb)
    file.touch()
    scanned(database, tmp_path / "films")

    assert by_rescan == by_refresh == ["/3/search/movie", "/3/movie/949"]
    assert asked(tmdb) == []


def test_what_was_fetched_long_ago_is_fetched_again(database: Database, tmdb: TmdbStandIn, tmp_path: Path) -> None:
    file = a_scanned_film(database, tmdb, tmp_path / "films")
    file.touch()
    with database.begin() as session:
        session.execute(update(Media).values(fetched_at=now() - FRESH_FOR - timedelta(minutes=1)))

    scanned(database, tmp_path / "films")

    assert len(asked(tmdb)) == 2


def test_what_changed_beside_the_files_is_asked_about_again(
    database: Database, tmdb: TmdbStandIn, tmp_path: Path
) -> None:
    file = a_scanned_film(database, tmdb, tmp_path / "films")
    a_file(file.parent / "movie.nfo", b"<movie><title>My Heat</title></movie>")

    scanned(database, tmp_path / "films")

    assert asked(tmdb) != []
    with database.read() as session:
        assert the_title(session).title == "My Heat"


# As users say


def test_a_title_is_what_the_user_says_through_later_scans_and_moves(
    database: Database, tmdb: TmdbStandIn, tmp_path: Path
) -> None:
    file = a_scanned_film(database, tmdb, tmp_path / "films")
    say(database, chosen={"source": "TMDB", "externalId": "950"})
    with database.read() as session:
        chosen = the_title(session)
        row_id = session.scalars(select(MediaFile.id)).one()

    scanned(database, tmp_path / "films", rescan=True)
    file.parent.rename(tmp_path / "films" / "H34t (1996)")
    scanned(database, tmp_path / "films", rescan=True)

    assert chosen.title == "Another Heat"
    assert (chosen.match_score, chosen.match_detail["parts"]) == (1.0, {"id": "TMDB"})
    with database.read() as session:
        media = the_title(session)
        assert (media.id, media.title) == (chosen.id, "Another Heat")
        assert session.scalars(select(ExternalId.external_id).where(ExternalId.source == "TMDB")).all() == ["950"]
        assert session.scalars(select(MediaFile.id)).all() == [row_id]


def test_what_the_user_said_goes_for_what_turns_out_to_be_the_same(
    database: Database, tmdb: TmdbStandIn, tmp_path: Path
) -> None:
    a_scanned_film(database, tmdb, tmp_path / "films")
    a_film(tmp_path / "films", "H34t", 1)
    scanned(database, tmp_path / "films")
    with database.begin() as session:
        wrong = session.scalars(select(Media).where(Media.guessed_title == "H34t")).one()
        wrong.chosen = {"source": "TMDB", "externalId": "949"}
        enrichments.fetch(session, [wrong.id], None, is_asked=True)

    fetch(None)
    scanned(database, tmp_path / "films", rescan=True)

    with database.read() as session:
        media = the_title(session)
        assert (media.title, media.chosen["externalId"]) == ("Heat", "949")
        assert len(session.scalars(select(MediaFile).where(MediaFile.movie_id.is_not(None))).all()) == 2


def test_an_unmatched_title_is_asked_about_by_no_scan(database: Database, tmdb: TmdbStandIn, tmp_path: Path) -> None:
    a_scanned_film(database, tmdb, tmp_path / "films")

    say(database, chosen={"unmatch": True})
    scanned(database, tmp_path / "films", rescan=True)

    assert asked(tmdb) == []
    with database.read() as session:
        media = the_title(session)
        assert (media.match_status, media.match_detail["cause"]) == (MatchStatus.UNMATCHED, "unmatched-by-user")
        assert (media.title, media.description) == ("Heat", None)
    say(database, chosen={})
    with database.read() as session:
        assert the_title(session).match_status == MatchStatus.MATCHED


def test_a_library_has_its_own_order_of_providers(database: Database, tmdb: TmdbStandIn, tmp_path: Path) -> None:
    tmdb.add_movie(949, "Heat", 1995)
    a_film(tmp_path / "films", "Heat (1995)")
    scan_job_id = a_scan(database, tmp_path / "films")
    with database.begin() as session:
        session.execute(update(Library).values(providers=["nfo"]))

    run_to_the_end(scan_job_id)

    assert asked(tmdb) == []
    with database.read() as session:
        assert the_title(session).match_status == MatchStatus.UNMATCHED


def test_a_title_that_nobody_knows_well_enough_has_its_candidates(
    database: Database, tmdb: TmdbStandIn, tmp_path: Path
) -> None:
    tmdb.add_movie(949, "Heat of the Longest Summer Night", 1960)
    a_film(tmp_path / "films", "Heat (1995)")

    scanned(database, tmp_path / "films")

    with database.read() as session:
        media = the_title(session)
        assert media.match_status == MatchStatus.UNMATCHED
        assert "949" in [known["externalId"] for known in media.match_detail["runnersUp"]]


# Episodes


def places_of(session: Session) -> dict[str, list[tuple[int, int]]]:
    rows = session.execute(
        select(MediaFile.path, Season.season_number, Episode.episode_number)
        .join(episode_files, episode_files.c.file_id == MediaFile.id)
        .join(Episode, Episode.id == episode_files.c.episode_id)
        .join(Season, Season.id == Episode.season_id)
        .order_by(Season.season_number, Episode.episode_number)
    )
    places: dict[str, list[tuple[int, int]]] = {}
    for path, season, number in rows:
        places.setdefault(Path(path).name, []).append((season, number))
    return places


def test_dates_and_numbers_through_all_seasons_find_their_episodes(
    database: Database, tmdb: TmdbStandIn, tmp_path: Path
) -> None:
    tmdb.add_show(77, "Harbour Lights", 2009, seasons={0: 1, 1: 12, 2: 12})
    show = tmp_path / "tv" / "Harbour Lights (2009)"
    for name in ("Harbour Lights - 14", "Harbour Lights - 2010-01-06", "Harbour Lights - S01E02-E03"):
        a_file(show / f"{name}.mkv")
    scan_job_id = a_scan(database, tmp_path / "tv", MediaType.TV_SHOW)
    name_files(scan_job_id)
    with database.read() as session:
        before = places_of(session)

    fetch(scan_job_id)
    fetch(scan_job_id)

    assert before == {
        "Harbour Lights - 14.mkv": [(1, 14)],
        "Harbour Lights - 2010-01-06.mkv": [(2010, 106)],
        "Harbour Lights - S01E02-E03.mkv": [(1, 2), (1, 3)],
    }
    with database.read() as session:
        assert places_of(session) == {
            "Harbour Lights - 14.mkv": [(2, 2)],
            "Harbour Lights - 2010-01-06.mkv": [(2, 5)],
            "Harbour Lights - S01E02-E03.mkv": [(1, 2), (1, 3)],
        }
        assert sorted(session.scalars(select(Season.season_number))) == [1, 2]


def test_shows_that_turn_out_to_be_one_have_all_their_episodes(
    database: Database, tmdb: TmdbStandIn, tmp_path: Path
) -> None:
    tmdb.add_show(77, "Harbour Lights", 2009, seasons={1: 12, 2: 12})
    a_file(tmp_path / "tv" / "Harbour Lights (2009)" / "Harbour Lights - S01E01.mkv")
    a_file(tmp_path / "tv" / "Harbour Lights" / "Harbour Lights - 14.mkv")
    scan_job_id = a_scan(database, tmp_path / "tv", MediaType.TV_SHOW)

    run_to_the_end(scan_job_id)

    with database.read() as session:
        assert the_title(session).match_status == MatchStatus.MATCHED
        assert places_of(session) == {"Harbour Lights - S01E01.mkv": [(1, 1)], "Harbour Lights - 14.mkv": [(2, 2)]}
        assert set(session.scalars(select(Episode.title))) == {"Episode 1x01", "Episode 2x02"}


# Extras


def test_extras_are_of_their_title_and_no_titles_of_their_own(
    database: Database, tmdb: TmdbStandIn, tmp_path: Path
) -> None:
    tmdb.add_movie(949, "Heat", 1995)
    film = a_film(tmp_path / "films", "Heat (1995)").parent
    a_file(film / "Trailers" / "Teaser.mkv")
    a_file(film / "Heat (1995)-featurette.mkv")
    a_file(tmp_path / "films" / "Ronin (1998)" / "Extras" / "Making of.mkv")

    scan_job_id = scanned(database, tmp_path / "films")

    assert causes(database, scan_job_id) == []
    with database.read() as session:
        media = the_title(session)
        extras = extras_of(session, media.id)
        assert [(Path(extra.path).name, extra.extra_type) for extra in extras] == [
            ("Heat (1995)-featurette.mkv", ExtraType.FEATURETTE),
            ("Teaser.mkv", ExtraType.TRAILER),
        ]
        assert all(extra.probe["container"] == "mkv" and extra.movie_id is None for extra in extras)
        assert len(session.scalars(select(MediaFile)).all()) == 4
    (film / "Trailers" / "Teaser.mkv").unlink()
    scanned(database, tmp_path / "films")
    with database.read() as session:
        assert [Path(extra.path).name for extra in extras_of(session, media.id) if extra.missing_since] == [
            "Teaser.mkv"
        ]


# Moves


def the_file(database: Database) -> MediaFile:
    with database.read() as session:
        return session.scalars(select(MediaFile)).one()


def test_a_file_that_moves_into_another_library_stays_itself(
    database: Database, tmdb: TmdbStandIn, tmp_path: Path
) -> None:
    file = a_scanned_film(database, tmdb, tmp_path / "films")
    a_film(tmp_path / "films", "Another Heat (1995)", 1)
    scanned(database, tmp_path / "films")
    with database.read() as session:
        before = session.scalars(select(MediaFile).where(MediaFile.path == str(file))).one()
    (tmp_path / "elsewhere").mkdir()
    file.parent.rename(tmp_path / "elsewhere" / "Heat (1995)")

    scanned(database, tmp_path / "elsewhere")

    with database.read() as session:
        after = session.get_one(MediaFile, before.id)
        library = session.scalars(select(Library).where(Library.id == after.library_id)).one()
        assert (after.created_at, after.movie_id, after.missing_since) == (before.created_at, before.movie_id, None)
        assert after.path == str(tmp_path / "elsewhere" / "Heat (1995)" / "Heat (1995).mkv")
        assert library.library_path == str(tmp_path / "elsewhere")
        held = dict(session.execute(select(LibraryMedia.library_id, Media.title).join(Media)).tuples().all())
        assert sorted(held.values()) == ["Another Heat", "Heat"]
        assert held[library.id] == "Heat"


def test_a_file_that_is_renamed_is_what_its_new_name_says(
    database: Database, tmdb: TmdbStandIn, tmp_path: Path
) -> None:
    tmdb.add_movie(949, "Heat", 1995)
    file = a_film(tmp_path / "films", "Haet (1995)")
    scanned(database, tmp_path / "films")
    before = the_file(database)
    file.parent.rename(tmp_path / "films" / "Heat (1995)")

    scanned(database, tmp_path / "films")

    assert (the_file(database).id, the_file(database).movie_id) == (before.id, before.movie_id)
    with database.read() as session:
        assert (the_title(session).title, the_title(session).match_status) == ("Heat", MatchStatus.MATCHED)


def test_a_name_that_nothing_goes_by_any_more_is_free(database: Database, tmdb: TmdbStandIn, tmp_path: Path) -> None:
    tmdb.add_movie(949, "Heat", 1995)
    tmdb.add_movie(8195, "Ronin", 1998)
    misnamed = a_film(tmp_path / "films", "Heat (1995)")
    scanned(database, tmp_path / "films")
    (tmp_path / "films" / "Ronin (1998)").mkdir()
    misnamed.rename(tmp_path / "films" / "Ronin (1998)" / "Ronin (1998).mkv")
    a_file(misnamed.with_name("Heat (1995) - 480p.mkv"))
    before = the_file(database).id

    scanned(database, tmp_path / "films")

    with database.read() as session:
        assert Path(session.get_one(MediaFile, before).path).parent.name == "Ronin (1998)"
        rows = session.execute(
            select(Media.title, MediaFile.path).join(Movie, Movie.media_id == Media.id).join(Movie.files)
        )
        assert {title: Path(path).parent.name for title, path in rows} == {
            "Heat": "Heat (1995)",
            "Ronin": "Ronin (1998)",
        }


def test_a_folder_that_the_user_gave_to_a_title_stays_its_own_when_it_is_renamed(
    database: Database, tmdb: TmdbStandIn, tmp_path: Path
) -> None:
    a_scanned_film(database, tmdb, tmp_path / "films")
    given = a_film(tmp_path / "films", "Another Heat (1995)", 1)
    scanned(database, tmp_path / "films")
    with database.begin() as session:
        wrong = session.scalars(select(Media).where(Media.title == "Another Heat")).one()
        wrong.chosen = {"source": "TMDB", "externalId": "949"}
        enrichments.fetch(session, [wrong.id], None, is_asked=True)
    fetch(None)
    given.parent.rename(tmp_path / "films" / "Another Heat (1996)")

    scanned(database, tmp_path / "films", rescan=True)

    with database.read() as session:
        assert (the_title(session).title, the_title(session).guessed_title) == ("Heat", "Heat")
        assert len(session.scalars(select(MediaFile).where(MediaFile.movie_id.is_not(None))).all()) == 2


def test_a_file_that_is_taken_out_of_a_title_makes_one_of_its_own(
    database: Database, tmdb: TmdbStandIn, tmp_path: Path
) -> None:
    tmdb.add_movie(949, "Heat", 1995)
    tmdb.add_movie(8195, "Ronin", 1998)
    folder = a_film(tmp_path / "films", "Heat (1995)").parent
    stray = a_file(folder / "Heat (1995) - 480p.mkv", a_video() + b"1")
    scanned(database, tmp_path / "films")
    (tmp_path / "films" / "Ronin (1998)").mkdir()
    stray.rename(tmp_path / "films" / "Ronin (1998)" / "Ronin (1998).mkv")

    scanned(database, tmp_path / "films")

    with database.read() as session:
        rows = session.execute(
            select(Media.title, MediaFile.path).join(Movie, Movie.media_id == Media.id).join(Movie.files)
        )
        assert {title: Path(path).name for title, path in rows} == {
            "Heat": "Heat (1995).mkv",
            "Ronin": "Ronin (1998).mkv",
        }


def test_a_title_that_goes_into_another_leaves_it_what_the_user_said(
    database: Database, tmdb: TmdbStandIn, tmp_path: Path
) -> None:
    a_scanned_film(database, tmdb, tmp_path / "films")
    stray = a_film(tmp_path / "films", "H34t (1996)", 1)
    scanned(database, tmp_path / "films")
    with database.begin() as session:
        lost = session.scalars(select(Media).where(Media.guessed_title == "H34t")).one()
        lost.chosen = {"source": "TMDB", "externalId": "950"}
    stray.rename(tmp_path / "films" / "Heat (1995)" / "Heat (1995) - 480p.mkv")
    shutil.rmtree(stray.parent)

    scanned(database, tmp_path / "films")

    with database.read() as session:
        media = the_title(session)
        assert (media.chosen["externalId"], media.title) == ("950", "Another Heat")
        assert len(session.scalars(select(MediaFile).where(MediaFile.movie_id.is_not(None))).all()) == 2


def test_an_episode_that_is_renamed_to_another_stands_there(
    database: Database, tmdb: TmdbStandIn, tmp_path: Path
) -> None:
    tmdb.add_show(77, "Harbour Lights", 2009, seasons={1: 12})
    folder = tmp_path / "tv" / "Harbour Lights (2009)"
    file = a_file(folder / "Harbour Lights - S01E01.mkv")
    scanned(database, tmp_path / "tv", MediaType.TV_SHOW)
    before = the_file(database)
    file.rename(folder / "Harbour Lights - S01E02.mkv")

    scan_job_id = a_scan(database, tmp_path / "tv", MediaType.TV_SHOW)
    name_files(scan_job_id)

    assert the_file(database).id == before.id
    with database.read() as session:
        assert places_of(session) == {"Harbour Lights - S01E02.mkv": [(1, 2)]}
        assert len(session.scalars(select(Episode)).all()) == 1


def test_a_show_that_moves_season_by_season_stays_one(database: Database, tmdb: TmdbStandIn, tmp_path: Path) -> None:
    tmdb.add_show(77, "Harbour Lights", 2009, seasons={1: 12, 2: 12})
    root = tmp_path / "tv"
    for season in (1, 2):
        a_file(root / "Harbor (2009)" / f"Season {season}" / f"x S0{season}E01.mkv", a_video() + bytes([season]))
    scanned(database, root, MediaType.TV_SHOW)
    with database.read() as session:
        before = the_title(session).id
        ids = set(session.scalars(select(MediaFile.id)))
    (root / "Harbor (2009)").rename(root / "Harbour Lights (2009)")

    scanned(database, root, MediaType.TV_SHOW)

    with database.read() as session:
        assert (the_title(session).id, the_title(session).title) == (before, "Harbour Lights")
        assert set(session.scalars(select(MediaFile.id))) == ids


def test_of_two_files_that_are_alike_none_is_taken_for_the_other(database: Database, tmp_path: Path) -> None:
    for name in ("Heat (1995)", "Ronin (1998)"):
        a_film(tmp_path / "films", name)
    scanned(database, tmp_path / "films")
    for name in ("Heat (1995)", "Ronin (1998)"):
        shutil.rmtree(tmp_path / "films" / name)
    a_film(tmp_path / "films", "Dune (1984)")

    scanned(database, tmp_path / "films")

    with database.read() as session:
        gone = session.scalars(select(MediaFile.path).where(MediaFile.missing_since.is_not(None))).all()
        assert {Path(path).stem for path in gone} == {"Heat (1995)", "Ronin (1998)"}


def test_a_copy_is_another_file_and_so_is_one_of_a_disk_that_is_not_mounted(database: Database, tmp_path: Path) -> None:
    a_film(tmp_path / "films", "Heat (1995)")
    scanned(database, tmp_path / "films")
    a_film(tmp_path / "copies", "Heat (1995)")
    scanned(database, tmp_path / "copies")
    for root in ("films", "copies"):
        (tmp_path / root).rename(tmp_path / f"{root}-unmounted")
        (tmp_path / root).mkdir()
    a_film(tmp_path / "third", "Heat (1995)")

    scanned(database, tmp_path / "third")

    with database.read() as session:
        assert len(session.scalars(select(MediaFile)).all()) == 3

"""The main job, end to end, with the real processes: from a folder to a catalogue that plays."""

import os
from pathlib import Path

import pytest
import requests
from sqlalchemy import update

from shared.colours import DEFAULT_PALETTE
from shared.models import Media
from tests.installation import Installation, Json, wait_until
from tests.tmdb_stand_in import TmdbStandIn
from tests.trees import a_file, a_show, films


def movies_of(server: Installation, library_id: str) -> list[dict]:
    return list(server.get("/api/v1/movies", libraryId=library_id, limit=100, sort="title", order="asc")["data"])


def test_a_scan_of_sixty_folders_identifies_paints_and_plays_every_film(server: Installation, tmp_path: Path) -> None:
    titles = films(tmp_path, 60)

    job = server.scan(tmp_path)

    assert job["status"] == "COMPLETED"
    assert job["failures"] == []
    assert job["progress"]["totalFolders"] == job["progress"]["processedFolders"] == 60
    assert job["progress"]["percentComplete"] == 100
    found = movies_of(server, job["library"]["id"])
    assert [movie["media"]["title"] for movie in found] == titles
    for movie in found:
        media = movie["media"]
        assert media["matchStatus"] == "matched"
        assert len(media["meshGradientColors"]) == 4
        assert "TMDB" in {known["source"] for known in media["externalIds"]}
        assert requests.get(media["posterUrl"], timeout=10).headers["Content-Type"] == "image/jpeg"
        assert movie["files"][0]["videoCodec"] == "h264"


def test_a_second_scan_adds_nothing_and_asks_nobody(server: Installation, tmdb: TmdbStandIn, tmp_path: Path) -> None:
    films(tmp_path, 5)
    first = server.scan(tmp_path)
    # Other pictures than posters follow when a scan has ended, also those of the test before.
    libraries = [library["id"] for library in server.get("/api/v1/library")["data"]]
    wait_until(lambda: all(map(server.has_pictures, libraries)), 60, "all pictures are there")
    before = movies_of(server, first["library"]["id"])
    asked = tmdb.requests.total()

    second = server.scan(tmp_path)

    assert second["id"] != first["id"]
    assert second["library"] == first["library"]
    assert movies_of(server, second["library"]["id"]) == before
    assert tmdb.requests.total() == asked


def test_two_clients_see_the_same_events_and_progress_never_goes_back(server: Installation, tmp_path: Path) -> None:
    films(tmp_path, 20)
    listeners = [server.listen(), server.listen()]

    job = server.scan(tmp_path)

    heard = [of_the_scan(job, listener.until("scan:complete", scanJobId=job["id"])) for listener in listeners]
    assert heard[0] == heard[1]
    assert listeners[0].greeting["type"] == "connection:established"
    progress = [event["progress"] for event in heard[0] if event["type"] == "scan:progress"]
    assert progress == sorted(progress)
    assert all(isinstance(value, int) for value in progress)
    assert len({event["eventId"] for event in heard[0]}) == len(heard[0])
    assert heard[0][-1]["totalItems"] == 20


def test_a_client_that_was_away_is_told_what_it_missed(server: Installation, tmp_path: Path) -> None:
    films(tmp_path, 3)
    listener = server.listen()
    job = server.scan(tmp_path)
    heard = of_the_scan(job, listener.until("scan:complete", scanJobId=job["id"]))
    listener.close()

    returned = server.listen(f"?since={heard[0]['eventId']}")

    assert of_the_scan(job, returned.until("scan:complete", scanJobId=job["id"])) == heard[1:]


def of_the_scan(job: Json, events: list[Json]) -> list[Json]:
    """Return the events of a scan and its library, without the log's lines, which are told once and not again.

    Whoever listened a moment earlier may have heard the end of the scan before.
    """
    own = {"scanJobId": job["id"], "libraryId": job["library"]["id"]}
    return [
        event
        for event in events
        if event["type"] != "log:message" and all(event.get(name, its) == its for name, its in own.items())
    ]


def test_a_stream_is_read_back_byte_for_byte(server: Installation, tmp_path: Path) -> None:
    file = a_file(tmp_path / "Read Back (1999)" / "Read Back (1999).mkv")
    job = server.scan(tmp_path)
    movie = movies_of(server, job["library"]["id"])[0]

    whole = requests.get(movie["streamUrl"], timeout=10)
    part = requests.get(movie["streamUrl"], headers={"Range": "bytes=-500"}, timeout=10)

    content = file.read_bytes()
    assert whole.status_code == 200
    assert whole.content == content
    assert part.status_code == 206
    assert part.content == content[-500:]
    assert part.headers["Content-Range"] == f"bytes {len(content) - 500}-{len(content) - 1}/{len(content)}"


def test_versions_of_one_film_are_one_film(server: Installation, tmp_path: Path) -> None:
    a_file(tmp_path / "Twice (2001)" / "Twice (2001) - 1080p.mkv")
    a_file(tmp_path / "Twice (2001)" / "Twice (2001) - 480p.mkv")
    a_file(tmp_path / "Loose Film (2002).mkv")
    a_file(tmp_path / "Elsewhere" / "Twice.2001.1080p.BluRay.x264-GRP.mkv")

    job = server.scan(tmp_path)

    found = movies_of(server, job["library"]["id"])
    assert [(movie["media"]["title"], len(movie["files"])) for movie in found] == [("Loose Film", 1), ("Twice", 3)]


def test_a_show_has_its_specials_seasons_and_double_episodes(
    server: Installation, tmdb: TmdbStandIn, tmp_path: Path
) -> None:
    tmdb.add_show(4711, "Harbour Lights", 2011, seasons={0: 1, 1: 4, 2: 2})
    a_show(tmp_path, "Harbour Lights (2011)", {0: 1, 1: 2, 2: 2})
    a_file(tmp_path / "Harbour Lights (2011)" / "Season 01" / "Harbour Lights - S01E03-E04.mkv")

    job = server.scan(tmp_path, "tv")

    assert job["failures"] == []
    shows = server.get("/api/v1/tvshows", libraryId=job["library"]["id"])["data"]
    assert [show["media"]["title"] for show in shows] == ["Harbour Lights"]
    details = server.get(f"/api/v1/tvshows/{shows[0]['id']}")["data"]
    held = {
        season["seasonNumber"]: [episode["episodeNumber"] for episode in season["episodes"]]
        for season in details["seasons"]
    }
    assert held == {0: [1], 1: [1, 2, 3, 4], 2: [1, 2]}
    third, fourth = details["seasons"][1]["episodes"][2:]
    assert third["filePath"] == fourth["filePath"]
    assert third["title"] != fourth["title"]
    assert requests.head(third["streamUrl"], timeout=10).headers["Content-Length"] == third["fileSize"]


def test_a_trailer_is_no_film_and_plays_from_its_film(server: Installation, tmp_path: Path) -> None:
    a_file(tmp_path / "Shown Before (1999)" / "Shown Before (1999).mkv")
    trailer = a_file(tmp_path / "Shown Before (1999)" / "Trailers" / "Teaser.mkv")

    job = server.scan(tmp_path)

    assert job["failures"] == []
    (film,) = movies_of(server, job["library"]["id"])
    (extra,) = server.get(f"/api/v1/movies/{film['id']}")["data"]["extras"]
    assert (extra["type"], len(film["files"])) == ("trailer", 1)
    assert requests.get(extra["streamUrl"], timeout=10).content == trailer.read_bytes()


def test_an_episode_is_found_by_the_day_it_was_shown(server: Installation, tmdb: TmdbStandIn, tmp_path: Path) -> None:
    tmdb.add_show(4712, "Evening Papers", 2009, seasons={1: 12, 2: 12})
    a_file(tmp_path / "Evening Papers (2009)" / "Evening Papers - 2010-01-06.mkv")

    job = server.scan(tmp_path, "tv")

    (show,) = server.get("/api/v1/tvshows", libraryId=job["library"]["id"])["data"]
    (season,) = server.get(f"/api/v1/tvshows/{show['id']}")["data"]["seasons"]
    assert (season["seasonNumber"], [episode["episodeNumber"] for episode in season["episodes"]]) == (2, [5])
    assert season["episodes"][0]["title"] == "Episode 2x05"


def test_an_id_in_the_name_counts_first(server: Installation, tmdb: TmdbStandIn, tmp_path: Path) -> None:
    tmdb.add_movie(900603, "The Real Title", 1999)
    a_file(tmp_path / "Completely Other Words {tmdb-900603}" / "file.mkv")

    job = server.scan(tmp_path)

    found = movies_of(server, job["library"]["id"])
    assert [movie["media"]["title"] for movie in found] == ["The Real Title"]


@pytest.mark.parametrize("provider_status", [500, 429])
def test_a_provider_that_fails_for_a_moment_costs_nothing(
    server: Installation, tmdb: TmdbStandIn, tmp_path: Path, provider_status: int
) -> None:
    films(tmp_path, 2)
    tmdb.fail_next(provider_status, 2, {"Retry-After": "1"})

    job = server.scan(tmp_path)

    assert {movie["media"]["matchStatus"] for movie in movies_of(server, job["library"]["id"])} == {"matched"}
    assert job["failures"] == []


def test_a_bad_library_costs_one_item_each_and_names_it(server: Installation, tmp_path: Path) -> None:
    good = films(tmp_path, 3)
    a_file(tmp_path / "Empty (2000)" / "Empty (2000).mkv", b"")
    a_file(tmp_path / "No Video (2001)" / "No Video (2001).mkv", b"words, not pictures" * 100)
    a_file(tmp_path / "Broken Nfo (2002)" / "Broken Nfo (2002).mkv")
    a_file(tmp_path / "Broken Nfo (2002)" / "movie.nfo", b"<movie><title>Broken</title")
    (tmp_path / "Loop (2003)").mkdir()
    (tmp_path / "Loop (2003)" / "again").symlink_to(tmp_path / "Loop (2003)")
    long_title = "L" * 239
    a_file(tmp_path / f"{long_title} (2004)" / f"{long_title} (2004).mkv")
    with open(os.fsencode(tmp_path) + b"/bytes-\xff-(2005).mkv", "wb") as file:  # noqa: PTH123 - bytes, not a Path
        file.write(b"x")

    job = server.scan(tmp_path)

    assert job["status"] == "COMPLETED"
    causes = {(failure["cause"], failure["path"].split("/")[0]) for failure in job["failures"]}
    assert causes == {
        ("file-empty", "Empty (2000)"),
        ("file-not-video", "No Video (2001)"),
        ("nfo-broken", "Broken Nfo (2002)"),
        ("symlink-loop", "Loop (2003)"),
        ("name-not-utf8", "bytes-\ufffd-(2005).mkv"),
    }
    titles = {movie["media"]["title"] for movie in movies_of(server, job["library"]["id"])}
    assert titles == {*good, "No Video", "Broken Nfo", long_title}


def test_a_folder_that_cannot_be_read_is_named_and_the_rest_is_scanned(server: Installation, tmp_path: Path) -> None:
    films(tmp_path, 1)
    gone = tmp_path / "Gone (2000)"
    gone.symlink_to(tmp_path / "nowhere")
    a_file(tmp_path / "Kept (2001)" / "Kept (2001).mkv")

    job = server.scan(tmp_path)

    assert job["status"] == "COMPLETED"
    assert {movie["media"]["title"] for movie in movies_of(server, job["library"]["id"])} == {
        "Journey Picture 000",
        "Kept",
    }


def test_a_file_that_vanished_is_marked_and_comes_back_as_itself(server: Installation, tmp_path: Path) -> None:
    films(tmp_path, 1)
    file = a_file(tmp_path / "Away (2001)" / "Away (2001).mkv")
    job = server.scan(tmp_path)
    before = movies_of(server, job["library"]["id"])[0]
    content = file.read_bytes()
    stamp = file.stat().st_mtime_ns
    file.unlink()

    server.scan(tmp_path)
    missing = movies_of(server, job["library"]["id"])[0]
    a_file(file, content)
    os.utime(file, ns=(stamp, stamp))
    server.scan(tmp_path)
    returned = movies_of(server, job["library"]["id"])[0]

    assert missing["id"] == returned["id"] == before["id"]
    assert missing["files"][0]["missingSince"] is not None
    assert returned["files"][0]["missingSince"] is None


def test_a_title_that_has_no_colours_gets_them_when_somebody_looks(server: Installation, tmp_path: Path) -> None:
    films(tmp_path, 1)
    library_id = server.scan(tmp_path)["library"]["id"]
    before = movies_of(server, library_id)[0]
    with server.database.begin() as session:
        session.execute(update(Media).where(Media.id == before["mediaId"]).values(palette=[]))

    first_look = server.get(f"/api/v1/movies/{before['id']}")["data"]

    assert first_look["media"]["meshGradientColors"] == list(DEFAULT_PALETTE)
    wait_until(
        lambda: (
            server.get(f"/api/v1/movies/{before['id']}")["data"]["media"]["meshGradientColors"]
            == before["media"]["meshGradientColors"]
        ),
        20,
        "the colours are there again",
    )


def test_a_poster_that_cannot_be_read_gives_default_colours_that_are_not_stored(
    server: Installation, tmp_path: Path
) -> None:
    a_file(tmp_path / "Bad Poster (2001)" / "Bad Poster (2001).mkv")
    a_file(tmp_path / "Bad Poster (2001)" / "poster.jpg", b"\xff\xd8 no picture")

    job = server.scan(tmp_path)

    assert [(failure["cause"], failure["path"]) for failure in job["failures"]] == [
        ("picture-unreadable", "Bad Poster")
    ]
    movie = movies_of(server, job["library"]["id"])[0]
    assert movie["media"]["meshGradientColors"] == list(DEFAULT_PALETTE)
    with server.database.read() as session:
        assert session.get_one(Media, movie["mediaId"]).palette == []

"""What release 0.2.0 of the original got wrong, and ours must not: a test a fault, each through the public API.

One installation, as in a container: clients name folders by their place on the host, which is not where they are here.
"""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from shutil import rmtree
from typing import Any
from urllib.parse import unquote_plus

import psutil
import pytest
import requests
from PIL import Image
from sqlalchemy import delete, update

from shared.colours import DEFAULT_PALETTE
from shared.models import MediaFile, ScanFolder, ScanJob
from shared.scan_jobs import FolderStatus, JobStatus
from tests.installation import Installation, Json
from tests.tmdb_stand_in import KEY, TmdbStandIn
from tests.trees import a_file, a_show, films

HOST = Path("/srv/what-only-the-host-has")
RED, BLUE = (200, 40, 30), (30, 40, 200)


class MoodyTmdb(TmdbStandIn):
    """Knows every title, and is unlike itself about those that tests name."""

    def __init__(self) -> None:
        super().__init__(auto=True, latency=0.05)
        #: A part of what is asked, and the status that it is answered with.
        self.refused: dict[str, int] = {}
        #: Who asks for something with this in it waits until it is let go.
        self.held = ""
        self.let_go = threading.Event()

    def answer(self, target: str, headers: dict[str, str]) -> bytes:
        asked = unquote_plus(target)
        if self.held and self.held in asked:
            self.let_go.wait(60)
        for part, status in self.refused.items():
            if part in asked:
                return f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode()
        if "/t/p/" in asked and "777" in asked:
            return _picture(RED if "poster" in asked else BLUE)
        return super().answer(target, headers)


@cache
def _picture(colour: tuple[int, int, int]) -> bytes:
    file = BytesIO()
    Image.new("RGB", (600, 400), colour).save(file, "JPEG")
    head = f"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {file.tell()}\r\n\r\n"
    return head.encode() + file.getvalue()


@dataclass(frozen=True)
class House:
    """An installation with its media, and the ends of its first two scans."""

    server: Installation
    tmdb: MoodyTmdb
    media: Path
    films_job: Json
    shows_job: Json
    #: A scan that takes a while: TMDB is out of order for one of its titles.
    patient_id: str

    def films(self, job: Json | None = None) -> dict[str, Json]:
        """Return the films that a scan's library holds, by their titles."""
        return films_of(self.server, job or self.films_job)


def films_of(server: Installation, job: Json) -> dict[str, Json]:
    found = server.get("/api/v1/movies", libraryId=job["library"]["id"], limit=100)["data"]
    return {movie["media"]["title"]: movie for movie in found}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Run an installation that has scanned a library of everything that the original stumbled over."""
    media = tmp_path_factory.mktemp("media")
    with MoodyTmdb() as tmdb:
        _films(media / "films", tmdb)
        _shows(media / "shows", tmdb)
        tmdb.refused["Down For Long"] = 500
        a_film(media / "patient", "Down For Long")
        environ = {
            "TMDB_BASE_URL": tmdb.url,
            "TMDB_IMAGE_BASE_URL": tmdb.url,
            "TMDB_RATE_LIMIT": "0",
            "MEDIA_ROOTS": str(media),
            "HOST_MEDIA_PATH": str(HOST),
            "CONTAINER_MEDIA_PATH": str(media),
        }
        with Installation(tmp_path_factory.mktemp("data"), environ) as server:
            server.put("/api/v1/settings", {"tmdbApiKey": tmdb.key})
            jobs = server.scan(HOST / "films"), server.scan(HOST / "shows", "tv")
            yield House(server, tmdb, media, *jobs, begun(server, HOST / "patient"))


def a_film(root: Path, title: str, ending: str = ".mkv") -> Path:
    """Make a film; what has the same name in two libraries is one title."""
    name = f"{title} (2001)"
    return a_file(root / name / f"{name}{ending}")


def begun(server: Installation, path: Path, **options: Any) -> str:
    """Begin a scan, and return its id."""
    body = {"path": str(path), "mediaType": "movie", "options": options}
    return str(server.post("/api/v1/scan/path", body)["data"]["scanJobId"])


def _films(root: Path, tmdb: MoodyTmdb) -> None:
    films(root, 30)
    a_file(root / "The Matrix (1999).mkv")
    a_file(root / "A Quiet Place.mkv")
    a_file(root / "2001 A Space Odyssey (1968)" / "2001 A Space Odyssey (1968).mkv")
    # As alike as can be, of the same year, and named first.
    tmdb.add_movie(51, "City Dark", 1998)
    tmdb.add_movie(52, "Dark City", 1998)
    a_file(root / "Dark City (1998)" / "Dark City (1998).mkv")
    tmdb.add_movie(777_001, "Red Before Blue", 2001)
    a_film(root, "Red Before Blue")
    tmdb.add_movie(777_002, "Picture Lost", 2001)
    tmdb.refused["/poster777002"] = 404
    a_film(root, "Picture Lost")
    tmdb.refused["Out of Order"] = 400
    a_film(root, "Out of Order")


def _shows(root: Path, tmdb: MoodyTmdb) -> None:
    tmdb.add_show(61, "Harbour Lights", 2011, seasons={0: 2, 1: 130})
    a_show(root, "Harbour Lights (2011)", {0: 2})
    season = root / "Harbour Lights (2011)" / "Season 01"
    for numbers in ("E01-E03", "E04E05", "E09", "E100", "E101", "E123"):
        a_file(season / f"Harbour Lights - S01{numbers}.mkv")


def episodes(house: House) -> dict[int, list[Json]]:
    """Return the episodes of the one show by their seasons."""
    (show,) = house.server.get("/api/v1/tvshows", libraryId=house.shows_job["library"]["id"])["data"]
    seasons = house.server.get(f"/api/v1/tvshows/{show['id']}")["data"]["seasons"]
    return {season["seasonNumber"]: season["episodes"] for season in seasons}


def test_a_title_keeps_all_its_words(house: House) -> None:
    assert {"The Matrix", "A Quiet Place", "2001 A Space Odyssey", "Dark City"} <= house.films().keys()


def test_loose_films_in_the_root_are_scanned(house: House) -> None:
    found = house.films()

    assert found["The Matrix"]["filePath"] == str(house.media / "films" / "The Matrix (1999).mkv")
    assert found["A Quiet Place"]["filePath"] == str(house.media / "films" / "A Quiet Place.mkv")


def test_season_0_is_kept(house: House) -> None:
    assert [episode["episodeNumber"] for episode in episodes(house)[0]] == [1, 2]


def test_every_episode_of_a_file_is_kept(house: House) -> None:
    by_number = {episode["episodeNumber"]: episode for episode in episodes(house)[1]}

    assert [by_number[number]["title"] for number in (1, 2, 3)] == ["Episode 1x01", "Episode 1x02", "Episode 1x03"]
    assert len({by_number[number]["filePath"] for number in (1, 2, 3)}) == 1
    assert by_number[4]["filePath"] == by_number[5]["filePath"]
    assert len({episode["id"] for episode in by_number.values()}) == len(by_number)


def test_three_digits_of_an_episode_are_kept(house: House) -> None:
    by_number = {episode["episodeNumber"]: episode["filePath"] for episode in episodes(house)[1]}

    assert list(by_number) == [1, 2, 3, 4, 5, 9, 100, 101, 123]
    assert by_number[123].endswith("Harbour Lights - S01E123.mkv")


def test_the_first_result_of_tmdb_is_not_taken_unseen(house: House) -> None:
    query = {"query": "Dark City", "year": 1998, "api_key": KEY}
    offered = requests.get(f"{house.tmdb.url}/3/search/movie", params=query, timeout=10).json()["results"]

    media = house.films()["Dark City"]["media"]

    assert offered[0]["title"] == "City Dark"
    assert {"source": "TMDB", "externalId": "52"} in media["externalIds"]
    assert media["matchStatus"] == "matched"


def test_a_provider_is_asked_many_things_at_a_time(house: House) -> None:
    assert house.tmdb.peak_concurrent >= 8


def test_colours_are_those_of_the_poster_and_not_of_the_backdrop(house: House) -> None:
    media = house.films()["Red Before Blue"]["media"]

    backdrop = Image.open(BytesIO(requests.get(media["backdropUrl"], timeout=10).content))
    assert backdrop.getpixel((10, 10))[2] > 150  # type: ignore[index]
    assert len(media["meshGradientColors"]) == 4
    for colour in media["meshGradientColors"]:
        red, _, blue = bytes.fromhex(colour[1:])
        assert red > blue


def test_a_picture_that_could_not_be_downloaded_leaves_no_colours_behind(house: House) -> None:
    before = house.films()["Picture Lost"]["media"]
    failures = [failure for failure in house.films_job["failures"] if failure["path"] == "Picture Lost"]

    house.tmdb.refused.pop("/poster777002")
    a_film(house.media / "films", "Picture Lost", " - 480p.mkv")
    house.server.scan(HOST / "films")
    after = house.films()["Picture Lost"]["media"]

    assert [failure["cause"] for failure in failures] == ["picture-missing"]
    # Those of nobody's picture, and only until there is one.
    assert before["meshGradientColors"] == list(DEFAULT_PALETTE)
    assert after["meshGradientColors"] != list(DEFAULT_PALETTE)
    assert all(bytes.fromhex(colour[1:])[0] > bytes.fromhex(colour[1:])[2] for colour in after["meshGradientColors"])
    assert requests.get(after["posterUrl"], timeout=10).ok


def test_what_a_provider_failed_for_is_told_as_a_failure_and_not_as_matched(house: House) -> None:
    job = house.films_job
    media = house.films()["Out of Order"]["media"]

    (failure,) = [failure for failure in job["failures"] if failure["path"].startswith("Out of Order")]
    assert failure["cause"] == "tmdb-refused"
    assert job["failureCount"] == len(job["failures"]) == 2
    assert media["matchStatus"] == "unmatched"
    assert media["matchReason"] == failure["message"]
    unmatched = house.server.get("/api/v1/movies", libraryId=job["library"]["id"], unmatched=True)["data"]
    assert [movie["media"]["title"] for movie in unmatched] == ["Out of Order"]


def test_a_file_that_vanished_is_marked_as_missing_and_not_played(house: House) -> None:
    root = house.media / "vanishing"
    a_film(root, "Still There")
    vanishing = a_film(root, "Not For Long")
    job = house.server.scan(HOST / "vanishing")
    rmtree(vanishing.parent)

    again = house.server.scan(HOST / "vanishing")

    found = house.films(again)
    assert found["Still There"]["files"][0]["missingSince"] is None
    assert found["Not For Long"]["files"][0]["missingSince"] is not None
    assert found["Not For Long"]["streamUrl"] is None
    assert requests.get(found["Not For Long"]["files"][0]["streamUrl"], timeout=10).status_code == 404
    statistics = house.server.get(f"/api/v1/library/{job['library']['id']}/stats")["data"]
    assert statistics["missing"] == 1


@contextmanager
def no_scan_worker(server: Installation) -> Iterator[None]:
    """Hold the processes that scan, so that what is asked for waits until they go on."""
    held = [process for process in processes_of(server) if "scan@%h" in process.cmdline()]
    assert held
    for process in held:
        process.suspend()
    try:
        yield
    finally:
        for process in held:
            process.resume()


def processes_of(server: Installation) -> list[psutil.Process]:
    """Return all processes under ``dester up``."""
    assert server.process is not None
    return psutil.Process(server.process.pid).children(recursive=True)


def a_failed_scan(house: House, name: str, **options: Any) -> str:
    """Scan a folder that is gone by the time that a worker looks; return the scan's id."""
    root = house.media / name
    root.mkdir()
    with no_scan_worker(house.server):
        scan_job_id = begun(house.server, HOST / name, **options)
        root.rmdir()
    assert house.server.wait_for(scan_job_id)["status"] == "FAILED"
    return scan_job_id


def resumed(server: Installation, scan_job_id: str) -> requests.Response:
    return requests.post(f"{server.url}/api/v1/scan/resume/{scan_job_id}", timeout=30)


def test_a_resumed_scan_keeps_its_options_and_goes_by_the_containers_path(house: House) -> None:
    scan_job_id = a_failed_scan(house, "resumed", fileExtensions=[".mkv"], maxDepth=1)
    root = house.media / "resumed"
    wanted = a_film(root, "Wanted Kind")
    a_film(root, "Other Kind", ".mp4")
    a_film(root / "Too" / "Deep", "Deep Kind")

    assert resumed(house.server, scan_job_id).status_code == 202
    job = house.server.wait_for(scan_job_id)

    assert job["status"] == "COMPLETED"
    assert {title: film["filePath"] for title, film in house.films(job).items()} == {"Wanted Kind": str(wanted)}


def test_a_resumed_scan_tries_failed_folders_again(house: House) -> None:
    root = house.media / "folders"
    a_film(root, "Went Well")
    failing = a_film(root, "Went Wrong")
    job = house.server.scan(HOST / "folders")
    # A folder that no worker survived, in a scan that then stopped: nobody can bring that about from outside.
    with house.server.database.begin() as session:
        failed = ScanFolder.path == str(failing.parent)
        session.execute(update(ScanFolder).where(failed).values(status=FolderStatus.FAILED, settled_signature=None))
        session.execute(delete(MediaFile).where(MediaFile.path == str(failing)))
        session.execute(update(ScanJob).where(ScanJob.id == job["id"]).values(status=JobStatus.FAILED))
    before = house.films(job)["Went Wrong"]["files"]

    assert resumed(house.server, job["id"]).status_code == 202
    after = house.server.wait_for(job["id"])

    assert before == []
    assert (after["status"], after["progress"]["failedFolders"]) == ("COMPLETED", 0)
    assert len(house.films(job)["Went Wrong"]["files"]) == 1


def test_a_scan_that_runs_is_not_resumed_and_is_run_once(house: House) -> None:
    a_film(house.media / "running", "Kept Waiting")
    house.tmdb.held = "Kept Waiting"
    listener = house.server.listen("?types=scan:complete,scan:error")
    scan_job_id = begun(house.server, HOST / "running")
    listener_of_all = house.server.listen()
    listener_of_all.until("scan:progress", scanJobId=scan_job_id)

    refused = [resumed(house.server, scan_job_id) for _ in range(3)]
    house.tmdb.let_go.set()
    house.server.wait_for(scan_job_id)
    after = house.server.scan(HOST / "shows", "tv")

    assert [answer.status_code for answer in refused] == [409] * 3
    assert {answer.json()["error"] for answer in refused} == {"Conflict"}
    ends = listener.until("scan:complete", scanJobId=after["id"])
    assert [end["type"] for end in ends if end.get("scanJobId") == scan_job_id] == ["scan:complete"]


def test_of_many_who_resume_a_scan_at_once_one_does(house: House) -> None:
    scan_job_id = a_failed_scan(house, "crowd")
    a_film(house.media / "crowd", "Much Wanted")
    listener = house.server.listen("?types=scan:complete,scan:error")

    with ThreadPoolExecutor(8) as crowd:
        statuses = list(crowd.map(lambda _: resumed(house.server, scan_job_id).status_code, range(8)))
    house.server.wait_for(scan_job_id)
    after = house.server.scan(HOST / "shows", "tv")

    assert sorted(statuses) == [202] + [409] * 7
    ends = listener.until("scan:complete", scanJobId=after["id"])
    assert [end["type"] for end in ends if end.get("scanJobId") == scan_job_id] == ["scan:complete"]


def test_one_process_runs_scan_after_scan(house: House) -> None:
    before = {process.pid for process in processes_of(house.server)}
    found = []
    for number in range(3):
        a_film(house.media / "one-after-the-other", f"Scan Number {number}")
        job = house.server.scan(HOST / "one-after-the-other")
        found.append((job["status"], len(house.films(job))))

    assert found == [("COMPLETED", 1), ("COMPLETED", 2), ("COMPLETED", 3)]
    assert {process.pid for process in processes_of(house.server)} == before


def test_the_last_500_bytes_are_the_last_500_bytes(house: House) -> None:
    movie = house.films()["The Matrix"]
    content = Path(movie["filePath"]).read_bytes()

    part = requests.get(movie["streamUrl"], headers={"Range": "bytes=-500"}, timeout=10)

    assert part.status_code == 206
    assert part.content == content[-500:]
    assert part.headers["Content-Range"] == f"bytes {len(content) - 500}-{len(content) - 1}/{len(content)}"


def test_a_stream_has_an_etag_that_changes_with_the_file(house: House) -> None:
    path = house.media / "films" / "A Quiet Place.mkv"
    url = house.films()["A Quiet Place"]["streamUrl"]
    etag = requests.head(url, timeout=10).headers["ETag"]

    unchanged = requests.get(url, headers={"If-None-Match": etag}, timeout=10)
    part = requests.get(url, headers={"Range": "bytes=0-9", "If-Range": etag}, timeout=10)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    changed = requests.get(url, headers={"If-None-Match": etag}, timeout=10)
    whole = requests.get(url, headers={"Range": "bytes=0-9", "If-Range": etag}, timeout=10)

    assert [unchanged.status_code, part.status_code, changed.status_code, whole.status_code] == [304, 206, 200, 200]
    assert changed.headers["ETag"] not in ("", etag)
    assert whole.content == path.read_bytes()


def test_the_tmdb_key_is_never_shown_in_clear(house: House) -> None:
    server = house.server
    masked = server.get("/api/v1/settings")["data"]["tmdbApiKey"]

    answers = [
        server.get("/api/v1/settings"),
        server.put("/api/v1/settings", {"tmdbApiKey": masked}),
        server.put("/api/v1/settings", {"tmdbApiKey": KEY}),
        server.get("/api/v1/settings/providers"),
        server.get("/api/v1/settings/providers/tmdb"),
        server.get("/api/v1/logs", limit=1000),
    ]

    assert masked.endswith(KEY[-4:])
    assert KEY[:-4] not in masked
    assert not [answer for answer in answers if KEY in str(answer)]
    assert KEY not in (server.data_dir / "logs" / "dester.log").read_text()


def test_a_scan_asks_again_for_what_a_provider_failed_for(house: House) -> None:
    first = house.server.wait_for(house.patient_id)

    house.tmdb.refused.pop("Down For Long")
    second = house.server.scan(HOST / "patient")

    assert [failure["cause"] for failure in first["failures"]] == ["tmdb-unavailable"]
    assert second["failures"] == []
    assert house.films(second)["Down For Long"]["media"]["matchStatus"] == "matched"

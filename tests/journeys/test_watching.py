"""Watched libraries, with the real processes: files come, go and move, and nobody asks for a scan."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from shared.models import LibraryWatch, MediaFile, ScanJob
from shared.models.base import now
from tests.installation import Installation, Json, wait_until
from tests.trees import a_file, a_video, films

SECONDS = 90.0


def a_watched_library(server: Installation, folder: Path, **more: Any) -> str:
    """Make a library that is watched, and wait until it is and until what is there has been scanned."""
    folder.mkdir(exist_ok=True)
    body = {"name": "Watched", "libraryPath": str(folder), "libraryType": "MOVIE", "watch": True, **more}
    library_id = str(server.post("/api/v1/library", body)["data"]["id"])
    wait_until(lambda: jobs_of(server, library_id), SECONDS, "what is there is scanned at first")
    wait_until_quiet(server, library_id)
    return library_id


def watching(server: Installation, library_id: str) -> Json:
    return dict(server.get(f"/api/v1/library/{library_id}")["data"]["watching"])


def jobs_of(server: Installation, library_id: str) -> list[Json]:
    return list(server.get("/api/v1/scan/jobs", libraryId=library_id, limit=100)["data"]["jobs"])


def wait_until_quiet(server: Installation, library_id: str) -> None:
    def have_ended() -> bool:
        return all(job["status"] == "COMPLETED" for job in jobs_of(server, library_id))

    wait_until(have_ended, SECONDS, "all scans have ended")


def titles_of(server: Installation, library_id: str) -> list[str]:
    found = server.get("/api/v1/movies", libraryId=library_id, limit=100, sort="title", order="asc")["data"]
    return [movie["media"]["title"] for movie in found]


def files_of(server: Installation, library_id: str) -> dict[str, MediaFile]:
    with server.database.read() as session:
        files = session.scalars(select(MediaFile).where(MediaFile.library_id == library_id)).all()
    return {Path(file.path).name: file for file in files}


def test_a_file_that_comes_goes_and_moves_is_noticed_without_a_request(server: Installation, tmp_path: Path) -> None:
    films(tmp_path / "media", 3)
    library_id = a_watched_library(server, tmp_path / "media")
    assert watching(server, library_id)["state"] == "events"
    assert len(titles_of(server, library_id)) == 3

    first = a_file(tmp_path / "media" / "Metropolis (1927)" / "Metropolis (1927).mkv", a_video() + b"1")

    wait_until(lambda: "Metropolis" in titles_of(server, library_id), SECONDS, "the new film is there")
    wait_until_quiet(server, library_id)
    known = files_of(server, library_id)[first.name]
    assert known.fingerprint is not None

    moved = tmp_path / "media" / "Classics" / first.name
    moved.parent.mkdir()
    first.rename(moved)

    wait_until(lambda: files_of(server, library_id)[first.name].path == str(moved), SECONDS, "the move is noticed")
    wait_until_quiet(server, library_id)
    assert files_of(server, library_id)[first.name].id == known.id
    assert files_of(server, library_id)[first.name].missing_since is None

    moved.unlink()

    def is_missing() -> bool:
        return files_of(server, library_id)[first.name].missing_since is not None

    wait_until(is_missing, SECONDS, "the deletion is noticed")
    others = [file for name, file in files_of(server, library_id).items() if name != first.name]
    assert [file.missing_since for file in others] == [None] * 3
    assert watching(server, library_id)["lastEventAt"] is not None


def test_only_the_folders_that_were_touched_are_scanned(server: Installation, tmp_path: Path) -> None:
    films(tmp_path / "media", 6)
    library_id = a_watched_library(server, tmp_path / "media")
    before = {job["id"] for job in jobs_of(server, library_id)}

    name = "Journey Picture 001 (1961)"
    a_file(tmp_path / "media" / name / f"{name} - 480p.mkv", a_video() + b"1")

    wait_until(lambda: len(files_of(server, library_id)) == 7, SECONDS, "the new version is there")
    wait_until_quiet(server, library_id)
    new = [job for job in jobs_of(server, library_id) if job["id"] not in before]
    assert [job["progress"]["totalFolders"] for job in new] == [1]


def test_a_renamed_folder_keeps_its_files(server: Installation, tmp_path: Path) -> None:
    films(tmp_path / "media", 2)
    library_id = a_watched_library(server, tmp_path / "media")
    name = "Journey Picture 001 (1961)"
    known = files_of(server, library_id)[f"{name}.mkv"]
    a_file(tmp_path / "media" / name / "note.txt", b"no reason to look")

    (tmp_path / "media" / name).rename(tmp_path / "media" / "Renamed (1961)")

    def is_moved() -> bool:
        return "Renamed" in files_of(server, library_id)[f"{name}.mkv"].path

    wait_until(is_moved, SECONDS, "the files are found again")
    wait_until_quiet(server, library_id)
    assert files_of(server, library_id)[f"{name}.mkv"].id == known.id
    assert len(files_of(server, library_id)) == 2


def test_a_burst_of_new_files_makes_few_scans(server: Installation, tmp_path: Path) -> None:
    library_id = a_watched_library(server, tmp_path / "media")
    before = len(jobs_of(server, library_id))

    films(tmp_path / "media", 80)
    a_file(tmp_path / "media" / "Unfinished (2001)" / "Unfinished (2001).mkv.part")

    wait_until(lambda: len(titles_of(server, library_id)) == 80, SECONDS, "all are there")
    assert len(jobs_of(server, library_id)) - before <= 3


def test_a_library_is_watched_and_let_go_while_the_server_runs(server: Installation, tmp_path: Path) -> None:
    library_id = a_watched_library(server, tmp_path / "media")

    server.put(f"/api/v1/library/{library_id}", {"watch": False})

    assert watching(server, library_id)["state"] == "off"

    def is_let_go() -> bool:
        with server.database.read() as session:
            return session.get_one(LibraryWatch, library_id).holder is None

    wait_until(is_let_go, SECONDS, "it is let go")
    jobs = len(jobs_of(server, library_id))
    a_file(tmp_path / "media" / "Unseen (1999)" / "Unseen (1999).mkv")

    server.put(f"/api/v1/library/{library_id}", {"watch": True})

    wait_until(lambda: titles_of(server, library_id) == ["Unseen"], SECONDS, "what came meanwhile is found")
    assert len(jobs_of(server, library_id)) == jobs + 1


def test_a_disk_that_goes_and_comes_back_costs_no_file(server: Installation, tmp_path: Path) -> None:
    films(tmp_path / "media", 2)
    library_id = a_watched_library(server, tmp_path / "media")

    (tmp_path / "media").rename(tmp_path / "away")

    wait_until(lambda: watching(server, library_id)["state"] == "stopped", SECONDS, "it says so")
    assert watching(server, library_id)["reason"] == "folder-gone"
    a_file(tmp_path / "away" / "Meanwhile (1999)" / "Meanwhile (1999).mkv")

    (tmp_path / "away").rename(tmp_path / "media")

    wait_until(lambda: "Meanwhile" in titles_of(server, library_id), SECONDS, "it is watched again")
    assert {file.missing_since for file in files_of(server, library_id).values()} == {None}
    assert watching(server, library_id)["state"] == "events"


def test_a_library_is_scanned_when_its_time_has_come_and_once(server: Installation, tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    body = {"name": "By the clock", "libraryPath": str(tmp_path / "media"), "libraryType": "MOVIE"}
    library_id = server.post("/api/v1/library", body | {"scanIntervalMinutes": 60})["data"]["id"]
    wait_until(lambda: watching(server, library_id)["nextScanAt"], SECONDS, "the next scan is planned")
    a_file(tmp_path / "media" / "Timely (1999)" / "Timely (1999).mkv")
    assert jobs_of(server, library_id) == []

    with server.database.begin() as session:
        session.execute(update(LibraryWatch).where(LibraryWatch.library_id == library_id).values(next_scan_at=now()))

    wait_until(lambda: titles_of(server, library_id) == ["Timely"], SECONDS, "it is scanned")
    wait_until_quiet(server, library_id)
    assert len(jobs_of(server, library_id)) == 1
    with server.database.read() as session:
        planned = session.get_one(LibraryWatch, library_id).next_scan_at
    assert planned is not None
    assert timedelta(minutes=50) < planned - now() < timedelta(minutes=60)


@pytest.fixture
def a_server_that_may_watch_few_folders(tmp_path: Path) -> Iterator[Installation]:
    """Run an installation in a user namespace of its own, in which inotify watches three folders and no more."""
    limit = "echo 3 > /proc/sys/user/max_inotify_watches"
    able = subprocess.run(["unshare", "--user", "--map-root-user", "sh", "-c", limit], check=False, capture_output=True)
    if able.returncode != 0:
        pytest.skip("this machine lets nobody make a user namespace")
    with Installation(tmp_path / "data", under=["unshare", "-U", "-r", "sh", "-c", f'{limit}; exec "$@"', "sh"]) as own:
        yield own


def test_a_system_that_has_no_watches_left_is_polled_and_says_so(
    a_server_that_may_watch_few_folders: Installation, tmp_path: Path
) -> None:
    server = a_server_that_may_watch_few_folders
    films(tmp_path / "media", 8)

    library_id = a_watched_library(server, tmp_path / "media")

    how = watching(server, library_id)
    assert (how["state"], how["reason"]) == ("polling", "no-events")
    assert "max_user_watches" in how["message"]
    assert how["nextScanAt"] is not None
    assert len(titles_of(server, library_id)) == 8
    checks = json.loads(server.dester("doctor", "--json").stdout)["checks"]
    assert [check["mark"] for check in checks if check["check"] == "watching"] == ["warning"]

    shutil.rmtree(tmp_path / "media" / "Journey Picture 001 (1961)")
    a_file(tmp_path / "media" / "Polled (1999)" / "Polled (1999).mkv", a_video() + b"not what is gone")
    with server.database.begin() as session:
        session.execute(update(LibraryWatch).values(next_scan_at=now()))

    wait_until(lambda: "Polled" in titles_of(server, library_id), SECONDS, "the poll finds it")
    wait_until_quiet(server, library_id)
    missing = [name for name, file in files_of(server, library_id).items() if file.missing_since is not None]
    assert missing == ["Journey Picture 001 (1961).mkv"]


def test_a_watch_process_that_dies_is_started_again_and_finds_what_it_missed(
    server: Installation, tmp_path: Path
) -> None:
    library_id = a_watched_library(server, tmp_path / "media")
    with server.database.read() as session:
        holder = session.get_one(LibraryWatch, library_id).holder

    os.kill(server.pid_of("worker.watch"), 9)
    a_file(tmp_path / "media" / "Missed (1999)" / "Missed (1999).mkv")

    wait_until(lambda: titles_of(server, library_id) == ["Missed"], 90, "another process finds it")
    with server.database.read() as session:
        assert session.get_one(LibraryWatch, library_id).holder not in (None, holder)
        assert session.scalar(select(ScanJob.id).where(ScanJob.library_id == library_id).limit(1))

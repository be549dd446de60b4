"""Disks that go away and files that come slowly, with the real processes."""

import threading
from pathlib import Path

from shared import scan_jobs
from shared.catalogue import libraries
from shared.kinds import MediaType
from shared.scan_options import ScanOptions
from tests.installation import Installation, Json, wait_until
from tests.trees import a_file, a_video, films


def movies_of(server: Installation, library_id: str) -> list[Json]:
    return list(server.get("/api/v1/movies", libraryId=library_id, limit=100, sort="title", order="asc")["data"])


def a_scan_by_schedule(server: Installation, folder: Path) -> Json:
    """Have a folder scanned that need not be there, as nobody could by a request; the sweeper sends it."""
    with server.database.begin() as session:
        library, _ = libraries.at_path(session, folder, MediaType.MOVIE)
        scan_job, _ = scan_jobs.request(session, library, str(folder), ScanOptions())
    return server.wait_for(scan_job.id)


def test_an_unmounted_disk_deletes_nothing_and_all_is_back_after_the_next_scan(
    server: Installation, tmp_path: Path
) -> None:
    root = tmp_path / "films"
    films(root, 12)
    library_id = server.scan(root)["library"]["id"]
    wait_until(lambda: server.has_pictures(library_id), 120, "the pictures that follow a scan are there")
    before = movies_of(server, library_id)
    root.rename(tmp_path / "unmounted")

    gone = a_scan_by_schedule(server, root)
    root.mkdir()
    empty = server.scan(root)
    during = movies_of(server, library_id)
    root.rmdir()
    (tmp_path / "unmounted").rename(root)
    back = server.scan(root)

    assert (gone["status"], gone["reconciliation"]["reason"]) == ("FAILED", "root-gone")
    assert (empty["status"], empty["reconciliation"]["reason"]) == ("COMPLETED", "root-empty")
    assert [failure["cause"] for failure in empty["failures"]] == ["root-empty"]
    assert (back["status"], back["reconciliation"]["status"], back["failures"]) == ("COMPLETED", "done", [])
    assert len(before) == 12
    assert during == movies_of(server, library_id) == before


def test_a_file_that_is_still_being_copied_is_looked_into_when_it_is_complete(
    server: Installation, tmp_path: Path
) -> None:
    whole = a_video() * 3
    file = a_file(tmp_path / "Slow Copy (2001)" / "Slow Copy (2001).mkv", whole[:1000])
    done = threading.Event()

    def copy() -> None:
        step = len(whole) // 12
        for start in range(1000, len(whole), step):
            done.wait(0.4)
            with file.open("ab") as opened:
                opened.write(whole[start : start + step])

    copying = threading.Thread(target=copy)
    copying.start()
    try:
        job = server.scan(tmp_path)
    finally:
        done.set()
        copying.join()

    assert (job["status"], job["failures"]) == ("COMPLETED", [])
    (film,) = movies_of(server, job["library"]["id"])
    assert film["fileSize"] == str(len(whole))
    assert film["files"][0]["videoCodec"] == "h264"

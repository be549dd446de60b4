"""A scan that failed is resumed, with the real processes; and whoever asks learns which workers are alive."""

from pathlib import Path
from typing import Any

from redis import Redis

from shared import scan_jobs
from shared.catalogue import libraries
from shared.kinds import MediaType
from shared.scan_options import ScanOptions
from shared.tasks import QUEUES
from shared.worker_heartbeats import workers_by_queue
from tests.installation import Installation, wait_until
from tests.trees import a_file, films

ENDS = {"scan:complete", "scan:error"}


def a_scan_that_finds_no_folder(server: Installation, folder: Path, **options: Any) -> str:
    """Have a folder scanned that went away after it was asked for; the sweeper sends it."""
    with server.database.begin() as session:
        library, _ = libraries.at_path(session, folder, MediaType.MOVIE)
        return scan_jobs.request(session, library, str(folder), ScanOptions(**options))[0].id


def ends_of(heard: list[dict[str, Any]], scan_job_id: str) -> list[str]:
    return [event["type"] for event in heard if event["type"] in ENDS and event["scanJobId"] == scan_job_id]


def progress_of(heard: list[dict[str, Any]], scan_job_id: str) -> list[int]:
    return [
        event["progress"] for event in heard if event["type"] == "scan:progress" and event["scanJobId"] == scan_job_id
    ]


def test_a_scan_whose_folder_was_gone_is_resumed_with_its_options_when_it_is_back(
    server: Installation, tmp_path: Path
) -> None:
    listener = server.listen()
    folder = tmp_path / "films"
    scan_job_id = a_scan_that_finds_no_folder(server, folder, file_extensions=(".mkv",), rescan=True)
    first = listener.until("scan:error", scanJobId=scan_job_id)
    assert server.wait_for(scan_job_id)["status"] == "FAILED"
    titles = films(folder, 5)
    a_file(folder / "Other Kind (2001)" / "Other Kind (2001).mp4")

    resumed = server.post(f"/api/v1/scan/resume/{scan_job_id}", {})["data"]
    second = listener.until("scan:complete", scanJobId=scan_job_id)
    # Had either run another end to tell, it would come before the end of this scan.
    films(tmp_path / "more", 1)
    other = server.scan(tmp_path / "more")
    rest = listener.until("scan:complete", scanJobId=other["id"])

    assert resumed == {"scanJobId": scan_job_id, "status": "PENDING"}
    assert ends_of(first, scan_job_id) == ["scan:error"]
    assert ends_of(second + rest, scan_job_id) == ["scan:complete"]
    progress = progress_of(second, scan_job_id)
    assert progress[0] == 0
    assert progress == sorted(progress)
    job = server.get(f"/api/v1/scan/job/{scan_job_id}")["data"]
    assert (job["status"], job["error"], job["progress"]["percentComplete"]) == ("COMPLETED", None, 100)
    assert (job["progress"]["totalTitles"], job["waitingFor"], job["etaSeconds"]) == (5, None, None)
    found = server.get("/api/v1/movies", libraryId=job["library"]["id"], limit=100, sort="title", order="asc")["data"]
    assert [movie["media"]["title"] for movie in found] == titles


def test_a_scan_may_fail_again_and_each_run_tells_its_own_end(server: Installation, tmp_path: Path) -> None:
    listener = server.listen()
    scan_job_id = a_scan_that_finds_no_folder(server, tmp_path / "films")
    first = listener.until("scan:error", scanJobId=scan_job_id)
    server.wait_for(scan_job_id)

    server.post(f"/api/v1/scan/resume/{scan_job_id}", {})
    second = listener.until("scan:error", scanJobId=scan_job_id)
    films(tmp_path / "films", 2)
    server.post(f"/api/v1/scan/resume/{scan_job_id}", {})
    third = listener.until("scan:complete", scanJobId=scan_job_id)

    assert [ends_of(heard, scan_job_id) for heard in (first, second, third)] == [
        ["scan:error"],
        ["scan:error"],
        ["scan:complete"],
    ]
    jobs = server.get("/api/v1/scan/jobs", libraryId=server.wait_for(scan_job_id)["library"]["id"])["data"]
    assert [job["id"] for job in jobs["jobs"]] == [scan_job_id]


def test_workers_say_which_queues_they_drain_and_take_their_leave(redis: Redis, redis_url: str, tmp_path: Path) -> None:
    with Installation(tmp_path / "data", {"REDIS_URL": redis_url}) as installation:
        wait_until(lambda: all(workers_by_queue(redis).values()), 60, "every queue has a worker")
        seen = workers_by_queue(redis)
        installation.stop()

    assert [{worker.split("@")[0] for worker in seen[queue]} for queue in QUEUES] == [
        {"scan"},
        {"metadata"},
        {"artwork"},
        {"scan", "metadata", "artwork"},
    ]
    assert workers_by_queue(redis) == {queue: {} for queue in QUEUES}

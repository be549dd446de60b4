"""Scans and queues are stopped and go on, with the real processes: nothing runs twice, goes back or ends twice."""

import time
from pathlib import Path
from typing import Any

from tests.installation import Installation, wait_until
from tests.trees import films

COUNTS = ("processedFolders", "totalFolders", "percentComplete", "namedFolders", "totalTitles", "fetchedTitles")


def job(server: Installation, scan_job_id: str) -> dict[str, Any]:
    found: dict[str, Any] = server.get(f"/api/v1/scan/job/{scan_job_id}")["data"]
    return found


def asked(server: Installation, folder: Path, **options: Any) -> dict[str, Any]:
    body = {"path": str(folder), "mediaType": "movie", "options": options}
    accepted: dict[str, Any] = server.post("/api/v1/scan/path", body)["data"]
    return accepted


def pause_metadata(server: Installation) -> None:
    """Pause a queue; its worker says that it has heard of it by how many tasks it does at once."""
    server.put("/api/v1/queues/metadata", {"paused": True, "concurrency": 3})

    def has_heard() -> bool:
        workers = server.get("/api/v1/queues")["data"][1]["workers"]
        return [worker["concurrency"] for worker in workers] == [3]

    wait_until(has_heard, 60, "the worker of metadata has heard that its queue is paused")


def told_of(server: Installation, *scan_job_ids: str) -> list[dict[str, Any]]:
    """Return all events of these scans, up to the end of the last one, as a client that was away is told them."""
    listener = server.listen("?since=1&types=scan:progress,scan:complete,scan:error,scan:paused")
    heard = listener.until("scan:complete", scanJobId=scan_job_ids[-1])
    listener.close()
    return [event for event in heard if event["scanJobId"] in scan_job_ids]


def waits_for(server: Installation, scan_job_id: str, what: str) -> None:
    wait_until(lambda: job(server, scan_job_id)["waitingFor"] == what, 60, f"the scan waits: {what}")


def test_a_scan_that_is_paused_goes_on_where_it_was_and_the_next_one_begins_when_it_has_ended(
    server: Installation, tmp_path: Path
) -> None:
    films(tmp_path / "films", 40)
    pause_metadata(server)

    first = asked(server, tmp_path / "films")["scanJobId"]
    second = asked(server, tmp_path / "films", rescan=True)
    waits_for(server, first, "queue metadata is paused")
    before = job(server, first)["progress"]
    said = server.dester("jobs", "pause", first).stdout
    server.put("/api/v1/queues/metadata", {"paused": False, "concurrency": None})
    paused = job(server, first)
    behind = job(server, second["scanJobId"])["waitingFor"]
    resumed = server.post(f"/api/v1/scan/resume/{first}", {})["data"]
    seen = [before, paused["progress"]]
    until = time.monotonic() + 90
    while (now := job(server, first))["status"] != "COMPLETED":
        assert time.monotonic() < until
        seen.append(now["progress"])
    seen.append(now["progress"])
    ended = server.wait_for(second["scanJobId"])
    heard = told_of(server, first, second["scanJobId"])

    assert said == f"Scan job {first} is PAUSED.\n"
    assert second["queued"]
    assert first in behind
    assert (paused["status"], resumed["status"], ended["status"]) == ("PAUSED", "IN_PROGRESS", "COMPLETED")
    for name in COUNTS:
        told = [progress[name] for progress in seen]
        assert told == sorted(told), name
    of_first = [event for event in heard if event["scanJobId"] == first]
    progress = [event["progress"] for event in of_first if event["type"] == "scan:progress"]
    assert progress == sorted(progress)
    ends = [(event["type"], event["scanJobId"]) for event in heard if event["type"] != "scan:progress"]
    assert ends == [("scan:paused", first), ("scan:complete", first), ("scan:complete", second["scanJobId"])]


def test_a_scan_that_is_cancelled_ends_once_and_its_titles_are_fetched_by_the_next(
    server: Installation, tmp_path: Path
) -> None:
    films(tmp_path / "others", 5)
    pause_metadata(server)
    scan_job_id = asked(server, tmp_path / "others")["scanJobId"]
    waits_for(server, scan_job_id, "queue metadata is paused")

    said = server.dester("jobs", "cancel", scan_job_id).stdout
    again = server.dester("jobs", "cancel", scan_job_id)
    refused = server.dester("jobs", "retry", scan_job_id, "--cause", "tmdb-unreachable")
    server.put("/api/v1/queues/metadata", {"paused": False, "concurrency": None})
    ended = server.scan(tmp_path / "others")
    heard = [event for event in told_of(server, scan_job_id, ended["id"]) if event["type"] != "scan:progress"]

    assert job(server, scan_job_id)["status"] == "CANCELLED"
    assert said == f"Scan job {scan_job_id} is CANCELLED.\n"
    assert (again.returncode, "ended already" in again.stderr) == (1, True)
    assert (refused.returncode, "Resume it" in refused.stderr) == (1, True)
    assert [(event["type"], event["scanJobId"]) for event in heard] == [
        ("scan:error", scan_job_id),
        ("scan:complete", ended["id"]),
    ]
    assert (ended["status"], ended["progress"]["settledTitles"]) == ("COMPLETED", 5)

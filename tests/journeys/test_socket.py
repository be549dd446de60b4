"""/ws of real API processes: what each client is told, whatever the others do."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from jsonschema import Draft202012Validator
from redis import Redis
from websocket import WebSocketBadStatusException, WebSocketConnectionClosedException, create_connection

from shared import events
from shared.database import Database
from shared.events import LogMessage, MediaUpdated, ScanComplete, ScanProgress
from shared.migrate import migrate
from shared.scan_jobs import JobStatus
from tests.builders import a_library, a_scan_job
from tests.contract.gunicorns import Gunicorn, gunicorn
from tests.installation import Installation, Listener, wait_until
from tests.own_redis import OwnRedis
from tests.servers import redis_server
from tests.tmdb_stand_in import TmdbStandIn
from tests.trees import films

Json = dict[str, Any]

#: Far above what anything here takes, in seconds.
IN_TIME = 20


@pytest.fixture
def catalogue(tmp_path: Path) -> Database:
    """Make an empty catalogue for API processes in a folder."""
    database = Database(f"sqlite:///{tmp_path / 'dester.db'}")
    migrate(database)
    return database


@pytest.fixture
def api(catalogue: Database, redis: Redis, redis_url: str, tmp_path: Path) -> Iterator[Gunicorn]:
    assert catalogue
    assert redis.ping()
    with gunicorn(tmp_path, redis_url) as running:
        yield running


@contextmanager
def listening(api: Gunicorn, query: str = "") -> Iterator[Listener]:
    with closing(Listener(create_connection(f"ws://127.0.0.1:{api.port}/ws{query}", timeout=IN_TIME))) as listener:
        yield listener


def told(redis: Redis, *media_ids: object) -> None:
    for media_id in media_ids:
        events.tell(redis, MediaUpdated(media_ids=[str(media_id)]))


def heard(listener: Listener, last: object) -> list[Json]:
    """Return everything up to the event about a title."""
    return listener.until("media:updated", mediaIds=[str(last)])


def titles(heard: list[Json]) -> list[str]:
    return [event["mediaIds"][0] for event in heard]


def order_of(event: Json) -> tuple[int, ...]:
    return tuple(map(int, event["eventId"].split("-")))


def test_clients_of_two_processes_are_told_the_same_events_in_the_order_of_their_ids(
    api: Gunicorn, redis: Redis, redis_url: str, tmp_path: Path
) -> None:
    with (
        gunicorn(tmp_path, redis_url) as other,
        listening(api) as one,
        listening(api) as two,
        listening(other) as three,
    ):
        told(redis, *range(200))
        seen = [heard(listener, 199) for listener in (one, two, three)]

    assert seen[0] == seen[1] == seen[2]
    assert titles(seen[0]) == [str(number) for number in range(200)]
    ids = [order_of(event) for event in seen[0]]
    assert ids == sorted(set(ids))


def test_a_process_subscribes_once_however_many_sockets_are_open(catalogue: Database, tmp_path: Path) -> None:
    assert catalogue
    with redis_server() as url, gunicorn(tmp_path, url) as one, gunicorn(tmp_path, url) as two:
        listeners = [
            Listener(create_connection(f"ws://127.0.0.1:{each.port}/ws", timeout=IN_TIME)) for each in (one, two) * 30
        ]
        with Redis.from_url(url) as redis:
            told(redis, "x")
            for listener in listeners:
                heard(listener, "x")

            assert dict(redis.pubsub_numsub(events.CHANNEL)) == {events.CHANNEL.encode(): 2}
            assert len([client for client in redis.client_list() if client["sub"] != "0"]) == 2
        for listener in listeners:
            listener.close()


def test_a_client_is_told_first_how_each_running_scan_stands(api: Gunicorn, catalogue: Database, redis: Redis) -> None:
    with catalogue.begin() as session:
        running = {a_scan_job(session, status=JobStatus.IN_PROGRESS).id for _ in range(2)}
        for status in (JobStatus.PENDING, JobStatus.COMPLETED, JobStatus.FAILED):
            a_scan_job(session, status=status)

    with listening(api) as listener:
        told(redis, "later")
        first, second, later = heard(listener, "later")

    assert listener.greeting["type"] == "connection:established"
    assert {first["scanJobId"], second["scanJobId"]} == running
    assert first["type"] == second["type"] == "scan:progress"
    assert "eventId" not in first
    assert "eventId" not in second
    assert later["eventId"]


def test_what_was_missed_is_told_exactly_also_by_a_process_that_was_started_anew(api: Gunicorn, redis: Redis) -> None:
    with listening(api) as listener:
        told(redis, *range(10))
        seen = heard(listener, 9)
    told(redis, *range(10, 20))
    api.stop()
    told(redis, *range(20, 30))
    api.start()

    with listening(api, f"?since={seen[4]['eventId']}") as returned:
        told(redis, 30)
        missed = heard(returned, 30)

    assert missed[:5] == seen[5:]
    assert titles(missed) == [str(number) for number in range(5, 31)]


def test_nothing_is_missed_or_told_twice_while_new_events_come(api: Gunicorn, redis: Redis) -> None:
    told(redis, 0)
    ((first, _),) = redis.xrange(events.STREAM)
    teller = threading.Thread(target=told, args=(redis, *range(1, 2000)))
    teller.start()

    seen = []
    for _ in range(10):
        with listening(api, f"?since={first.decode()}") as listener:
            seen.append((listener, titles(heard(listener, 1999))))
    teller.join()

    assert [found for _, found in seen] == [[str(number) for number in range(1, 2000)]] * 10


def test_types_filter_what_is_live_what_was_missed_and_how_scans_stand(
    api: Gunicorn, catalogue: Database, redis: Redis
) -> None:
    with catalogue.begin() as session:
        scan_job_id = a_scan_job(session, status=JobStatus.IN_PROGRESS).id

    def happen(media_id: str) -> None:
        values: Json = {"phase": "scanning", "current": 1, "total": 2, "message": "Naming", "library_id": "lib"}
        events.tell_progress(redis, ScanProgress(progress=1, scan_job_id=media_id, **values))
        told(redis, media_id)
        done = ScanComplete(library_id="lib", total_items=1, message="Done.", scan_job_id=media_id)
        events.tell_end(redis, done, media_id)
        told(redis, f"{media_id}, and after it")

    happen("missed")
    seen = {}
    for types in ("scan:complete,media:updated", "scan:progress,media:updated", "media:updated", ""):
        with listening(api, f"?since=0-0&types={types}") as listener:
            with_progress = not types or "scan:progress" in types
            state = listener.until("scan:progress", scanJobId=scan_job_id) if with_progress else []
            happen(f"live {types}")
            seen[types] = [*state, *heard(listener, f"live {types}, and after it")]

    def kinds(types: str) -> list[str]:
        return [event["type"] for event in seen[types] if event.get("scanJobId") != scan_job_id]

    assert kinds("scan:complete,media:updated") == ["media:updated", "scan:complete", "media:updated"] * 2
    assert kinds("scan:progress,media:updated") == ["scan:progress", "media:updated", "media:updated"] * 3
    assert kinds("media:updated") == ["media:updated"] * 8
    assert kinds("") == ["scan:progress", "media:updated", "scan:complete", "media:updated"] * 5
    assert [types for types, found in seen.items() if scan_job_id in str(found)] == ["scan:progress,media:updated", ""]


def test_who_does_not_read_is_dropped_and_delays_nobody(api: Gunicorn, redis: Redis) -> None:
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.connect(("127.0.0.1", api.port))
    deaf.sendall(
        b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    many = ["x" * 36] * 200

    # Of what the kernel keeps for it and of what it may be behind, far more.
    with listening(api) as other:
        for burst in range(40):
            for number in range(60):
                events.tell(redis, MediaUpdated(media_ids=[f"{burst} {number}", *many]))
            events.tell(redis, MediaUpdated(media_ids=[f"end of {burst}"]))
            found = other.until("media:updated", mediaIds=[f"end of {burst}"])
            assert titles(found) == [*(f"{burst} {number}" for number in range(60)), f"end of {burst}"]

    # Nothing has been read still: what is seen is the server's end.
    wait_until(lambda: not is_held(deaf), IN_TIME, "the server has let go of the connection")
    deaf.close()
    with listening(api) as another:
        told(redis, "afterwards")
        assert titles(heard(another, "afterwards")) == ["afterwards"]


def is_held(connection: socket.socket) -> bool:
    """Whether a process still has the other end of a connection open."""
    port = connection.getsockname()[1]
    return any(
        end.pid is not None and end.raddr and end.raddr.port == port for end in psutil.net_connections(kind="tcp4")
    )


def test_what_clients_say_changes_nothing_and_too_much_at_once_ends_it(api: Gunicorn, redis: Redis) -> None:
    connection = create_connection(f"ws://127.0.0.1:{api.port}/ws", timeout=IN_TIME)
    listener = Listener(connection)
    for _ in range(500):
        connection.send('{"type": "ping"}')
    connection.send_binary(b"\0\xff")
    told(redis, "x")
    found = heard(listener, "x")

    connection.send("x" * 1_000_000)

    assert titles(found) == ["x"]
    with pytest.raises((WebSocketConnectionClosedException, json.JSONDecodeError, OSError)):
        heard(listener, "never")


@pytest.mark.parametrize("since", ["yesterday", "1-x", "%C2%B2", "-", "1-2-3", "9" * 40])
def test_what_can_be_no_events_id_is_refused(api: Gunicorn, since: str) -> None:
    with pytest.raises(WebSocketBadStatusException) as refused:
        create_connection(f"ws://127.0.0.1:{api.port}/ws?since={since}", timeout=IN_TIME)

    assert refused.value.status_code == 400
    body = json.loads(refused.value.resp_body)
    assert body["error"] == "Validation failed"
    assert [detail["field"] for detail in body["details"]] == ["since"]


def test_an_id_that_is_still_to_come_holds_nothing_back(api: Gunicorn, redis: Redis) -> None:
    told(redis, "before")

    with listening(api, "?since=9999999999999-0") as listener:
        told(redis, "after")
        found = heard(listener, "after")

    assert titles(found) == ["after"]


def test_what_is_no_websocket_is_refused_in_the_envelope(api: Gunicorn) -> None:
    answer = requests.get(f"{api.url()}/ws", timeout=IN_TIME)

    assert answer.status_code == 400
    assert (answer.json()["success"], answer.json()["error"]) == (False, "Validation failed")
    assert answer.json()["message"]


def test_events_go_on_when_redis_has_come_back_and_who_missed_some_is_sent_away_until_then(
    catalogue: Database, tmp_path: Path
) -> None:
    assert catalogue
    own_redis = OwnRedis(tmp_path)
    own_redis.start()
    try:
        with (
            gunicorn(tmp_path, own_redis.url) as api,
            listening(api) as listener,
            Redis.from_url(own_redis.url) as redis,
        ):
            told(redis, "before")
            (before,) = heard(listener, "before")
            own_redis.end()

            away = create_connection(f"ws://127.0.0.1:{api.port}/ws?since={before['eventId']}", timeout=IN_TIME)
            away.recv()
            code = int.from_bytes(away.recv_data()[1][:2], "big")

            own_redis.come_back()
            wait_until(lambda: dict(redis.pubsub_numsub(events.CHANNEL))[events.CHANNEL.encode()], 20, "it listens")
            told(redis, "after")
            assert titles(heard(listener, "after")) == ["after"]
            assert code == 1013
    finally:
        own_redis.end()


@pytest.fixture(scope="module")
def message_schema(server: Installation) -> Draft202012Validator:
    """Return the document's schema of messages, which may hold only what it names."""
    components = server.get("/api/docs.json")["components"]
    for name, schema in components["schemas"].items():
        if name.endswith("Message") and "properties" in schema:
            schema["additionalProperties"] = False
    return Draft202012Validator({"$ref": "#/components/schemas/SocketMessage", "components": components})


def test_every_frame_of_a_scan_is_as_the_document_says(
    server: Installation, tmdb: TmdbStandIn, message_schema: Draft202012Validator, tmp_path: Path
) -> None:
    films(tmp_path / "films", 30)
    listener = server.listen()
    tmdb.latency = 0.3
    body = {"path": str(tmp_path / "films"), "mediaType": "movie"}
    scan_job_id = server.post("/api/v1/scan/path", body)["data"]["scanJobId"]
    first = listener.until("scan:progress", scanJobId=scan_job_id)
    late = server.listen()
    tmdb.latency = 0.01
    with server.database.begin() as session:
        failing_id = a_scan_job(session, a_library(session, path=tmp_path / "gone")).id

    seen = [listener.greeting, *first, *listener.until("scan:complete", scanJobId=scan_job_id)]
    seen_late = [late.greeting, *late.until("scan:complete", scanJobId=scan_job_id)]
    if not any(event["type"] == "scan:error" for event in seen):
        seen += listener.until("scan:error", scanJobId=failing_id)

    wrong = [(frame, error.message) for frame in seen + seen_late for error in message_schema.iter_errors(frame)]
    assert wrong == []
    kinds = {"scan:progress", "scan:complete", "scan:error", "media:added", "media:updated", LogMessage.type}
    assert kinds <= {frame["type"] for frame in seen}
    assert all("eventId" in frame for frame in seen[1:])
    assert (seen_late[1]["type"], seen_late[1]["scanJobId"]) == ("scan:progress", scan_job_id)
    assert "eventId" not in seen_late[1]
    for frames in (seen, seen_late):
        ends_of_it = [frame for frame in frames if frame["type"] in {"scan:complete", "scan:error"}]
        assert [end["type"] for end in ends_of_it if end["scanJobId"] == scan_job_id] == ["scan:complete"]

"""`dester demo`: make a small library, run the whole system on it, and show what comes of it.

The demo is a client like any other: all that it shows it has from the API and the WebSocket.
"""

import time
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from http import HTTPStatus
from pathlib import Path

from api.client import ANSWERS_WITHIN, ApiError, Client, Events, Json
from api.demo_show import Show
from api.demo_system import DemoError, Processes, last_lines, make_library, settings_for, start_server, take_folder

__all__ = ["DemoError", "run"]

STARTS_WITHIN, SCANNED_WITHIN = 30.0, 120.0
#: The folders of the library, and what clients call their type.
_SCANS = {"movies": "movie", "tv": "tv"}
_FIRST_BYTE, _LAST_BYTE = 1000, 1999
_FEWEST_FILMS, _FEWEST_SHOWS, _COLOURS = 6, 2, 4


def run(environ: Mapping[str, str], *, once: bool) -> None:
    """Show everything; then wait until Ctrl-C, unless ``once``. Nothing that was started outlives it.

    Raises:
        DemoError: something of it does not work.

    """
    try:
        with Processes() as processes:
            _run(processes, environ, once=once)
    except (ApiError, OSError) as error:
        raise DemoError(f"The demo can't go on: {str(error).removesuffix('.')}.") from None


def _run(processes: Processes, environ: Mapping[str, str], *, once: bool) -> None:
    began = time.monotonic()
    show = Show()
    settings, environ = settings_for(environ)
    library, log = settings.data_dir / "library", settings.data_dir / "demo.log"
    client = Client(f"http://127.0.0.1:{settings.port}")
    with take_folder(settings.data_dir):
        show.step("A small library", "films and shows with real, tiny videos, posters and .nfo files")
        show.line(make_library(processes, library, log))

        show.step("The whole system", "API, workers for disks, metadata and artwork, a scheduler, Redis and SQLite")
        started = time.monotonic()
        server = start_server(processes, environ, log, client.is_answered, STARTS_WITHIN)
        show.line(f"It answers after {time.monotonic() - started:.1f} s. Its log: {log}")

        show.step("Two scans", "as the WebSocket tells it")
        with closing(client.listen()) as events:
            # From its greeting on, it hears everything.
            events.next(ANSWERS_WITHIN)
            _scan(client, events, library, show)

        show.step("What came of it", "as the API tells it")
        films, shows = _films(client), _shows(client)
        show.catalogue(films, shows)
        _check(films, shows)

        show.step("Streaming", "a range of a film's bytes, as players ask for it")
        show.line(_stream(client, films[0]))

        show.links(settings.port, films[0])
        show.line(f"All of it took {time.monotonic() - began:.1f} s.")
        if once:
            return
        processes.all_shown = True
        show.line("Ctrl-C stops.")
        server.wait()
        raise DemoError(f"The server ended by itself:\n{last_lines(log)}")


def _films(client: Client) -> list[Json]:
    return list(client.get("/api/v1/movies", limit=100, sort="title", order="asc"))


def _shows(client: Client) -> list[Json]:
    """Return the shows with their seasons and episodes."""
    listed = client.get("/api/v1/tvshows", limit=100, sort="title", order="asc")
    return [client.get(f"/api/v1/tvshows/{row['id']}") for row in listed]


def _scan(client: Client, events: Events, library: Path, show: Show) -> None:
    """Ask for both scans, and follow them to their ends."""
    running: dict[str, str] = {}
    for folder, media_type in _SCANS.items():
        began = time.monotonic()
        accepted = client.scan(str(library / folder), media_type)
        show.line(f"202 Accepted in {(time.monotonic() - began) * 1000:.0f} ms: {accepted['path']}")
        running[accepted["scanJobId"]] = folder
    errors: list[str] = []
    until = time.monotonic() + SCANNED_WITHIN
    with show.scans(_SCANS) as told:
        while running:
            event = _next(events, until)
            scan_job_id = event.get("scanJobId", "")
            if scan_job_id not in running:
                continue
            if event["type"] == "scan:progress":
                told(running[scan_job_id], event["progress"], event["phase"], event["message"])
            elif event["type"] == "scan:complete":
                told(running.pop(scan_job_id), 100, "complete", event["message"])
            elif event["type"] == "scan:error":
                told(folder := running.pop(scan_job_id), 0, "error", event["error"])
                errors.append(f"The scan of {folder} failed: {event['error']}")
    if errors:
        raise DemoError(" ".join(errors))


def _next(events: Events, until: float) -> Json:
    event = events.next(until - time.monotonic())
    if event is None:
        raise DemoError(f"The scans did not end within {SCANNED_WITHIN:.0f} s.")
    return event


def _check(films: list[Json], shows: list[Json]) -> None:
    """Look whether the catalogue holds what was put into the library.

    Raises:
        DemoError: it doesn't.

    """
    if len(films) < _FEWEST_FILMS or len(shows) < _FEWEST_SHOWS:
        raise DemoError(f"The catalogue holds only {len(films)} films and {len(shows)} shows.")
    for row in (*films, *shows):
        if len(row["media"]["meshGradientColors"]) != _COLOURS:
            raise DemoError(f"{row['media']['title']} has not got its {_COLOURS} colours.")
    if not any(season["seasonNumber"] == 0 for row in shows for season in row["seasons"]):
        raise DemoError("The specials are missing: no show has a season 0.")
    episodes = [episode for row in shows for season in row["seasons"] for episode in season["episodes"]]
    if max(Counter(episode["filePath"] for episode in episodes).values()) == 1:
        raise DemoError("The file that holds two episodes counts as one.")


def _stream(client: Client, film: Json) -> str:
    """Ask for some bytes of a film, and compare them with the file's.

    Raises:
        DemoError: they are others.

    """
    length = _LAST_BYTE - _FIRST_BYTE + 1
    response = client.ask("GET", film["streamUrl"], headers={"Range": f"bytes={_FIRST_BYTE}-{_LAST_BYTE}"})
    content_range = f"bytes {_FIRST_BYTE}-{_LAST_BYTE}/{film['fileSize']}"
    if (response.status_code, response.headers.get("Content-Range")) != (HTTPStatus.PARTIAL_CONTENT, content_range):
        raise DemoError(f"A range of bytes is answered with {response.status_code} {response.headers}.")
    with Path(film["filePath"]).open("rb") as file:
        file.seek(_FIRST_BYTE)
        if response.content != file.read(length):
            raise DemoError(f"The bytes of {film['media']['title']} that were streamed are not those of its file.")
    return f"206 Partial Content, Content-Range: {content_range}: {length} bytes, equal to those of the file on disk."

"""A local server that answers as TVmaze does, by its public documentation; without shows it knows nothing."""

import json
import re
import threading
import time
from collections import deque
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self, cast
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]

NOT_FOUND = {"name": "Not Found", "message": "", "code": 0, "status": 404}


class TvmazeStandIn:
    """The server, its shows, and what it saw."""

    def __init__(self) -> None:
        #: Seconds before each answer.
        self.latency = 0.0
        #: Each request in order, with its parameters.
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        self._shows: dict[int, Json] = {}
        self._failures: deque[tuple[int, bytes, dict[str, str]]] = deque()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.stand_in = self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add_show(
        self, show_id: int, name: str, year: int | None, seasons: dict[int, int] | None = None, **more: object
    ) -> None:
        """Put a show into the catalogue, with so many episodes in each season; ``more`` replaces fields of it.

        Of ``more``, ``specials`` are their titles.
        """
        specials = [_special(self.url, title) for title in cast("list[str]", more.pop("specials", []))]
        self._shows[show_id] = _show(self.url, show_id, name, year, seasons or {1: 10}) | {"_specials": specials} | more

    def fail_next(
        self, status: int, times: int = 1, *, body: bytes = b"{}", headers: dict[str, str] | None = None
    ) -> None:
        """Answer the next requests so, whatever they ask; status 0 closes the connection without a word."""
        self._failures.extend([(status, body, headers or {})] * times)

    def answer(self, path: str, params: dict[str, list[str]]) -> tuple[int, bytes, dict[str, str]]:
        """Answer one request, and write down that it came."""
        self.asked.append((path, params))
        time.sleep(self.latency)
        if self._failures:
            return self._failures.popleft()
        if path == "/search/shows":
            return _json(self._search(params["q"][0]))
        if path == "/lookup/shows":
            return self._lookup(params)
        found = re.fullmatch(r"/shows/(\d+)(/akas|/episodes)?", path)
        show = self._shows.get(int(found[1])) if found else None
        if found is None or show is None:
            return _json(NOT_FOUND, HTTPStatus.NOT_FOUND)
        if found[2] == "/akas":
            return _json(show["_akas"])
        if found[2]:
            return _json(show["_episodes"] + (show["_specials"] if params.get("specials") == ["1"] else []))
        embedded = {part: show[f"_{part}"] for part in params.get("embed[]", []) if f"_{part}" in show}
        return _json(_plain(show) | ({"_embedded": embedded} if embedded else {}))

    def _search(self, query: str) -> list[Json]:
        """Find by any word of a name, or of another one of its names."""
        asked = set(re.findall(r"\w+", query.lower()))
        scored = []
        for show in self._shows.values():
            names = [show["name"], *(aka["name"] for aka in show["_akas"])]
            likeness = max(len(asked & words) / len(asked | words) for words in map(_words, names))
            if likeness:
                scored.append({"score": likeness, "show": _plain(show)})
        return sorted(scored, key=lambda result: -result["score"])[:10]

    def _lookup(self, params: dict[str, list[str]]) -> tuple[int, bytes, dict[str, str]]:
        for source, values in params.items():
            for show in self._shows.values():
                if str(show["externals"].get(source)) == values[0]:
                    return HTTPStatus.MOVED_PERMANENTLY, b"", {"Location": f"{self.url}/shows/{show['id']}"}
        return _json(None, HTTPStatus.NOT_FOUND)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    stand_in: TvmazeStandIn


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        status, body, headers = self.server.stand_in.answer(url.path, parse_qs(url.query))
        if not status:
            self.close_connection = True
            return
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _json(body: object, status: HTTPStatus = HTTPStatus.OK) -> tuple[int, bytes, dict[str, str]]:
    return status, json.dumps(body).encode(), {"Content-Type": "application/json; charset=UTF-8"}


def _plain(show: Json) -> Json:
    return {name: value for name, value in show.items() if not name.startswith("_")}


def _words(name: str) -> set[str]:
    return set(re.findall(r"\w+", name.lower()))


def _image(url: str, name: str) -> Json:
    return {"medium": f"{url}/uploads/medium/{name}.jpg", "original": f"{url}/uploads/original/{name}.jpg"}


def _show(url: str, show_id: int, name: str, year: int | None, seasons: dict[int, int]) -> Json:
    episodes = [_episode(url, season, number) for season, count in seasons.items() for number in range(1, count + 1)]
    return {
        "id": show_id,
        "url": f"https://www.tvmaze.com/shows/{show_id}",
        "name": name,
        "type": "Scripted",
        "language": "English",
        "genres": ["Drama", "Science-Fiction"],
        "status": "Ended",
        "runtime": 60,
        "averageRuntime": 55,
        "premiered": f"{year}-01-20" if year else None,
        "rating": {"average": 8.4},
        "weight": 50,
        "network": {"id": 20, "name": "Example Network", "country": {"name": "United States", "code": "US"}},
        "webChannel": None,
        "externals": {"tvrage": 1, "thetvdb": show_id + 80_000, "imdb": f"tt{show_id:07}"},
        "image": _image(url, f"show{show_id}"),
        "summary": f"<p><b>{name}</b> is about a town &amp; its people.</p><p>They <i>talk</i>.</p>",
        "_akas": [],
        "_episodes": episodes,
        "_seasons": [
            {
                "id": show_id * 100 + season,
                "number": season,
                "name": "",
                "episodeOrder": count,
                "premiereDate": f"{2008 + season}-01-01",
                "image": _image(url, f"season{season}"),
                "summary": f"<p>Season {season} of it.</p>",
            }
            for season, count in seasons.items()
        ],
        "_cast": [
            {
                "person": {"id": 1, "name": "Ann Example"},
                "character": {"id": 2, "name": "The Mayor"},
                "self": False,
                "voice": False,
            },
            {"person": {"id": 3, "name": "Bob Sample"}, "character": None, "self": True, "voice": False},
        ],
    }


def _special(url: str, title: str) -> Json:
    return _episode(url, 1, 1) | {"id": 99_000, "name": title, "number": None, "type": "significant_special"}


def _episode(url: str, season: int, number: int) -> Json:
    return {
        "id": season * 1000 + number,
        "name": f"Episode {season}x{number:02}",
        "season": season,
        "number": number,
        "type": "regular",
        "airdate": f"{2008 + season}-{1 + (number - 1) // 28:02}-{1 + (number - 1) % 28:02}",
        "runtime": 45,
        "rating": {"average": 7.5},
        "image": _image(url, f"still{season}-{number}"),
        "summary": f"<p>What happens in episode {number}.</p>",
    }

"""A local server that answers as TMDB does, for tests and benchmarks; `python -m tests.tmdb_stand_in` runs it alone."""

import argparse
import json
import re
import signal
import sys
import threading
import time
import zlib
from bisect import bisect_left
from collections import Counter, deque
from functools import cache
from http import HTTPStatus
from io import BytesIO
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any, Self
from urllib.parse import parse_qsl, unquote

from PIL import Image, ImageDraw

from shared.catalogue.normal import normalised

KEY = "0123456789abcdef0123456789abcdef"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.c3RhbmQtaW4.c2lnbmF0dXJl"

MOST_PARTS = 20
PAGE = 20
DECOYS = 9_000_000
AUTO_EPISODES = 24
SIZES = {"w300": (300, 169), "w342": (342, 513), "w500": (500, 750), "w1280": (1280, 720), "original": (1000, 1500)}
UNAUTHORIZED = {
    "status_code": 7,
    "status_message": "Invalid API key: You must be granted a valid key.",
    "success": False,
}
NOT_FOUND = {"success": False, "status_code": 34, "status_message": "The resource you requested could not be found."}
TOO_MANY_PARTS = {"success": False, "status_code": 27, "status_message": "Too many append to response objects."}

Json = dict[str, Any]


class TmdbStandIn:
    """The server, its catalogue, and what it saw."""

    def __init__(
        self, *, latency: float = 0.0, auto: bool = False, key: str = KEY, token: str = TOKEN, port: int = 0
    ) -> None:
        self.latency = latency
        self.auto = auto
        self.key = key
        self.token = token
        #: How often each path was asked for, and each request in order with its parameters.
        self.requests: Counter[str] = Counter()
        self.asked: list[tuple[str, dict[str, str]]] = []
        #: The headers of the last request, names in lower case.
        self.last_headers: dict[str, str] = {}
        self.connections = 0
        self.peak_concurrent = 0
        self._titles: dict[tuple[str, int], Json] = {}
        self._invented: dict[tuple[str, int], Json] = {}
        self._answers: dict[str, bytes] = {}
        self._failures: deque[bytes] = deque()
        self._times: list[float] = []
        self._concurrent = 0
        self._lock = threading.Lock()
        self._server = _Server(self, port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def reused_connections(self) -> bool:
        """Whether fewer connections were opened than requests sent."""
        return 0 < self.connections < self.requests.total()

    @property
    def counted(self) -> int:
        """How many requests came that a limit is for."""
        return len(self._times)

    @property
    def peak_per_second(self) -> int:
        """The most requests that came within any one second; for pictures there is no limit, and they don't count."""
        times = sorted(self._times)
        return max((bisect_left(times, first + 1) - index for index, first in enumerate(times)), default=0)

    @property
    def per_second(self) -> float:
        """How many requests came a second, from the first to the last; pictures don't count."""
        times = sorted(self._times)
        return (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 else 0.0

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add_movie(self, movie_id: int, title: str, year: int | None, **more: object) -> None:
        """Put a film into the catalogue; ``more`` replaces fields of its details."""
        self._add("movie", movie_id, _movie(movie_id, title, year), more)

    def add_show(
        self,
        show_id: int,
        title: str,
        year: int | None,
        seasons: dict[int, int] | None = None,
        begun: dict[int, str] | None = None,
        **more: object,
    ) -> None:
        """Put a show into the catalogue, with so many episodes in each of its seasons, and when each had ``begun``.

        Of ``more``, ``episodes`` replaces fields of some, by season and number, ``spoken`` does by language, where all
        others then only count, and ``absolute`` is a group that lists the places of episodes in order.
        """
        details = _show(show_id, title, year, seasons or {1: 10})
        for season in details["seasons"]:
            season["air_date"] = (begun or {}).get(season["season_number"], season["air_date"])
        self._add("tv", show_id, details, more)

    def fail_next(
        self, status: int, times: int = 1, headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> None:
        """Answer the next requests so, whatever they ask; status 0 closes the connection without a word."""
        self._failures.extend([failure(status, headers, body) if status else b""] * times)

    def answer(self, target: str, headers: dict[str, str]) -> bytes:
        """Answer one request, and write down that it came."""
        path, _, query = target.partition("?")
        with self._lock:
            self._concurrent += 1
            self.peak_concurrent = max(self.peak_concurrent, self._concurrent)
            if not path.startswith("/t/p/"):
                self._times.append(time.monotonic())
            self.requests[path] += 1
            self.last_headers = headers
            params = dict(parse_qsl(query))
            key = params.pop("api_key", None)
            self.asked.append((path, params))
            failure = self._failures.popleft() if self._failures else None
        try:
            time.sleep(self.latency)
            if failure is not None:
                return failure
            if path.startswith("/t/p/"):
                return self._cached(path, path, {})
            if key != self.key and headers.get("authorization") != f"Bearer {self.token}":
                return _json(HTTPStatus.UNAUTHORIZED, UNAUTHORIZED)
            return self._cached(f"{path}?{sorted(params.items())}", path, params)
        finally:
            with self._lock:
                self._concurrent -= 1

    def _add(self, section: str, title_id: int, details: Json, more: Json) -> None:
        details |= {f"_{name}" if f"_{name}" in details else name: value for name, value in more.items()}
        if places := details.get("_absolute"):
            group = {"id": f"absolute{title_id}", "name": "Absolute", "type": 2, "episode_count": len(places)}
            details["_episode_groups"]["results"] = [{"id": "dvd", "type": 3, "episode_count": 999}, group]
        details["_words"] = [_words(title) for title in _titles(details)]
        self._titles[section, title_id] = details
        self._answers.clear()

    def _cached(self, name: str, path: str, params: dict[str, str]) -> bytes:
        answer = self._answers.get(name)
        if answer is None:
            answer = self._answers[name] = self._fresh(path, params)
        return answer

    def _fresh(self, path: str, params: dict[str, str]) -> bytes:
        if found := re.fullmatch(r"/t/p/(\w+)/(.+)\.jpg", path):
            if found[1] not in SIZES:
                return _json(HTTPStatus.NOT_FOUND, NOT_FOUND)
            picture = _picture(SIZES[found[1]], zlib.crc32(found[2].encode()) % 16)
            return _encoded(HTTPStatus.OK, picture, "image/jpeg")
        parts = [part for part in params.get("append_to_response", "").split(",") if part]
        if len(parts) > MOST_PARTS:
            return _json(HTTPStatus.BAD_REQUEST, TOO_MANY_PARTS)
        body: Json | None = None
        if found := re.fullmatch(r"/3/search/(movie|tv)", path):
            body = self._search(found[1], params)
        elif found := re.fullmatch(r"/3/(movie|tv)/(\d+)", path):
            body = self._details(found[1], int(found[2]), parts, params.get("language", "en"))
        elif found := re.fullmatch(r"/3/tv/episode_group/absolute(\d+)", path):
            body = _group(self._titles["tv", int(found[1])]["_absolute"])
        elif found := re.fullmatch(r"/3/tv/(\d+)/season/(\d+)", path):
            body = self._seasons(int(found[1])).get(int(found[2]))
        elif found := re.fullmatch(r"/3/find/(.+)", path):
            body = self._find(unquote(found[1]), params.get("external_source", ""))
        elif path == "/3/configuration":
            body = {"images": {"secure_base_url": f"{self.url}/t/p/"}}
        return _json(HTTPStatus.OK, body) if body is not None else _json(HTTPStatus.NOT_FOUND, NOT_FOUND)

    def _search(self, section: str, params: dict[str, str]) -> Json:
        query, titled = params.get("query", ""), "title" if section == "movie" else "name"
        years = ("year", "primary_release_year") if section == "movie" else ("first_air_date_year", "year")
        year = next((int(params[name]) for name in years if name in params), None)
        asked = _words(query)
        matching = [
            _summary(_localised(details, titled, params.get("language", "en")), titled)
            for (kind, _), details in self._titles.items()
            if kind == section
            and year in (None, _year(details))
            and any(asked and asked <= words for words in details["_words"])
        ]
        results = sorted(matching, key=lambda found: (-found["popularity"], found["id"]))
        if self.auto and not any(asked == _words(str(result[titled])) for result in results):
            results = [_summary(self._invent(section, query, year), titled)]
        elif results:
            results = [*results, *_decoys(results[0], titled, year)]
        page = int(params.get("page", "1"))
        return {
            "page": page,
            "results": results[PAGE * (page - 1) : PAGE * page],
            "total_pages": -(-len(results) // PAGE),
            "total_results": len(results),
        }

    def _invent(self, section: str, title: str, year: int | None) -> Json:
        title_id = 1_000_000 + zlib.crc32(f"{section} {title.lower()} {year}".encode()) % 7_000_000
        details = _movie(title_id, title, year) if section == "movie" else _show(title_id, title, year, {})
        return self._invented.setdefault((section, title_id), details)

    def _known(self, section: str, title_id: int) -> Json | None:
        return self._titles.get((section, title_id)) or self._invented.get((section, title_id))

    def _details(self, section: str, title_id: int, parts: list[str], language: str) -> Json | None:
        details = self._known(section, title_id)
        if details is None:
            return None
        details = _localised(details, "title" if section == "movie" else "name", language)
        body = {name: value for name, value in details.items() if not name.startswith("_")}
        for part in parts:
            if part.startswith("season/"):
                season = self._seasons(title_id, language).get(int(part.partition("/")[2]))
                body |= {part: season} if season is not None else {}
            elif f"_{part}" in details:
                body[part] = details[f"_{part}"]
        return body

    def _seasons(self, show_id: int, language: str = "en") -> dict[int, Json]:
        details = self._known("tv", show_id) or {"seasons": []}
        counts = {season["season_number"]: season["episode_count"] for season in details["seasons"]}
        if self.auto and not counts:
            counts = dict.fromkeys(range(50), AUTO_EPISODES)
        seasons = {number: _season(show_id, number, count) for number, count in counts.items()}
        for season in seasons.values():
            season["episodes"] = [_told(details, episode, language) for episode in season["episodes"]]
        return seasons

    def _find(self, external_id: str, source: str) -> Json:
        found: dict[str, list[Json]] = {"movie": [], "tv": []}
        for (section, _), details in self._titles.items():
            if str(details["_external_ids"].get(source)) == external_id:
                found[section].append(_summary(details, "title" if section == "movie" else "name"))
        return {
            "movie_results": found["movie"],
            "person_results": [],
            "tv_results": found["tv"],
            "tv_episode_results": [],
            "tv_season_results": [],
        }


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, stand_in: TmdbStandIn, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.stand_in = stand_in

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that hang up are what some tests are about."""


class _Handler(StreamRequestHandler):
    """HTTP/1.1 with kept connections, and no more of it than costs little."""

    disable_nagle_algorithm = True
    server: _Server

    def handle(self) -> None:
        self.server.stand_in.connections += 1
        while line := self.rfile.readline(65_536):
            _, target, _ = line.decode("latin-1").split(" ", 2)
            headers: dict[str, str] = {}
            while (header := self.rfile.readline(65_536)) not in (b"\r\n", b""):
                name, _, value = header.decode("latin-1").partition(":")
                headers[name.lower()] = value.strip()
            answer = self.server.stand_in.answer(target, headers)
            if not answer:
                return
            self.wfile.write(answer)
            if headers.get("connection", "").lower() == "close":
                return


def failure(status: int, headers: dict[str, str] | None = None, body: bytes | None = None) -> bytes:
    """Return an answer with this status and nothing else of use."""
    body = json.dumps({"status_code": status, "success": False}).encode() if body is None else body
    return _encoded(status, body, "application/json", headers)


def _encoded(status: int, body: bytes, content_type: str, headers: dict[str, str] | None = None) -> bytes:
    lines = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _json(status: HTTPStatus, body: Json) -> bytes:
    return _encoded(status, json.dumps(body).encode(), "application/json;charset=utf-8")


def _movie(movie_id: int, title: str, year: int | None) -> Json:
    return {
        **_common(movie_id, title),
        "belongs_to_collection": None,
        "budget": 63000000,
        "imdb_id": f"tt{movie_id:07}",
        "original_title": title,
        "release_date": f"{year}-03-31" if year else "",
        "revenue": 463517383,
        "runtime": 90 + movie_id % 60,
        "status": "Released",
        "title": title,
        "video": False,
        "_alternative_titles": {"id": movie_id, "titles": []},
        "_release_dates": {"id": movie_id, "results": [_releases("US", "PG-13")]},
        "_external_ids": {"imdb_id": f"tt{movie_id:07}", "wikidata_id": None, "facebook_id": None, "twitter_id": None},
    }


def _show(show_id: int, title: str, year: int | None, seasons: dict[int, int]) -> Json:
    return {
        **_common(show_id, title),
        "created_by": [
            {"id": 66633, "credit_id": "52542286", "name": "Vince Example", "gender": 2, "profile_path": None}
        ],
        "episode_run_time": [],
        "first_air_date": f"{year}-01-20" if year else "",
        "in_production": False,
        "name": title,
        "networks": [{"id": 174, "logo_path": "/network.png", "name": "Example Network", "origin_country": "US"}],
        "number_of_episodes": sum(seasons.values()),
        "number_of_seasons": len([number for number in seasons if number]),
        "original_name": title,
        "origin_country": ["US"],
        "seasons": [
            {name: value for name, value in _season(show_id, number, count).items() if name not in {"_id", "episodes"}}
            | {"episode_count": count}
            for number, count in sorted(seasons.items())
        ],
        "type": "Scripted",
        "_alternative_titles": {"id": show_id, "results": []},
        "_content_ratings": {"id": show_id, "results": [{"descriptors": [], "iso_3166_1": "US", "rating": "TV-14"}]},
        "_episodes": {},
        "_spoken": {},
        "_absolute": [],
        "_episode_groups": {"id": show_id, "results": []},
        "_external_ids": {"imdb_id": f"tt{show_id:07}", "tvdb_id": show_id + 80_000, "tvrage_id": None},
    }


def _common(title_id: int, title: str) -> Json:
    return {
        "adult": False,
        "backdrop_path": f"/backdrop{title_id}.jpg",
        "genres": [{"id": 18, "name": "Drama"}, {"id": 878, "name": "Science Fiction"}],
        "homepage": None,
        "id": title_id,
        "original_language": "en",
        "overview": f"What happens in {title}.",
        "popularity": 100.0 - title_id % 90,
        "poster_path": f"/poster{title_id}.jpg",
        "production_companies": [
            {"id": 174, "logo_path": None, "name": "Example Pictures", "origin_country": "US"},
            {"id": 79, "logo_path": None, "name": f"Sample Studio {title_id % 7}", "origin_country": "US"},
        ],
        "tagline": "",
        "vote_average": 6.0 + title_id % 30 / 10,
        "vote_count": 100 + title_id % 1000,
        "_credits": _credits(title_id),
        "_translations": {"id": title_id, "translations": []},
        "_videos": {"results": [_video("teaser01", "Teaser"), _video(f"trailer{title_id:04}", "Trailer")]},
    }


def _credits(title_id: int) -> Json:
    """Make a cast and a crew, some of whom work on other titles too."""
    cast = [("Ann Example", "The Lead"), (f"Bob Sample {title_id % 50}", f"Number {title_id}"), ("Cy Extra", "")]
    crew = [
        (f"Dee Vision {title_id % 20}", "Directing", "Director"),
        ("Cy Extra", "Production", "Producer"),
        ("Eve Script", "Writing", "Screenplay"),
        ("Eve Script", "Writing", "Story"),
    ]
    return {
        "cast": [
            _person(name) | {"cast_id": order + 1, "character": character, "order": order}
            for order, (name, character) in enumerate(cast)
        ],
        "crew": [_person(name) | {"department": department, "job": job} for name, department, job in crew],
    }


def _person(name: str) -> Json:
    return {
        "adult": False,
        "credit_id": f"{zlib.crc32(name.encode()):024x}",
        "gender": 0,
        "id": zlib.crc32(name.encode()) % 1_000_000,
        "known_for_department": "Acting",
        "name": name,
        "original_name": name,
        "popularity": 1.5,
        "profile_path": None,
    }


def _releases(country: str, certification: str) -> Json:
    """Make what one country says of a film: first shown without a certification, then with one in its theatres."""
    told = [("", 1), (certification, 3)]
    return {
        "iso_3166_1": country,
        "release_dates": [
            {
                "certification": words,
                "descriptors": [],
                "iso_639_1": "",
                "note": "",
                "release_date": "1999-03-31T00:00:00.000Z",
                "type": kind,
            }
            for words, kind in told
        ],
    }


def _video(key: str, kind: str) -> Json:
    return {
        "iso_639_1": "en",
        "key": key,
        "name": kind,
        "site": "YouTube",
        "size": 1080,
        "type": kind,
        "official": True,
    }


def _season(show_id: int, number: int, count: int) -> Json:
    return {
        "_id": f"{show_id}-{number}",
        "air_date": f"{2008 + number}-01-20",
        "episodes": [
            {
                "air_date": f"{2008 + number}-{1 + episode // 28:02}-{1 + episode % 28:02}",
                "episode_number": episode,
                "id": show_id * 10_000 + number * 100 + episode,
                "name": f"Episode {number}x{episode:02}",
                "overview": f"What happens in episode {episode} of season {number}.",
                "runtime": 45,
                "season_number": number,
                "show_id": show_id,
                "still_path": f"/still{show_id}-{number}-{episode}.jpg",
                "vote_average": 8.1,
                "vote_count": 12,
            }
            for episode in range(1, count + 1)
        ],
        "id": show_id * 100 + number,
        "name": "Specials" if number == 0 else f"Season {number}",
        "overview": "",
        "poster_path": f"/season{show_id}-{number}.jpg",
        "season_number": number,
        "vote_average": 8.0,
    }


def _told(details: Json, episode: Json, language: str) -> Json:
    """Tell an episode in a language; one that a show with words of its own language lacks is only counted."""
    place, code = (episode["season_number"], episode["episode_number"]), language.partition("-")[0]
    spoken = details.get("_spoken", {})
    bare = {"name": f"Episode {place[1]}", "overview": ""} if spoken else {}
    return episode | bare | details.get("_episodes", {}).get(place, {}) | spoken.get(code, {}).get(place, {})


def _group(places: list[tuple[int, int]]) -> Json:
    """Make an episode group of two parts, as TMDB has them: specials, which nobody counts, and all else."""
    parts = [[(0, 1)], places]
    return {
        "type": 2,
        "groups": [
            {
                "name": f"Part {part}",
                "order": part,
                "episodes": [
                    {"season_number": season, "episode_number": number, "order": order}
                    for order, (season, number) in enumerate(listed)
                ],
            }
            for part, listed in enumerate(parts)
        ],
    }


def _summary(details: Json, titled: str) -> Json:
    dated = "release_date" if titled == "title" else "first_air_date"
    names = (
        "adult",
        "backdrop_path",
        "id",
        "original_language",
        "overview",
        "popularity",
        "poster_path",
        "vote_average",
    )
    names += (titled, f"original_{titled}", dated, "vote_count")
    names += ("origin_country",) if titled == "name" else ()
    genres = [genre["id"] for genre in details["genres"]]
    return {name: details.get(name) for name in names} | {"genre_ids": genres}


def _localised(details: Json, titled: str, language: str) -> Json:
    """Tell a title in another language as its translation has it; what that lacks is the original title, or empty."""
    code = language.partition("-")[0]
    if code == "en":
        return details
    translations = details["_translations"]["translations"]
    data: Json = next((each["data"] for each in translations if each["iso_639_1"] == code), {})
    title = data.get(titled) or details[f"original_{titled}"]
    return details | {titled: title, "overview": data.get("overview", "")}


def _titles(details: Json) -> list[str]:
    """Return by what a title is found: also by its titles in other countries and languages."""
    others = details["_alternative_titles"]
    translated = [each["data"] for each in details["_translations"]["translations"]]
    told = [details, *others.get("titles", []), *others.get("results", []), *translated]
    names = ("title", "original_title", "name", "original_name")
    return [str(each[name]) for each in told for name in names if each.get(name)]


def _decoys(like: Json, titled: str, year: int | None) -> list[Json]:
    """Make what a search also finds: names that hold the one that was meant."""
    dated = "release_date" if titled == "title" else "first_air_date"
    titles = [f"The Making of {like[titled]}", f"{like[titled]}: Reunion"]
    return [
        like
        | {"id": DECOYS + like["id"] * 2 + index, titled: title, f"original_{titled}": title, "popularity": 0.6}
        | {dated: f"{year or 2015}-06-01"}
        for index, title in enumerate(titles)
    ]


def _words(text: str) -> set[str]:
    return set(normalised(text).split())


def _year(details: Json) -> int | None:
    released = str(details.get("release_date") or details.get("first_air_date") or "")
    return int(released[:4]) if released[:4].isdigit() else None


@cache
def _picture(size: tuple[int, int], number: int) -> bytes:
    """Paint one of sixteen pictures: a slope of one hue, and discs of others."""
    hue = number * 16
    slope = Image.linear_gradient("L").resize(size)
    image = Image.merge("HSV", (Image.new("L", size, hue), Image.new("L", size, 170), slope)).convert("RGB")
    draw = ImageDraw.Draw(image)
    for index in range(6):
        x, y, radius = (
            size[0] * (index * 37 % 100) // 100,
            size[1] * (index * 61 % 100) // 100,
            min(size) // (4 + index),
        )
        colour = f"hsl({(hue * 2 + index * 60) % 360}, 70%, {30 + index * 8}%)"
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    file = BytesIO()
    image.save(file, "JPEG", quality=85)
    return file.getvalue()


def main() -> None:
    """Run until told to stop, and say where and, at the end, what was asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds before each answer")
    parser.add_argument("--auto", action="store_true", help="know a title for whatever is searched for")
    parser.add_argument("--key", default=KEY)
    options = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with TmdbStandIn(latency=options.latency, auto=options.auto, key=options.key, port=options.port) as tmdb:
        sys.stdout.write(f"{tmdb.url}\n")
        sys.stdout.flush()
        stop.wait()
    sys.stdout.write(
        f"requests={tmdb.requests.total()} connections={tmdb.connections} peak_concurrent={tmdb.peak_concurrent} "
        f"counted={tmdb.counted} per_second={tmdb.per_second:.1f} peak_per_second={tmdb.peak_per_second}\n"
    )


if __name__ == "__main__":
    main()

"""Requests that no client should send, as they go over the wire: a table, and nothing but."""

from collections.abc import Iterator
from dataclasses import dataclass, field

MOVIE = "00000000-0000-4000-8000-000000000001"
UNKNOWN = "123e4567-e89b-42d3-a456-426614174000"
JSON = "Content-Type: application/json"
_POST = b"POST /api/v1/scan/path HTTP/1.1\r\nHost: x\r\n"
_CHUNKED = _POST + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
SCAN, SETTINGS, MOVIES = "/api/v1/scan/path", "/api/v1/settings", "/api/v1/movies"
#: What the server takes.
LARGEST = 1024 * 1024


@dataclass
class Request:
    """A request as it goes over the wire, and what it is called."""

    name: str
    raw: bytes = field(repr=False)


def get(target: str, *headers: str, method: str = "GET") -> bytes:
    return "\r\n".join([f"{method} {target} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode("latin-1")


def send(body: bytes, *headers: str, target: str = SCAN, method: str = "POST") -> bytes:
    return get(target, *(headers or (JSON,)), f"Content-Length: {len(body)}", method=method) + body


def chunked(body: bytes, size: int = 65536, target: str = SCAN) -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    encoded = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    return get(target, JSON, "Transfer-Encoding: chunked", method="POST") + encoded


def paths() -> Iterator[Request]:
    """Ids that lead elsewhere, or are none."""
    climbs = [
        "..%2f..%2f..%2fetc%2fpasswd",
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "../../../../etc/passwd",
        "..%5c..%5cwindows",
        "..\\..\\windows",
        "%2fetc%2fpasswd",
        "//etc/passwd",
        "....//....//etc/passwd",
        "..%252f..%252fetc%252fpasswd",
        "..%c0%af..%c0%afetc",
        "%00",
        f"{UNKNOWN}%00.jpg",
        "C:%5cwindows%5cwin.ini",
        "file:%2f%2f%2fetc%2fpasswd",
        "~root",
        ".",
        "..",
        "%ff%fe",
        "%ED%A0%80",
        "%F0%9F%8E%AC",
        "x" * 5000,
        "-",
        "%20",
        "%0d%0aSet-Cookie:%20a=b",
        "1%27%20OR%201=1--",
    ]
    for climb in climbs:
        yield Request(f"image {climb[:40]}", get(f"/api/v1/image/{climb}"))
        yield Request(f"stream {climb[:40]}", get(f"/api/v1/stream/{climb}"))
    for kind in ("movies", "tvshows", "scan/job", "library"):
        for climb in ("..%2f..%2fetc%2fpasswd", "%00", "%ED%A0%80"):
            yield Request(f"{kind} {climb}", get(f"/api/v1/{kind}/{climb}"))
    for climb in ("..%2f..%2fetc", "%00", "-"):
        yield Request(f"missing of {climb}", get(f"/api/v1/library/{climb}/missing"))


def bodies() -> Iterator[Request]:
    """Bodies of POST /scan/path and PUT /settings that are no JSON, the wrong JSON, or far too much of it."""
    wrong_types = [
        "null",
        "[]",
        "{}",
        "1",
        '"text"',
        "true",
        '{"path": null}',
        '{"path": 1}',
        '{"path": true}',
        '{"path": []}',
        '{"path": {}}',
        '{"path": ["/media"]}',
        '{"path": ""}',
        '{"path": " "}',
        '{"path": "relative"}',
        '{"path": "/a/../b"}',
        '{"path": "/a\\u0000b"}',
        '{"path": "/\\ud800"}',
        '{"path": "/proc"}',
        '{"path": "/etc"}',
        '{"path": "/nowhere/at/all"}',
        '{"path": "\\\\\\\\server\\\\share"}',
        '{"path": "/tmp", "mediaType": 1}',
        '{"path": "/tmp", "mediaType": "music"}',
        '{"path": "/tmp", "mediaType": {"a": 1}}',
        '{"path": "/tmp", "options": []}',
        '{"path": "/tmp", "options": "x"}',
        '{"path": "/tmp", "options": {"maxDepth": "four"}}',
        '{"path": "/tmp", "options": {"maxDepth": -1}}',
        '{"path": "/tmp", "options": {"maxDepth": 1.5}}',
        '{"path": "/tmp", "options": {"maxDepth": 1e400}}',
        '{"path": "/tmp", "options": {"maxDepth": NaN}}',
        '{"path": "/tmp", "options": {"maxDepth": Infinity}}',
        '{"path": "/tmp", "options": {"maxDepth": -Infinity}}',
        '{"path": "/tmp", "options": {"maxDepth": []}}',
        '{"path": "/tmp", "options": {"maxDepth": ' + "9" * 5000 + "}}",
        '{"path": "/tmp", "options": {"fileExtensions": ".mkv"}}',
        '{"path": "/tmp", "options": {"fileExtensions": [1]}}',
        '{"path": "/tmp", "options": {"filenamePattern": "("}}',
        '{"path": "/tmp", "options": {"filenamePattern": 5}}',
        '{"path": "/tmp", "options": {"rescan": "perhaps"}}',
        '{"path": "/tmp", "options": {"mediaTypeDepth": 3}}',
        '{"path": "/tmp", "name": 5}',
        '{"path": "/tmp", "name": "' + "x" * 100_000 + '"}',
        '{"path": "/tmp", "path": 7}',
        '{"path": "' + "/x" * 200_000 + '"}',
        '{"path": "' + "<" * 100_000 + '"}',
    ]
    for text in wrong_types:
        yield Request(f"scan {text[:60]}", send(text.encode()))
    no_json = {
        "nothing": b"",
        "spaces": b"   ",
        "a brace": b"{",
        "half": b'{"path": "/a',
        "trailing": b'{"path": "/tmp"}x',
        "a comma": b'{"a": 1,}',
        "single quotes": b"{'path': '/tmp'}",
        "a comment": b'{"path": "/nowhere"} // x',
        "invalid UTF-8": b'{"path": "/\xff\xfe"}',
        "an overlong form": b'{"path": "/\xc0\xaf"}',
        "a surrogate in UTF-8": b'{"path": "/\xed\xa0\x80"}',
        "a NUL": b'{"path": "/a\x00b"}',
        "only NULs": b"\x00" * 1000,
        "UTF-16": '{"path": "/nowhere"}'.encode("utf-16"),
        "UTF-32": '{"path": "/nowhere"}'.encode("utf-32"),
        "a BOM": b'\xef\xbb\xbf{"path": "/nowhere"}',
        "Latin-1": '{"path": "/é"}'.encode("latin-1"),
        "gzip": b"\x1f\x8b\x08\x00" + b"x" * 50,
        "100 KB of <": b"<" * 100_000,
        "XML": b'<?xml version="1.0"?><a/>',
        "a form": b"path=/tmp",
        "pickle": b"\x80\x04\x95.",
        "arrays 100,000 deep": b"[" * 100_000,
        "closed arrays 100,000 deep": b"[" * 100_000 + b"]" * 100_000,
        "objects 100,000 deep": b'{"a":' * 100_000,
        "closed objects 100,000 deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        "a deep path": b'{"path": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        "deep options": b'{"path": "/tmp", "options": ' + b"[" * 900 + b"]" * 900 + b"}",
        "a million digits": b'{"path": ' + b"9" * 1_000_000 + b"}",
        "1e400": b'{"path": 1e400}',
        "a huge exponent": b'{"path": 1e' + b"9" * 10_000 + b"}",
        "80,000 keys": b"{" + b",".join(b'"k%d":1' % n for n in range(80_000)) + b"}",
        "the same key 100,000 times": b"{" + b'"path":1,' * 100_000 + b'"path":1}',
        "a megabyte of blanks": b" " * (LARGEST - 10),
        "a megabyte of text": b'"' + b"a" * (LARGEST - 10) + b'"',
        "escapes": b'{"path": "' + b"\\u0041" * 150_000 + b'"}',
    }
    for name, body in no_json.items():
        yield Request(name, send(body))
        if len(body) < 1000:
            yield Request(f"settings: {name}", send(body, target=SETTINGS, method="PUT"))
    for text in (
        '{"port": "x"}',
        '{"port": 1e400}',
        '{"nonsense": 1}',
        '{"firstRun": "perhaps"}',
        '{"tmdbApiKey": 5}',
        '{"tmdbApiKey": "a\\u0000"}',
        '{"enableRouteGuards": []}',
        '{"port": ' + "9" * 5000 + "}",
    ):
        yield Request(f"settings {text[:60]}", send(text.encode(), target=SETTINGS, method="PUT"))
    yield Request("a body past the limit", send(b" " * (LARGEST + 1)))
    yield Request("a body far past the limit", send(b"x" * (8 * LARGEST)))
    yield Request("a chunked body past the limit", chunked(b" " * (LARGEST + 70_000)))
    yield Request("a chunked body far past the limit", chunked(b"x" * (8 * LARGEST)))
    yield Request("chunked arrays 100,000 deep", chunked(b"[" * 100_000))
    yield Request("chunks of one byte", chunked(b"[" * 5000, 1))


def kinds() -> Iterator[Request]:
    """Bodies of another kind than JSON, and methods that a path doesn't have."""
    body = b'{"path": "/tmp"}'
    boundary = b'--b\r\nContent-Disposition: form-data; name="path"\r\n\r\n/tmp\r\n--b--\r\n'
    yield Request("multipart", send(boundary, "Content-Type: multipart/form-data; boundary=b"))
    yield Request("multipart without a boundary", send(boundary, "Content-Type: multipart/form-data"))
    for kind in (
        "text/plain",
        "text/xml",
        "application/x-www-form-urlencoded",
        "application/octet-stream",
        "nonsense",
        "",
        "/",
        "a/b;=;=",
    ):
        yield Request(f"Content-Type: {kind}", send(body, f"Content-Type: {kind}"))
    yield Request("no Content-Type", send(body, "Accept: */*"))
    yield Request("another charset", send('{"path": "/nowhere"}'.encode("utf-16"), f"{JSON}; charset=utf-16"))
    yield Request("an unknown charset", send(b'{"path": "/nowhere"}', f"{JSON}; charset=nonsense"))
    yield Request("an encoding", send(b'{"path": "/nowhere"}', JSON, "Content-Encoding: gzip"))
    for method, target in (
        ("DELETE", MOVIES),
        ("PUT", MOVIES),
        ("PATCH", SETTINGS),
        ("GET", SCAN),
        ("TRACE", MOVIES),
        ("PROPFIND", MOVIES),
        ("BREW", "/health"),
        ("POST", "/health"),
        ("DELETE", f"/api/v1/stream/{MOVIE}"),
        ("X" * 19, MOVIES),
        ("CONNECT", MOVIES),
    ):
        yield Request(f"{method} {target}", get(target, method=method))


def queries() -> Iterator[Request]:
    """Parameters of lists that can't be, and URLs that are too long."""
    for query in (
        "page=0",
        "page=-1",
        "page=1.5",
        "page=x",
        "page=" + "9" * 4000,
        "page=1e400",
        "page=NaN",
        "limit=0",
        "limit=101",
        "limit=%00",
        "limit=",
        "sort=nonsense",
        "sort=title;drop",
        "order=sideways",
        "year=0",
        "year=" + "9" * 4000,
        "rating=nan",
        "rating=inf",
        "rating=1e400",
        "rating=-0.1",
        "q=",
        "q=%00",
        "q=" + "x" * 7000,
        "genre=" + "%3C" * 500,
        "unmatched=2x",
        "cursor=x",
        "cursor=" + "A" * 7000,
        "cursor=%ff",
        "page=1&cursor=x",
        "libraryId=" + "y" * 200,
        "page[]=1&page=x",
        "limit=1&limit=x&limit=0&page=0",
    ):
        yield Request(f"query {query[:40]}", get(f"{MOVIES}?{query}"))
    yield Request("a URL past the limit", get("/" + "x" * 9000))
    yield Request("a query past the limit", get(f"{MOVIES}?{'x' * 9000}"))
    yield Request("a thousand parameters", get(f"{MOVIES}?page=0&" + "&".join("a=1" for _ in range(1000))))
    yield Request("a picture of no width", get(f"/api/v1/image/{'0' * 32}?width=-1"))
    yield Request("a picture as wide as can be", get(f"/api/v1/image/{'0' * 32}?width={'9' * 400}"))


def lines() -> Iterator[Request]:
    """Heads that are no HTTP, or HTTP that wants to be taken for something else."""
    for name, head in {
        "no HTTP": b"hello\r\n\r\n",
        "nothing but a line": b"\r\n\r\n\r\nGET\r\n\r\n",
        "no version": b"GET /health\r\n\r\n",
        "another version": b"GET /health HTTP/9.9\r\nHost: x\r\n\r\n",
        "a lower method": b"get /health HTTP/1.1\r\nHost: x\r\n\r\n",
        "a method of signs": b"<> /health HTTP/1.1\r\nHost: x\r\n\r\n",
        "a space in the path": b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
        "a NUL in the path": b"GET /a\x00b HTTP/1.1\r\nHost: x\r\n\r\n",
        "bytes in the path": b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        "an absolute path elsewhere": b"GET http://example.org/nowhere HTTP/1.1\r\nHost: x\r\n\r\n",
        "a header without a name": b"GET /health HTTP/1.1\r\n: x\r\n\r\n",
        "a header without a colon": b"GET /health HTTP/1.1\r\nHost x\r\n\r\n",
        "a header with a space": b"GET /health HTTP/1.1\r\nHo st: x\r\n\r\n",
        "a header with a NUL": b"GET /health HTTP/1.1\r\nHost: x\r\nX-A: a\x00b\r\n\r\n",
        "a header with a lone CR": b"GET /health HTTP/1.1\r\nHost: x\r\nX-A: a\rSet-Cookie: b\r\n\r\n",
        "a folded header": b"GET /health HTTP/1.1\r\nHost: x\r\nX-A: a\r\n b\r\n\r\n",
        "a header past the limit": b"GET /health HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 9000 + b"\r\n\r\n",
        "200 headers": b"GET /health HTTP/1.1\r\nHost: x\r\n" + b"X-A: b\r\n" * 200 + b"\r\n",
        "two lengths": _POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        "a negative length": _POST + b"Content-Length: -1\r\n\r\n",
        "a length in words": _POST + b"Content-Length: ten\r\n\r\n",
        "a length with a plus": _POST + b"Content-Length: +2\r\n\r\n{}",
        "a length of 5000 digits": _POST + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
        "length and chunks": _POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "an unknown coding": _POST + b"Transfer-Encoding: nonsense\r\n\r\n",
        "a chunk of no size": _CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n",
        "a chunk of a negative size": _CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n",
        "a chunk of too large a size": _CHUNKED + b"ffffffffffffffffff\r\n" + b"x" * (2 * LARGEST),
    }.items():
        yield Request(name, head)
    for header in (
        "X-Client-Version: 9",
        "X-Client-Version: \xff",
        "X-Client-Version: " + "1" * 5000,
        "X-Client-Version: <script>",
    ):
        yield Request(header[:40], get("/health", header))
    for header in (
        "X-Request-ID: a\tb",
        "X-Request-ID: " + "x" * 5000,
        "X-Request-ID: \xe9",
        "Cookie: " + "a=b;" * 1500,
        "Authorization: \xff",
    ):
        yield Request(header[:40], get("/nowhere", header))
    for origin in ("http://[abc", "http://[::1", "http://[::1]x", "//", "\xff"):
        yield Request(f"Origin: {origin}", get("/api/v1/scan/cleanup", f"Origin: {origin}", method="POST"))
        yield Request(f"Origin of a listener: {origin}", get("/ws", f"Origin: {origin}"))
    for given in (
        "bytes=abc",
        "bytes=-",
        "bytes=5-1",
        "bytes=" + "0-1," * 1000,
        "bytes=" + "9" * 5000 + "-",
        "\xff",
        "bytes=0-0,-1",
        "lines=1-2",
    ):
        yield Request(f"Range: {given[:30]}", get(f"/api/v1/stream/{UNKNOWN}", f"Range: {given}"))
    for given in ("bytes=1000-", "bytes=99999-100000", "bytes=-0"):
        yield Request(f"Range of a film: {given[:30]}", get(f"/api/v1/stream/{MOVIE}", f"Range: {given}"))
    yield Request("If-Match of another file", get(f"/api/v1/stream/{MOVIE}", 'If-Match: "other"'))


REQUESTS = [*paths(), *bodies(), *kinds(), *queries(), *lines()]

"""What a log line holds, and what it must not."""

import json
import logging
import subprocess
import sys
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import logs
from shared.redaction import _SECRETS, redacted

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJmMjRjNDVkIiwic2NvcGVzIjpbXX0.c2lnbmF0dXJl-_x"
KEY = "0123456789abcdef0123456789abcdef"
SECRET = "hunter2"


def a_record(message: str = "Hello.", *args: object, level: int = logging.INFO, **extra: object) -> logging.LogRecord:
    record = logging.getLogger("test").makeRecord("worker.tasks.scan", level, __file__, 1, message, args, None)
    vars(record).update(extra)
    return record


def an_entry(record: logging.LogRecord, **about: str) -> dict[str, Any]:
    return logs.described(record, "scan", about)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"GET /3/search/movie?api_key={KEY}&query=Heat", "GET /3/search/movie?api_key=***&query=Heat"),
        (f"https://api.themoviedb.org/3/movie/603?query=Heat&api_key={KEY}", "…&api_key=***"),
        (f"apikey={KEY}", "apikey=***"),
        (f"token={SECRET}", "token=***"),
        (f"access_token={SECRET}&x=1", "access_token=***&x=1"),
        (f"client_secret={SECRET}", "client_secret=***"),
        (f'{{"apiKey": "{KEY}", "enabled": true}}', '{"apiKey": "***", "enabled": true}'),
        (f'{{"tmdbApiKey":"{KEY}"}}', '{"tmdbApiKey":"***"}'),
        (f"{{'apiKey': '{KEY}', 'enabled': True}}", "{'apiKey': '***', 'enabled': True}"),
        (f'"{{\\"apiKey\\": \\"{KEY}\\", \\"a\\": 1}}"', '"{\\"apiKey\\": \\"***\\", \\"a\\": 1}"'),
        ('{"password": "with \\" a quote hunter2", "a": "b"}', '{"password": "***", "a": "b"}'),
        (f"Authorization: Bearer {SECRET}", "Authorization: ***"),
        ("Authorization: Basic aHVudGVyMjpodW50ZXIy", "Authorization: ***"),
        (f"{{'Authorization': 'Bearer {SECRET}', 'Accept': '*/*'}}", "{'Authorization': '***', 'Accept': '*/*'}"),
        (f"it sent bearer {SECRET}.", "it sent bearer ***"),
        (f"X-API-Key: {SECRET}", "X-API-Key: ***"),
        (f"x-api-key={SECRET}", "x-api-key=***"),
        (f"{{'X-API-Key': '{SECRET}'}}", "{'X-API-Key': '***'}"),
        (f"Cookie: session={SECRET}; theme=dark", "Cookie: ***"),
        (f"the key {JWT} is refused", "the key *** is refused"),
        (JWT.rpartition(".")[0], "***"),
        (f"redis://:{SECRET}@127.0.0.1:6379/0", "redis://:***@127.0.0.1:6379/0"),
        (f"redis://user:{SECRET}@host", "redis://user:***@host"),
        (f"postgresql+psycopg://user:{SECRET}@db:5432/dester", "postgresql+psycopg://user:***@db:5432/dester"),
        ("postgresql://user:hun@ter:2/#?&=hunter2@db:5432/dester", "postgresql://user:***@db:5432/dester"),
        ("postgresql://us@er:hunter2@db/dester", "postgresql://us@er:***@db/dester"),
        ("postgresql://user:\"hunter2'@db/dester", "postgresql://user:***@db/dester"),
        (f"host=db user=dester password={SECRET} dbname=dester", "host=db user=dester password=*** dbname=dester"),
        ("password='two hunter2' host=db", "password='***' host=db"),
        (f"Password: {SECRET}", "Password: ***"),
        (f"tmdbApiKey: '{KEY}'", "tmdbApiKey: '***'"),
        (f"ApiKey = '{KEY}'", "ApiKey = '***'"),
        (f'token : "{SECRET} {SECRET}"', 'token : "***"'),
        (f"secret: {SECRET}", "secret: ***"),
        (f"CLIENT_SECRET: {SECRET}", "CLIENT_SECRET: ***"),
        (f"clientSecret: {SECRET}", "clientSecret: ***"),
        (f'{{"refreshToken": "{SECRET}", "username": "anna"}}', '{"refreshToken": "***", "username": "anna"}'),
        (f'{{"username": "anna", "password": "{SECRET}"}}', '{"username": "anna", "password": "***"}'),
        (f"/api/v1/stream/1?exp=17&sig={SECRET}", "/api/v1/stream/1?exp=17&sig=***"),
        (f"GET /api/v1/image/1?sig={SECRET}&exp=17 200", "GET /api/v1/image/1?sig=***&exp=17 200"),
        (f"/ws?ticket={SECRET} opened", "/ws?ticket=*** opened"),
        (f"/ws?since=4&token={SECRET}", "/ws?since=4&token=***"),
        (f"SECRETS_KEY={KEY}", "SECRETS_KEY=***"),
        (f"secrets_key = '{KEY}'", "secrets_key = ***"),
        (f"sealed:v1:gAAAAA{KEY}-_==", "sealed:***"),
        (f"$argon2id$v=19$m=19456,t=2,p=1${KEY}${KEY}", "***"),
        (f"the key dester_{KEY} is refused", "the key dester_*** is refused"),
    ],
)  # fmt: skip
def test_no_key_is_shown(text: str, shown: str) -> None:
    result = redacted(text)

    for secret in (KEY, SECRET, JWT, "eyJ", "aHVudGVy", "hun@"):
        assert secret not in result
    assert result.endswith(shown.removeprefix("…"))


@pytest.mark.parametrize(
    "text",
    [
        "GET /api/v1/image/f1b46de39e839a34aef7dacae3dfb3f9 200",
        "http://nas.local:3001/api/v1/movies?q=heat",
        "redis://127.0.0.1:6379/0",
        "/media/tv/The Secret: Dare to Dream (2020)/The Token.mkv",
        "No TMDB API key is set: titles are identified by their .nfo files alone.",
        "Connected to redis://host:6379/0; mail to somebody@example.org",
        "Basic Instinct (1992)",
        "/media/movies/Ticket = to Ride & sig/The Signature.mkv",
    ],
)
def test_what_is_no_key_stays(text: str) -> None:
    assert redacted(text) == text


@pytest.mark.parametrize(
    "piece", ["://a:", "<", '"token":"', "a", ":@", "token=", "bearer ", "eyJ", "\\", "cookie:x\n", "token='", "\x1b["]
)
@pytest.mark.parametrize("start", ["token", "token = '", "secret: "])
def test_no_text_keeps_a_process_busy(start: str, piece: str) -> None:
    for text in (start + piece * 100_000, start * 100_000 + piece):
        short, long = work_of(text[:2_000]), work_of(text[:16_000])

        # Eight times as long a text is about eight times as much work, and not 64 times.
        assert long < 25 * max(short, 0.01)


def work_of(text: str) -> float:
    """Return the seconds of processor time that a text costs."""
    began = time.process_time()
    logs.clean(text, len(text))
    return time.process_time() - began


def test_an_entry_says_when_what_where_and_about_what() -> None:
    record = a_record("Named %d of %s", 3, "Heat", scanJobId="aa0b", count=3, share=0.5, path=None, held={"a": 1})
    record.created = 1795465056.9014

    assert an_entry(record, taskId="0c1f") == {
        "timestamp": "2026-11-23T20:17:36.901Z",
        "level": "info",
        "logger": "worker.tasks.scan",
        "message": "Named 3 of Heat",
        "meta": {"source": "scan", "taskId": "0c1f", "scanJobId": "aa0b", "count": 3, "share": 0.5},
    }


@pytest.mark.parametrize(
    ("number", "name"),
    [(50, "error"), (40, "error"), (35, "warn"), (30, "warn"), (20, "info"), (15, "http"), (10, "debug"), (5, "debug")],
)
def test_every_level_has_one_of_five_names(number: int, name: str) -> None:
    assert an_entry(a_record(level=number))["level"] == name


def test_message_values_and_exception_are_free_of_keys() -> None:
    record = a_record("asked %s", f"redis://:{SECRET}@host", url=f"/?token={SECRET}", apiKey=KEY)
    record.exc_info = (ValueError, ValueError(f"no answer from /3?api_key={KEY}"), None)

    for text in (str(an_entry(record)), logs._Readable().format(record)):  # noqa: SLF001 - the other sink
        assert KEY not in text
        assert SECRET not in text
    assert an_entry(record)["meta"]["exception"].endswith("ValueError: no answer from /3?api_key=***")


def test_a_key_at_the_place_where_a_text_is_cut_is_not_shown() -> None:
    for length in range(1_940, 2_010):
        message = an_entry(a_record("x" * length + f" redis://:{SECRET}@host/0"))["message"]
        assert "hun" not in message
        assert len(message) <= 2_000


def test_an_entry_is_bounded_and_keeps_the_end_of_an_exception() -> None:
    record = a_record("y" * 100_000, note="z" * 100_000)
    record.exc_info = (ValueError, ValueError("x" * 100_000 + " the end"), None)

    entry = an_entry(record)

    assert len(json.dumps(entry)) < 12_000
    assert entry["meta"]["exception"].endswith(" the end")


def test_a_message_has_no_colour_codes_and_only_unicode() -> None:
    entry = an_entry(a_record("\x1b[31mred\x1b[0m \x07 %s \x1b]0;title", "caf\udce9"))

    assert entry["message"] == "red  caf? ]0;title"


@pytest.mark.parametrize(("level", "shown"), [("http", ["http", "info"]), ("info", ["info"]), ("debug", None)])
def test_http_lies_between_info_and_debug(level: str, shown: list[str] | None) -> None:
    lines = output_of(level, readable=False)

    assert [line["level"] for line in map(json.loads, lines)] == (shown or ["debug", "http", "info"])


def test_away_from_a_terminal_every_line_is_json() -> None:
    (line,) = output_of("info", readable=False)

    entry = json.loads(line)

    assert entry.pop("timestamp").endswith("Z")
    assert entry == {"level": "info", "logger": "a", "message": "three\nlines", "meta": {"source": "web", "n": 1}}


def test_under_dester_up_lines_are_to_be_read() -> None:
    lines = output_of("info", readable=True)

    assert [line.partition(" INFO ")[2].strip() for line in lines if " INFO " in line] == ["a: three"]


def output_of(level: str, *, readable: bool) -> list[str]:
    """Return what a process logs on its standard output."""
    program = (
        f"import logging; from shared import logs; logs.set_up({level!r}, 'web', ''); a = logging.getLogger('a'); "
        f"a.debug('one'); a.log(logs.HTTP, 'two'); a.info('three\\nlines', extra={{'n': 1}})"
    )
    environ = {logs.READABLE: "1"} if readable else {}
    done = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


PIECES = (
    "apiKey api_key tmdbAp\u0130Key COOK\u0130E Token PASSWD clientSecret Authorization Bearer sig ticket secrets_key"
)
PIECES += f" sealed:v1:abc $argon2id$v=19$abc {JWT} dester_{KEY} redis://u:p@host = : \" ' ? & Heat \u0131 \u017f"


@given(st.lists(st.sampled_from([" ", *PIECES.split()]), max_size=12))
def test_a_text_is_spared_the_patterns_only_where_none_of_them_finds_anything(pieces: list[str]) -> None:
    text = every = "".join(pieces)
    for pattern, replacement in _SECRETS:
        every = pattern.sub(replacement, every)
    assert redacted(text) == every

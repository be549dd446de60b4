"""GET /api/v1/stream/{id}, by RFC 9110, byte for byte."""

import os
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared.database import Database
from shared.models.base import now
from tests.api.conftest import MakeClient
from tests.builders import a_file, a_library, a_movie, a_season, a_show, an_episode
from tests.swapped import swapping

#: More than the server reads at once.
CONTENT = os.urandom(2_500_000)
SIZE = len(CONTENT)

Play = Callable[..., TestResponse]


@pytest.fixture
def path(media: Path) -> Path:
    path = media / "Heat (1995).mkv"
    path.write_bytes(CONTENT)
    os.utime(path, (1_700_000_000.5, 1_700_000_000.5))
    return path


@pytest.fixture
def url(database: Database, path: Path) -> str:
    return url_of(database, path)


def url_of(database: Database, path: Path | str) -> str:
    with database.begin() as session:
        movie = a_movie(session)
        a_file(session, path, movie=movie)
        return f"/api/v1/stream/{movie.id}"


def test_without_a_range_the_whole_file_is_sent(client: FlaskClient, url: str) -> None:
    answer = client.get(url)

    assert answer.status_code == 200
    assert answer.data == CONTENT
    assert answer.headers["Content-Length"] == str(SIZE)
    assert answer.headers["Content-Type"] == "video/x-matroska"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Last-Modified"] == formatdate(1_700_000_000, usegmt=True)
    assert answer.headers["ETag"].startswith('"')
    assert "Content-Range" not in answer.headers


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-499", 0, 499),
        ("bytes=-500", SIZE - 500, SIZE - 1),
        ("bytes=500-", 500, SIZE - 1),
        ("bytes=1000000-2200000", 1_000_000, 2_200_000),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
        ("bytes=2499990-99999999", SIZE - 10, SIZE - 1),
        ("bytes=-99999999", 0, SIZE - 1),
    ],
)
def test_a_range_is_sent_byte_for_byte(client: FlaskClient, url: str, header: str, first: int, last: int) -> None:
    answer = client.get(url, headers={"Range": header})

    assert answer.status_code == 206
    assert answer.data == CONTENT[first : last + 1]
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer.headers["Content-Length"] == str(last - first + 1)
    assert "ETag" in answer.headers


@pytest.mark.parametrize("header", ["bytes=9-2", "bytes=abc", "items=0-1", "", "bytes=0-1,5-6"])
def test_a_header_that_is_no_single_byte_range_gets_the_whole_file(client: FlaskClient, url: str, header: str) -> None:
    answer = client.get(url, headers={"Range": header})

    assert answer.status_code == 200
    assert answer.data == CONTENT


@pytest.mark.parametrize("header", [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 1}", "bytes=-0"])
def test_a_range_past_the_end_is_not_satisfiable(client: FlaskClient, url: str, header: str) -> None:
    answer = client.get(url, headers={"Range": header})

    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"
    assert answer.json["error"] == "Range Not Satisfiable"


def test_an_empty_file_is_sent_and_has_no_ranges(client: FlaskClient, database: Database, media: Path) -> None:
    (media / "empty.mkv").touch()
    url = url_of(database, media / "empty.mkv")

    whole = client.get(url)
    part = client.get(url, headers={"Range": "bytes=0-"})

    assert (whole.status_code, whole.data, whole.headers["Content-Length"]) == (200, b"", "0")
    assert (part.status_code, part.headers["Content-Range"]) == (416, "bytes */0")


def test_head_tells_everything_and_sends_nothing(client: FlaskClient, url: str) -> None:
    whole = client.get(url)

    head = client.head(url)

    assert head.status_code == 200
    assert head.data == b""
    for name in ("Content-Length", "Content-Type", "ETag", "Last-Modified", "Accept-Ranges", "Content-Disposition"):
        assert head.headers[name] == whole.headers[name]


def test_head_knows_no_ranges(client: FlaskClient, url: str) -> None:
    answer = client.head(url, headers={"Range": "bytes=0-9"})

    assert answer.status_code == 200
    assert answer.headers["Content-Length"] == str(SIZE)


def test_what_has_not_changed_is_not_sent_again(client: FlaskClient, url: str) -> None:
    first = client.get(url)

    by_etag = client.get(url, headers={"If-None-Match": first.headers["ETag"]})
    by_weak_etag = client.get(url, headers={"If-None-Match": f'"other", W/{first.headers["ETag"]}'})
    by_date = client.get(url, headers={"If-Modified-Since": first.headers["Last-Modified"]})
    by_star = client.get(url, headers={"If-None-Match": "*"})

    for answer in (by_etag, by_weak_etag, by_date, by_star):
        assert answer.status_code == 304
        assert answer.data == b""
        assert answer.headers["ETag"] == first.headers["ETag"]


def test_not_modified_comes_before_the_range(client: FlaskClient, url: str) -> None:
    etag = client.head(url).headers["ETag"]

    assert client.get(url, headers={"If-None-Match": etag, "Range": "bytes=0-9"}).status_code == 304


def test_what_has_changed_is_sent_again(client: FlaskClient, url: str) -> None:
    last_modified = client.head(url).headers["Last-Modified"]

    assert client.get(url, headers={"If-None-Match": '"old"'}).status_code == 200
    assert client.get(url, headers={"If-Modified-Since": formatdate(1_600_000_000, usegmt=True)}).status_code == 200
    # An ETag says more than a date.
    both = {"If-None-Match": '"old"', "If-Modified-Since": last_modified}
    assert client.get(url, headers=both).status_code == 200


def test_a_file_that_is_written_to_has_another_etag(client: FlaskClient, url: str, path: Path) -> None:
    before = client.head(url).headers["ETag"]

    path.write_bytes(CONTENT[::-1])

    assert client.head(url).headers["ETag"] != before


def test_if_range_by_etag_gives_the_part_only_of_the_same_file(client: FlaskClient, url: str) -> None:
    etag = client.head(url).headers["ETag"]

    same = client.get(url, headers={"Range": "bytes=5-9", "If-Range": etag})
    other = client.get(url, headers={"Range": "bytes=5-9", "If-Range": '"another"'})
    weak = client.get(url, headers={"Range": "bytes=5-9", "If-Range": f"W/{etag}"})

    assert (same.status_code, same.data) == (206, CONTENT[5:10])
    assert (other.status_code, other.data == CONTENT) == (200, True)
    assert (weak.status_code, weak.data == CONTENT) == (200, True)


def test_if_range_by_date_gives_the_part_only_of_the_same_file(client: FlaskClient, url: str) -> None:
    date = client.head(url).headers["Last-Modified"]

    same = client.get(url, headers={"Range": "bytes=5-9", "If-Range": date})
    older = client.get(url, headers={"Range": "bytes=5-9", "If-Range": formatdate(1_600_000_000, usegmt=True)})
    newer = client.get(url, headers={"Range": "bytes=5-9", "If-Range": formatdate(1_800_000_000, usegmt=True)})

    assert (same.status_code, same.data) == (206, CONTENT[5:10])
    assert older.status_code == 200
    assert newer.status_code == 200


def test_an_unsatisfiable_range_of_another_file_gets_the_whole_one(client: FlaskClient, url: str) -> None:
    answer = client.get(url, headers={"Range": f"bytes={SIZE}-", "If-Range": '"another"'})

    assert answer.status_code == 200


def test_if_match_refuses_another_file(client: FlaskClient, url: str) -> None:
    etag = client.head(url).headers["ETag"]

    assert client.get(url, headers={"If-Match": '"another"'}).status_code == 412
    assert client.get(url, headers={"If-Match": f"W/{etag}"}).status_code == 412
    assert client.get(url, headers={"If-Match": f'"another", {etag}'}).status_code == 200
    assert client.get(url, headers={"If-Match": "*"}).status_code == 200
    assert client.get(url, headers={"If-Match": etag, "Range": "bytes=0-0"}).status_code == 206


def test_if_unmodified_since_refuses_a_newer_file(client: FlaskClient, url: str) -> None:
    last_modified = client.head(url).headers["Last-Modified"]

    older = client.get(url, headers={"If-Unmodified-Since": formatdate(1_600_000_000, usegmt=True)})
    same = client.get(url, headers={"If-Unmodified-Since": last_modified})

    assert older.status_code == 412
    assert same.status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "plain.mkv",
        'with "quotes".mkv',
        "back\\slash.mkv",
        "Ümläuße — 愛.mkv",
        "new\nline\r\nX-Injected: yes.mkv",
        "tab\tand \x7f control.mkv",
        "100% of; a=b.mkv",
        "what?.mkv",
        "😀.mkv",
    ],
)
def test_the_name_of_the_file_survives_whatever_is_in_it(
    client: FlaskClient, database: Database, media: Path, name: str
) -> None:
    (media / name).write_bytes(b"film")

    answer = client.get(url_of(database, media / name))

    assert answer.status_code == 200
    assert answer.data == b"film"
    assert "X-Injected" not in answer.headers
    kind, plain, full = answer.headers["Content-Disposition"].split("; filename", 2)
    assert kind == "inline"
    assert plain.startswith('="')
    assert plain.endswith('"')
    assert plain.isascii()
    assert plain.isprintable()
    assert '"' not in plain[2:-1]
    assert full.startswith("*=UTF-8''")
    assert full.isascii()
    assert unquote(full.removeprefix("*=UTF-8''")) == name


def test_an_episode_and_a_file_can_be_played_too(client: FlaskClient, database: Database, path: Path) -> None:
    with database.begin() as session:
        episodes = [an_episode(session, a_season(session, a_show(session)), 1)]
        file = a_file(session, path, episodes=episodes)

    for playable in (episodes[0].id, file.id):
        answer = client.get(f"/api/v1/stream/{playable}", headers={"Range": "bytes=7-9"})
        assert (answer.status_code, answer.data) == (206, CONTENT[7:10])


def test_the_file_that_is_there_is_played_rather_than_the_one_that_is_missing(
    client: FlaskClient, database: Database, media: Path, path: Path
) -> None:
    with database.begin() as session:
        movie, library = a_movie(session), a_library(session)
        a_file(session, media / "A.mkv", library=library, movie=movie, missing_since=now(), probe={"height": 2160})
        a_file(session, path, library=library, movie=movie)

    assert client.get(f"/api/v1/stream/{movie.id}").data == CONTENT


def test_a_movie_without_files_has_nothing_to_play(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        movie = a_movie(session)

    assert client.get(f"/api/v1/stream/{movie.id}").status_code == 404


def test_a_file_that_is_gone_from_disk_is_not_found(client: FlaskClient, url: str, path: Path) -> None:
    path.unlink()

    assert client.get(url).status_code == 404
    assert client.head(url).status_code == 404
    assert client.get(url, headers={"Range": "bytes=0-1"}).status_code == 404


def test_a_folder_and_a_link_that_goes_nowhere_are_not_found(
    client: FlaskClient, database: Database, media: Path
) -> None:
    (media / "folder.mkv").mkdir()
    (media / "loop.mkv").symlink_to(media / "loop.mkv")
    (media / "nowhere.mkv").symlink_to(media / "there is none.mkv")

    for name in ("folder.mkv", "loop.mkv", "nowhere.mkv", "folder.mkv/film.mkv"):
        assert client.get(url_of(database, media / name)).status_code == 404


def test_a_named_pipe_is_not_found_and_nobody_waits_for_it(
    client: FlaskClient, database: Database, media: Path
) -> None:
    os.mkfifo(media / "pipe.mkv")
    began = time.monotonic()

    assert client.get(url_of(database, media / "pipe.mkv")).status_code == 404

    assert time.monotonic() - began < 2


@pytest.mark.parametrize("target", ["/etc/passwd", "/proc/self/environ", "/dev/zero", "/proc/self/mem"])
def test_a_link_into_the_system_is_not_found(client: FlaskClient, database: Database, media: Path, target: str) -> None:
    (media / "link.mkv").symlink_to(target)

    answer = client.get(url_of(database, media / "link.mkv"))

    assert answer.status_code == 404
    assert target not in answer.text


def test_a_file_outside_the_media_roots_is_not_found_also_by_a_link(
    make_client: MakeClient, database: Database, media: Path, tmp_path: Path, path: Path
) -> None:
    outside = tmp_path / "outside.mkv"
    outside.write_bytes(b"secret")
    (media / "link.mkv").symlink_to(outside)
    (media / "inside.mkv").symlink_to(path)
    sibling = tmp_path / "media-of-others"
    sibling.mkdir()
    (sibling / "film.mkv").write_bytes(b"secret")
    client = make_client(MEDIA_ROOTS=str(media))

    refused = [outside, media / "link.mkv", sibling / "film.mkv", media / ".." / "outside.mkv"]
    for path_refused in refused:
        answer = client.get(url_of(database, path_refused))
        assert answer.status_code == 404
        assert b"secret" not in answer.data
    assert client.get(url_of(database, path)).status_code == 200
    assert client.get(url_of(database, media / "inside.mkv")).data == CONTENT


def test_a_folder_that_is_swapped_all_the_time_is_streamed_from_inside_alone(
    make_client: MakeClient, database: Database, media: Path, tmp_path: Path
) -> None:
    for folder, content in ((media / "inside", b"film"), (tmp_path / "outside", b"secret")):
        folder.mkdir()
        (folder / "film.mkv").write_bytes(content)
    (media / "link").symlink_to(media / "inside")
    client = make_client(MEDIA_ROOTS=str(media))
    url = url_of(database, media / "link" / "film.mkv")
    answers: set[bytes | int] = set()

    with swapping(media / "link", media / "inside", tmp_path / "outside"):
        while not {b"film", 404} <= answers:
            answer = client.get(url)
            answers.add(answer.data if answer.status_code == 200 else answer.status_code)

    assert answers == {b"film", 404}


def test_the_servers_own_files_are_not_streamed(make_client: MakeClient, database: Database, tmp_path: Path) -> None:
    client = make_client()
    key = tmp_path / "data" / "secrets.key"
    key.parent.mkdir(exist_ok=True)
    key.write_text("secret")

    answer = client.get(url_of(database, key))

    assert answer.status_code == 404
    assert b"secret" not in answer.data


def test_media_roots_may_themselves_be_links(
    make_client: MakeClient, database: Database, media: Path, tmp_path: Path, path: Path
) -> None:
    root = tmp_path / "root"
    root.symlink_to(media)
    client = make_client(MEDIA_ROOTS=str(root))

    assert client.get(url_of(database, root / path.name)).data == CONTENT


def test_no_stream_leaves_a_file_open(client: FlaskClient, url: str) -> None:
    def opened() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    client.get(url).close()
    before = opened()

    for _ in range(20):
        client.get(url).close()
        client.head(url).close()
        client.get(url, headers={"Range": "bytes=0-1"}).close()
        client.get(url, headers={"Range": f"bytes={SIZE}-"}).close()
        client.get(url, headers={"If-Match": '"another"'}).close()

    assert opened() <= before + 2


def test_a_file_that_shrinks_while_it_is_sent_ends_without_an_error(client: FlaskClient, url: str, path: Path) -> None:
    answer = client.get(url, buffered=False)
    chunks = iter(answer.response)
    first = next(chunks)

    os.truncate(path, len(first) + 10)

    assert len(b"".join(chunks)) <= 10 + SIZE - len(first)


@pytest.mark.parametrize(
    ("suffix", "content_type"),
    [
        (".mp4", "video/mp4"),
        (".MP4", "video/mp4"),
        (".webm", "video/webm"),
        (".mkv", "video/x-matroska"),
        (".avi", "video/x-msvideo"),
        (".ts", "video/mp2t"),
    ],
)
def test_players_are_told_what_they_get(
    client: FlaskClient, database: Database, media: Path, suffix: str, content_type: str
) -> None:
    (media / f"film{suffix}").write_bytes(b"film")

    assert client.get(url_of(database, media / f"film{suffix}")).headers["Content-Type"] == content_type


def test_a_file_of_an_unusual_kind_is_sent_as_bytes_as_the_document_says(
    client: FlaskClient, database: Database, media: Path
) -> None:
    (media / "film.wtv").write_bytes(b"film")

    answer = client.get(url_of(database, media / "film.wtv"))

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/octet-stream"


SUBTITLES = {"language": "en", "title": None, "forced": False, "hearingImpaired": False, "default": False}


@pytest.fixture
def subtitles_url(database: Database, media: Path, path: Path) -> str:
    """Add a film with two subtitle files, one in a folder of its own; return their URL but for its number."""
    (media / "Subs").mkdir()
    (media / "Heat (1995).en.srt").write_bytes(b"1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    (media / "Subs" / "English.vtt").write_bytes("WEBVTT\n\nÜmläut".encode("latin-1"))
    kept = [SUBTITLES | {"path": name, "format": name[-3:]} for name in ("Heat (1995).en.srt", "Subs/English.vtt")]
    with database.begin() as session:
        file = a_file(session, path, movie=a_movie(session), subtitles=kept)
        return f"/api/v1/stream/{file.id}/subtitles"


def test_subtitles_are_sent_as_they_are_where_the_file_says(client: FlaskClient, subtitles_url: str) -> None:
    (film,) = client.get("/api/v1/movies").json["data"]
    urls = [subtitles["url"].removeprefix("http://localhost") for subtitles in film["files"][0]["subtitles"]]

    answers = [client.get(url) for url in urls]

    assert urls == [f"{subtitles_url}/0", f"{subtitles_url}/1"]
    assert [answer.mimetype for answer in answers] == ["application/x-subrip", "text/vtt"]
    assert answers[0].data.endswith(b"Hello\n")
    assert answers[1].data == "WEBVTT\n\nÜmläut".encode("latin-1")
    assert client.get(urls[0], headers={"Range": "bytes=0-0"}).data == b"1"


@pytest.mark.parametrize("position", ["2", "-1", "01", "x", "1" * 5000, "\N{ARABIC-INDIC DIGIT ZERO}", "%00", "0.0"])
def test_subtitles_that_are_not_there_are_not_found(client: FlaskClient, subtitles_url: str, position: str) -> None:
    assert client.get(f"{subtitles_url}/{position}").status_code == 404


def test_subtitles_that_are_gone_or_lead_elsewhere_are_not_found(
    make_client: MakeClient, media: Path, subtitles_url: str, tmp_path: Path
) -> None:
    client = make_client(MEDIA_ROOTS=str(media))
    assert client.get(f"{subtitles_url}/0").status_code == 200
    (tmp_path / "secret.srt").write_text("secret")
    (media / "Heat (1995).en.srt").unlink()
    (media / "Heat (1995).en.srt").symlink_to(tmp_path / "secret.srt")
    (media / "Subs" / "English.vtt").unlink()

    answers = [client.get(f"{subtitles_url}/{position}") for position in (0, 1)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert "secret" not in answers[0].text


def test_only_a_file_has_subtitles(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        movie = a_movie(session)
        file = a_file(session, movie=movie)

    for playable in (movie.id, file.id, movie.media_id):
        assert client.get(f"/api/v1/stream/{playable}/subtitles/0").status_code == 404
    assert client.get("/api/v1/stream/1/subtitles/0").status_code == 400

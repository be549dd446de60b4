"""GET /api/v1/image/{id}."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shared import tasks
from shared.images import ImageStore

IMAGE = "/api/v1/image"
MASTER, SMALL, LARGE = b"\xff\xd8 the master", b"\xff\xd8 185 wide", b"\xff\xd8 342 wide"


@pytest.fixture
def store(app: Flask) -> ImageStore:
    images: ImageStore = app.extensions["dester"].images
    return images


@pytest.fixture
def image_id(store: ImageStore) -> str:
    image_id = store.put(MASTER, "jpg")
    store.put_rendition(image_id, 185, SMALL)
    store.put_rendition(image_id, 342, LARGE)
    return image_id


@pytest.mark.parametrize(
    ("query", "content"),
    [
        ("", MASTER),
        ("?width=1", SMALL),
        ("?width=185", SMALL),
        ("?width=186", LARGE),
        ("?width=342", LARGE),
        ("?width=343", MASTER),
        ("?width=10000", MASTER),
        ("?other=1", MASTER),
    ],
)
def test_a_picture_comes_as_wide_as_is_asked_for(
    client: FlaskClient, image_id: str, query: str, content: bytes
) -> None:
    answer = client.get(f"{IMAGE}/{image_id}{query}")

    assert answer.status_code == 200
    assert answer.data == content
    assert answer.headers["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize("width", ["0", "-1", "10001", "wide", "1.5", "", "9" * 400])
def test_a_wrong_width_is_refused(client: FlaskClient, image_id: str, width: str) -> None:
    answer = client.get(f"{IMAGE}/{image_id}?width={width}")

    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["details"]] == ["width"]


@pytest.mark.parametrize(("suffix", "content_type"), [("png", "image/png"), ("webp", "image/webp")])
def test_a_picture_is_called_what_it_is(client: FlaskClient, store: ImageStore, suffix: str, content_type: str) -> None:
    image_id = store.put(b"a picture", suffix)

    answer = client.get(f"{IMAGE}/{image_id}")

    assert answer.headers["Content-Type"] == content_type


def test_a_picture_may_be_kept_for_ever(client: FlaskClient, image_id: str) -> None:
    cache = client.get(f"{IMAGE}/{image_id}").cache_control

    assert cache.immutable
    assert cache.max_age == 31536000
    assert not cache.no_cache


def test_a_picture_that_nobody_has_made_so_small_yet_is_asked_for_once_and_not_kept_for_long(
    client: FlaskClient, app: Flask, image_id: str
) -> None:
    redis = app.extensions["dester"].redis
    waiting = redis.llen(tasks.scale.list)

    answers = [client.get(f"{IMAGE}/{image_id}?width=700") for _ in range(3)]

    assert {answer.data for answer in answers} == {MASTER}
    assert {(answer.cache_control.max_age, answer.cache_control.immutable) for answer in answers} == {(0, False)}
    assert redis.llen(tasks.scale.list) == waiting + 1


def test_a_picture_that_is_known_is_not_sent_again(client: FlaskClient, image_id: str) -> None:
    etags = {}
    for width in ("185", "342", "1000"):
        url = f"{IMAGE}/{image_id}?width={width}"
        etags[width] = client.get(url).headers["ETag"]

        again = client.get(url, headers={"If-None-Match": etags[width]})

        assert (again.status_code, again.data) == (304, b"")
        assert again.cache_control.immutable
    assert len(set(etags.values())) == 3


def test_head_of_a_picture_sends_no_bytes(client: FlaskClient, image_id: str) -> None:
    answer = client.head(f"{IMAGE}/{image_id}")

    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(MASTER))


@pytest.mark.parametrize(
    "name",
    [
        "0" * 32,
        "x",
        "x" * 10_000,
        "..",
        "../../../../etc/passwd",
        "..%2f..%2f..%2f..%2fetc%2fpasswd",
        "%2e%2e/%2e%2e/etc/passwd",
        "%2fetc%2fpasswd",
        "..\\..\\secret",
        "%00",
        "secret.jpg",
        "..%2fsecret",
        "0123456789abcdef0123456789abcdef%0a",
        "٣" * 32,
    ],
)
def test_what_is_no_known_picture_is_not_found(client: FlaskClient, image_id: str, tmp_path: Path, name: str) -> None:
    (tmp_path / "data" / "secret").write_text("secret")
    (tmp_path / "data" / "images" / "secret.jpg").write_text("secret")

    answer = client.get(f"{IMAGE}/{name}")

    assert answer.status_code == 404
    assert answer.json["success"] is False
    assert "root:" not in answer.text
    assert answer.text.count("secret") <= name.count("secret")
    assert client.get(f"{IMAGE}/{image_id}").status_code == 200

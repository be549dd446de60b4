"""URLs that are good by themselves: for one path, until one moment."""

import pytest

from api.url_signatures import EVERY, expiry, is_good, query

KEY, PATH = b"k" * 32, "/api/v1/stream/0f8fad5b-d9cb-469f-a165-70867728950e"
NOW = 1_795_470_000


def signed(path: str = PATH, at: int = NOW + 60, key: bytes = KEY) -> tuple[str, str]:
    expires, signature = (part.partition("=")[2] for part in query(key, path, at).split("&"))
    return expires, signature


def test_a_url_is_good_until_its_time_is_over() -> None:
    assert is_good([KEY], PATH, *signed(), NOW)
    assert is_good([KEY], PATH, *signed(), NOW + 59.9)
    assert not is_good([KEY], PATH, *signed(), NOW + 60)


def test_a_url_is_good_by_an_older_key_that_still_verifies() -> None:
    assert is_good([b"new" * 8, KEY], PATH, *signed(), NOW)
    assert not is_good([b"new" * 8], PATH, *signed(), NOW)


@pytest.mark.parametrize(
    "path", [PATH.replace("0f", "1f"), PATH + "/subtitles/0", PATH.replace("stream", "image"), "", PATH.upper()]
)
def test_a_signature_is_good_for_no_other_path(path: str) -> None:
    assert not is_good([KEY], path, *signed(), NOW)


@pytest.mark.parametrize(
    "expires", ["", "-1", "1e12", chr(0xFF19) * 11, "9" * 13, " 1795470060", "1795470061", "0x7fffffff"], ids=ascii
)
def test_a_time_that_was_not_signed_is_not_good(expires: str) -> None:
    assert not is_good([KEY], PATH, expires, signed()[1], NOW)


@pytest.mark.parametrize("signature", ["", "é", "\ud800", "x" * 22, "x" * 10_000], ids=lambda text: ascii(text[:30]))
def test_what_is_no_signature_is_not_good(signature: str) -> None:
    assert not is_good([KEY], PATH, signed()[0], signature, NOW)


def test_urls_are_the_same_for_six_hours_and_good_for_as_long_at_least() -> None:
    begin = NOW // EVERY * EVERY

    assert len({expiry(begin + seconds) for seconds in (0, 1, EVERY / 2, EVERY - 0.001)}) == 1
    assert expiry(begin + EVERY) == expiry(begin) + EVERY
    for seconds in range(0, EVERY, 977):
        assert EVERY < expiry(begin + seconds) - (begin + seconds) <= 2 * EVERY

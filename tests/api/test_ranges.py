"""Byte ranges, an example a line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.ranges import ByteRange, UnsatisfiableError, parse

SIZE = 10_000


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-499", 0, 499),
        ("bytes=500-999", 500, 999),
        ("bytes=-500", 9500, 9999),
        ("bytes=-1", 9999, 9999),
        ("bytes=-10000", 0, 9999),
        ("bytes=-10001", 0, 9999),
        ("bytes=-99999999999999999999", 0, 9999),
        ("bytes=500-", 500, 9999),
        ("bytes=0-", 0, 9999),
        ("bytes=9999-", 9999, 9999),
        ("bytes=9999-9999", 9999, 9999),
        ("bytes=0-999999", 0, 9999),
        ("bytes=0-9999", 0, 9999),
        ("bytes=0-10000", 0, 9999),
        ("bytes=0-99999999999999999999", 0, 9999),
        ("bytes=007-009", 7, 9),
        ("BYTES=0-1", 0, 1),
        ("Bytes=0-1", 0, 1),
        ("bytes=0-1 ", 0, 1),
        (" bytes=0-1", 0, 1),
        ("bytes= 0-1", 0, 1),
    ],
)
def test_a_range_is_those_bytes(header: str, first: int, last: int) -> None:
    assert parse(header, SIZE) == ByteRange(first, last)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        " ",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=abc",
        "bytes=a-b",
        "bytes=9-2",
        "bytes=1",
        "bytes=--5",
        "bytes=-5-",
        "bytes=1-2-3",
        "bytes=+1-2",
        "bytes=0x1-2",
        "bytes=1.0-2",
        "bytes=0 - 1",
        "bytes=0- 1",
        "bytes=\u0660-\u0669",
        "bytes=0-1\n2",
        "bytes=0-1,5-6",
        "bytes=0-1,",
        "bytes=,0-1",
        "bytes=0-0,-1",
        "bytes 0-1",
        "bytes:0-1",
        "bytes==0-1",
        "items=0-1",
        "seconds=0-1",
        "=0-1",
        "0-1",
    ],
)
def test_what_is_no_single_byte_range_is_ignored(header: str | None) -> None:
    assert parse(header, SIZE) is None


@pytest.mark.parametrize("header", ["bytes=10000-", "bytes=10000-10001", "bytes=-0", "bytes=99999999999999999999-"])
def test_a_range_that_holds_no_byte_of_the_file_is_unsatisfiable(header: str) -> None:
    with pytest.raises(UnsatisfiableError):
        parse(header, SIZE)


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=0-0", "bytes=-1", "bytes=-0", "bytes=5-9"])
def test_no_range_of_an_empty_file_is_satisfiable(header: str) -> None:
    with pytest.raises(UnsatisfiableError):
        parse(header, 0)


@pytest.mark.parametrize("header", [None, "bytes=9-2", "bytes=abc"])
def test_an_empty_file_without_a_range_is_whole(header: str | None) -> None:
    assert parse(header, 0) is None


@pytest.mark.parametrize("digits", [21, 100, 4301, 100_000])
@pytest.mark.parametrize("template", ["bytes={}-", "bytes=0-{}", "bytes=-{}", "bytes={}-{}"])
def test_numbers_of_any_length_are_survived(template: str, digits: int) -> None:
    huge = "9" * digits

    try:
        found = parse(template.replace("{}", huge), SIZE)
    except UnsatisfiableError:
        return

    assert found in {None, ByteRange(0, SIZE - 1)}


def test_a_range_knows_its_length_and_how_it_is_told() -> None:
    wanted = ByteRange(500, 999)

    assert wanted.length == 500
    assert wanted.content_range(SIZE) == "bytes 500-999/10000"


_LIKELY = st.from_regex(r"bytes=[0-9]{0,6}-[0-9]{0,6}", fullmatch=True)


@given(header=st.one_of(st.none(), st.text(), _LIKELY), size=st.integers(0, 2**63))
def test_any_header_is_ignored_or_unsatisfiable_or_lies_within_the_file(header: str | None, size: int) -> None:
    try:
        found = parse(header, size)
    except UnsatisfiableError:
        return

    if found is not None:
        assert 0 <= found.first <= found.last < size
        assert 1 <= found.length <= size


@given(first=st.integers(0, 2000), last=st.integers(0, 2000), size=st.integers(0, 1000))
def test_a_range_is_what_slicing_the_bytes_gives(first: int, last: int, size: int) -> None:
    content = bytes(number % 251 for number in range(size))

    try:
        found = parse(f"bytes={first}-{last}", size)
    except UnsatisfiableError:
        assert content[first : last + 1] == b""
        return

    if found is None:
        assert last < first
    else:
        assert content[found.first : found.last + 1] == content[first : last + 1]

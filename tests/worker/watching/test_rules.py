"""Which changes are a reason to look, and where: a line for each."""

import pytest

from worker.walk import PASSED_OVER, SIDECARS
from worker.watching.rules import Extent, Kinds, touches

KINDS = Kinds(videos=frozenset([".mkv", ".mp4"]), sidecars=SIDECARS, passed_over=PASSED_OVER)
FOLDER, TREE, GONE = Extent.FOLDER, Extent.TREE, Extent.GONE

FILES = [
    ("Heat (1995)/Heat (1995).mkv", [("Heat (1995)", FOLDER)]),
    ("Heat (1995)/Heat (1995).MKV", [("Heat (1995)", FOLDER)]),
    ("Loose (2001).mp4", [("", FOLDER)]),
    ("The Wire/tvshow.nfo", [("The Wire", TREE)]),
    ("The Wire/Season 01/poster.jpg", [("The Wire/Season 01", TREE)]),
    ("poster.jpg", [("", FOLDER)]),
    ("Heat (1995)/Heat (1995).en.srt", [("Heat (1995)", TREE)]),
    ("Heat (1995)/Subs/en.srt", [("Heat (1995)", TREE)]),
    ("Heat (1995)/subtitles/Heat (1995)/2_English.srt", [("Heat (1995)", TREE)]),
    ("Heat (1995)/Heat (1995).mkv.part", []),
    ("Heat (1995)/Heat (1995).mkv.!qB", []),
    ("Heat (1995)/Heat (1995).mkv.crdownload", []),
    ("Heat (1995)/Heat (1995).mkv~", []),
    ("Heat (1995)/.Heat (1995).mkv.xF3k2", []),
    ("Heat (1995)/.Heat (1995).mkv", []),
    (".Trash-1000/files/Heat.mkv", []),
    ("@eaDir/Heat.mkv/poster.jpg", []),
    ("Heat (1995)/notes.txt", []),
]


def told(path: str, *, is_folder: bool = False, is_gone: bool = False) -> list[tuple[str, Extent]]:
    found = touches(path, is_folder=is_folder, is_gone=is_gone, kinds=KINDS)
    return [(touch.path, touch.extent) for touch in found]


@pytest.mark.parametrize(("path", "wanted"), FILES, ids=[path for path, _ in FILES])
def test_a_file_that_comes_or_changes_is_looked_for_where_it_counts(
    path: str, wanted: list[tuple[str, Extent]]
) -> None:
    assert told(path) == wanted


def test_a_folder_that_comes_is_looked_at_wholly() -> None:
    assert told("The Wire/Season 02", is_folder=True) == [("The Wire/Season 02", TREE)]


def test_a_folder_of_subtitles_that_comes_touches_the_one_around_it() -> None:
    assert told("Heat (1995)/Subs", is_folder=True) == [("Heat (1995)", TREE)]


def test_the_librarys_own_folder_touches_everything() -> None:
    assert told("", is_folder=True) == [("", TREE)]


def test_what_is_gone_may_have_been_a_folder() -> None:
    assert told("Heat (1995)", is_gone=True) == [("Heat (1995)", GONE)]
    assert told("Heat.1995.mkv", is_gone=True) == [("Heat.1995.mkv", GONE), ("", FOLDER)]


def test_the_librarys_own_folder_that_is_gone_touches_nothing() -> None:
    assert told("", is_gone=True) == []

"""What a user says that a title is, through whatever becomes of its files."""

from pathlib import Path
from typing import Any

import pytest

from tests.installation import Installation, wait_until
from tests.tmdb_stand_in import TmdbStandIn
from tests.trees import a_file, a_video

FILM = ("movie", "movies", "Heat (1995)/Heat (1995).mkv", "Warmth (2001)/Warmth (2001).mkv")
SHOW = ("tv", "tvshows", "The Wire (2002)/The Wire S01E02.mkv", "The Cable (1999)/Season 1/The Cable S01E02.mkv")


@pytest.mark.parametrize("case", [FILM, SHOW], ids=["film", "show"])
def test_what_a_user_says_that_a_title_is_outlives_a_rename_a_rescan_and_a_move_to_another_library(
    server: Installation, tmdb: TmdbStandIn, tmp_path: Path, case: tuple[str, str, str, str]
) -> None:
    media_type, route, before, after = case
    add = tmdb.add_movie if media_type == "movie" else tmdb.add_show
    add(8_800_001, f"The Chosen {media_type}", 1986)
    old, new = tmp_path / "old", tmp_path / "new"
    file = a_file(old / before, a_video() + before.encode())
    a_file(old / "Another (1980)" / "Another S01E01.mkv", a_video() + b"another")
    a_file(new / "Third (1990)" / "Third S01E01.mkv", a_video() + b"third")
    library_id = server.scan(old, media_type)["library"]["id"]
    other_id = server.scan(new, media_type)["library"]["id"]
    title_id = only(titles(server, route, library_id), before.partition(" (")[0])["id"]

    def is_as_chosen(library_id: str) -> bool:
        held = {title["id"]: title["media"] for title in titles(server, route, library_id)}
        return title_id in held and held[title_id]["title"] == f"The Chosen {media_type}"

    server.post(f"/api/v1/{route}/{title_id}/match", {"source": "TMDB", "externalId": "8800001"})
    wait_until(lambda: is_as_chosen(library_id), 30, "the title is what the user said")

    (old / after).parent.mkdir(parents=True)
    file.rename(old / after)
    server.scan(old, media_type)
    assert is_as_chosen(library_id)

    server.scan(old, media_type, rescan=True)
    assert is_as_chosen(library_id)

    (new / after).parent.mkdir(parents=True)
    (old / after).rename(new / after)
    server.scan(new, media_type)
    server.scan(old, media_type)
    assert is_as_chosen(other_id)
    assert not is_as_chosen(library_id)

    server.scan(new, media_type, rescan=True)
    assert is_as_chosen(other_id)


def titles(server: Installation, route: str, library_id: str) -> list[dict[str, Any]]:
    answer: list[dict[str, Any]] = server.get(f"/api/v1/{route}", libraryId=library_id)["data"]
    return answer


def only(listed: list[dict[str, Any]], title: str) -> dict[str, Any]:
    [found] = [each for each in listed if each["media"]["title"] == title]
    return found

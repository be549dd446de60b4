"""Files as scans find them: by which name, in whose folder."""

from pathlib import PurePosixPath

import pytest

from shared.kinds import ExtraType, MediaType
from tests.builders import MODIFIED
from worker.found import FoundFile, found_file
from worker.walk import VideoFile

ROOT = PurePosixPath("/media")
FILM, SHOW = MediaType.MOVIE, MediaType.TV_SHOW


def found(path: str, media_type: MediaType) -> FoundFile:
    return found_file(VideoFile(f"{ROOT}/{path}", 1, MODIFIED), folder_id="x", root=ROOT, media_type=media_type)


@pytest.mark.parametrize(
    ("path", "media_type", "folder", "extra_type"),
    [
        ("Heat (1995)/Heat (1995).mkv", FILM, "/media/Heat (1995)", None),
        ("Heat (1995).mkv", FILM, "/media", None),
        ("Heat (1995)/Trailers/Teaser.mkv", FILM, "/media/Heat (1995)", ExtraType.TRAILER),
        ("Heat (1995)/Extras/Disc 2/Making of.mkv", FILM, "/media/Heat (1995)", ExtraType.OTHER),
        ("Heat (1995)-trailer.mkv", FILM, "/media", ExtraType.TRAILER),
        ("Show/Season 1/Show - S01E01.mkv", SHOW, "/media/Show", None),
        ("Show/Season 1/Behind The Scenes/x.mkv", SHOW, "/media/Show", ExtraType.BEHIND_THE_SCENES),
        ("Show/Season 1/Season 1 thoughts.mkv", SHOW, "/media/Show", ExtraType.OTHER),
        ("Show.S01.1080p/Show.S01E01.mkv", SHOW, "/media", None),
    ],
)
def test_a_file_lies_in_its_title_s_own_folder(
    path: str, media_type: MediaType, folder: str, extra_type: ExtraType | None
) -> None:
    file = found(path, media_type)

    assert (file.title_folder, file.extra_type) == (folder, extra_type)


@pytest.mark.parametrize(
    ("extra", "file", "media_type"),
    [
        ("Heat (1995)/Trailers/Teaser.mkv", "Heat (1995)/Heat (1995) - 1080p.mkv", FILM),
        ("Heat (1995)-trailer.mkv", "Heat.1995.1080p.mkv", FILM),
        ("Heat/Featurettes/Making of.mkv", "Heat/Heat.mkv", FILM),
        ("Show (2001)/Season 1/Sample/x.mkv", "Show (2001)/Season 2/Show - S02E01.mkv", SHOW),
        ("Show (2001)/making of something.mkv", "Show (2001)/Show - S01E01.mkv", SHOW),
    ],
)
def test_an_extra_goes_by_the_name_of_its_title(extra: str, file: str, media_type: MediaType) -> None:
    assert found(extra, media_type).key == found(file, media_type).key

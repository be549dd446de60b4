"""Which folders may be scanned and which files streamed."""

import os
from pathlib import Path

import pytest

from shared.config import Config, load
from shared.errors import InvalidError
from shared.paths import checked_folder, is_allowed


def a_config(**settings: str) -> Config:
    return load({"DATA_DIR": "/tmp/data"} | settings)  # noqa: S108 - never made


def test_a_folder_of_media_is_itself(tmp_path: Path) -> None:
    assert checked_folder(a_config(), str(tmp_path)) == tmp_path


def test_a_link_to_a_folder_means_the_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")

    assert checked_folder(a_config(), f"{tmp_path}/link") == tmp_path / "real"


def test_a_folder_that_may_not_be_opened_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(InvalidError) as refused:
        checked_folder(a_config(), f"{tmp_path}/{'x' * 300}")

    assert refused.value.field == "path"
    assert "Traceback" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Name the folder"),
        (" \t\n", "Name the folder"),
        ("a\0b", "NUL"),
        ("media", "absolute"),
        ("/media/../etc", r"'\.\.'"),
        ("/media\\..\\etc", r"'\.\.'"),
        ("/\ud800", "Unicode"),
        ("/" + "x" * 4096, "longer"),
        ("/there/is/none", "no such folder"),
        ("/dev/null", "file"),
        ("/etc", "operating system"),
        ("/", "operating system"),
    ],
)
def test_a_path_is_refused_for_its_own_reason(text: str, reason: str) -> None:
    with pytest.raises(InvalidError, match=reason) as refused:
        checked_folder(a_config(), text)

    assert refused.value.field == "path"


def test_dots_that_are_part_of_a_name_are_no_way_out(tmp_path: Path) -> None:
    for name in ("...", "..film", "film..", "What... Ever (2001)"):
        (tmp_path / name).mkdir()

        assert checked_folder(a_config(), f"{tmp_path}/{name}") == tmp_path / name


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/media/films", True),
        ("/mnt/nas/film.mkv", True),
        ("/home/anna/Videos", True),
        ("/home", False),
        ("/", False),
        ("/root", False),
        ("/root/Videos", True),
        ("/var", False),
        ("/var/media", True),
        ("/etc", False),
        ("/etc/passwd", False),
        ("/etcetera", True),
        ("/usr/share/film.mkv", False),
        ("/proc/self/environ", False),
        ("/devices/film.mkv", True),
        ("/dev/sda", False),
    ],
)
def test_without_media_roots_everything_but_the_system_is_allowed(path: str, allowed: bool) -> None:  # noqa: FBT001
    assert is_allowed(a_config(), Path(path)) is allowed


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/media/films", True),
        ("/media/films/Heat/Heat.mkv", True),
        ("/media/films2", False),
        ("/media", False),
        ("/mnt/tv/x", True),
        ("/home/anna/Videos", False),
        ("/", False),
    ],
)
def test_with_media_roots_only_what_is_below_them_is_allowed(path: str, allowed: bool) -> None:  # noqa: FBT001
    assert is_allowed(a_config(MEDIA_ROOTS="/media/films:/mnt/tv"), Path(path)) is allowed


@pytest.mark.parametrize(
    ("roots", "path", "allowed"),
    [
        ("", "/srv/dester", False),
        ("", "/srv/dester/secrets.key", False),
        ("", "/srv/dester-films", True),
        ("", "/srv", True),
        ("/srv", "/srv/films", True),
        ("/srv", "/srv/dester/dester.db", False),
        ("/srv/dester/library", "/srv/dester/library/film.mkv", True),
        ("/srv/dester/library", "/srv/dester/secrets.key", False),
        ("/srv:/srv/dester/library", "/srv/dester/library/film.mkv", True),
    ],
)
def test_the_servers_own_data_are_no_media_but_what_a_media_root_among_them_holds(
    roots: str,
    path: str,
    allowed: bool,  # noqa: FBT001
) -> None:
    assert is_allowed(a_config(MEDIA_ROOTS=roots, DATA_DIR="/srv/dester"), Path(path)) is allowed


def test_a_root_that_is_a_link_allows_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "real" / "films").mkdir(parents=True)
    (tmp_path / "root").symlink_to(tmp_path / "real")
    config = a_config(MEDIA_ROOTS=f"{tmp_path}/root")

    assert checked_folder(config, f"{tmp_path}/root/films") == tmp_path / "real" / "films"
    assert is_allowed(config, tmp_path / "real" / "films")


@pytest.mark.parametrize(
    ("text", "below"),
    [("/Volumes/Media", "."), ("/Volumes/Media/films", "films"), ("/Volumes/Media/films/", "films")],
)
def test_a_path_of_the_host_is_mapped(tmp_path: Path, text: str, below: str) -> None:
    (tmp_path / "films").mkdir()
    config = a_config(HOST_MEDIA_PATH="/Volumes/Media", CONTAINER_MEDIA_PATH=str(tmp_path))

    assert checked_folder(config, text) == tmp_path / below


def test_a_neighbour_of_the_hosts_path_is_not_mapped(tmp_path: Path) -> None:
    (tmp_path / "2").mkdir()
    config = a_config(HOST_MEDIA_PATH="/Volumes/Media", CONTAINER_MEDIA_PATH=str(tmp_path))

    with pytest.raises(InvalidError, match="no such folder"):
        checked_folder(config, "/Volumes/Media/../Media2".replace("/../Media", ""))


def test_a_link_to_a_folder_named_in_another_encoding_is_refused(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/f\xfclm"
    os.mkdir(folder)  # noqa: PTH102 - a name in bytes
    (tmp_path / "link").symlink_to(os.fsdecode(folder))

    with pytest.raises(InvalidError, match="Unicode") as refused:
        checked_folder(a_config(), f"{tmp_path}/link")

    assert refused.value.field == "path"
    assert str(refused.value).isascii()


def test_a_folder_named_in_another_encoding_does_not_break_anything(tmp_path: Path) -> None:
    os.mkdir(os.fsencode(tmp_path) + b"/f\xfclm")  # noqa: PTH102 - a name in bytes

    assert checked_folder(a_config(), str(tmp_path)) == tmp_path

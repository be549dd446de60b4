"""What the names of subtitles mean: a line for each, the path as the test's id. A bug report becomes a line."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.scan_options import ScanOptions
from tests.trees import a_file
from worker.languages import tag
from worker.subtitles import EXTENSIONS, beside
from worker.walk import WalkedFolder, subtitle_names, walk

FILM = "Heat (1995).mkv"
TRAILER = "Heat (1995)-trailer.mkv"
LONGER = "Heat (1995) - Director's Cut.mkv"


def case(path: str, language: str | None = None, title: str | None = None, *flags: str) -> Any:
    expected = {
        "path": path,
        "format": path.rpartition(".")[2].lower(),
        "language": language,
        "title": title,
        "forced": "forced" in flags,
        "hearingImpaired": "hearingImpaired" in flags,
        "default": "default" in flags,
    }
    return pytest.param(path, expected, id=path)


# fmt: off
NAMES = [
    # The video's own name, and what may follow it
    case("Heat (1995).srt"),
    case("Heat (1995).en.srt", "en"),
    case("heat (1995).EN.SRT", "en"),
    case("Heat (1995) en.srt", "en"),
    case("Heat (1995)-en.srt", "en"),
    case("Heat (1995)_eng.srt", "en"),
    case("Heat (1995) - English.srt", "en"),
    case("Heat (1995) [English].srt", "en"),

    # Formats
    case("Heat (1995).en.ass", "en"),
    case("Heat (1995).en.ssa", "en"),
    case("Heat (1995).en.vtt", "en"),
    case("Heat (1995).en.sup", "en"),
    case("Heat (1995).en.sub", "en"),

    # Codes of two and three letters, of libraries and of terminology
    case("Heat (1995).de.srt", "de"),
    case("Heat (1995).deu.srt", "de"),
    case("Heat (1995).ger.srt", "de"),
    case("Heat (1995).fre.srt", "fr"),
    case("Heat (1995).fra.srt", "fr"),
    case("Heat (1995).chi.srt", "zh"),
    case("Heat (1995).zho.srt", "zh"),
    case("Heat (1995).gre.srt", "el"),
    case("Heat (1995).fil.srt", "fil"),
    case("Heat (1995).yue.srt", "yue"),
    case("Heat (1995).cmn.srt", "cmn"),
    case("Heat (1995).mul.srt", "mul"),
    case("Heat (1995).und.srt"),

    # Countries and scripts
    case("Heat (1995).pt-BR.srt", "pt-BR"),
    case("Heat (1995).pt_br.srt", "pt-BR"),
    case("Heat (1995).por-BR.srt", "pt-BR"),
    case("Heat (1995).pob.srt", "pt-BR"),
    case("Heat (1995).zh-Hans.srt", "zh-Hans"),
    case("Heat (1995).zh-hant-tw.srt", "zh-Hant-TW"),
    case("Heat (1995).cht.srt", "zh-Hant"),
    case("Heat (1995).sr-Latn.srt", "sr-Latn"),
    case("Heat (1995).es-419.srt", "es-419"),
    case("Heat (1995).en-US.forced.srt", "en-US", None, "forced"),

    # Names, English and their own
    case("Heat (1995).English.srt", "en"),
    case("Heat (1995).Greek.srt", "el"),
    case("Heat (1995).Norwegian.srt", "no"),
    case("Heat (1995).Brazilian Portuguese.srt", "pt-BR"),
    case("Heat (1995).Portuguese (Brazil).srt", "pt-BR"),
    case("Heat (1995).Portuguese (Brazilian).srt", "pt-BR"),
    case("Heat (1995).European Portuguese.srt", "pt-PT"),
    case("Heat (1995).Latin American Spanish.srt", "es-419"),
    case("Heat (1995).Spanish (Latin America).srt", "es-419"),
    case("Heat (1995).Chinese (Simplified).srt", "zh-Hans"),
    case("Heat (1995).Traditional Chinese.srt", "zh-Hant"),
    case("Heat (1995).French (Canada).srt", "fr-CA"),
    case("Heat (1995).English (UK).srt", "en-GB"),
    case("Heat (1995).Deutsch.srt", "de"),
    case("Heat (1995).français.srt", "fr"),
    case("Heat (1995).FRANCAIS.srt", "fr"),
    case("Heat (1995).Español.srt", "es"),
    case("Heat (1995).日本語.srt", "ja"),
    case("Heat (1995).한국어.srt", "ko"),
    case("Heat (1995).Русский.srt", "ru"),
    case("Heat (1995).Tiếng Việt.srt", "vi"),

    # Flags, in any order
    case("Heat (1995).forced.srt", None, None, "forced"),
    case("Heat (1995).en.forced.srt", "en", None, "forced"),
    case("Heat (1995).forced.en.srt", "en", None, "forced"),
    case("Heat (1995).en.foreign.srt", "en", None, "forced"),
    case("Heat (1995).en.sdh.srt", "en", None, "hearingImpaired"),
    case("Heat (1995).en.cc.srt", "en", None, "hearingImpaired"),
    case("Heat (1995).en-cc.srt", "en", None, "hearingImpaired"),
    case("Heat (1995).default.en.srt", "en", None, "default"),
    case("Heat (1995).sdh.default.en.forced.srt", "en", None, "forced", "hearingImpaired", "default"),
    case("Heat (1995) - English (SDH).srt", "en", None, "hearingImpaired"),
    case("Heat (1995).English [Forced].srt", "en", None, "forced"),

    # Hindi, or for the hearing impaired
    case("Heat (1995).hi.srt", "hi"),
    case("Heat (1995).hin.srt", "hi"),
    case("Heat (1995).Hindi.srt", "hi"),
    case("Heat (1995).hi-IN.srt", "hi-IN"),
    case("Heat (1995).hi.forced.srt", "hi", None, "forced"),
    case("Heat (1995).hi.sdh.srt", "hi", None, "hearingImpaired"),
    case("Heat (1995).en.hi.srt", "en", None, "hearingImpaired"),
    case("Heat (1995).hi.en.srt", "en", None, "hearingImpaired"),
    case("Heat (1995).hin.hi.srt", "hi", None, "hearingImpaired"),
    case("Heat (1995).hi.hi.srt", "hi", None, "hearingImpaired"),

    # Words that are left
    case("Heat (1995).Commentary.en.srt", "en", "Commentary"),
    case("Heat (1995).en.Commentary.srt", "en", "Commentary"),
    case("Heat (1995).English Commentary.srt", "en", "Commentary"),
    case("Heat (1995).Director's Commentary.en.sdh.srt", "en", "Director's Commentary", "hearingImpaired"),
    case("Heat (1995).English Signs & Songs.ass", "en", "Signs & Songs"),
    case("Heat (1995).1080p.BluRay.x264-GROUP.en.srt", "en", "1080p BluRay x264-GROUP"),
    case("Heat (1995).1080p.German.x264-GROUP.srt", "de", "1080p x264-GROUP"),
    case("Heat (1995).en.2.srt", "en", "2"),
    case("Heat (1995).en.fr.srt", "fr", "en"),

    # What only looks like a language
    case("Heat (1995).A New Cut.srt", None, "A New Cut"),
    case("Heat (1995).Directors.New.Cut.srt", None, "Directors New Cut"),
    case("Heat (1995).To Be or not.srt", None, "To Be or not"),
    case("Heat (1995).cut.srt", None, "cut"),
    case("Heat (1995).en-QQ.srt", None, "en-QQ"),

    # Folders of subtitles
    case("Subs/English.srt", "en"),
    case("subs/2_English.srt", "en"),
    case("Subtitles/Heat (1995).en.srt", "en"),
    case("Sub/eng.forced.srt", "en", None, "forced"),
    case("Subs/Heat (1995)/2_English.srt", "en"),
    case("Subs/heat (1995)/12_Brazilian Portuguese.srt", "pt-BR"),
    case("Subs/2_eng,English [CC].srt", "en", None, "hearingImpaired"),
    case("Subs/3_eng,English [Forced].srt", "en", None, "forced"),
    case("Subs/English/Heat (1995).srt", "en"),
    case("Subs/English/Heat (1995).hi.srt", "en", None, "hearingImpaired"),
    case("Subs/German/heat.1995.forced.srt", "de", None, "forced"),
    case("Subs/Heat.1995.1080p.French.srt", "fr", "1080p"),
    case("Subs/Another.Name.srt", None, "Another Name"),
]
NOBODYS = [
    "Heat.srt",
    "Heat (1995)2.en.srt",
    "English.srt",
    "Ronin (1998).en.srt",
    "Extras/Heat (1995).en.srt",
    "Subs/Heat (1995)/deeper/English.srt",
    "Heat (1995).en.txt",
    "Heat (1995).idx",
    ".srt",
    "",
]
# fmt: on


@pytest.mark.parametrize(("path", "expected"), NAMES)
def test_a_subtitle_is_what_its_name_says(path: str, expected: dict[str, Any]) -> None:
    assert beside([FILM], [path], FILM) == {FILM: [expected]}


@pytest.mark.parametrize("path", NOBODYS)
def test_other_files_are_no_subtitles_of_a_video(path: str) -> None:
    assert beside([FILM], [path], FILM) == {FILM: []}


def test_a_title_with_languages_in_it_is_not_taken_for_one() -> None:
    video = "The Italian Job (2003).mkv"

    found = beside([video], ["The Italian Job (2003).srt", "Subs/The.Italian.Job.2003.srt"], video)[video]

    assert [subtitle["language"] for subtitle in found] == [None, None]


def test_subtitles_stand_by_default_language_and_path() -> None:
    names = [
        f"Heat (1995).{rest}.srt" for rest in ("fr", "und", "en.sdh", "en", "sv.default", "Songs", "de.default.forced")
    ]

    found = beside([FILM], names)[FILM]

    assert [subtitle["path"].removeprefix("Heat (1995).").removesuffix(".srt") for subtitle in found] == [
        *("de.default.forced", "sv.default", "en.sdh", "en", "fr", "Songs", "und"),
    ]


def test_a_pair_of_idx_and_sub_is_one_subtitle() -> None:
    found = beside([FILM], ["Heat (1995).en.sub", "Heat (1995).en.IDX", "Heat (1995).de.sub", "Heat (1995).fr.idx"])[
        FILM
    ]

    assert [(subtitle["path"], subtitle["format"]) for subtitle in found] == [
        ("Heat (1995).de.sub", "sub"),
        ("Heat (1995).en.IDX", "idx"),
    ]


def test_a_subtitle_belongs_to_the_video_with_the_longest_name_it_begins_with() -> None:
    names = ["Heat (1995).en.srt", "Heat (1995)-trailer.en.srt", "Heat (1995) - Director's Cut.en.srt"]

    found = beside([FILM, TRAILER, LONGER], names)

    assert {video: [one["path"] for one in subtitles] for video, subtitles in found.items()} == {
        FILM: [names[0]],
        TRAILER: [names[1]],
        LONGER: [names[2]],
    }


def test_among_several_videos_a_subtitle_without_a_name_belongs_to_none() -> None:
    episodes = ["Show S01E01.mkv", "Show S01E02.mkv"]

    found = beside(episodes, ["Subs/English.srt", "Subs/Show S01E02/2_English.srt", "Subs/Show S01E01.de.srt"])

    assert {video: [one["path"] for one in subtitles] for video, subtitles in found.items()} == {
        episodes[0]: ["Subs/Show S01E01.de.srt"],
        episodes[1]: ["Subs/Show S01E02/2_English.srt"],
    }


def test_beside_a_trailer_the_only_film_has_the_subtitles_without_a_name() -> None:
    found = beside([FILM, TRAILER], ["Subs/English.srt"], FILM)

    assert [len(found[FILM]), len(found[TRAILER])] == [1, 0]


def test_two_files_of_one_name_share_their_subtitles() -> None:
    found = beside([FILM, "Heat (1995).mp4"], ["Heat (1995).en.srt"])

    assert found[FILM] == found["Heat (1995).mp4"] != []


def test_an_accent_of_its_own_is_the_same_name() -> None:
    found = beside(["Amélie.mkv"], ["Ame\u0301lie.fr.srt"])

    assert found["Amélie.mkv"][0]["language"] == "fr"


SPOKEN = st.sampled_from(
    ["Heat (1995)", "Subs", "/", ".", " ", "-", "_", "en", "hi", "pt-BR", "English", "cc", "2", "(", "]", "İ", "ß"]
)
PATHS = st.one_of(
    st.text(st.characters(), max_size=40),
    st.builds(lambda words, end: "".join(words) + end, st.lists(SPOKEN), st.sampled_from(sorted(EXTENSIONS))),
)


@given(st.lists(PATHS, min_size=1), st.lists(PATHS))
@example(["\udcff.mkv"], ["\udcff.\udcfe.en.srt", "Subs/\udcfe.sub"])
def test_no_name_is_too_strange(videos: list[str], names: list[str]) -> None:
    found = beside(videos, names, videos[0])

    assert found.keys() == set(videos)
    assert beside(videos[::-1], names[::-1], videos[0]) == found
    assert all(map(beside([*videos, "another.mkv"], names).__contains__, videos))
    for subtitle in (one for subtitles in found.values() for one in subtitles):
        assert f".{subtitle['format']}" in EXTENSIONS
        assert subtitle["language"] is None or tag(subtitle["language"].split("-")) == subtitle["language"]
        (subtitle["title"] or "").encode()
        json.dumps(subtitle)


def test_subtitles_are_listed_two_folders_deep(tmp_path: Path) -> None:
    expected = ["Heat.en.srt", "SUBTITLES/fr.vtt", "Subs/2_English.srt", "Subs/Heat/3_German.SRT"]
    for name in [
        *expected,
        *("Heat.mkv", "Heat.nfo", ".hidden.srt", "Other/en.srt", "Subs/readme.txt", "Subs/Heat/deeper/en.srt"),
        *("Subs/.hidden/en.srt", "Subs/@eaDir/en.srt"),
    ]:
        a_file(tmp_path / name, b"1")
    (tmp_path / "Folder.srt").mkdir()
    (tmp_path / "broken.srt").symlink_to("nowhere")
    (tmp_path / "sub").symlink_to(tmp_path / "Other")

    assert subtitle_names(str(tmp_path)) == expected


def test_a_name_that_is_no_text_is_not_listed(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.srt")).write_bytes(b"1")

    assert subtitle_names(str(tmp_path)) == []


def test_what_cannot_be_read_holds_no_subtitles(tmp_path: Path) -> None:
    a_file(tmp_path / "Heat.en.srt", b"1")
    closed = tmp_path / "Subs"
    closed.mkdir()
    closed.chmod(0)

    listed = subtitle_names(str(tmp_path))
    closed.chmod(0o700)

    assert listed == ["Heat.en.srt"]
    assert subtitle_names(str(tmp_path / "gone")) == []


def _signature(root: Path) -> str:
    (folder,) = [found for found in walk(root, ScanOptions(), lambda _: True) if isinstance(found, WalkedFolder)]
    return folder.signature


@pytest.mark.parametrize("name", ["Subs/English.srt", "subtitles/en.vtt", "Subs/Heat/2_English.srt"])
def test_a_subtitle_that_comes_or_goes_changes_its_videos_folder(tmp_path: Path, name: str) -> None:
    a_file(tmp_path / "Heat.mkv", b"1")
    subtitle = a_file(tmp_path / name, b"1")
    # Some systems tell times a few milliseconds apart from each other, and no better.
    os.utime(subtitle.parent, (1, 1))

    with_it = _signature(tmp_path)
    unchanged = _signature(tmp_path)
    subtitle.unlink()
    without_it = _signature(tmp_path)

    assert with_it == unchanged != without_it


def test_what_is_no_subtitle_does_not_change_a_videos_folder(tmp_path: Path) -> None:
    a_file(tmp_path / "Heat.mkv", b"1")
    a_file(tmp_path / "Subs/English.srt", b"1")

    before = _signature(tmp_path)
    a_file(tmp_path / "Subs/readme.txt", b"1")
    a_file(tmp_path / "Other/English.srt", b"1")

    assert _signature(tmp_path) == before

"""Files of every sort, looked into: videos that were just encoded, broken ones, and what is no video."""

import contextlib
import os
from collections.abc import Callable
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from worker.probe import _DECODERS, ProbeError, probe


def a_video(
    container: str = "mp4",
    codec: str = "libx264",
    audio: tuple[str, ...] = ("eng",),
    subtitles: tuple[str, ...] = (),
    *,
    cover: bytes = b"",
    prepare: Callable[[av.container.OutputContainer], object] = lambda _: None,
    noise: bool = False,
    video: bool = True,
    size: tuple[int, int] = (64, 36),
) -> bytes:
    """Encode one second of black, silent video."""
    encoded = BytesIO()
    with av.open(encoded, "w", format=container) as output:
        tracks = []
        prepare(output)
        if cover:
            picture = output.add_stream("mjpeg", 1)
            picture.width, picture.height, picture.pix_fmt = 40, 40, "yuvj420p"
            picture.disposition = av.stream.Disposition.attached_pic
        if video:
            moving = output.add_stream(codec, 10)
            moving.width, moving.height, moving.pix_fmt = *size, "yuv420p"
        for language in audio:
            track = output.add_stream("libopus" if container == "webm" else "aac", 48_000, layout="stereo")
            track.metadata["language"] = language
            tracks.append(track)
        for language in subtitles:
            text = output.add_stream("subrip")
            text.codec_context.subtitle_header = b"[Script Info]\nScriptType: v4.00+\n[V4+ Styles]\n[Events]\n"
            text.metadata["language"] = language
        if cover:
            packet = av.Packet(cover)
            packet.stream, packet.pts, packet.dts, packet.is_keyframe = picture, 0, 0, True
            output.start_encoding()
            output.mux(packet)
        if video:
            for _ in range(10):
                output.mux(moving.encode(a_frame(size, noise=noise)))
            output.mux(moving.encode())
        for track in tracks:
            for start in range(0, 48_000, 960):
                frame = av.AudioFrame("s16", "stereo", 960)
                frame.planes[0].update(bytes(960 * 4))
                frame.sample_rate, frame.pts, frame.time_base = 48_000, start, Fraction(1, 48_000)
                output.mux(track.encode(frame))
            output.mux(track.encode())
    return encoded.getvalue()


def a_picture(kind: str) -> bytes:
    encoded = BytesIO()
    Image.new("RGB", (40, 40), "red").save(encoded, kind)
    return encoded.getvalue()


def a_frame(size: tuple[int, int], *, noise: bool) -> av.VideoFrame:
    frame = av.VideoFrame(*size, "yuv420p")
    for plane in frame.planes if noise else ():
        plane.update(os.urandom(plane.buffer_size))
    return frame


def a_file(folder: Path, content: bytes, name: str = "film.bin") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


MP4, MKV = a_video(), a_video("matroska", audio=("eng", "fre"), subtitles=("ger", "xx not a language"))


@pytest.mark.parametrize(
    ("video", "container", "codec", "audio_codec"),
    [
        (lambda: MP4, "mp4", "h264", "aac"),
        (lambda: MKV, "mkv", "h264", "aac"),
        (lambda: a_video("mov"), "mov", "h264", "aac"),
        (lambda: a_video("webm", "libvpx-vp9"), "webm", "vp9", "opus"),
        (lambda: a_video("avi", "mpeg4"), "avi", "mpeg4", "aac"),
        (lambda: a_video("mpegts"), "ts", "h264", "aac"),
        (lambda: a_video("flv"), "flv", "h264", "aac"),
    ],
    ids=["mp4", "mkv", "mov", "webm", "avi", "ts", "flv"],
)
def test_a_video_is_what_its_container_says(
    tmp_path: Path, video: Callable[[], bytes], container: str, codec: str, audio_codec: str
) -> None:
    found = probe(a_file(tmp_path, video()))

    assert (found.container, found.video_codec, found.audio_codec) == (container, codec, audio_codec)
    assert (found.width, found.height, found.audio_channels) == (64, 36, 2)
    assert found.duration == pytest.approx(1.0, abs=0.2)
    assert found.bitrate is not None


def test_every_track_tells_its_language(tmp_path: Path) -> None:
    found = probe(a_file(tmp_path, MKV))

    assert found.audio_languages == ("eng", "fre")
    assert found.subtitle_languages == ("ger", "und")


def test_a_film_may_be_silent(tmp_path: Path) -> None:
    found = probe(a_file(tmp_path, a_video(audio=())))

    assert (found.audio_codec, found.audio_channels, found.audio_languages) == (None, None, ())


def test_cover_art_is_not_the_video(tmp_path: Path) -> None:
    found = probe(a_file(tmp_path, a_video(cover=a_picture("JPEG"))))

    assert (found.video_codec, found.width, found.height) == ("h264", 64, 36)


def test_music_with_cover_art_is_no_video(tmp_path: Path) -> None:
    path = a_file(tmp_path, a_video(cover=a_picture("JPEG"), video=False))

    with pytest.raises(ProbeError, match="no video track") as caught:
        probe(path)

    assert caught.value.cause == "file-not-video"


@pytest.mark.parametrize(
    "name",
    ["ünï ☃.mp4", "file:x.mp4", "-i.mp4", "a%03d.mp4", "concat:a|b.mp4", "new\nline.mp4", os.fsdecode(b"\xff.mp4")],
)
def test_a_name_may_be_as_odd_as_it_likes(tmp_path: Path, name: str) -> None:
    assert probe(a_file(tmp_path, MP4, name)).video_codec == "h264"


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "file-empty"),
        (b"\0", "file-not-video"),
        (bytes(100_000), "file-not-video"),
        (b"Once upon a time\n" * 1000, "file-not-video"),
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n", "file-not-video"),
        (b"ffconcat version 1.0\nfile /etc/hostname\n", "file-not-video"),
        (b"1\n00:00:01,000 --> 00:00:02,000\nHello\n\n" * 20, "file-not-video"),
        (a_picture("JPEG"), "file-not-video"),
        (a_picture("PNG"), "file-not-video"),
        (a_picture("GIF"), "file-not-video"),
        (MP4[:40], "file-not-video"),
        (a_video("adts", video=False), "file-not-video"),
    ],
    ids=[
        *("empty", "one byte", "zeros", "text", "hls", "concat", "subtitles", "jpeg", "png", "gif", "cut mp4", "music"),
    ],
)
def test_what_is_no_video_is_refused(tmp_path: Path, content: bytes, cause: str) -> None:
    with pytest.raises(ProbeError) as caught:
        probe(a_file(tmp_path, content))

    assert caught.value.cause == cause
    assert str(tmp_path) not in caught.value.message


def a_pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


@pytest.mark.timeout(5)
@pytest.mark.parametrize(
    ("path", "message"),
    [
        (lambda folder: folder / "missing.mkv", "No such file or directory"),
        (lambda folder: folder, "not a regular file"),
        (lambda _: Path("/dev/zero"), "not a regular file"),
        (a_pipe, "not a regular file"),
    ],
    ids=["missing", "folder", "device", "pipe"],
)
def test_only_a_regular_file_is_read(tmp_path: Path, path: Callable[[Path], Path], message: str) -> None:
    with pytest.raises(ProbeError) as caught:
        probe(path(tmp_path))

    assert (caught.value.cause, caught.value.message) == ("file-unreadable", message)


def test_a_probe_ends_at_its_deadline(tmp_path: Path) -> None:
    with pytest.raises(ProbeError) as caught:
        probe(a_file(tmp_path, MP4), deadline=0)

    assert caught.value.cause == "file-probe-too-slow"


def test_a_probe_reads_no_more_than_its_share(tmp_path: Path) -> None:
    with pytest.raises(ProbeError) as caught:
        probe(a_file(tmp_path, MP4), byte_limit=1000)

    assert caught.value.cause == "file-probe-too-big"


def test_a_disk_that_fails_while_reading_is_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bytes:
        raise OSError(5, "Input/output error")

    path = a_file(tmp_path, MP4)
    monkeypatch.setattr(os, "pread", broken)
    with pytest.raises(ProbeError) as caught:
        probe(path)

    assert (caught.value.cause, caught.value.message) == ("file-unreadable", "Input/output error")


def test_a_huge_film_is_probed_by_its_ends(tmp_path: Path) -> None:
    path = a_file(tmp_path, MP4)
    media = MP4.index(b"mdat") - 4
    filler = 8 * 1024**3
    with path.open("wb") as file:  # a sparse box of 8 GiB between the file's type and its media
        file.write(MP4[:media] + (1).to_bytes(4, "big") + b"free" + filler.to_bytes(8, "big"))
        file.seek(media + filler)
        file.write(MP4[media:])

    assert probe(path).video_codec == "h264"


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_decoder_that_no_film_needs_stays_closed(tmp_path: Path) -> None:
    path = a_file(tmp_path, a_video("avi", "ffvhuff", audio=()))
    av.logging.set_level(av.logging.ERROR)
    try:
        with av.logging.Capture(local=True) as said:
            found = probe(path)
    finally:
        av.logging.set_level(None)

    assert (found.video_codec, found.width, found.height) == ("ffvhuff", 64, 36)
    assert any("ffvhuff" in line and "whitelist" in line for _, _, line in said)


def test_a_recording_of_windows_is_looked_into_without_parsers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wtv, mpegts = (
        a_file(tmp_path, a_video(container, "mpeg2video"), f"film.{container}") for container in ("wtv", "mpegts")
    )
    opened: list[str | None] = []
    av_open = av.open

    def noting(*args: Any, container_options: dict[str, str], **more: Any) -> Any:
        opened.append(container_options.get("fflags"))
        return av_open(*args, container_options=container_options, **more)

    monkeypatch.setattr(av, "open", noting)
    found = probe(wtv)
    probe(mpegts)

    assert (found.container, found.video_codec, found.width, found.audio_channels) == ("wtv", "mpeg2video", 64, 2)
    assert opened == ["noparse", None]


@pytest.mark.parametrize("kind", ["jpeg", "png", "gif"])
def test_a_cover_costs_no_reading(tmp_path: Path, kind: str) -> None:
    def attach(output: av.container.OutputContainer) -> None:
        output.add_attachment("cover", f"image/{kind}", a_picture(kind))

    film = a_video("matroska", "ffv1", prepare=attach, noise=True, size=(1280, 720))
    assert len(film) > 5_000_000

    found = probe(a_file(tmp_path, film), byte_limit=2_500_000)

    assert (found.video_codec, found.width) == ("ffv1", 1280)


def test_decoders_are_named_as_ffmpeg_names_them() -> None:
    assert [name for name in _DECODERS if not av.codec.Codec(name, "r").is_decoder] == []


@pytest.mark.parametrize("content", [MKV, a_video("avi", "mpeg4", audio=())], ids=["mkv", "avi"])
def test_what_a_film_says_of_itself_in_another_encoding_costs_nothing(tmp_path: Path, content: bytes) -> None:
    written = content.replace(b"Lavf", "é".encode("latin-1") * 4)
    assert written != content

    assert probe(a_file(tmp_path, written)) == probe(a_file(tmp_path, content))


@pytest.mark.parametrize("content", [MP4, MKV, MP4[:500], b"no video", b""], ids=["mp4", "mkv", "cut", "text", "empty"])
def test_no_file_stays_open(tmp_path: Path, content: bytes) -> None:
    path = a_file(tmp_path, content)
    before = open_files()

    for unread in [path, tmp_path] * 10:
        with contextlib.suppress(ProbeError):
            probe(unread)

    assert open_files() == before


def probed_or_refused(folder: Path, content: bytes) -> None:
    """Probe; anything but a ProbeError fails the test."""
    with contextlib.suppress(ProbeError):
        probe(a_file(folder, content), deadline=5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bytes")


@settings(deadline=None, max_examples=150)
@given(
    start=st.sampled_from(
        [b"", b"\x1a\x45\xdf\xa3", b"\0\0\0\x18ftypisom", b"RIFF\0\0\0\0AVI ", b"FLV\1", b"OggS", b"\x47"]
    ),
    rest=st.binary(max_size=2000),
)
def test_any_bytes_are_probed_or_refused(folder: Path, start: bytes, rest: bytes) -> None:
    probed_or_refused(folder, start + rest)


@settings(deadline=None, max_examples=150)
@given(video=st.sampled_from([MP4, MKV]), data=st.data())
def test_any_damaged_video_is_probed_or_refused(folder: Path, video: bytes, data: st.DataObject) -> None:
    damaged = bytearray(video[: data.draw(st.integers(0, len(video)))])
    for place, value in data.draw(st.lists(st.tuples(st.integers(0, len(video)), st.integers(0, 255)), max_size=8)):
        if place < len(damaged):
            damaged[place] = value

    probed_or_refused(folder, bytes(damaged))

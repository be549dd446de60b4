"""A video file → what it is made of, as its container says; nothing is decoded beyond what FFmpeg needs to tell."""

import io
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from shared.opening import Opener, at_once

DEADLINE = 10.0
BYTE_LIMIT = 32 * 1024 * 1024

#: FFmpeg's name of a demuxer → ours of the container. Any other is refused: besides that a picture or a text is no
#: video, a playlist (hls, concat, sdp …) could make FFmpeg open other files and addresses.
_CONTAINERS = {
    "mov,mp4,m4a,3gp,3g2,mj2": "mp4",
    "matroska,webm": "mkv",
    "asf": "asf",
    "avi": "avi",
    "dv": "dv",
    "flv": "flv",
    "gxf": "gxf",
    "ivf": "ivf",
    "mpeg": "mpg",
    "mpegts": "ts",
    "mpegvideo": "mpg",
    "mxf": "mxf",
    "nsv": "nsv",
    "nut": "nut",
    "ogg": "ogg",
    "rm": "rm",
    "wtv": "wtv",
}
#: FFmpeg's names of the decoders that it may use: it decodes a little of what a container leaves open. A file that
#: somebody made to break a decoder that no film needs finds it closed; its codec is told all the same. What is missing
#: here and leaves something open has FFmpeg read as much as it may.
_DECODERS = (
    *("av1", "cavs", "dnxhd", "dvvideo", "ffv1", "flv", "h263", "h264", "hevc", "libdav1d", "mjpeg", "mpeg1video"),
    *("mpeg2video", "mpeg4", "msmpeg4", "msmpeg4v1", "msmpeg4v2", "prores", "rv10", "rv20", "rv30", "rv40", "theora"),
    *("vc1", "vp6", "vp6a", "vp6f", "vp8", "vp9", "vvc", "wmv1", "wmv2", "wmv3"),
    *("aac", "aac_latm", "ac3", "alac", "amrnb", "amrwb", "cook", "dca", "eac3", "flac", "mlp", "mp2", "mp2float"),
    *("mp3", "mp3float", "opus", "pcm_bluray", "pcm_dvd", "pcm_s16be", "pcm_s16le", "pcm_s24be", "pcm_s24le", "pcm_u8"),
    *("s302m", "speex", "truehd", "vorbis", "wmalossless", "wmapro", "wmav1", "wmav2"),
    # Subtitles and covers, of whose size a container says nothing: FFmpeg would read on until it is known.
    *("pgssub", "bmp", "gif", "png", "webp"),
)
_OPTIONS = {
    "format_whitelist": ",".join(_CONTAINERS),
    "protocol_whitelist": "",
    "codec_whitelist": ",".join(_DECODERS),
    "probesize": "5000000",
    "analyzeduration": "5000000",  # microseconds
}
#: PyAV takes what a film says of itself in whatever encoding since this version, which Python 3.11 can't have; before
#: that it has to be told.
_TAKES_ANY_ENCODING = 19
_IN_ANY_ENCODING: dict[str, Any] = (
    {} if int(av.__version__.split(".")[0]) >= _TAKES_ANY_ENCODING else {"metadata_errors": "replace"}
)
#: Where Matroska names its document type.
_HEAD = 64
#: How each WTV file begins. What is in one needs no parser, and FFmpeg before 9.0 has one that such a file can break
#: (of DVB subtitles, CVE-2026-70628).
_WTV, _UNPARSED = bytes.fromhex("b7d800203749da11a64e0007e95ead8d"), {"fflags": "noparse"}
_PICTURES = Disposition.attached_pic | Disposition.still_image | Disposition.timed_thumbnails
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.IGNORECASE)
_UNDETERMINED = "und"
#: What lies above is a broken header, not a film: a year, and what a database's integer holds.
_LONGEST, _MOST_BITS = 366 * 24 * 3600.0, 2_000_000_000


#: The cause of a failure that is the disk's, or the moment's, and not the file's.
UNREADABLE = "file-unreadable"


class ProbeError(Exception):
    """A file can't be probed; ``cause`` groups the failures."""

    def __init__(self, cause: str, message: str) -> None:
        super().__init__(message)
        self.cause = cause
        self.message = message


@dataclass(frozen=True, slots=True)
class Probe:
    """What a video file is made of; None where the container doesn't say."""

    container: str
    #: Seconds.
    duration: float | None
    video_codec: str | None
    width: int | None
    height: int | None
    audio_codec: str | None
    audio_channels: int | None
    #: Bits per second, of all streams together.
    bitrate: int | None
    #: One for each track, in order; ``und`` where a track doesn't say.
    audio_languages: tuple[str, ...]
    subtitle_languages: tuple[str, ...]


def probe(path: Path, opener: Opener = at_once, *, deadline: float = DEADLINE, byte_limit: int = BYTE_LIMIT) -> Probe:
    """Look into a video file, for at most ``deadline`` seconds and ``byte_limit`` bytes.

    A read that the operating system never answers, as of a dead network disk, can't be ended from here.
    """
    try:
        with open(path, "rb", buffering=0, opener=opener) as file:
            if os.fstat(file.fileno()).st_size == 0:
                raise ProbeError("file-empty", "The file is empty.")
            return _probe(file, deadline, byte_limit)
    except OSError as error:
        raise ProbeError(UNREADABLE, error.strerror or "The file can't be read.") from error


class _Bounded:
    """A file that ends when time or bytes are used up, and keeps why.

    It raises nothing: FFmpeg takes an exception for one of many errors that it tries to read past, and PyAV would raise
    it later from whatever call comes next. A file's end stops both.
    """

    def __init__(self, file: io.FileIO, deadline: float, byte_limit: int) -> None:
        self._file = file
        self._ends = time.monotonic() + deadline
        self._left = byte_limit
        self.why_ended: ProbeError | None = None

    def read(self, size: int) -> bytes:
        if self._has_ended():
            return b""
        try:
            data = self._file.read(size) or b""
        except OSError as error:
            self.why_ended = ProbeError(UNREADABLE, error.strerror or "The file can't be read.")
            return b""
        self._left -= len(data)
        return data

    def seek(self, offset: int, whence: int) -> int:
        if self._has_ended():
            return -1
        try:
            return self._file.seek(offset, whence)
        except (OSError, ValueError):  # a broken header may point anywhere
            return -1

    def tell(self) -> int:
        return self._file.tell()

    def _has_ended(self) -> bool:
        if self.why_ended is None and time.monotonic() >= self._ends:
            self.why_ended = ProbeError("file-probe-too-slow", "The file could not be probed in time.")
        elif self.why_ended is None and self._left <= 0:
            self.why_ended = ProbeError("file-probe-too-big", "Too much of the file would have to be read to probe it.")
        return self.why_ended is not None


def _probe(file: io.FileIO, deadline: float, byte_limit: int) -> Probe:
    head = os.pread(file.fileno(), _HEAD, 0)
    bounded = _Bounded(file, deadline, byte_limit)
    options = _OPTIONS | _UNPARSED if head.startswith(_WTV) else _OPTIONS
    try:
        with av.open(
            bounded, "r", container_options=options, timeout=max(deadline, 0.001), **_IN_ANY_ENCODING
        ) as opened:
            found = _described(opened, head)
    except (av.FFmpegError, ValueError, MemoryError) as error:
        if bounded.why_ended is not None:
            raise bounded.why_ended from error
        if isinstance(error, av.error.ExitError):
            raise ProbeError("file-probe-too-slow", "The file could not be probed in time.") from error
        raise ProbeError("file-not-video", "The file is not a video that can be recognised.") from error
    if bounded.why_ended is not None:
        raise bounded.why_ended
    if found is None:
        raise ProbeError("file-not-video", "The file has no video track.")
    return found


def _described(opened: InputContainer, head: bytes) -> Probe | None:
    video = next((stream for stream in opened.streams.video if not stream.disposition & _PICTURES), None)
    if video is None:
        return None
    audio = _first_or_default(opened.streams.audio)
    known = video.codec_context is not None  # None where FFmpeg was built without the decoder
    return Probe(
        container=_container(opened, head),
        duration=_duration(opened, video),
        video_codec=_codec(video),
        width=(video.width or None) if known else None,
        height=(video.height or None) if known else None,
        audio_codec=None if audio is None else _codec(audio),
        audio_channels=None if audio is None or audio.codec_context is None else audio.channels or None,
        bitrate=opened.bit_rate if 0 < opened.bit_rate <= _MOST_BITS else None,
        audio_languages=tuple(_language(stream) for stream in opened.streams.audio),
        subtitle_languages=tuple(_language(stream) for stream in opened.streams.subtitles),
    )


def _first_or_default(streams: tuple[AudioStream, ...]) -> AudioStream | None:
    default = (stream for stream in streams if stream.disposition & Disposition.default)
    return next(default, streams[0] if streams else None)


def _container(opened: InputContainer, head: bytes) -> str:
    name = _CONTAINERS.get(opened.format.name, opened.format.name)
    if name == "mkv" and b"webm" in head:
        return "webm"
    if name == "mp4" and opened.metadata.get("major_brand", "").strip() == "qt":
        return "mov"
    return name


def _duration(opened: InputContainer, video: VideoStream) -> float | None:
    seconds = 0.0
    if opened.duration is not None:
        seconds = opened.duration / av.time_base
    elif video.duration is not None and video.time_base is not None:
        seconds = float(video.duration * video.time_base)
    return seconds if 0 < seconds <= _LONGEST else None


def _codec(stream: Stream) -> str | None:
    return None if stream.codec_context is None else stream.codec_context.codec.canonical_name


def _language(stream: Stream) -> str:
    language = (stream.language or "").strip()
    return language.lower() if _LANGUAGE.fullmatch(language) else _UNDETERMINED

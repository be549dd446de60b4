"""Pictures, fetched from a web server and a disk of our own, and made ready to be stored."""

import gzip
import os
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest
import requests
from PIL import Image, ImageDraw

from shared.kinds import PictureKind
from worker import pictures
from worker.pictures import MAX_BYTES, PictureError, fetch, prepare, scaled
from worker.public_web import place_of, public_session


def a_picture(size: tuple[int, int] = (500, 750), kind: str = "JPEG", mode: str = "RGB", **options: object) -> bytes:
    """Draw something that no two quarters of the picture share."""
    image = Image.radial_gradient("L").resize(size).convert("RGB")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, size[0] // 2, size[1] // 2), fill=(204, 51, 51))
    draw.ellipse((size[0] // 2, size[1] // 2, size[0], size[1]), fill=(51, 51, 204))
    encoded = BytesIO()
    image.convert(mode).save(encoded, kind, **options)
    return encoded.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def everywhere(_: str) -> bool:
    return True


def nowhere(_: str) -> bool:
    return False


class Answers(BaseHTTPRequestHandler):
    """A web server whose every path is a way to answer."""

    picture: ClassVar[bytes] = a_picture((50, 75))

    def do_GET(self) -> None:
        name = self.path.partition("?")[0].strip("/")
        getattr(self, f"answer_{name.partition('.')[0]}", lambda: self.answer_status(int(name)))()

    def answer_status(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for header, value in headers.items():
            self.send_header(header.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def answer_poster(self) -> None:
        self.answer_status(200, self.picture, Content_Length=str(len(self.picture)))

    def answer_zipped(self) -> None:
        self.answer_status(200, gzip.compress(self.picture), Content_Encoding="gzip")

    def answer_moved(self) -> None:
        self.answer_status(302, Location="/poster.jpg")

    def answer_circle(self) -> None:
        self.answer_status(302, Location="/circle")

    def answer_to_a_file(self) -> None:
        self.answer_status(302, Location="file:///etc/hostname")

    def answer_page(self) -> None:
        self.answer_status(200, self.picture, Content_Type="text/html; charset=utf-8")

    def answer_typed(self) -> None:
        self.answer_status(200, self.picture, Content_Type="image/jpeg")

    def answer_bytes(self) -> None:
        self.answer_status(200, self.picture, Content_Type="binary/octet-stream")

    def answer_inwards(self) -> None:
        self.answer_status(302, Location=f"http://localhost:{self.server.server_port}/poster.jpg")  # type: ignore[attr-defined]

    def answer_short(self) -> None:
        self.answer_status(200, self.picture[:100], Content_Length=str(len(self.picture)))

    def answer_bomb(self) -> None:
        self.answer_status(200, gzip.compress(bytes(MAX_BYTES + 1)), Content_Encoding="gzip")

    def answer_trickle(self) -> None:
        self.answer_status(200)
        for _ in range(100):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.02)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as running:
        Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


@pytest.mark.parametrize("name", ["poster.jpg", "zipped", "moved", "typed", "bytes", "inwards"])
def test_a_picture_comes_from_the_web(server: str, name: str) -> None:
    assert fetch(f"{server}/{name}", requests.Session(), nowhere) == Answers.picture


@pytest.mark.parametrize(
    ("name", "cause", "permanent"),
    [
        ("404", "picture-missing", True),
        ("410", "picture-missing", True),
        ("403", "picture-missing", True),
        ("429", "picture-unavailable", False),
        ("500", "picture-unavailable", False),
        ("503", "picture-unavailable", False),
        ("200", "picture-unreadable", True),
        ("short", "picture-unavailable", False),
        ("circle", "picture-unreadable", True),
        ("to_a_file", "picture-unreadable", True),
        ("bomb", "picture-unreadable", True),
        ("page", "picture-unreadable", True),
    ],
)
def test_a_server_that_gives_no_picture_is_told_apart(server: str, name: str, cause: str, *, permanent: bool) -> None:
    with pytest.raises(PictureError) as caught:
        fetch(f"{server}/{name}?api_key=secret", requests.Session(), nowhere)

    assert (caught.value.cause, caught.value.permanent) == (cause, permanent)
    assert "secret" not in caught.value.message
    assert caught.value.message.startswith(f"The picture {name} of 127.0.0.1 ")


def test_a_picture_that_is_said_to_be_in_a_private_network_is_refused_also_by_a_redirect(server: str) -> None:
    trusted = public_session(1, {place_of(server)})

    assert fetch(f"{server}/poster.jpg", trusted, nowhere) == Answers.picture
    for session, name in ((public_session(1, set()), "poster.jpg"), (trusted, "inwards")):
        with pytest.raises(PictureError, match="within a private network") as caught:
            fetch(f"{server}/{name}", session, nowhere)
        assert (caught.value.cause, caught.value.permanent) == ("picture-unreadable", True)


def test_a_server_that_trickles_does_not_hold_a_worker(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "_WHOLE", 0.1)

    with pytest.raises(PictureError, match="too long") as caught:
        fetch(f"{server}/trickle", requests.Session(), nowhere)

    assert not caught.value.permanent


def test_a_server_that_is_down_may_come_back() -> None:
    with pytest.raises(PictureError) as caught:
        fetch("http://127.0.0.1:9/poster.jpg", requests.Session(), nowhere)

    assert (caught.value.cause, caught.value.permanent) == ("picture-unavailable", False)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "poster.jpg",
        "ftp://host/x.jpg",
        "data:image/png;base64,xx",
        "http://",
        "http://[x",
        "file://host/x",
        "file:///a%00b",
    ],
)
def test_an_address_that_leads_nowhere_is_refused(url: str) -> None:
    with pytest.raises(PictureError) as caught:
        fetch(url, requests.Session(), everywhere)

    assert (caught.value.cause, caught.value.permanent) == ("picture-unreadable", True)


@pytest.mark.parametrize("name", ["poster.jpg", "ü ☃ 100%#1?.jpg", "\udcff.jpg"])
def test_a_picture_comes_from_the_disk(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"bytes")

    assert fetch(path.as_uri(), requests.Session(), everywhere) == b"bytes"


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.timeout(5)
@pytest.mark.parametrize(
    ("make", "cause"),
    [
        (lambda _: None, "picture-missing"),
        (lambda path: path.mkdir(), "picture-unreadable"),
        (a_pipe, "picture-unreadable"),
        (lambda path: path.symlink_to("/dev/zero"), "picture-unreadable"),
        (lambda path: path.symlink_to(path), "picture-unreadable"),
        (lambda path: path.write_bytes(b""), "picture-unreadable"),
        (lambda path: path.write_bytes(bytes(MAX_BYTES + 1)), "picture-unreadable"),
    ],
    ids=["missing", "folder", "pipe", "device", "circle", "empty", "too big"],
)
def test_only_a_regular_file_is_a_picture(tmp_path: Path, make: Callable[[Path], object], cause: str) -> None:
    path = tmp_path / "poster.jpg"
    make(path)

    with pytest.raises(PictureError) as caught:
        fetch(path.as_uri(), requests.Session(), everywhere)

    assert (caught.value.cause, caught.value.permanent) == (cause, True)
    assert str(tmp_path) not in caught.value.message


def test_a_link_is_judged_by_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "library").mkdir()
    link = tmp_path / "library" / "poster.jpg"
    link.symlink_to(tmp_path / "secret")

    with pytest.raises(PictureError, match="lies outside the folders of media"):
        fetch(link.as_uri(), requests.Session(), lambda path: path.startswith(f"{tmp_path}/library/"))


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        (PictureKind.POSTER, (500, 750)),
        (PictureKind.POSTER, (1000, 1500)),
        (PictureKind.POSTER, (100, 150)),
        (PictureKind.BACKDROP, (1280, 720)),
        (PictureKind.STILL, (400, 225)),
    ],
)
def test_a_picture_that_is_not_too_large_is_kept_as_it_is(kind: PictureKind, size: tuple[int, int]) -> None:
    data = a_picture(size)

    prepared = prepare(data, kind)

    assert (prepared.master, prepared.suffix) == (data, "jpg")
    assert (prepared.palette is not None) == (kind is PictureKind.POSTER)


@pytest.mark.parametrize(
    ("size", "width", "scaled_to"),
    [
        ((500, 750), 342, (342, 513)),
        ((1000, 1500), 185, (185, 278)),
        ((1280, 720), 780, (780, 439)),
        ((100, 150), 185, (100, 150)),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_made_as_wide_as_is_asked_for_and_no_wider_than_it_is(
    size: tuple[int, int], width: int, scaled_to: tuple[int, int], kind: str
) -> None:
    rendition = opened(scaled(a_picture(size, kind), width))

    assert (rendition.format, rendition.size) == ("JPEG", scaled_to)


@pytest.mark.parametrize(
    ("kind", "size", "master"),
    [
        (PictureKind.POSTER, (2000, 3000), (1000, 1500)),
        (PictureKind.BACKDROP, (3840, 2160), (1920, 1080)),
        (PictureKind.STILL, (1280, 720), (640, 360)),
    ],
)
def test_a_large_picture_is_scaled_down(kind: PictureKind, size: tuple[int, int], master: tuple[int, int]) -> None:
    prepared = prepare(a_picture(size, "PNG"), kind)

    assert prepared.suffix == "jpg"
    assert opened(prepared.master).size == master


@pytest.mark.parametrize(
    ("data", "suffix"),
    [
        (a_picture(kind="PNG"), "png"),
        (a_picture(kind="WEBP"), "webp"),
        (a_picture(mode="L"), "jpg"),
        (a_picture(kind="JPEG", progressive=True), "jpg"),
    ],
    ids=["png", "webp", "grey", "progressive"],
)
def test_what_a_browser_shows_is_kept_as_it_is(data: bytes, suffix: str) -> None:
    prepared = prepare(data, PictureKind.POSTER)

    assert (prepared.master, prepared.suffix) == (data, suffix)


FRAMES = [Image.new("P", (40, 60), number) for number in range(3)]


@pytest.mark.parametrize(
    "data",
    [
        a_picture(mode="CMYK"),
        a_picture(kind="PNG", mode="RGBA"),
        a_picture(kind="PNG", mode="P"),
        a_picture(kind="PNG", mode="LA"),
        a_picture(kind="PNG", mode="I;16"),
        a_picture(kind="GIF", mode="P"),
        a_picture(kind="GIF", mode="P", save_all=True, append_images=FRAMES),
        a_picture(kind="PNG", save_all=True, append_images=[Image.new("RGB", (500, 750))]),
        a_picture(kind="BMP"),
    ],
    ids=["cmyk", "rgba", "palette", "grey alpha", "16 bit", "gif", "animated gif", "animated png", "bmp"],
)
def test_any_other_picture_becomes_a_jpeg(data: bytes) -> None:
    prepared = prepare(data, PictureKind.POSTER)

    master = opened(prepared.master)
    assert (prepared.suffix, master.format, master.mode, master.size) == ("jpg", "JPEG", "RGB", (500, 750))
    red, green, blue = master.getpixel((100, 100))
    assert abs(red - 204) < 20 or abs(red - green) + abs(green - blue) < 10  # red, or grey in a grey picture


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_taken_sideways_is_turned(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    size = (3000, 2000) if orientation >= 5 else (2000, 3000)

    prepared = prepare(a_picture(size, exif=exif), PictureKind.POSTER)

    assert opened(prepared.master).size == (1000, 1500)
    assert opened(prepared.master).getexif().get(0x0112, 1) == 1


@pytest.mark.parametrize("progressive", [False, True], ids=["baseline", "progressive"])
@pytest.mark.parametrize("missing", [0.01, 0.1, 0.2])
def test_a_jpeg_of_which_most_is_there_is_accepted(missing: float, *, progressive: bool) -> None:
    data = a_picture(quality=90, progressive=progressive)

    prepared = prepare(data[: int(len(data) * (1 - missing))], PictureKind.POSTER)

    opened(prepared.master)
    assert opened(prepared.master).size == (500, 750)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>Not found</html>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        a_picture()[: len(a_picture()) // 3],
        a_picture()[:300],
        a_picture(kind="PNG")[:-2000],
        a_picture(kind="WEBP")[:-2000],
        a_picture(kind="GIF", mode="P")[:500],
    ],
    ids=["nothing", "html", "postscript", "jpeg cut", "jpeg header", "png cut", "webp cut", "gif cut"],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(PictureError) as caught:
        prepare(data, PictureKind.POSTER)

    assert (caught.value.cause, caught.value.permanent) == ("picture-unreadable", True)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("size", [(9_000, 9_000), (9_700, 9_700), (20_000, 20_000)])
def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    encoded = BytesIO()
    Image.new("1", size).save(encoded, "PNG")

    with pytest.raises(PictureError, match="too many pixels"):
        prepare(encoded.getvalue(), PictureKind.BACKDROP)


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 1), (3, 20_000)])
def test_a_picture_may_have_any_shape(size: tuple[int, int]) -> None:
    for kind in PictureKind:
        assert prepare(a_picture(size, "PNG"), kind).master


def test_a_picture_that_went_bad_in_the_cache_is_not_made_smaller() -> None:
    with pytest.raises(PictureError, match="can't be read any more"):
        scaled(a_picture()[:300], 185)


def test_what_is_transparent_in_a_poster_has_no_colour() -> None:
    image = Image.new("RGBA", (400, 600))
    image.paste((0, 0, 255, 255), (100, 100, 200, 200))
    encoded = BytesIO()
    image.save(encoded, "PNG")

    colours = prepare(encoded.getvalue(), PictureKind.POSTER).palette

    assert colours is not None
    assert colours[0] == "#0000FF"


def test_a_poster_is_prepared_in_little_time() -> None:
    data = a_picture((500, 750))
    prepare(data, PictureKind.POSTER)

    started = time.process_time()
    for _ in range(10):
        prepare(data, PictureKind.POSTER)

    assert (time.process_time() - started) / 10 < 0.06

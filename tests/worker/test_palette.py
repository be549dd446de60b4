"""Pictures of every kind and the four colours that they have."""

import re
import time
from collections.abc import Callable

import pytest
from PIL import Image

from worker.palette import palette

MODES = ("1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB", "HSV", "I", "F")
SIXTEEN_BIT_MODES = ("I;16", "I;16B", "I;16L")
COLOUR = re.compile(r"#[0-9A-F]{6}")


def stripes(*colours: str) -> Image.Image:
    """Draw a vertical stripe for each colour, each narrower than the one before."""
    unit, height = 4, 40
    image = Image.new("RGB", (sum(range(1, len(colours) + 1)) * unit, height))
    left = 0
    for index, colour in enumerate(colours):
        right = left + unit * (len(colours) - index)
        image.paste(colour, (left, 0, right, height))
        left = right
    return image


def noise(size: tuple[int, int] = (185, 278)) -> Image.Image:
    return Image.merge("RGB", [Image.effect_noise(size, 120) for _ in range(3)])


def with_a_transparent_half() -> Image.Image:
    image = Image.new("RGBA", (20, 20), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 20, 8))
    return image


PICTURES: list[tuple[str, Callable[[], Image.Image], tuple[str, ...]]] = [
    ("white", lambda: Image.new("RGB", (9, 9), "white"), ("#FFFFFF", "#BFBFBF", "#808080", "#404040")),
    ("black", lambda: Image.new("RGB", (9, 9), "black"), ("#000000", "#404040", "#808080", "#BFBFBF")),
    ("transparent", lambda: Image.new("RGBA", (9, 9)), ("#808080", "#606060", "#404040", "#202020")),
    ("one pixel", lambda: Image.new("RGB", (1, 1), "#FF0000"), ("#FF0000", "#FF4040", "#FF8080", "#FFBFBF")),
    ("grey", lambda: Image.new("L", (9, 9), 0x90), ("#909090", "#6C6C6C", "#484848", "#242424")),
    ("16-bit grey", lambda: Image.new("I;16", (9, 9), 0x9000), ("#909090", "#6C6C6C", "#484848", "#242424")),
    ("only blue is opaque", with_a_transparent_half, ("#0000FF", "#4040FF", "#8080FF", "#BFBFFF")),
    ("white is no colour", lambda: stripes("white", "#123456"), ("#123456", "#4D6780", "#889AAA", "#C4CCD5")),
    ("two colours", lambda: stripes("#800000", "#008000"), ("#800000", "#008000", "#A04040", "#C08080")),
    (
        "four colours, the most widespread first",
        lambda: stripes("#102030", "#A0B0C0", "#FF8000", "#40C040"),
        ("#102030", "#A0B0C0", "#FF8000", "#40C040"),
    ),
    (
        "a palette's colours",
        lambda: stripes("#102030", "#A0B0C0", "#FF8000", "#40C040").quantize(4),
        ("#102030", "#A0B0C0", "#FF8000", "#40C040"),
    ),
]


@pytest.mark.parametrize(("picture", "colours"), [row[1:] for row in PICTURES], ids=[row[0] for row in PICTURES])
def test_a_picture_has_these_colours(picture: Callable[[], Image.Image], colours: tuple[str, ...]) -> None:
    assert palette(picture()) == colours


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (1, 5000), (5000, 1), (185, 278)])
@pytest.mark.parametrize("mode", MODES + SIXTEEN_BIT_MODES)
def test_every_mode_and_shape_gives_four_different_colours(mode: str, size: tuple[int, int]) -> None:
    colours = palette(Image.new(mode, size))

    assert all(COLOUR.fullmatch(colour) for colour in colours)
    assert len(set(colours)) == 4


def test_many_colours_are_clustered_into_four() -> None:
    image = stripes("#C00000", "#B01010", "#0000C0", "#1010B0", "#00C000", "#10B010", "#C0C000", "#B0B010")

    colours = palette(image)

    brightest = {max(range(3), key=lambda channel: bytes.fromhex(colour[1:])[channel]) for colour in colours}
    assert brightest == {0, 1, 2}
    assert len(set(colours)) == 4


def test_pixels_that_are_all_alone_do_not_send_it_in_circles() -> None:
    image = Image.new("RGBA", (3, 2))
    for index, colour in enumerate(("#FA0A0A", "#FAFA0A", "#00FAFA", "#FA00FA", "#0000FA", "#000000")):
        image.putpixel((index % 3, index // 3), (*bytes.fromhex(colour[1:]), 255))

    started = time.process_time()
    palette(image)

    assert time.process_time() - started < 0.1


def test_the_same_picture_always_has_the_same_colours() -> None:
    image = noise()

    assert palette(image) == palette(image.copy())


def test_a_poster_takes_a_fraction_of_what_the_full_colour_cube_would() -> None:
    image = noise((342, 513))
    palette(image)

    started = time.process_time()
    for _ in range(10):
        palette(image)

    assert (time.process_time() - started) / 10 < 0.025

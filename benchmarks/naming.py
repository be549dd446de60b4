"""How many paths a second the naming rules read, with guessit measured in the same run as the yardstick.

Run it from the project's folder: ``python -m benchmarks.naming``. Every figure is the median of three rounds, on one
core. No film's name comes twice, and the caches are emptied before each round.
"""

from collections.abc import Callable, Iterable
from itertools import product
from pathlib import PurePosixPath
from statistics import median
from time import perf_counter

from guessit import guessit

from shared.kinds import MediaType
from tests.worker.naming.kept_readings import CACHES
from worker.naming import guess_file

ROUNDS = 3
#: guessit is slow; it reads every so many of the same paths.
YARDSTICK_STEP = 40
WORDS = ("Silent", "Golden", "River", "Night", "House", "Letter", "Garden", "Winter", "Stone", "Harbour")

Paths = list[tuple[str, MediaType]]


def names() -> list[str]:
    return [f"The {first} {second} of {third} {fourth}" for first, second, third, fourth in product(WORDS, repeat=4)]


def canonical() -> Paths:
    """Name films and episodes as media servers ask for it."""
    films = [
        (f"{name} ({1950 + at % 70})/{name} ({1950 + at % 70}) - 1080p.mkv", MediaType.MOVIE)
        for at, name in enumerate(names())
    ]
    episodes = [
        (f"{name} (2008)/Season {season:02}/{name} - S{season:02}E{episode:02} - Title.mkv", MediaType.TV_SHOW)
        for name in names()[:250]
        for season in range(1, 5)
        for episode in range(1, 11)
    ]
    return films + episodes


def mixed() -> Paths:
    """Name them as they come: canonical, from releases, anime, loose, with ids, and some that only guessit reads."""
    forms = (
        ("{name} ({year})/{name} ({year}).mkv", MediaType.MOVIE),
        ("{name} ({year}) {{tmdb-{at}}}/{dotted}.{year}.1080p.BluRay.x264-GRP.mkv", MediaType.MOVIE),
        ("{dotted}.{year}.German.DL.2160p.WEB-DL.DDP5.1.H.265-GRP.mkv", MediaType.MOVIE),
        ("{name} ({year})/Featurettes/Making of.mkv", MediaType.MOVIE),
        ("{name} ({year}) - Extended Cut.mkv", MediaType.MOVIE),
        ("{name} ({year})/Season 01/{dotted}.S01E{number:02}.The.Title.1080p.WEB-DL.x264-GRP.mkv", MediaType.TV_SHOW),
        ("{name}/Staffel 2/{number:02} - Title.mkv", MediaType.TV_SHOW),
        ("[Group] {name} - {number:02} (1080p) [ABCD{number:04}].mkv", MediaType.TV_SHOW),
        ("{dotted}.S02E{number:02}.720p.HDTV.x264-GRP.mkv", MediaType.TV_SHOW),
        ("{name}/{name} - 1x{number:02} - Title.mkv", MediaType.TV_SHOW),
    )
    paths = [
        (form.format(name=name, dotted=name.replace(" ", "."), year=1950 + at % 70, at=at, number=at % 99 + 1), kind)
        for at, name in enumerate(names())
        for form, kind in [forms[at % len(forms)]]
    ]
    unsure = [(f"{name.replace(' ', '.')}.GERMAN.DL.mkv", MediaType.MOVIE) for name in names()[::100]]
    return paths + unsure


def read_by_rules(paths: Iterable[tuple[PurePosixPath, MediaType]]) -> None:
    for path, library_type in paths:
        guess_file(path, library_type)


def read_by_guessit(paths: Iterable[tuple[PurePosixPath, MediaType]]) -> None:
    for path, library_type in paths:
        guessit(str(path), {"type": "movie" if library_type is MediaType.MOVIE else "episode", "no_user_config": True})


def per_second(read: Callable[[Iterable[tuple[PurePosixPath, MediaType]]], None], paths: Paths) -> float:
    rates = []
    for _ in range(ROUNDS):
        for cached in CACHES:
            cached.cache_clear()
        fresh = [(PurePosixPath(path), library_type) for path, library_type in paths]
        begun = perf_counter()
        read(fresh)
        rates.append(len(paths) / (perf_counter() - begun))
    return median(rates)


def main() -> None:
    read_by_guessit([(PurePosixPath("Warm.Up.2010.mkv"), MediaType.MOVIE)])
    print(f"{'names':<12}{'paths':>8}{'rules, paths/s':>18}{'guessit, paths/s':>20}{'ratio':>9}")
    for label, paths in (("canonical", canonical()), ("mixed", mixed())):
        rules = per_second(read_by_rules, paths)
        yardstick = per_second(read_by_guessit, paths[::YARDSTICK_STEP])
        print(f"{label:<12}{len(paths):>8,}{rules:>18,.0f}{yardstick:>20,.0f}{rules / yardstick:>8,.0f}x")


if __name__ == "__main__":
    main()

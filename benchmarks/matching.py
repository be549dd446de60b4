"""How often whole library files get the right title, and the right title and episode.

Run it from the project's folder: ``python -m benchmarks.matching``. A library of each naming style is made of real
films or shows, read as a scan reads it, and asked of a stand-in for TMDB over HTTP; nothing is probed, and names alone
decide. The yardstick, in the same run over the same files: what guessit reads, provider ids, the first search result,
and where there is none another search without the year.

Where a name says no year, country or id, and a namesake is half as well known or more, no name tells which title it is:
such files are counted once more by themselves, as "untold".
"""

import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath
from random import Random

from rich.console import Console
from rich.table import Table

from benchmarks import known_titles, naming_styles
from benchmarks.first_result import Answer, Yardstick, read_by_guessit
from benchmarks.known_titles import Title
from benchmarks.machine import machine
from benchmarks.naming_styles import Named, Style
from shared.catalogue.normal import normalised
from shared.kinds import MediaType, Source
from tests.tmdb_stand_in import TmdbStandIn
from worker.found import FoundFile, found_file
from worker.naming import Kind
from worker.placing import places
from worker.providers import chain
from worker.providers.base import Metadata, Wanted
from worker.providers.budget import Budget
from worker.providers.json_client import new_session
from worker.providers.tmdb import TmdbProvider
from worker.walk import VideoFile
from worker.wanted import other_titles

#: In so many styles each title is named, chosen by lot, and in as many of those that are for titles of its kind alone.
FILM_STYLES, SHOW_STYLES = 6, 2
#: Answered at once: the stand-in is on the same machine.
THREADS = 6
ROOT = PurePosixPath("/library")
#: By how much a title has to be better known than its namesakes, for its name alone to mean it.
CLEARLY = 2


@dataclass(slots=True)
class Library:
    """All titles of one style."""

    style: Style
    type: MediaType
    files: list[Named]


@dataclass(slots=True)
class Score:
    """How many files were taken for what."""

    counts: Counter[str] = field(default_factory=Counter)

    def add(self, named: Named, answer: Answer, *, is_untold: bool) -> str:
        """Count a file, and say what it came to."""
        if named.title is None:
            verdict = "extra kept out" if answer.is_extra else "extra let in"
        elif answer.is_extra or answer.title_id is None:
            verdict = "none"
        else:
            verdict = "right" if answer.title_id == named.title.id else "wrong"
        self.counts[verdict] += 1
        if named.title is not None:
            self.counts["files"] += 1
            self.counts[f"untold {verdict}"] += is_untold
            self.counts["and episode"] += verdict == "right" and answer.episodes == named.episodes
        return verdict


def libraries(random: Random) -> list[Library]:
    """Make a library of each style, of the titles that the lot gave it."""
    made = []
    for styles, titles, each, media_type in (
        (naming_styles.FILMS, known_titles.films(), FILM_STYLES, MediaType.MOVIE),
        (naming_styles.SHOWS, known_titles.shows(), SHOW_STYLES, MediaType.TV_SHOW),
    ):
        given: dict[int, list[Title]] = defaultdict(list)
        for title in titles:
            apt = [at for at, style in enumerate(styles) if naming_styles.is_for(style, title)]
            for some in ([at for at in apt if not styles[at].only], [at for at in apt if styles[at].only]):
                for at in random.sample(some, min(each, len(some))):
                    given[at].append(title)
        for at, style in enumerate(styles):
            random.shuffle(given[at])
            made.append(Library(style, media_type, naming_styles.library(style, given[at], random)))
    return made


def ours(library: Library, provider: TmdbProvider, pool: ThreadPoolExecutor) -> list[Answer]:
    """Read the files' names, ask once for all that go by one name, and place the episodes."""
    found = [_found(named.path, library.type) for named in library.files]
    groups: dict[str, list[FoundFile]] = defaultdict(list)
    for file in found:
        if file.guess.kind is not Kind.EXTRA:
            groups[file.key].append(file)

    def asked(files: list[FoundFile]) -> Metadata | None:
        answer = chain.ask([provider], _wanted(files), brief=library.type is MediaType.MOVIE, local_artwork_wins=True)
        return answer.metadata

    told = dict(zip(groups, pool.map(asked, groups.values()), strict=True))
    standing = {}
    for key, files in groups.items():
        held = [episode for file in files for episode in file.episodes]
        metadata = told[key]
        lists = (metadata.seasons, metadata.episodes, metadata.absolute) if metadata else ((), (), ())
        standing[key] = places(held, *lists)
    answers = []
    for file in found:
        if file.guess.kind is Kind.EXTRA:
            answers.append(Answer(is_extra=True))
            continue
        metadata = told[file.key]
        title_id = metadata.ids.get(Source.TMDB) if metadata and metadata.title is not None else None
        episodes = frozenset(standing[file.key][held] for held in file.episodes)
        answers.append(Answer(int(title_id) if title_id else None, episodes))
    return answers


def _found(path: str, media_type: MediaType) -> FoundFile:
    video = VideoFile(str(ROOT / path), 1, datetime(2026, 1, 1, tzinfo=UTC))
    return found_file(video, folder_id=str(PurePosixPath(path).parent), root=ROOT, media_type=media_type)


def _wanted(files: Sequence[FoundFile]) -> Wanted:
    """Ask as ``worker.wanted`` does of files that nobody chose a title for."""
    first = files[0].guess
    held = [episode for file in files for episode in file.episodes]
    return Wanted(
        type=files[0].type,
        title=first.title,
        year=first.year,
        is_year_of_shelf=all(file.guess.is_year_of_shelf for file in files),
        ids=first.ids,
        other_titles=other_titles(first.title, [file.guess for file in files]),
        episodes=tuple(sorted(held, key=lambda one: (one.season, one.episode, one.file))),
    )


class _Unlimited(Budget):
    """A stand-in can be asked as often as one likes."""

    def __init__(self) -> None:
        pass

    def acquire(self) -> None:
        pass


class Namesakes:
    """Who has the same title as another one."""

    def __init__(self, titles: Iterable[Title]) -> None:
        self._same: dict[tuple[str, bool], list[Title]] = defaultdict(list)
        for each in titles:
            self._same[normalised(each.title), bool(each.seasons)].append(each)

    def leave_untold(self, title: Title | None, style: Style) -> bool:
        """Say whether a namesake is about as well known or better, and no name of this style tells them apart."""
        if title is None or style.says_which:
            return False
        same = self._same[normalised(title.title), bool(title.seasons)]
        return any(
            other.id != title.id
            and other.popularity * CLEARLY >= title.popularity
            and not (style.says_country and other.country != title.country)
            for other in same
        )


def main() -> None:
    """Make the libraries, read them in both ways, and print the table."""
    everyone = [*known_titles.films(), *known_titles.shows()]
    made = libraries(Random(4))
    with TmdbStandIn() as tmdb:
        known_titles.fill(tmdb, everyone)
        began = time.perf_counter()
        with ThreadPoolExecutor(THREADS) as pool:
            provider = TmdbProvider(
                tmdb.key, base_url=tmdb.url, image_base_url=tmdb.url, budget=_Unlimited(), session=new_session(THREADS)
            )
            own = [ours(library, provider, pool) for library in made]
        ours_took = time.perf_counter() - began
        began = time.perf_counter()
        with ProcessPoolExecutor(os.cpu_count()) as processes:
            paths = [(named.path, library.type) for library in made for named in library.files]
            read = iter(list(processes.map(read_by_guessit, paths, chunksize=100)))
        yardstick, by_id = Yardstick(tmdb), {each.id: each for each in everyone}
        theirs = [
            [yardstick.answer(named, next(read), by_id, library.type) for named in library.files] for library in made
        ]
        theirs_took = time.perf_counter() - began
    console = Console(width=165)
    console.print(table(made, scores(made, own, theirs, Namesakes(everyone))))
    films = sum(not each.seasons for each in everyone)
    console.print(
        f"{films} films and {len(everyone) - films} shows that we wrote down, in {len(made)} styles that we chose; "
        f"libraries that nobody here has seen may do worse. Took {ours_took:.0f} s, the yardstick {theirs_took:.0f} s.",
        machine(),
    )


Scores = dict[tuple[str, str], tuple[Score, Score]]


def scores(
    made: Sequence[Library], own: Sequence[list[Answer]], theirs: Sequence[list[Answer]], namesakes: Namesakes
) -> Scores:
    """Count by kind and group of styles, and in total: ours and the yardstick."""
    found: Scores = defaultdict(lambda: (Score(), Score()))
    for library, *given in zip(made, own, theirs, strict=True):
        kind = _kind(library)
        for row in ((kind, library.style.group), (f"all {kind}", ""), ("all", "")):
            for score, answers in zip(found[row], given, strict=True):
                for named, answer in zip(library.files, answers, strict=True):
                    score.add(named, answer, is_untold=namesakes.leave_untold(named.title, library.style))
    return found


def _kind(library: Library) -> str:
    return "films" if library.type is MediaType.MOVIE else "shows"


def table(made: Sequence[Library], found: Scores) -> Table:
    """Lay out a row for each group, its total in the end; of each measure ours first."""
    drawn = Table(title="Whole library files, ours | guessit and the first search result")
    for heading in ("", "styles", "files", "right title", "and episode", "wrong", "none", "untold: wrong", "extras in"):
        drawn.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    styles = Counter((_kind(library), library.style.group) for library in made)
    for (kind, group), pair in sorted(found.items(), key=lambda item: (item[0][0].startswith("all"), item[0][0])):
        own, _ = (score.counts for score in pair)
        files = own["files"]
        both = [
            " | ".join(f"{score.counts[name] / files:.1%}" for score in pair)
            for name in ("right", "and episode", "wrong", "none", "untold wrong")
        ]
        extras = own["extra kept out"] + own["extra let in"]
        let_in = " | ".join(str(score.counts["extra let in"]) for score in pair) + f" of {extras}" if extras else ""
        row = (f"{kind} {group}".strip(), str(styles[kind, group] or ""), f"{files:,}", *both, let_in)
        drawn.add_row(*row, style="bold" if not group else None)
    return drawn


if __name__ == "__main__":
    main()

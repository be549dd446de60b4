"""How long a search over a million titles takes: with a typo, by whole titles, by a word, by its beginning.

The search alone, one at a time, without the web server. Run it from the project's folder: ``python -m
benchmarks.search``. The million stays in ``--folder`` for the next time. The yardstick of the same run reads all texts
for a part of them, as a search without an index does.
"""

import argparse
import gc
import os
import platform
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from statistics import median, quantiles

from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks.filling import fill_with_names, kept_database
from benchmarks.titles import titles
from shared.catalogue.search import Asked, search, searches
from shared.catalogue.search_answers import Begun
from shared.database import Database
from shared.models import SearchText

#: Milliseconds that the slowest hundredth of searches with a typo may take on two idle cores.
WANTED = {"postgresql": 30, "sqlite": 60}
WORDS = 100_000


def main() -> None:
    """Measure and print a table for each database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--titles", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=300, help="of each kind and run")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--kind", choices=list(WANTED), action="append")
    parser.add_argument("--folder", type=Path, default=Path("/tmp/dester-search"))  # noqa: S108 - to be found again
    given = parser.parse_args()
    given.folder.mkdir(exist_ok=True)
    for kind in given.kind or WANTED:
        with kept_database(given.folder, kind, lambda database: fill_with_names(database, given.titles, WORDS)) as url:
            measure(given, kind, Database(url))


def measure(given: argparse.Namespace, kind: str, database: Database) -> None:
    table = Table(title=f"Search over {given.titles:,} titles on {kind}, milliseconds")
    columns = ("query", "p50", "from", "to", "p99", "from", "to", "cpu", "found", "wanted p99")
    for column in columns:
        table.add_column(column)
    random = Random(6)
    some = random.sample(list(titles(given.titles, WORDS)), given.queries * given.runs)
    # The server does so before its first request; here it would look through this benchmark's titles, too.
    gc.collect()
    gc.freeze()
    timed(database, some[:1])
    for name, asked in questions(random, some).items():
        runs = [timed(database, asked[at :: given.runs]) for at in range(given.runs)]
        p50s, p99s = [median(run) for run, *_ in runs], [quantiles(run, n=100)[98] for run, *_ in runs]
        spread = [f"{value:.1f}" for each in (p50s, p99s) for value in (median(each), min(each), max(each))]
        cpu, share = median(run[1] for run in runs), median(run[2] for run in runs)
        table.add_row(name, *spread, f"{cpu:.1f}", f"{share:.0%}", str(WANTED[kind]) if name == "typo" else "")
    whole = [once(database, read_all) for _ in range(3)]
    table.add_row("no index", *(f"{value:.1f}" for value in (median(whole), min(whole), max(whole))))
    console = Console(width=110)
    console.print(table)
    console.print(f"{platform.platform()} · {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


def questions(random: Random, some: Sequence[str]) -> dict[str, list[str]]:
    """Return what is asked for: a word of each title, the longest, with a mistake and without, and the whole title."""
    words = [max(title.split(), key=len) for title in some]
    return {
        "typo": [misspelled(random, word) for word in words],
        "typo in a title": [
            title.replace(word, misspelled(random, word)) for title, word in zip(some, words, strict=True)
        ],
        "title": list(some),
        "word": words,
        "beginning": [word[: max(3, len(word) // 2)] for word in words],
    }


def misspelled(random: Random, word: str) -> str:
    """Leave a letter out, double it, change it, or swap it with the next one."""
    at = random.randrange(1, max(2, len(word) - 1))
    before, letter, after = word[:at], word[at : at + 1], word[at + 1 :]
    forms = (before + after, before + letter * 2 + after, f"{before}x{after}", before + after[:1] + letter + after[1:])
    return random.choice(forms)


def timed(database: Database, asked: Sequence[str]) -> tuple[list[float], float, float]:
    """Return the milliseconds of each search, this process's own of one, and the share of searches that found some."""
    answers = 0

    def ask(session: Session, query: str) -> None:
        nonlocal answers
        asked = Asked(query, 1, 10)
        found = searches(session, [asked])[asked]
        answers += (search(session, asked, found) if isinstance(found, Begun) else found).total > 0

    began = time.process_time()
    took = [once(database, lambda session, query=query: ask(session, query)) for query in asked]  # type: ignore[misc]
    return took, (time.process_time() - began) * 1000 / len(asked), answers / len(asked)


def once(database: Database, ask: Callable[[Session], object]) -> float:
    began = time.perf_counter()
    with database.read() as session:
        ask(session)
    return (time.perf_counter() - began) * 1000


def read_all(session: Session) -> int | None:
    return session.scalar(select(func.count()).where(SearchText.text.like("%nothing like it%")))


if __name__ == "__main__":
    main()

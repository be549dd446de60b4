"""Guesses as they lie in the database: JSON that says what a file's name said, and where each part of it stood."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from shared.kinds import ExtraType, Source
from worker.naming import Guess, Kind


def to_json(guess: Guess) -> dict[str, Any]:
    """Spell a guess as ``MediaFile.guess`` keeps it: the names are those of the wire, and what is unknown is None."""
    return {
        "kind": guess.kind,
        "title": guess.title,
        "year": guess.year,
        "otherTitles": list(guess.other_titles),
        "season": guess.season,
        "episodes": list(guess.episodes),
        "airDate": guess.air_date.isoformat() if guess.air_date else None,
        "episodeTitle": guess.episode_title,
        "ids": {str(source): value for source, value in guess.ids.items()},
        "edition": guess.edition,
        "part": guess.part,
        "threeD": guess.three_d,
        "extra": guess.extra,
        "sources": dict(guess.sources),
    }


def from_json(kept: Mapping[str, Any]) -> Guess | None:
    """Read a guess that was kept; None where none was, as of files from before guesses were kept."""
    if not kept:
        return None
    return Guess(
        kind=Kind(kept["kind"]),
        title=kept["title"],
        year=kept["year"],
        other_titles=tuple(kept["otherTitles"]),
        season=kept["season"],
        episodes=tuple(kept["episodes"]),
        air_date=date.fromisoformat(kept["airDate"]) if kept["airDate"] else None,
        episode_title=kept["episodeTitle"],
        ids={Source(source): value for source, value in kept["ids"].items()},
        edition=kept["edition"],
        part=kept["part"],
        three_d=kept["threeD"],
        extra=ExtraType(kept["extra"]) if kept["extra"] else None,
        sources=kept["sources"],
    )

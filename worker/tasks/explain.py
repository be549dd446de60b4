"""What a path would be taken for, and why; nothing is written, and the file need not exist."""

import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from shared import settings, tasks
from shared.kinds import MediaType
from shared.models import Library
from worker.app import body_of, resources
from worker.naming import Guess, Kind, guess_file
from worker.naming.seasons import is_season_folder
from worker.placing import held_in
from worker.providers.base import Provider, Wanted
from worker.providers.chain import Answer, ask, in_force, ordered
from worker.record import guesses

Json = dict[str, Any]


@body_of(tasks.explain)
def explain(path: str, media_type: str, root: str, library_id: str | None, is_online: bool) -> Json:  # noqa: FBT001 - tasks have no keywords
    """Guess what a path is, and if ``is_online`` ask the providers which title that is, as a scan would."""
    file, kind = Path(path), MediaType(media_type)
    guess = guess_file(PurePosixPath(path).relative_to(root), kind)
    answer = _asked(_wanted(file, kind, Path(root), guess), library_id) if is_online else None
    metadata = answer.metadata if answer else None
    problems = [problem.message for problem in metadata.problems] if metadata else []
    if answer and answer.reason:
        problems.append(answer.reason.message)
    return {
        "guess": guesses.to_json(guess),
        "match": _match(answer) if answer else None,
        "candidates": [dict(known) for known in metadata.match.runners_up] if metadata else [],
        "problems": problems,
    }


def _asked(wanted: Wanted, library_id: str | None) -> Answer:
    with resources.database.read() as session:
        library = session.get(Library, library_id) if library_id else None
        order = library.providers if library else None
        providers = ordered(in_force(session, resources), order)
        local_artwork_wins = settings.read(session)["prefer_local_artwork"]
    allowed = _allowed(providers, wanted)
    return ask(allowed, wanted, brief=True, local_artwork_wins=local_artwork_wins, order=order)


def _allowed(providers: Sequence[Provider], wanted: Wanted) -> list[Provider]:
    """Leave out those that look beside the file where nobody may look."""
    places = [*wanted.files, *(held.file for held in wanted.episodes)]
    may_look = all(resources.may_read(Path(os.path.realpath(place))) for place in places)
    return [provider for provider in providers if provider.is_online or may_look]


def _wanted(file: Path, media_type: MediaType, root: Path, guess: Guess) -> Wanted:
    is_film = media_type is MediaType.MOVIE
    return Wanted(
        type=media_type,
        title=guess.title,
        year=guess.year,
        is_year_of_shelf=guess.is_year_of_shelf,
        ids=guess.ids,
        files=(file,) if is_film else (),
        folder=_own_folder(file, root),
        episodes=tuple(held_in(file, guess)) if guess.kind is Kind.EPISODE else (),
        other_titles=guess.other_titles,
    )


def _own_folder(file: Path, root: Path) -> Path | None:
    folder = file.parent
    while folder != root and is_season_folder(folder.name):
        folder = folder.parent
    return folder if folder != root else None


def _match(answer: Answer) -> Json:
    metadata = answer.metadata
    if metadata is None or metadata.title is None:
        # Who could not be asked may know it.
        status = "unmatched" if answer.error is None else "unknown"
        nothing: Json = {"title": None, "year": None, "provider": None, "score": None, "parts": {}}
        return {"status": status, **nothing, "isDoubtful": False, "externalIds": []}
    return {
        "status": "matched",
        "title": metadata.title,
        "year": metadata.release_date.year if metadata.release_date else None,
        "provider": metadata.provider,
        "score": metadata.match.score,
        "parts": dict(metadata.match.parts),
        "isDoubtful": metadata.match.is_doubtful,
        "externalIds": [{"source": source, "externalId": known} for source, known in sorted(metadata.ids.items())],
    }

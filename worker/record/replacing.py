"""Files that a scan found in the place of others: a better version, under another name.

Nothing in such a file says that it is the same one. What says it is that in one run of a scan one file of a film, or of
the very same episodes, vanished, and one came: by its name, or by what a provider knows the title by, of the same
title. Then the row of the one that vanished becomes that of the other: id, stream URL and added date stay.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Sequence

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from shared.models import MediaFile, ScanJob, episode_files

#: Files that vanished, and are looked at in one go.
_FILES_AT_ONCE = 500
#: What a file's row says of the file itself; all but its id, its date, and what it is of.
_OF_THE_FILE = (
    "folder_id",
    "path",
    "size",
    "modified_at",
    "edition",
    "part",
    "guess",
    "extra_type",
    "owner_key",
    "owner_folder",
    "subtitles",
    "fingerprint",
    "probe",
)

#: What a file holds: a film or episodes, and which part of it.
_Place = tuple[Hashable, int | None]


def settle(session: Session, scan_job: ScanJob) -> int:
    """Have files that came in this run of a scan take the rows of those that they replace; return how many did."""
    began, after, replaced = scan_job.run_began_at, "", 0
    if began is None:
        return 0
    here = MediaFile.library_id == scan_job.library_id
    vanished = (here, MediaFile.missing_since >= began, MediaFile.created_at < began)
    came = (here, MediaFile.missing_since.is_(None), MediaFile.created_at >= began)
    while True:
        next_ones = select(MediaFile).where(*vanished, MediaFile.id > after).order_by(MediaFile.id)
        files = session.scalars(next_ones.limit(_FILES_AT_ONCE)).all()
        if not files:
            return replaced
        after = files[-1].id
        old, new = (_by_place(session, _beside(session, files, conditions)) for conditions in (vanished, came))
        for place in old.keys() & new.keys():
            if len(old[place]) == len(new[place]) == 1:
                _take_over(session, old[place][0], new[place][0])
                replaced += 1


def _beside(
    session: Session, files: Sequence[MediaFile], conditions: Collection[ColumnElement[bool]]
) -> list[MediaFile]:
    """Return the files of the same films and episodes for which these conditions hold."""
    films = {file.movie_id for file in files if file.movie_id}
    links = select(episode_files.c.episode_id).where(episode_files.c.file_id.in_([file.id for file in files]))
    of_episodes = select(episode_files.c.file_id).where(episode_files.c.episode_id.in_(links))
    rows = [
        *session.scalars(select(MediaFile).where(MediaFile.movie_id.in_(films), *conditions)),
        *session.scalars(select(MediaFile).where(MediaFile.id.in_(of_episodes), *conditions)),
    ]
    return list({row.id: row for row in rows}.values())


def _by_place(session: Session, files: Sequence[MediaFile]) -> dict[_Place, list[MediaFile]]:
    links = select(episode_files.c.file_id, episode_files.c.episode_id)
    episodes: dict[str, set[str]] = defaultdict(set)
    for file_id, episode_id in session.execute(links.where(episode_files.c.file_id.in_([file.id for file in files]))):
        episodes[file_id].add(episode_id)
    places: dict[_Place, list[MediaFile]] = defaultdict(list)
    for file in files:
        held = file.movie_id or frozenset(episodes[file.id])
        if held:
            places[held, file.part].append(file)
    return places


def _take_over(session: Session, old: MediaFile, new: MediaFile) -> None:
    facts = {name: getattr(new, name) for name in _OF_THE_FILE}
    # Its path is free for the other row only when it is gone.
    session.execute(delete(MediaFile).where(MediaFile.id == new.id), execution_options={"synchronize_session": False})
    session.expunge(new)
    for name, value in facts.items():
        setattr(old, name, value)
    old.missing_since = None
    session.flush()

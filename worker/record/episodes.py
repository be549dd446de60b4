"""Record a show's seasons and episodes: where its files stand, and what providers say of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Session

from shared.catalogue.emptied import remove_episodes
from shared.dialects import insert_new
from shared.models import Episode, MediaFile, Season, TVShow, episode_files
from shared.models.base import new_id
from worker.naming import Guess
from worker.placing import Place, held_in, places, provisional_title
from worker.providers.base import EpisodeMetadata, HeldEpisode, Match, Metadata, SeasonMetadata
from worker.record import guesses
from worker.record.search import index_episodes

#: A show's id, a season's and an episode's number.
Spot = tuple[str, int, int]


class Provisional(NamedTuple):
    """What an episode is called until a provider says more."""

    title: str
    air_date: date | None = None


def provisional(held: HeldEpisode, guess: Guess | None) -> Provisional:
    """Call an episode what its file's name says."""
    return Provisional(provisional_title(held, guess), held.air_date)


def hold(session: Session, held: Iterable[tuple[str, Spot, Provisional]]) -> None:
    """List files, given by their ids, under episodes, which are made where there are none yet."""
    links = list(held)
    episodes = add_episodes(session, {spot: called for _, spot, called in links})
    insert_new(
        session, episode_files, [{"episode_id": episodes[spot], "file_id": file_id} for file_id, spot, _ in links]
    )


def let_go(session: Session, file_ids: Sequence[str]) -> None:
    """Take files from the episodes that they are listed under."""
    session.execute(delete(episode_files).where(episode_files.c.file_id.in_(file_ids)))


def add_episodes(session: Session, wanted: Mapping[Spot, Provisional]) -> dict[Spot, str]:
    """Make sure of episodes, and return their ids."""
    if not wanted:
        return {}
    seasons = sorted({(show, season) for show, season, _ in wanted})
    insert_new(
        session, Season, [{"id": new_id(), "tv_show_id": show, "season_number": season} for show, season in seasons]
    )
    season_ids = {
        (show, number): row_id
        for row_id, show, number in session.execute(
            select(Season.id, Season.tv_show_id, Season.season_number).where(
                tuple_(Season.tv_show_id, Season.season_number).in_(seasons)
            )
        )
    }
    insert_new(
        session,
        Episode,
        [
            {"id": new_id(), "season_id": season_ids[show, season], "episode_number": number, **called._asdict()}
            for (show, season, number), called in sorted(wanted.items(), key=lambda item: item[0])
        ],
    )
    rows = session.execute(
        select(Episode.id, Season.tv_show_id, Season.season_number, Episode.episode_number)
        .join(Season, Season.id == Episode.season_id)
        .where(Season.id.in_(season_ids.values()))
    )
    found = {(show, season, number): row_id for row_id, show, season, number in rows}
    index_episodes(session, [found[spot] for spot in wanted])
    return {spot: found[spot] for spot in wanted}


def fill(session: Session, media_id: str, metadata: Metadata, *, keeps: bool) -> None:
    """Place a show's files where the answer has their episodes, and say of these and their seasons what it says.

    ``keeps``: somebody did not answer; files stay where they are, and what the answer lacks stays.
    """
    if not keeps:
        place(session, media_id, metadata)
    seasons = _seasons(session, media_id)
    for answer in metadata.seasons:
        if season := seasons.get(answer.number):
            _fill_season(season, answer, keeps=keeps)
    episodes = _episodes(session, media_id)
    for told in metadata.episodes:
        if episode := episodes.get((told.season, told.episode)):
            _fill_episode(episode, told, keeps=keeps)
    index_episodes(session, [episode.id for episode in episodes.values()])


def strip(session: Session, media_id: str) -> None:
    """Forget what providers said of a show's seasons and episodes: files stand where their names put them."""
    place(session, media_id, Metadata("", Match(0.0)))
    for season in _seasons(session, media_id).values():
        _fill_season(season, SeasonMetadata(season.season_number), keeps=False)
    called = {
        (held.season, held.episode): provisional(held, file.guess)
        for file in files_of_shows(session, [media_id])[media_id].values()
        for held in file.held
    }
    episodes = _episodes(session, media_id)
    for (season_number, number), episode in episodes.items():
        known = called.get((season_number, number), Provisional(f"Episode {number}"))
        bare = EpisodeMetadata(season_number, number, title=known.title, air_date=known.air_date)
        _fill_episode(episode, bare, keeps=False)
    index_episodes(session, [episode.id for episode in episodes.values()])


def place(session: Session, media_id: str, metadata: Metadata) -> None:
    """List a show's files under the episodes that they hold, by what their names say and a provider lists.

    Where a file stands already stays as it is, with its ids; an episode or season that is left without files goes.
    """
    files = files_of_shows(session, [media_id])[media_id]
    show_id = session.scalars(select(TVShow.id).where(TVShow.media_id == media_id)).one()
    all_held = [held for file in files.values() for held in file.held]
    standing = places(all_held, metadata.seasons, metadata.episodes, metadata.absolute)
    wanted = {
        (file_id, standing[held]): provisional(held, file.guess)
        for file_id, file in files.items()
        for held in file.held
    }
    current = {(file_id, at): episode_id for file_id, file in files.items() for at, episode_id in file.places.items()}
    hold(
        session,
        [(file_id, (show_id, *at), called) for (file_id, at), called in wanted.items() if (file_id, at) not in current],
    )
    left = [(episode_id, file_id) for (file_id, at), episode_id in current.items() if (file_id, at) not in wanted]
    if left:
        session.execute(
            delete(episode_files).where(tuple_(episode_files.c.episode_id, episode_files.c.file_id).in_(left))
        )
        remove_episodes(session, [show_id])


@dataclass(slots=True)
class ShowFile:
    """A file of a show, with the places where it stands and the ids of the episodes there."""

    path: Path
    guess: Guess | None
    library_id: str
    is_missing: bool
    places: dict[Place, str] = field(default_factory=dict)

    @property
    def held(self) -> list[HeldEpisode]:
        """What its name says that it holds; of files from before that was kept, where they stand."""
        named = held_in(self.path, self.guess) if self.guess else []
        return named or [HeldEpisode(season, number, self.path) for season, number in sorted(self.places)]


def files_of_shows(session: Session, media_ids: Sequence[str]) -> dict[str, dict[str, ShowFile]]:
    """Return the files of shows by their ids, also those that are missing from the disk."""
    rows = session.execute(
        select(
            TVShow.media_id,
            MediaFile.id,
            MediaFile.path,
            MediaFile.guess,
            MediaFile.library_id,
            MediaFile.missing_since,
            Season.season_number,
            Episode.episode_number,
            Episode.id,
        )
        .join(Season, Season.tv_show_id == TVShow.id)
        .join(Episode, Episode.season_id == Season.id)
        .join(episode_files, episode_files.c.episode_id == Episode.id)
        .join(MediaFile, MediaFile.id == episode_files.c.file_id)
        .where(TVShow.media_id.in_(media_ids))
        .order_by(MediaFile.path)
    )
    shows: dict[str, dict[str, ShowFile]] = {media_id: {} for media_id in media_ids}
    for media_id, file_id, path, guess, library_id, missing_since, season, number, episode_id in rows:
        if file_id not in shows[media_id]:
            kept = guesses.from_json(guess)
            shows[media_id][file_id] = ShowFile(Path(path), kept, library_id, missing_since is not None)
        shows[media_id][file_id].places[season, number] = episode_id
    return shows


def _seasons(session: Session, media_id: str) -> dict[int, Season]:
    rows = session.scalars(select(Season).join(TVShow).where(TVShow.media_id == media_id))
    return {season.season_number: season for season in rows}


def _episodes(session: Session, media_id: str) -> dict[Place, Episode]:
    rows = session.execute(
        select(Season.season_number, Episode).join(Season).join(TVShow).where(TVShow.media_id == media_id)
    )
    return {(season_number, episode.episode_number): episode for season_number, episode in rows}


def _fill_season(season: Season, answer: SeasonMetadata, *, keeps: bool) -> None:
    _set(season, {"name": answer.name, "overview": answer.overview, "air_date": answer.air_date}, keeps=keeps)
    if answer.poster != season.poster_source and (answer.poster or not keeps):
        season.poster_source, season.poster_image = answer.poster, None


def _fill_episode(episode: Episode, answer: EpisodeMetadata, *, keeps: bool) -> None:
    episode.title = answer.title or episode.title
    told = {"overview": answer.overview, "air_date": answer.air_date, "runtime": answer.runtime}
    _set(episode, told, keeps=keeps)
    if answer.still != episode.still_source and (answer.still or not keeps):
        episode.still_source, episode.still_image = answer.still, None


def _set(row: Season | Episode, values: Mapping[str, object], *, keeps: bool) -> None:
    for name, value in values.items():
        if value is not None or not keeps:
            setattr(row, name, value)

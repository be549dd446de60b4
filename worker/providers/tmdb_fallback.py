"""What a language lacks of a show's episodes and seasons, told in another one. Pure.

Where TMDB has no title in a language it counts (``Folge 3``), and where it has no overview it says nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from worker.episode_titles import telling
from worker.placing import places
from worker.providers.base import EpisodeMetadata, HeldEpisode, Metadata, SeasonMetadata


def lacking(show: Metadata, held: Iterable[HeldEpisode]) -> list[int]:
    """Name the seasons with episodes of which there are files, and whose titles or overviews are missing."""
    standing = set(places(held, show.seasons, show.episodes, show.absolute).values())
    return sorted(
        {
            episode.season
            for episode in show.episodes
            if (episode.season, episode.episode) in standing and not (telling(episode.title) and episode.overview)
        }
    )


def filled(show: Metadata, other: Metadata) -> Metadata:
    """Fill what a show lacks from what another language tells of it."""
    return replace(
        show,
        seasons=tuple(_filled_seasons(show.seasons, other.seasons)),
        episodes=tuple(_filled_episodes(show.episodes, other.episodes)),
    )


def _filled_seasons(ours: Iterable[SeasonMetadata], others: Iterable[SeasonMetadata]) -> Iterator[SeasonMetadata]:
    overviews = {season.number: season.overview for season in others}
    return (replace(season, overview=season.overview or overviews.get(season.number)) for season in ours)


def _filled_episodes(ours: Iterable[EpisodeMetadata], others: Iterable[EpisodeMetadata]) -> Iterator[EpisodeMetadata]:
    known = {(episode.season, episode.episode): episode for episode in others}
    for episode in ours:
        other = known.get((episode.season, episode.episode), episode)
        title = other.title if telling(other.title) and not telling(episode.title) else episode.title
        yield replace(episode, title=title or other.title, overview=episode.overview or other.overview)

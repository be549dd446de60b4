"""What a search finds, as clients read it."""

from typing import Any

from api.present import catalogue
from api.present.catalogue import picture_url, stream_url
from shared.catalogue.search import Found
from shared.catalogue.search_rows import FoundPerson
from shared.models import Episode

Json = dict[str, Any]


def found(answer: Found) -> Json:
    return {
        "movies": [catalogue.movie(row) for row in answer.movies],
        "tvShows": [catalogue.tv_show(row) for row in answer.tv_shows],
        "episodes": [_episode(row) for row in answer.episodes],
        "people": [_person(person) for person in answer.people],
    }


def _episode(row: Episode) -> Json:
    show = row.season.tv_show
    return {
        "id": row.id,
        "title": row.title,
        "seasonNumber": row.season.season_number,
        "episodeNumber": row.episode_number,
        "showId": show.id,
        "showTitle": show.media.title,
        "posterUrl": picture_url(show.media.poster_image, show.media.poster_source),
        "stillUrl": picture_url(row.still_image, row.still_source),
        "streamUrl": stream_url(row.id) if row.files else None,
    }


def _person(person: FoundPerson) -> Json:
    return {"id": person.id, "name": person.name, "titles": [title._asdict() for title in person.titles]}

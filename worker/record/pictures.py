"""Record what became of pictures. A source that changed meanwhile keeps none: its own picture is on the way."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import bindparam, null, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, join

from shared.kinds import PictureKind
from shared.models import Episode, Media, Season, TVShow
from shared.models.base import now

Column: TypeAlias = InstrumentedAttribute[str | None]


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where a kind of picture stands: by which source it is to be had, and under which id it is in the image cache."""

    source: Column
    image: Column
    kind: PictureKind

    @property
    def table(self) -> Any:
        return self.image.class_


POSTER = Place(Media.poster_source, Media.poster_image, PictureKind.POSTER)
_BACKDROP = Place(Media.backdrop_source, Media.backdrop_image, PictureKind.BACKDROP)
_OF_SEASON = Place(Season.poster_source, Season.poster_image, PictureKind.POSTER)
_STILL = Place(Episode.still_source, Episode.still_image, PictureKind.STILL)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a title: of itself, or of the season or episode that ``row_id`` names."""

    media_id: str
    row_id: str
    place: Place
    source: str
    #: Its id in the image cache, where it is known.
    image: str | None
    has_palette: bool = False


@dataclass(frozen=True, slots=True)
class Painted:
    """A picture that is in the image cache now, with the four colours of a poster."""

    picture: Picture
    image: str
    palette: tuple[str, ...] = ()


def pictures_of(session: Session, media_ids: Sequence[str]) -> Iterator[Picture]:
    """Return all pictures that these titles, their seasons and their episodes have a source of."""
    seasons, episodes = join(Season, TVShow), join(join(Episode, Season), TVShow)
    queries = (
        (POSTER, Media.id, select(Media.id, Media.id, POSTER.source, POSTER.image, Media.palette)),
        (_BACKDROP, Media.id, select(Media.id, Media.id, _BACKDROP.source, _BACKDROP.image, null())),
        (
            _OF_SEASON,
            TVShow.media_id,
            select(TVShow.media_id, Season.id, _OF_SEASON.source, _OF_SEASON.image, null()).select_from(seasons),
        ),
        (
            _STILL,
            TVShow.media_id,
            select(TVShow.media_id, Episode.id, _STILL.source, _STILL.image, null()).select_from(episodes),
        ),
    )
    for place, owner, query in queries:
        for media_id, row_id, source, image, palette in session.execute(query.where(owner.in_(media_ids))):
            if source:
                yield Picture(media_id, row_id, place, source, image, bool(palette))


def painted(session: Session, results: Iterable[Painted]) -> None:
    """Note where pictures lie, and a poster's colours."""
    rows: dict[Place, list[dict[str, Any]]] = defaultdict(list)
    for result in results:
        row: dict[str, Any] = {"row": result.picture.row_id, "from": result.picture.source, "image": result.image}
        if result.picture.place is POSTER:
            row |= {"colours": list(result.palette)}
        rows[result.picture.place].append(row)
    for place, changed in rows.items():
        values: dict[str, Any] = {place.image.key: bindparam("image")}
        if place is POSTER:
            values |= {"palette": bindparam("colours"), "poster_failed_at": None}
        session.connection().execute(_change(place).values(values), changed)


def poster_failed(session: Session, failed: Iterable[Picture]) -> None:
    """Note which posters can't be had, so that the titles are shown with default colours."""
    rows = [{"row": picture.row_id, "from": picture.source} for picture in failed]
    if rows:
        session.connection().execute(_change(POSTER).values(poster_failed_at=now()), rows)


def _change(place: Place) -> Any:
    unchanged = place.source == bindparam("from")
    return update(place.table).where(place.table.id == bindparam("row"), unchanged)

"""TMDB's genres by their ids, from its lists at /3/genre/movie/list and /3/genre/tv/list."""

from collections.abc import Iterable

from worker.providers.fields import mappings, text, whole

_NAMES = {
    12: "Adventure",
    14: "Fantasy",
    16: "Animation",
    18: "Drama",
    27: "Horror",
    28: "Action",
    35: "Comedy",
    36: "History",
    37: "Western",
    53: "Thriller",
    80: "Crime",
    99: "Documentary",
    878: "Science Fiction",
    9648: "Mystery",
    10402: "Music",
    10749: "Romance",
    10751: "Family",
    10752: "War",
    10759: "Action & Adventure",
    10762: "Kids",
    10763: "News",
    10764: "Reality",
    10765: "Sci-Fi & Fantasy",
    10766: "Soap",
    10767: "Talk",
    10768: "War & Politics",
    10770: "TV Movie",
}


def by_ids(ids: object) -> tuple[str, ...]:
    """Name genres, in English whatever language was asked for; an unknown one is left out."""
    numbers = map(whole, ids) if isinstance(ids, list) else iter(())
    return _each_once(_NAMES.get(number) for number in numbers if number is not None)


def named(genres: object) -> tuple[str, ...]:
    """Read genres that have names, by their ids where those are known."""
    return _each_once(_NAMES.get(whole(genre.get("id")) or 0) or text(genre.get("name")) for genre in mappings(genres))


def _each_once(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name is not None))

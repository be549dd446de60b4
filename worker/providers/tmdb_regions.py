"""What TMDB tells by language and by country: titles and overviews in the one, certifications in the other."""

from collections.abc import Iterator
from dataclasses import dataclass

from worker.providers.fields import Json, mapping, mappings, text
from worker.providers.tmdb_candidates import original_title, title

#: Where a country has no certification, that of this one is told.
_FALLBACK_COUNTRY = "US"
#: TMDB's types of release, whose certification counts first: theatrical, limited, digital, physical, TV, première.
_RELEASES = (3, 2, 4, 5, 6, 1)


@dataclass(frozen=True, slots=True)
class Words:
    """What is read of a title."""

    title: str | None
    overview: str | None


def translated(details: Json, language: str) -> Words:
    """Read title and overview; what the language (BCP 47) lacks is told in English, else in the original language.

    TMDB itself fills a missing title with the original one, which may be in a script that the user can't read.
    """
    code, original = language.partition("-")[0], details.get("original_language")
    told, overview = title(details), text(details.get("overview"))
    is_filled = told == original_title(details) and original not in (code, "en")
    if is_filled and not any(words.title for words in _translations(details, code)):
        told = next((words.title for words in _translations(details, "en") if words.title), told)
    for other in ("en", original):
        overview = overview or next((words.overview for words in _translations(details, other) if words.overview), None)
    return Words(told, overview)


def film_certification(details: Json, country: str) -> str | None:
    """Read a film's certification in a country, such as ``PG-13``."""
    for releases in _of_country(mapping(details.get("release_dates")), country):
        certified = [
            (_RELEASES.index(kind), certification)
            for release in mappings(releases.get("release_dates"))
            if (kind := release.get("type")) in _RELEASES and (certification := text(release.get("certification")))
        ]
        if certified:
            return min(certified)[1]
    return None


def show_certification(details: Json, country: str) -> str | None:
    """Read a show's certification in a country, such as ``TV-MA``."""
    ratings = _of_country(mapping(details.get("content_ratings")), country)
    return next((rated for rating in ratings if (rated := text(rating.get("rating")))), None)


def _of_country(part: Json, country: str) -> Iterator[Json]:
    for code in dict.fromkeys((country, _FALLBACK_COUNTRY)):
        yield from (each for each in mappings(part.get("results")) if each.get("iso_3166_1") == code)


def _translations(details: Json, language: object) -> Iterator[Words]:
    for translation in mappings(mapping(details.get("translations")).get("translations")):
        if translation.get("iso_639_1") == language:
            data = mapping(translation.get("data"))
            yield Words(title(data), text(data.get("overview")))

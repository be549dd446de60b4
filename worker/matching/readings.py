"""How a name may be read, and by which words it is searched. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from shared.catalogue.normal import normalised
from shared.kinds import MediaType
from worker.matching.titles import without_subtitle
from worker.providers.base import Wanted

_YEAR = re.compile(r"(?<=\S)\s*\(((?:19|20)\d\d)\)\s*\Z", re.ASCII)
#: Any country in brackets, and without them those that English-speaking releases name.
_COUNTRIES = r"(?<=\S)\s+(?:\((?=[A-Z]{2}\)|USA\))|\(?(?=(?:USA?|UK|GB|AU|NZ|CA|IE)\)?\s*\Z))([A-Z]{2,3})\)?\s*\Z"
#: In capitals, for ``The Office US`` has a country, and the film ``Between Us`` none.
_COUNTRY = re.compile(_COUNTRIES)
_COUNTRY_OF_SHOW = re.compile(_COUNTRIES, re.IGNORECASE)
#: Words that are no longer say little, and numbers are written in many ways.
_SHORT_WORD = 2
_ISO_3166 = {"USA": "US", "UK": "GB"}
#: ``FaceOff``, of ``Face/Off``; ``Alien3``, of ``Alien³``.
_JOINT = re.compile(r"(?<=[^\W\d_A-Z]{2})(?=[A-Z\d])")


#: What it is worth to read a name in another way than it is written.
_ANOTHER_TITLE, _WITHOUT_COUNTRY, _YEAR_IN_TITLE = 0.98, 0.99, 0.99


@dataclass(frozen=True, slots=True)
class Reading:
    """A title and a year that a name could mean. ``worth`` is 1 for what it says, and less for what it may say."""

    title: str
    year: int | None
    worth: float = 1.0
    country: str | None = None
    #: It takes the year for a part of the title, as in ``Death Race 2000``.
    is_bold: bool = False


def readings(wanted: Wanted) -> list[Reading]:
    """Return all that a name could mean, likeliest first."""
    found = []
    for title, worth in ((wanted.title, 1.0), *((other, _ANOTHER_TITLE) for other in wanted.other_titles)):
        bare, year = _without_year(title, wanted.year)
        found.append(Reading(bare, year, worth))
        if country := _country(wanted, bare):
            found.append(Reading(bare[: country.start()], year, worth * _WITHOUT_COUNTRY, _iso(country[1])))
    if wanted.year is not None:
        found.append(Reading(f"{wanted.title} {wanted.year}", None, _YEAR_IN_TITLE, is_bold=True))
    return found


@dataclass(frozen=True, slots=True)
class Search:
    """What to search for; by its year only where one is given."""

    words: str
    year: int | None


def searches(wanted: Wanted) -> Iterator[Search]:
    """Return by what to search, likeliest first; nothing twice.

    1. The title with its year, without its country: few list one.
    2. The title alone: a provider's year may be another.
    3. What else the name could mean.
    4. The title without its subtitle; as several words, where they were written as one.
    5. Its longest word: the others may be spelled otherwise.
    6. The title with the year as a part of it.
    """
    title, year = _without_year(wanted.title, wanted.year)
    country = _country(wanted, title)
    name = title[: country.start()] if country else title
    found = [Search(name, year), Search(name, None), Search(title, None)]
    found += [Search(_without_year(other, None)[0], None) for other in wanted.other_titles]
    found += [Search(short, year)] if (short := without_subtitle(name)) else []
    found += [Search(_JOINT.sub(" ", name), year), Search(_longest_word(name), year)]
    found += [Search(f"{name} {year}", None)] if year is not None else []
    seen = set()
    for search in found:
        key = (normalised(search.words), search.year)
        if key not in seen and search.words.strip():
            seen.add(key)
            yield search


def _without_year(title: str, year: int | None) -> tuple[str, int | None]:
    """Read the year in ``Doctor Who (2005)``."""
    found = _YEAR.search(title)
    return (title[: found.start()], year or int(found[1])) if found else (title, year)


def _country(wanted: Wanted, title: str) -> re.Match[str] | None:
    return (_COUNTRY_OF_SHOW if wanted.type is MediaType.TV_SHOW else _COUNTRY).search(title)


def _iso(country: str) -> str:
    return _ISO_3166.get(country.upper(), country.upper())


def _longest_word(title: str) -> str:
    """Return the longest word that is no possessive, as ``Oceans`` may be; where all may be, the last one."""
    all_words = normalised(title).split()
    words = [word for word in all_words if len(word) > _SHORT_WORD] or all_words
    return max([word for word in words if not word.endswith("s")] or words[-1:], key=len, default="")

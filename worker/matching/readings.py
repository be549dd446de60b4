"""How a name may be read, and by which words it is searched. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from shared.catalogue.normal import normalised
from shared.kinds import MediaType
from worker.matching.titles import figure, without_subtitle
from worker.providers.base import Wanted

_YEAR = re.compile(r"(?<=\S)\s*\(((?:19|20)\d\d)\)\s*\Z", re.ASCII)
#: Any country in brackets, and without them those that English-speaking releases name.
_COUNTRIES = r"(?<=\S)\s+(?:\((?=[A-Z]{2}\)|USA\))|\(?(?=(?:USA?|UK|GB|AU|NZ|CA|IE)\)?\s*\Z))([A-Z]{2,3})\)?\s*\Z"
#: A show's, by any code in capitals: releases say ``The.Bridge.SE``.
_CODE_OF_SHOW = re.compile(r"(?<=\S)\s+([A-Z]{2})\s*\Z")
#: In capitals, for ``The Office US`` has a country, and the film ``Between Us`` none.
_COUNTRY = re.compile(_COUNTRIES)
_COUNTRY_OF_SHOW = re.compile(_COUNTRIES, re.IGNORECASE)
#: Words that are no longer say little, and numbers are written in many ways.
_SHORT_WORD = 2
_MOST_WORDS = 2
_ISO_3166 = {"USA": "US", "UK": "GB"}
#: ``FaceOff``, of ``Face/Off``; ``Alien3``, of ``Alien³``; ``5050``, of ``50/50``, and ``310``, of ``3:10``.
_JOINT = re.compile(r"(?<=[^\W\d_A-Z]{2})(?=[A-Z\d])|(?<=[A-Z]{2})(?=\d)|(?<=\b\d)(?=\d\d\b)|(?<=\b\d\d)(?=\d\d\b)")
#: ``Ocean s Eleven``: what a name makes of an apostrophe.
_LONE_ENDING = re.compile(r"(?<=\w\w) (?=(?:s|t|re|ve|ll|d|m)\b)", re.IGNORECASE)


#: ``2012 Kestrel Falls``: a year, or the beginning of a title.
_YEAR_FIRST = re.compile(r"\A((?:19|20)[0-9]{2})\s*[-.\s]\s*(?=\S)")

#: ``2019 - 1917``: either is the year, and the other the title.
_YEAR_ALONE = re.compile(r"(?:19|20)[0-9]{2}")

#: What it is worth to read a name in another way than it is written.
_ANOTHER_TITLE, _WITHOUT_COUNTRY, _YEAR_IN_TITLE = 0.98, 0.99, 0.99
#: Less than the whole title, if anybody has that, and enough where the year is right to the day.
_YEAR_BEFORE_TITLE = 0.78
#: A year that may say when a film came to its shelf: enough where nobody else has that title.
_WITHOUT_YEAR_OF_SHELF = 0.95


@dataclass(frozen=True, slots=True)
class Reading:
    """A title and a year that a name could mean. ``worth`` is 1 for what it says, and less for what it may say."""

    title: str
    year: int | None
    worth: float = 1.0
    country: str | None = None
    #: It takes the year for a part of the title, as in ``Death Race 2000``, or a part of the title for the year.
    is_bold: bool = False


def readings(wanted: Wanted) -> list[Reading]:
    """Return all that a name could mean, likeliest first.

    Without a year a longer title goes before the one it begins with: who is called ``Saw 3D`` is not ``Saw``.
    """
    longer = _longer(wanted)
    worths = {other: 1.0 if other in longer else _ANOTHER_TITLE for other in wanted.other_titles}
    found = []
    for title, worth in {**worths, wanted.title: _ANOTHER_TITLE if longer else 1.0}.items():
        bare, year = _without_year(title, wanted.year)
        found.append(Reading(bare, year, worth))
        if country := _country(wanted, bare):
            found.append(Reading(bare[: country.start()], year, worth * _WITHOUT_COUNTRY, _iso(country[1])))
    if wanted.year is not None:
        whole = (f"{wanted.title} {wanted.year}", f"{wanted.year} {wanted.title}")
        found += [Reading(title, None, _YEAR_IN_TITLE, is_bold=True) for title in whole]
        if _YEAR_ALONE.fullmatch(wanted.title):
            found.append(Reading(str(wanted.year), int(wanted.title), _YEAR_IN_TITLE, is_bold=True))
    elif first := _YEAR_FIRST.match(wanted.title):
        found.append(Reading(wanted.title[first.end() :], int(first[1]), _YEAR_BEFORE_TITLE, is_bold=True))
    if wanted.is_year_of_shelf:
        found.append(Reading(wanted.title, None, _WITHOUT_YEAR_OF_SHELF))
    return found


@dataclass(frozen=True, slots=True)
class Search:
    """What to search for; by its year only where one is given."""

    words: str
    year: int | None


def searches(wanted: Wanted) -> Iterator[Search]:
    """Return by what to search, likeliest first; nothing twice.

    1. Without a year, longer titles that begin with it: the short one may be somebody's, too.
    2. The title with its year, without its country: few list one.
    3. The title alone: a provider's year may be another.
    4. What else the name could mean.
    5. The title without its subtitle; as several words, where they were written as one; as one, where an apostrophe
       became a space.
    6. Its two longest words, each by itself: the others may be spelled otherwise.
    7. The title with the year as a part of it, or without a year that it begins with; the year as the title, where
       that is a year, too.
    """
    title, year = _without_year(wanted.title, wanted.year)
    country = _country(wanted, title)
    name = title[: country.start()] if country else title
    found = [Search(other, None) for other in _longer(wanted)]
    found += [Search(name, year), Search(name, None), Search(title, None)]
    found += [Search(_without_year(other, None)[0], None) for other in wanted.other_titles]
    found += [Search(short, year)] if (short := without_subtitle(name)) else []
    found += [Search(_LONE_ENDING.sub("", name), None), Search(_JOINT.sub(" ", name), None)]
    found += [Search(word, year) for word in _longest_words(name)]
    if year is not None:
        found += [Search(f"{name} {year}", None), Search(f"{year} {name}", None)]
        found += [Search(str(year), int(name))] if _YEAR_ALONE.fullmatch(name) else []
    elif first := _YEAR_FIRST.match(name):
        found.append(Search(name[first.end() :], int(first[1])))
    seen = set()
    for search in found:
        key = (normalised(search.words), search.year)
        if key not in seen and search.words.strip():
            seen.add(key)
            yield search


def _longer(wanted: Wanted) -> list[str]:
    """Return what else a name without a year says, and says more by: ``Saw 3D`` where its title is ``Saw``.

    So does a name in two scripts as a whole, where either part could be a title by itself.
    """
    if wanted.year is not None:
        return []
    title, spelled = normalised(wanted.title), {other: normalised(other) for other in wanted.other_titles}
    both = {f"{other} {title}" for other in spelled.values()}
    return [other for other, whole in spelled.items() if whole.startswith(f"{title} ") or whole in both]


def _without_year(title: str, year: int | None) -> tuple[str, int | None]:
    """Read the year in ``Doctor Who (2005)``."""
    found = _YEAR.search(title)
    return (title[: found.start()], year or int(found[1])) if found else (title, year)


def _country(wanted: Wanted, title: str) -> re.Match[str] | None:
    if wanted.type is MediaType.TV_SHOW:
        return _COUNTRY_OF_SHOW.search(title) or _CODE_OF_SHOW.search(title)
    return _COUNTRY.search(title)


def _iso(country: str) -> str:
    return _ISO_3166.get(country.upper(), country.upper())


def _longest_words(title: str) -> list[str]:
    """Return the longest words, those first that are no possessive, as ``Oceans`` may be, and no number."""
    words = [word for word in normalised(title).split() if len(word) > _SHORT_WORD] or normalised(title).split()
    return sorted(words, key=_tells_little)[:_MOST_WORDS]


def _tells_little(word: str) -> tuple[bool, int]:
    return word.endswith("s") or not word.isalpha() or figure(word) != word, -len(word)

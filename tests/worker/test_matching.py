"""Which candidate a name means: a line for each case, and the score's own rules."""

from datetime import date
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalogue.normal import normalised
from shared.kinds import MediaType, Source
from worker.matching import THRESHOLD, Candidate, Choice, choose, finalists, searches
from worker.providers.base import EpisodeMetadata, HeldEpisode, Wanted


def a_film(title: str, year: int | None = None, **more: object) -> Candidate:
    values: dict[str, object] = {"external_id": f"{title} {year}", "title": title, "year": year, **more}
    return Candidate(**values)  # type: ignore[arg-type]


def a_show(title: str, year: int | None = None, *countries: str, **more: object) -> Candidate:
    return a_film(title, year, countries=countries, **more)


def named(title: str, year: int | None = None, **more: object) -> Wanted:
    """Ask for a film; for a show, ``type`` says so."""
    values: dict[str, object] = {"type": MediaType.MOVIE, "title": title, "year": year, **more}
    return Wanted(**values)  # type: ignore[arg-type]


def held(*places: tuple[int, int], **more: object) -> tuple[HeldEpisode, ...]:
    return tuple(HeldEpisode(season, episode, Path("a.mkv"), **more) for season, episode in places)  # type: ignore[arg-type]


def chosen(wanted: Wanted, *candidates: Candidate) -> Choice:
    choice = choose(wanted, candidates)
    assert choice is not None
    return choice


ALIEN, ALIENS = a_film("Alien", 1979), a_film("Aliens", 1986)
ALIEN_3, COVENANT = a_film("Alien³", 1992), a_film("Alien: Covenant", 2017)
ROCKY, ROCKY_2, ROCKY_5 = a_film("Rocky", 1976), a_film("Rocky II", 1979), a_film("Rocky V", 1990)
STAR_WARS = a_film("Star Wars: Episode IV - A New Hope", 1977)
JEDI = a_film("Star Wars: Episode VI - Return of the Jedi", 1983)
KILL_BILL_1, KILL_BILL_2 = a_film("Kill Bill: Vol. 1", 2003), a_film("Kill Bill: Vol. 2", 2004)
DUNE_84, DUNE_21 = a_film("Dune", 1984, popularity=20.0), a_film("Dune", 2021, popularity=90.0)
DUNE_PART_ONE, DUNE_PART_TWO = a_film("Dune: Part One", 2021), a_film("Dune: Part Two", 2024)
BRIDGE_SE, BRIDGE_US = a_show("The Bridge", 2011, "SE", "DK"), a_show("The Bridge", 2013, "US", popularity=9.0)
OFFICE_UK = a_show("The Office", 2001, "GB", popularity=50.0)
OFFICE_US = a_show("The Office", 2005, "US", popularity=400.0)
WHO_63 = a_show("Doctor Who", 1963, "GB", popularity=60.0, seasons=((1, 42), (2, 39), (20, 22), (26, 14)))
WHO_05 = a_show("Doctor Who", 2005, "GB", popularity=300.0, seasons=((0, 20), (1, 13), (2, 13), (13, 6)))
WHO_24 = a_show("Doctor Who", 2024, "GB", popularity=200.0, seasons=((1, 8), (2, 8)))
TREK, TNG = a_show("Star Trek", 1966, "US"), a_show("Star Trek: The Next Generation", 1987, "US")
SHAMELESS_UK = a_show("Shameless", 2004, "GB", popularity=60.0)
SHAMELESS_US = a_show("Shameless", 2011, "US", popularity=90.0)
HEROES = a_show(
    "Heroes",
    2006,
    seasons=((0, 2), (1, 10), (2, 14)),
    episodes=(EpisodeMetadata(1, 1, "Genesis", air_date=date(2010, 1, 5)), EpisodeMetadata(1, 2, "Don't Look Back")),
)
HEROES_TWIN = a_show(
    "Heroes",
    2008,
    seasons=((1, 6), (2, 12)),
    episodes=(EpisodeMetadata(1, 1, "Arrival", air_date=date(2010, 2, 5)), EpisodeMetadata(1, 2, "The Long Road")),
)
LEON = a_film("Léon: The Professional", 1994, original_title="Léon", other_titles=("The Professional",))
SPIRITED_AWAY = a_film("Spirited Away", 2001, original_title="千と千尋の神隠し")
FULLMETAL = a_film("Fullmetal", 2003, original_title="鋼の錬金術師")
FULLMETAL_AGAIN = a_film("Fullmetal: Again", 2009, original_title="鋼の錬金術師 FULLMETAL")
SAW, SAW_3D = a_film("Saw", 2004), a_film("Saw 3D", 2010)
BLADE_RUNNER, BLADE_RUNNER_2049 = a_film("Blade Runner", 1982), a_film("Blade Runner 2049", 2017)
ODYSSEY, CONTACT = a_film("2001: A Space Odyssey", 1968), a_film("2010: The Year We Make Contact", 1984)
PREDATOR, PREDATORS = a_film("Predator", 1987), a_film("Predators", 2010)

# fmt: off
CASES = [
    # Equal titles
    ("Alien", 1979, [ALIEN, ALIENS, ALIEN_3, COVENANT], ALIEN),
    ("Alien", None, [ALIENS, ALIEN_3, COVENANT, ALIEN], ALIEN),
    ("alien", 1979, [ALIEN], ALIEN),
    ("Aliens", 1986, [ALIEN, ALIENS], ALIENS),
    ("Leon", 1994, [LEON], LEON),
    ("The Professional", 1994, [LEON], LEON),
    ("Leon The Professional", 1994, [LEON], LEON),
    ("千と千尋の神隠し", 2001, [SPIRITED_AWAY], SPIRITED_AWAY),
    ("Spider Man", 2002, [a_film("Spider-Man", 2002)], a_film("Spider-Man", 2002)),
    ("Spiderman", 2002, [a_film("Spider-Man", 2002)], a_film("Spider-Man", 2002)),
    ("S W A T", 2003, [a_film("S.W.A.T.", 2003)], a_film("S.W.A.T.", 2003)),
    ("Fast and Furious", 2009, [a_film("Fast & Furious", 2009)], a_film("Fast & Furious", 2009)),
    ("Matrix", 1999, [a_film("The Matrix", 1999)], a_film("The Matrix", 1999)),
    ("Matrix", None, [a_film("The Matrix", 1999)], a_film("The Matrix", 1999)),
    ("Oceans Eleven", None, [a_film("Ocean's Eleven", 2001)], a_film("Ocean's Eleven", 2001)),
    ("WALL-E", 2008, [a_film("WALL·E", 2008)], a_film("WALL·E", 2008)),

    # Titles alike
    ("Preditor", 1987, [PREDATOR], PREDATOR),
    ("The Lord of the Ring The Two Towers", 2002, [a_film("The Lord of the Rings: The Two Towers", 2002)],
     a_film("The Lord of the Rings: The Two Towers", 2002)),
    ("Predator", None, [PREDATORS], None),
    ("Alien", None, [ALIENS], None),
    ("Transformer", None, [a_film("Transformers", 2007)], None),
    ("Up", 2009, [a_film("Us", 2009)], None),
    ("Heat", 1995, [a_film("The Heat of the Night", 1995)], None),
    ("Heat Wave", 1995, [a_film("Heat", 1995)], None),
    ("Entirely Different", 1995, [a_film("Heat", 1995)], None),
    ("Between Us", None, [a_film("Between", 2015)], None),

    # Numbers
    ("Rocky", 1976, [ROCKY, ROCKY_2, ROCKY_5], ROCKY),
    ("Rocky II", 1979, [ROCKY, ROCKY_2, ROCKY_5], ROCKY_2),
    ("Rocky 2", 1979, [ROCKY, ROCKY_2, ROCKY_5], ROCKY_2),
    ("Rocky 2", None, [ROCKY, ROCKY_2, ROCKY_5], ROCKY_2),
    ("Rocky II", 1979, [ROCKY], None),
    ("Rocky", 1979, [ROCKY_2], None),
    ("Rocky", None, [ROCKY_2], None),
    ("Rocky II", None, [ROCKY_5], None),
    ("Alien 3", 1992, [ALIEN, ALIENS, ALIEN_3], ALIEN_3),
    ("Alien3", 1992, [ALIEN, ALIENS, ALIEN_3], ALIEN_3),
    ("Kill Bill Vol 2", 2004, [KILL_BILL_1, KILL_BILL_2], KILL_BILL_2),
    ("Kill Bill Vol 2", 2003, [KILL_BILL_1], None),
    ("Kill Bill Vol 2", None, [KILL_BILL_1], None),
    ("Dune Part 2", 2024, [DUNE_PART_ONE, DUNE_PART_TWO], DUNE_PART_TWO),
    ("Dune Part II", None, [DUNE_PART_ONE, DUNE_PART_TWO], DUNE_PART_TWO),
    ("Dune Part I", 2021, [DUNE_PART_ONE, DUNE_PART_TWO], DUNE_PART_ONE),
    ("Blade Runner", 2017, [BLADE_RUNNER, BLADE_RUNNER_2049], None),
    ("Blade Runner 2049", None, [BLADE_RUNNER, BLADE_RUNNER_2049], BLADE_RUNNER_2049),
    ("Ocean's Eleven", None, [a_film("Ocean's Twelve", 2004)], None),
    ("V for Vendetta", 2005, [a_film("V for Vendetta", 2005)], a_film("V for Vendetta", 2005)),
    ("1917", 2019, [a_film("1917", 2019), a_film("1918", 2019)], a_film("1917", 2019)),
    ("2019", 1917, [a_film("1917", 2019)], a_film("1917", 2019)),
    ("2009", 2012, [a_film("2012", 2009), a_film("2012", 2012)], a_film("2012", 2009)),
    ("2012", 2009, [a_film("2009", 2012), a_film("2012", 2009)], a_film("2012", 2009)),
    ("8 1 2", 1963, [a_film("8½", 1963)], a_film("8½", 1963)),

    # Subtitles
    ("Star Wars", 1977, [STAR_WARS, JEDI], STAR_WARS),
    ("Star Wars", None, [STAR_WARS, JEDI], None),
    ("Star Wars", 1978, [STAR_WARS, JEDI], None),
    ("Star Wars Episode IV A New Hope", 1977, [a_film("Star Wars", 1977)], a_film("Star Wars", 1977)),
    ("Star Wars - Episode IV - A New Hope", 1977, [JEDI, STAR_WARS], STAR_WARS),
    ("Star Wars Episode VI Return of the Jedi", None, [STAR_WARS, JEDI], JEDI),
    ("Alien", None, [COVENANT], None),
    ("Alien", 1979, [COVENANT], None),
    ("Dune", 2021, [DUNE_PART_ONE], DUNE_PART_ONE),

    # Years
    ("Dune", 1984, [DUNE_21, DUNE_84], DUNE_84),
    ("Dune", 2021, [DUNE_84, DUNE_21], DUNE_21),
    ("Dune", 2020, [DUNE_84, DUNE_21], DUNE_21),
    ("Dune", 2019, [DUNE_84, DUNE_21], None),
    ("Dune", 1999, [DUNE_84, DUNE_21], None),
    ("Dune", None, [DUNE_84, DUNE_21], DUNE_21),
    ("Dune", 2021, [a_film("Dune")], a_film("Dune")),
    ("Dune", 2021, [a_film("Dune", popularity=99.0), DUNE_21], DUNE_21),

    # A year before the title, or a part of it
    ("A Space Odyssey", 2001, [ODYSSEY], ODYSSEY),
    ("A Space Odyssey", 2002, [ODYSSEY], None),
    ("The Year We Make Contact", 2010, [ODYSSEY, CONTACT], CONTACT),
    ("1979 Alien", None, [ALIEN, ALIENS], ALIEN),
    ("1963 8½", None, [a_film("8½", 1963)], a_film("8½", 1963)),
    ("1960 À bout de souffle", None, [a_film("À bout de souffle", 1960)], a_film("À bout de souffle", 1960)),
    ("1978 Alien", None, [ALIEN, ALIENS], None),
    ("2012 Doomsday", None, [a_film("Doomsday", 2012), a_film("2012 Doomsday", 2008)], a_film("2012 Doomsday", 2008)),
    ("1986 Alien", None, [ALIEN, ALIENS], None),

    # Spelled otherwise
    ("Romeo and Juliet", 1996, [a_film("Romeo + Juliet", 1996)], a_film("Romeo + Juliet", 1996)),
    ("12 Angry Men", 1957, [a_film("Twelve Angry Men", 1957)], a_film("Twelve Angry Men", 1957)),
    ("Seven Samurai", 1954, [a_film("7 Samurai", 1954)], a_film("7 Samurai", 1954)),
    ("Oceans 11", 2001, [a_film("Ocean's Eleven", 2001)], a_film("Ocean's Eleven", 2001)),
    ("Fuer immer", 2001, [a_film("Für immer", 2001)], a_film("Für immer", 2001)),
    ("Fur immer", 2001, [a_film("Für immer", 2001)], a_film("Für immer", 2001)),
    ("Das weisse Band", 2009, [a_film("Das weiße Band", 2009)], a_film("Das weiße Band", 2009)),
    ("Faceoff", 1997, [a_film("Face/Off", 1997)], a_film("Face/Off", 1997)),
    ("Quo Vadis Aida", 2020, [a_film("Quo Vadis, Aida?", 2020)], a_film("Quo Vadis, Aida?", 2020)),
    ("500 Days of Summer", 2009, [a_film("(500) Days of Summer", 2009)], a_film("(500) Days of Summer", 2009)),
    ("REC 2", 2009, [a_film("[REC]", 2007), a_film("[REC]²", 2009)], a_film("[REC]²", 2009)),
    ("A Star is Born", 2018, [a_film("Star Is Born", 2018)], a_film("Star Is Born", 2018)),
    ("An Unsuitable Job", 1982, [a_film("Unsuitable Job", 1982)], a_film("Unsuitable Job", 1982)),
    ("Batman", 2022, [a_film("The Batman", 2022), a_film("Batman", 1989)], a_film("The Batman", 2022)),
    ("Batman", None, [a_film("The Batman", 2022, popularity=99.0), a_film("Batman", 1989)], a_film("Batman", 1989)),
    ("The Batman", 2022, [a_film("Batman", 1989), a_film("The Batman", 2022)], a_film("The Batman", 2022)),
    ("A-Team", 2010, [a_film("The A-Team", 2010)], a_film("The A-Team", 2010)),
    ("310 to Yuma", 2007, [a_film("3:10 to Yuma", 2007)], a_film("3:10 to Yuma", 2007)),
    ("Superman 3", 1983, [a_film("Superman II", 1980), a_film("Superman III", 1983)], a_film("Superman III", 1983)),
    ("Mad Max 2", 1981, [a_film("Mad Max", 1979), a_film("Mad Max II", 1981)], a_film("Mad Max II", 1981)),
    ("Malcolm X", 1992, [a_film("Malcolm X", 1992)], a_film("Malcolm X", 1992)),
    ("X-Men", 2000, [a_film("X-Men", 2000), a_film("X2", 2003)], a_film("X-Men", 2000)),
    ("V", 2009, [a_film("5", 2009)], None),
    ("X", 2022, [a_film("10", 2022)], None),

    # Parts
    ("The Godfather 2", 1974, [a_film("The Godfather", 1972), a_film("The Godfather Part II", 1974)],
     a_film("The Godfather Part II", 1974)),
    ("The Godfather Part 2", 1974, [a_film("The Godfather Part III", 1990), a_film("The Godfather: Part II", 1974)],
     a_film("The Godfather: Part II", 1974)),
    ("Godfather II", None, [a_film("The Godfather", 1972), a_film("The Godfather Part II", 1974)],
     a_film("The Godfather Part II", 1974)),
    ("Kill Bill 2", 2004, [KILL_BILL_1, KILL_BILL_2], KILL_BILL_2),
    ("Kill Bill", 2003, [KILL_BILL_1, KILL_BILL_2], KILL_BILL_1),
    ("It 2", 2019, [a_film("It", 2017), a_film("It Chapter Two", 2019)], a_film("It Chapter Two", 2019)),
    ("Toy Story 1", 1995, [a_film("Toy Story", 1995), a_film("Toy Story 2", 1999)], a_film("Toy Story", 1995)),
    ("Toy Story 1", None, [a_film("Toy Story", 1995), a_film("Toy Story 2", 1999)], None),
    ("Toy Story 3", 2010, [a_film("Toy Story", 1995), a_film("Toy Story 2", 1999)], None),
    ("Deathly Hollows Part 1", 2010, [a_film("Deathly Hollows: Part 2", 2011)], None),
    ("Deathly Hollows Part 2", 2011, [a_film("Deathly Hollows: Part 1", 2010), a_film("Deathly Hollows: Part 2", 2011)],
     a_film("Deathly Hollows: Part 2", 2011)),
    ("Deathly Hollows 2", 2011, [a_film("Deathly Hollows: Part 1", 2010), a_film("Deathly Hollows: Part 2", 2011)],
     a_film("Deathly Hollows: Part 2", 2011)),
    ("Reckoning Part One", 2023, [a_film("Reckoning", 2023)], a_film("Reckoning", 2023)),
    ("Cube Zero", 2004, [a_film("Cube 2: Hypercube", 2002), a_film("Cube", 1997)], None),
    ("Rogue One", 2016, [a_film("Rogue", 2016)], None),
    ("Apollo 13", 1995, [a_film("Apollo 11", 2019), a_film("Apollo 18", 2011)], None),

    # More of titles alike
    ("The Hunt", 2020, [a_film("The Hunted", 2020)], None),
    ("The Hunted", 2003, [a_film("The Hunt", 2003)], None),
    ("Dark Water", 2019, [a_film("Dark Waters", 2019)], None),
    ("Sisters", 2015, [a_film("Sister", 2015)], None),
    ("Cats", 2019, [a_film("Cars", 2019)], None),
    ("Zombiland", 2009, [a_film("Zombieland", 2009)], a_film("Zombieland", 2009)),
    ("Zombiland", 2008, [a_film("Zombieland", 2009)], a_film("Zombieland", 2009)),
    ("Zombiland", None, [a_film("Zombieland", 2009)], None),
    ("Quantum of Solice", 2008, [a_film("Quantum of Solace", 2008)], a_film("Quantum of Solace", 2008)),
    ("Inside Out", 2015, [a_film("Inside Out 2", 2024)], None),
    ("Iron Man", 2008, [a_film("Iron Man & Captain America", 2008)], None),
    ("Jaws", 1975, [a_film("Jews", 1975)], None),
    ("The", 1999, [a_film("And", 1999)], None),

    # Subtitles and owners
    ("Birdman", 2014, [a_film("Birdman or (The Unexpected Virtue of Ignorance)", 2014)],
     a_film("Birdman or (The Unexpected Virtue of Ignorance)", 2014)),
    ("Borat", 2006, [a_film("Borat: Cultural Learnings of America", 2006)],
     a_film("Borat: Cultural Learnings of America", 2006)),
    ("Dr Strangelove", 1964, [a_film("Dr. Strangelove or: How I Learned to Stop Worrying", 1964)],
     a_film("Dr. Strangelove or: How I Learned to Stop Worrying", 1964)),
    ("Trick", 2016, [a_film("Trick or Treat", 2016)], None),
    ("Alien - Covenant", 2017, [ALIEN, COVENANT], COVENANT),
    ("Alien Covenant", None, [ALIEN, COVENANT], COVENANT),
    ("Halo", 2015, [a_film("Halo: Nightfall", 2015, popularity=90.0), a_film("Halo: The Fall of Reach", 2015)], None),
    ("Justice League", 2021, [a_film("Zack Snyder's Justice League", 2021)],
     a_film("Zack Snyder's Justice League", 2021)),
    ("Zack Snyders Justice League", 2021,
     [a_film("Justice League", 2017), a_film("Zack Snyder's Justice League", 2021)],
     a_film("Zack Snyder's Justice League", 2021)),
    ("Pinocchio", 2022, [a_film("Guillermo del Toro's Pinocchio", 2022), a_film("Pinocchio", 2022)],
     a_film("Pinocchio", 2022)),
    ("Pinocchio", None, [a_film("Guillermo del Toro's Pinocchio", 2022)], None),

    # Other languages and scripts
    ("Amelie", 2001, [a_film("Amélie", 2001, original_title="Le Fabuleux Destin d'Amélie Poulain")],
     a_film("Amélie", 2001, original_title="Le Fabuleux Destin d'Amélie Poulain")),
    ("Le Fabuleux Destin d'Amelie Poulain", None,
     [a_film("Amélie", 2001, original_title="Le Fabuleux Destin d'Amélie Poulain")],
     a_film("Amélie", 2001, original_title="Le Fabuleux Destin d'Amélie Poulain")),
    ("Sen to Chihiro no Kamikakushi", 2001, [SPIRITED_AWAY], None),
    ("Gisaengchung", 2019, [a_film("Parasite", 2019, original_title="기생충", other_titles=("Gisaengchung",))],
     a_film("Parasite", 2019, original_title="기생충", other_titles=("Gisaengchung",))),
    ("Seven", 1995, [a_film("Se7en", 1995, other_titles=("Seven",))], a_film("Se7en", 1995, other_titles=("Seven",))),
    ("Mother", 2009, [a_film("mother!", 2017), a_film("Mother", 2009, original_title="마더")],
     a_film("Mother", 2009, original_title="마더")),

    # A year that is no year, and one in the title
    ("Death Race", 2000, [a_film("Death Race", 2008), a_film("Death Race 2000", 1975)],
     a_film("Death Race 2000", 1975)),
    ("Blade Runner", 2049, [BLADE_RUNNER, BLADE_RUNNER_2049], BLADE_RUNNER_2049),
    ("Cherry", 2000, [a_film("Cherry", 2000), a_film("Cherry 2000", 1987)], a_film("Cherry", 2000)),
    ("Cherry", 2000, [a_film("Cherry 2000", 1987)], a_film("Cherry 2000", 1987)),
    ("Heat (1995)", None, [a_film("Heat", 1986, popularity=99.0), a_film("Heat", 1995)], a_film("Heat", 1995)),
    ("Heat", 1995, [a_film("Heat (1995)", 1995)], a_film("Heat (1995)", 1995)),

    # Remakes and twins
    ("Heat", 1996, [a_film("Heat", 1995), a_film("Heat", 1986)], a_film("Heat", 1995)),
    ("Heat", 1996, [a_film("Heat", 1995, popularity=99.0), a_film("Heat", 1996)], a_film("Heat", 1996)),
    ("Heat", 1996, [a_film("Heat", 1995, popularity=9.0), a_film("Heat", 1997, popularity=8.0)], None),
    ("Heat", 1996, [a_film("Heat", 1995, popularity=9.0), a_film("Heat", 1997, popularity=2.0)],
     a_film("Heat", 1995, popularity=9.0)),
    ("Heat", None, [a_film("Heat", 1995, popularity=9.0), a_film("Heat", 1986, popularity=8.0)], None),
    ("Heat", None, [a_film("Heat", 1995), a_film("Heat", 1986)], None),
    ("Carrie", 2013, [a_film("Carrie", 1976), a_film("Carrie", 2002), a_film("Carrie", 2013)], a_film("Carrie", 2013)),
    ("Psycho", 1998, [a_film("Psycho", 1960, popularity=99.0)], None),
    ("Us", None, [a_film("Us", 2019)], a_film("Us", 2019)),
    ("It", 2017, [a_film("It", 1990), a_film("It Follows", 2014), a_film("It", 2017)], a_film("It", 2017)),

    # Nothing to choose from
    ("Heat", 1995, [], None),
    ("", None, [ALIEN], None),
    ("!!!", None, [a_film("???", 2000)], None),
    ("???", 2000, [a_film("???", 2000)], a_film("???", 2000)),
]

SHOWS = [
    # Countries
    (named("The Office (US)"), [OFFICE_UK, OFFICE_US], OFFICE_US),
    (named("The Office (UK)"), [OFFICE_UK, OFFICE_US], OFFICE_UK),
    (named("The Office UK"), [OFFICE_UK, OFFICE_US], OFFICE_UK),
    (named("the office us"), [OFFICE_UK, OFFICE_US], OFFICE_US),
    (named("The Bridge SE"), [BRIDGE_SE, BRIDGE_US], BRIDGE_SE),
    (named("The Bridge SE"), [BRIDGE_US], None),
    (named("CSI NY"), [a_show("CSI", 2000, "US"), a_show("CSI: NY", 2004, "US")], a_show("CSI: NY", 2004, "US")),
    (named("CSI NY"), [a_show("CSI", 2000, "US")], None),
    (named("The Office (US)"), [OFFICE_UK], None),
    (named("Night Trains (DE)"), [a_show("Night Trains", 2017, "DE"), a_show("Night Trains", 2019, "US")],
     a_show("Night Trains", 2017, "DE")),
    (named("The Office", 2001), [OFFICE_US, OFFICE_UK], OFFICE_UK),
    (named("The Office US", 2005), [OFFICE_UK, OFFICE_US], OFFICE_US),
    (named("The Office"), [OFFICE_UK, OFFICE_US], OFFICE_US),
    (named("Shameless"), [SHAMELESS_UK, SHAMELESS_US], None),
    (named("Shameless US"), [SHAMELESS_UK, SHAMELESS_US], SHAMELESS_US),
    (named("Shameless GB"), [SHAMELESS_UK, SHAMELESS_US], SHAMELESS_UK),
    (named("Skins (US)"), [a_show("Skins (US)", 2011, "US"), a_show("Skins", 2007, "GB", popularity=90.0)],
     a_show("Skins (US)", 2011, "US")),
    (named("Skins"), [a_show("Skins (US)", 2011, "US", popularity=90.0), a_show("Skins", 2007, "GB")],
     a_show("Skins", 2007, "GB")),
    (named("This Is Us"), [a_show("This Is Us", 2016, "US"), a_show("This Is", 2010, "US")],
     a_show("This Is Us", 2016, "US")),
    (named("The Last of US"), [a_show("The Last of Us", 2023, "US")], a_show("The Last of Us", 2023, "US")),
    (named("Between Us"), [a_show("Between", 2015, "CA")], None),
    (named("Between Us"), [a_show("Between", 2015)], None),

    # Years
    (named("Doctor Who (2005)"), [WHO_63, WHO_05, WHO_24], WHO_05),
    (named("Doctor Who (1963)"), [WHO_63, WHO_05, WHO_24], WHO_63),
    (named("Doctor Who", 2024), [WHO_63, WHO_05, WHO_24], WHO_24),
    (named("Doctor Who", 2005), [a_show("Doctor Who (2005)", 2005)], a_show("Doctor Who (2005)", 2005)),
    (named("Star Trek"), [TNG, TREK], TREK),
    (named("Star Trek"), [TNG], None),
    (named("Star Trek The Next Generation"), [TREK, TNG], TNG),
    (named("Star Trek", 1987), [TREK, TNG], TNG),
    (named("24"), [a_show("24", 2001), a_show("24: Legacy", 2017)], a_show("24", 2001)),
    (named("Daredevil", 2015), [a_show("Marvel's Daredevil", 2015)], a_show("Marvel's Daredevil", 2015)),
    (named("Marvels Daredevil"), [a_show("Marvel's Daredevil", 2015)], a_show("Marvel's Daredevil", 2015)),
    (named("Marvels Agents of S H I E L D"), [a_show("Marvel's Agents of S.H.I.E.L.D.", 2013)],
     a_show("Marvel's Agents of S.H.I.E.L.D.", 2013)),

    # Seasons and episodes
    (named("Doctor Who", episodes=held((20, 1), (20, 22))), [WHO_63, WHO_05, WHO_24], WHO_63),
    (named("Doctor Who", episodes=held((13, 1))), [WHO_63, WHO_05, WHO_24], WHO_05),
    (named("Doctor Who", episodes=held((1, 40))), [WHO_63, WHO_05, WHO_24], WHO_63),
    (named("Doctor Who", episodes=held((1, 1))), [WHO_63, WHO_05, WHO_24], None),
    (named("Doctor Who", episodes=held((0, 1))), [WHO_63, WHO_05, WHO_24], None),
    (named("Doctor Who", 2024, episodes=held((20, 1))), [WHO_63, WHO_05, WHO_24], WHO_24),
    (named("Doctor Who", episodes=held((1, 50), is_absolute=True)), [WHO_63, WHO_05, WHO_24], WHO_63),
    (named("Doctor Who", episodes=held((2024, 511), air_date=date(2024, 5, 11))), [WHO_05, WHO_24], None),
    (named("Doctor Who", episodes=held((2010, 403), air_date=date(2010, 4, 3))), [WHO_05, WHO_24], WHO_05),
    (named("Heroes", episodes=held((2, 14), (2, 2))), [HEROES, HEROES_TWIN], HEROES),
    (named("Heroes", episodes=held((2, 1), (2, 2), (2, 13))), [HEROES, HEROES_TWIN], HEROES),
    (named("Heroes", episodes=held((9, 1))), [HEROES, HEROES_TWIN], None),

    # Whole seasons
    (named("Heroes", episodes=held(*((1, number) for number in range(1, 7)))), [HEROES, HEROES_TWIN], HEROES_TWIN),
    (named("Heroes", episodes=held(*((1, number) for number in range(1, 8)))), [HEROES, HEROES_TWIN], HEROES),
    (named("Heroes", episodes=held(*((1, number) for number in range(1, 25)), is_absolute=True)),
     [HEROES, HEROES_TWIN], HEROES),
    (named("Heroes", episodes=held((1, 1), (1, 2))), [HEROES, HEROES_TWIN], None),

    # Titles of episodes
    (named("Heroes", episodes=held((1, 2), title="The Long Road")), [HEROES, HEROES_TWIN], HEROES_TWIN),
    (named("Heroes", episodes=held((1, 1), title="the long road")), [HEROES, HEROES_TWIN], HEROES_TWIN),
    (named("Heroes", episodes=held((1, 1), title="Genesys")), [HEROES, HEROES_TWIN], HEROES),
    (named("Heroes", episodes=held((1, 1), title="Ganz anders")), [HEROES, HEROES_TWIN], None),
    (named("Heroes", episodes=held((1, 1), title="Episode 1")), [HEROES, HEROES_TWIN], None),

    # Dates of episodes
    (named("Heroes", episodes=held((2010, 206), air_date=date(2010, 2, 6))), [HEROES, HEROES_TWIN], HEROES_TWIN),
    (named("Heroes", episodes=held((2010, 106), air_date=date(2010, 1, 6))), [HEROES, HEROES_TWIN], HEROES),
    (named("Lonely", episodes=held((9, 1))), [a_show("Lonely", 2020, seasons=((1, 6),))],
     a_show("Lonely", 2020, seasons=((1, 6),))),
]

FILMS = [
    # Other readings of a name
    (named("Heat", 1995, other_titles=("Alien",)), [ALIEN, a_film("Heat", 1995)], a_film("Heat", 1995)),
    (named("Hitze", 1979, other_titles=("Alien",)), [ALIEN, ALIENS], ALIEN),
    (named("Hitze", other_titles=("Heat", "Alien")), [ALIEN, ALIENS], ALIEN),
    (named("Dune", 2021, other_titles=("Dune Part Two",)), [DUNE_PART_TWO, DUNE_21], DUNE_21),

    (named("Saw", other_titles=("Saw 3D",)), [SAW, SAW_3D], SAW_3D),
    (named("Saw", other_titles=("Saw 3D",)), [SAW], SAW),
    (named("FULLMETAL", other_titles=("鋼の錬金術師", "鋼の錬金術師 FULLMETAL")), [FULLMETAL, FULLMETAL_AGAIN],
     FULLMETAL_AGAIN),
    (named("FULLMETAL", other_titles=("鋼の錬金術師",)), [FULLMETAL, FULLMETAL_AGAIN], FULLMETAL),
    (named("Saw", 2004, other_titles=("Saw 3D",)), [SAW, SAW_3D], SAW),

    # Durations
    (named("Heat", duration=170), [a_film("Heat", 1995, duration=170), a_film("Heat", 1986, duration=156)],
     a_film("Heat", 1995, duration=170)),
    (named("Heat", duration=170), [a_film("Heat", 1995, duration=170), a_film("Heat", 1986, duration=101)],
     a_film("Heat", 1995, duration=170)),
    (named("Heat", duration=105), [a_film("Heat", 1995, duration=170, popularity=99.0),
     a_film("Heat", 1986, duration=101)], a_film("Heat", 1986, duration=101)),
    (named("Heat", 1995, duration=105), [a_film("Heat", 1995, duration=170), a_film("Heat", 1986, duration=101)],
     a_film("Heat", 1995, duration=170)),
    (named("Heat", 1995, duration=90), [a_film("Heat", 1995, duration=170)], a_film("Heat", 1995, duration=170)),
]

SPELLINGS = [
    ("The Matrix", "the matrix"),
    ("Amélie", "amelie"),
    ("Ame\u0301lie", "amelie"),
    ("Fast & Furious", "fast and furious"),
    ("Ocean\u2019s Eleven", "oceans eleven"),
    ("Spider-Man: Far From Home", "spider man far from home"),
    ("  Heat \t 2 ", "heat 2"),
    ("S.W.A.T.", "swat"),
    ("M*A*S*H", "mash"),
    ("Alien³", "alien 3"),
    ("Straße", "strasse"),
    ("Smørrebrød", "smorrebrod"),
    ("Łódź", "lodz"),
    ("İstanbul", "istanbul"),
    ("千と千尋の神隠し", "千と千尋の神隠し"),
    ("ガメラ", "ガメラ"),
    ("हिन्दी", "हिन्दी"),
    ("기생충", "기생충"),
    ("!!!", "!!!"),
    ("", ""),
]
# fmt: on


@pytest.mark.parametrize(
    ("title", "year", "candidates", "expected"),
    CASES,
    ids=[f"{title} ({year}) of {', '.join(c.external_id for c in candidates)}" for title, year, candidates, _ in CASES],
)
def test_a_name_means_the_candidate_of_the_table(
    title: str, year: int | None, candidates: list[Candidate], expected: Candidate | None
) -> None:
    choice = choose(named(title, year), candidates)

    assert (choice and choice.candidate) == expected


@pytest.mark.parametrize(("wanted", "candidates", "expected"), SHOWS)
def test_a_shows_name_means_the_candidate_of_the_table(
    wanted: Wanted, candidates: list[Candidate], expected: Candidate | None
) -> None:
    show = Wanted(MediaType.TV_SHOW, wanted.title, wanted.year, episodes=wanted.episodes)

    assert chosen(show, *candidates).candidate == expected


@pytest.mark.parametrize(("wanted", "candidates", "expected"), FILMS)
def test_what_is_known_beside_a_name_tells_twins_apart(
    wanted: Wanted, candidates: list[Candidate], expected: Candidate | None
) -> None:
    assert chosen(wanted, *candidates).candidate == expected


@pytest.mark.parametrize(("title", "spelling"), SPELLINGS)
def test_a_title_is_compared_in_one_spelling(title: str, spelling: str) -> None:
    assert normalised(title) == spelling


def test_a_shelfs_year_may_be_the_one_in_which_a_film_came_there() -> None:
    shelved = named("Alien", 2023, is_year_of_shelf=True)

    assert (chosen(shelved, ALIEN).candidate, chosen(shelved, ALIEN).match.is_doubtful) == (ALIEN, True)
    assert chosen(named("Alien", 2023), ALIEN).candidate is None
    assert chosen(named("Alien", 1979, is_year_of_shelf=True), ALIEN).is_sure
    assert chosen(shelved, ALIENS).candidate is None


def test_without_the_shelfs_year_the_better_known_of_namesakes_is_not_taken() -> None:
    assert chosen(named("Dune", 2023, is_year_of_shelf=True), DUNE_84, DUNE_21).candidate is None
    assert chosen(named("Dune", 1984, is_year_of_shelf=True), DUNE_84, DUNE_21).candidate == DUNE_84


def test_an_equal_title_of_the_same_year_is_certain() -> None:
    choice = chosen(named("Heat", 1995), a_film("Heat", 1995))

    assert (choice.match.score, choice.match.parts) == (1.0, {"title": 1.0, "year": 1.0})
    assert choice.match.runners_up == ()
    assert choice.is_sure
    assert choice.is_final


def test_the_score_is_the_product_of_its_parts() -> None:
    wanted = named("The Office (US)", type=MediaType.TV_SHOW, episodes=held((1, 1), (9, 1)))

    match = chosen(wanted, a_show("The Office", 2005, "US", seasons=((1, 6),))).match

    assert match.parts == {"title": 0.99, "year": 0.8, "country": 1.0, "seasons": 0.97}
    assert match.score == round(0.99 * 0.8 * 0.97, 4)


def test_popularity_never_lends_a_point() -> None:
    unknown = chosen(named("Heat", 1995), a_film("Heat", 1995, popularity=0.0))
    famous = chosen(named("Heat", 1995), a_film("Heat", 1995, popularity=999.0))

    assert unknown.match == famous.match


def test_popularity_never_beats_a_better_title() -> None:
    choice = chosen(named("Thing"), a_film("The Thing", 1982, popularity=99.0), a_film("Thing", 2001))

    assert choice.candidate == a_film("Thing", 2001)


@pytest.mark.parametrize(
    ("wanted", "candidates"),
    [
        (named("Dune"), [DUNE_84, DUNE_21]),
        (named("Dune", 2021), [DUNE_21, a_film("Dune", 2021, external_id="twin", popularity=10.0)]),
        (named("Star Wars", 1977), [STAR_WARS]),
        (named("Preditor", 1987), [PREDATOR]),
        (named("Toy Story 1", 1995), [a_film("Toy Story", 1995)]),
        (named("Death Race", 2000), [a_film("Death Race 2000", 1975)]),
        (named("The Professional"), [LEON]),
    ],
)
def test_where_popularity_decided_or_a_liberty_was_taken_there_is_doubt(
    wanted: Wanted, candidates: list[Candidate]
) -> None:
    choice = chosen(wanted, *candidates)

    assert choice.candidate == candidates[-1] or choice.candidate == DUNE_21
    assert choice.match.is_doubtful
    assert not choice.is_sure


@pytest.mark.parametrize(
    ("wanted", "candidates"),
    [
        (named("Dune"), [DUNE_21, DUNE_21]),
        (named("Dune", 2020), [DUNE_21, DUNE_84]),
        (named("Dune", 2021), [DUNE_21, a_film("Dune", 2021, external_id="twin", popularity=1.0)]),
        (named("The Professional", 1994), [LEON]),
        (named("Kill Bill 2", 2004), [KILL_BILL_2]),
    ],
)
def test_otherwise_there_is_none(wanted: Wanted, candidates: list[Candidate]) -> None:
    choice = chosen(wanted, *candidates)

    assert choice.candidate == candidates[0]
    assert choice.is_sure


def test_without_candidates_there_is_no_choice() -> None:
    assert choose(named("Heat"), []) is None


def test_where_nobody_is_near_enough_the_candidates_are_named() -> None:
    choice = chosen(named("Heat", 1995), a_film("Heat Wave", 1995), a_film("Heat", 2013))

    assert (choice.candidate, choice.is_sure, choice.match.is_doubtful) == (None, False, True)
    assert [other["externalId"] for other in choice.match.runners_up] == ["Heat Wave 1995", "Heat 2013"]
    assert choice.match.score == choice.match.runners_up[0]["score"]


def test_at_most_five_runners_up_are_kept_the_best_first() -> None:
    others = [a_film("Dune", 2021 - years) for years in range(1, 9)]

    choice = chosen(named("Dune", 2021), *reversed(others), DUNE_21)

    assert choice.candidate == DUNE_21
    assert len(choice.match.runners_up) == 5
    assert choice.match.runners_up[0] == {
        "source": Source.TMDB,
        "externalId": "Dune 2020",
        "title": "Dune",
        "year": 2020,
        "score": 0.9,
    }


def test_the_order_of_the_candidates_changes_nothing() -> None:
    candidates = [DUNE_84, DUNE_21, DUNE_PART_ONE, a_film("Dune", 2000, popularity=90.0)]

    answers = [choose(named("Dune"), order) for order in permutations(candidates)]

    assert all(answer == answers[0] for answer in answers)


def test_among_equals_only_they_are_looked_at_closer() -> None:
    twins = [a_film("Heat", 1990 + number, popularity=float(number)) for number in range(6)]

    assert finalists(named("Heat"), [*twins, ALIEN]) == twins[:0:-1]


def test_of_those_that_are_only_near_three_are_looked_at_closer() -> None:
    near = [a_film("A Long Way " + "Home" * number, 1995) for number in range(1, 6)]

    assert finalists(named("A Long Way Out", 1995), near) == near[:3]


def test_where_none_fits_those_of_another_year_are_not_looked_at_closer() -> None:
    maybe = a_film("Parasite", 2019, original_title="기생충")

    assert finalists(named("Gisaengchung", 2019), [a_film("Gisaeng", 1999), maybe]) == [maybe]


def searched(wanted: Wanted) -> list[tuple[str, int | None]]:
    return [(search.words, search.year) for search in searches(wanted)]


def test_a_plain_title_is_searched_by_few_ways() -> None:
    assert searched(named("Heat", 1995)) == [("Heat", 1995), ("Heat", None), ("Heat 1995", None), ("1995 Heat", None)]
    assert searched(named("Heat")) == [("Heat", None)]
    assert searched(named("")) == []


def test_other_words_are_searched_later() -> None:
    assert searched(named("Alien - Covenant", 2017, other_titles=("Alien 5", "alien covenant"))) == [
        ("Alien - Covenant", 2017),
        ("Alien - Covenant", None),
        ("Alien 5", None),
        ("Alien", 2017),
        ("covenant", 2017),
        ("Alien - Covenant 2017", None),
        ("2017 Alien - Covenant", None),
    ]


def test_a_title_that_begins_with_a_year_is_searched_without_it_last() -> None:
    assert searched(named("2012 Kestrel Falls"))[0] == ("2012 Kestrel Falls", None)
    assert searched(named("2012 Kestrel Falls"))[-1] == ("Kestrel Falls", 2012)


def test_without_a_year_a_longer_title_is_searched_before_the_one_that_it_begins_with() -> None:
    assert searched(named("Saw", other_titles=("Der Saw", "Saw 3D")))[:3] == [
        ("Saw 3D", None),
        ("Saw", None),
        ("Der Saw", None),
    ]
    assert searched(named("Saw", 2010, other_titles=("Saw 3D",)))[0] == ("Saw", 2010)


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Oceans Eleven", "eleven"),
        ("Charlies Angels", "angels"),
        ("Jeepers Creepers 2", "creepers"),
        ("FaceOff", "Face Off"),
        ("The Office (US)", "The Office"),
        ("Doctor Who (2005)", "Doctor Who"),
    ],
)
def test_a_search_is_tried_by_the_words_that_a_provider_may_list(title: str, words: str) -> None:
    assert words in {search.words for search in searches(named(title))}


@given(
    title=st.text(max_size=40),
    year=st.none() | st.integers(1880, 2100),
    candidates=st.lists(
        st.builds(
            Candidate,
            external_id=st.text(max_size=4),
            title=st.text(max_size=40),
            original_title=st.none() | st.text(max_size=40),
            other_titles=st.tuples(st.text(max_size=20)),
            year=st.none() | st.integers(1880, 2100),
            popularity=st.floats(0, 1000),
        ),
        max_size=6,
    ),
)
def test_whatever_is_offered_what_is_taken_scores_between_the_threshold_and_one(
    title: str, year: int | None, candidates: list[Candidate]
) -> None:
    choice = choose(named(title, year), candidates)

    assert (choice is None) == (not candidates)
    if choice is not None:
        assert len(choice.match.runners_up) <= 5
        assert choice.candidate is None or choice.candidate in candidates
        assert choice.match.score <= 1.0
        assert choice.candidate is None or choice.match.score >= THRESHOLD


@given(st.text(max_size=60))
def test_normalising_twice_is_normalising_once(title: str) -> None:
    assert normalised(normalised(title)) == normalised(title)

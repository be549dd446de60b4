"""Which candidate a name means: a line for each case, and the score's own rules."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.matching import THRESHOLD, Candidate, choose, normalised


def a_film(title: str, year: int | None = None, **more: object) -> Candidate:
    values: dict[str, object] = {"external_id": f"{title} {year}", "title": title, "year": year, **more}
    return Candidate(**values)  # type: ignore[arg-type]


ALIEN, ALIENS = a_film("Alien", 1979), a_film("Aliens", 1986)
ALIEN_3, COVENANT = a_film("Alien³", 1992), a_film("Alien: Covenant", 2017)
ROCKY, ROCKY_2, ROCKY_5 = a_film("Rocky", 1976), a_film("Rocky II", 1979), a_film("Rocky V", 1990)
STAR_WARS = a_film("Star Wars: Episode IV - A New Hope", 1977)
JEDI = a_film("Star Wars: Episode VI - Return of the Jedi", 1983)
KILL_BILL_1, KILL_BILL_2 = a_film("Kill Bill: Vol. 1", 2003), a_film("Kill Bill: Vol. 2", 2004)
DUNE_84, DUNE_21 = a_film("Dune", 1984, popularity=20.0), a_film("Dune", 2021, popularity=90.0)
DUNE_PART_ONE, DUNE_PART_TWO = a_film("Dune: Part One", 2021), a_film("Dune: Part Two", 2024)
OFFICE_UK, OFFICE_US = a_film("The Office", 2001, popularity=50.0), a_film("The Office", 2005, popularity=400.0)
LEON = a_film("Léon: The Professional", 1994, original_title="Léon", other_titles=("The Professional",))
SPIRITED_AWAY = a_film("Spirited Away", 2001, original_title="千と千尋の神隠し")
BLADE_RUNNER, BLADE_RUNNER_2049 = a_film("Blade Runner", 1982), a_film("Blade Runner 2049", 2017)
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
    ("Cherry", 2000, [a_film("Cherry 2000", 1987)], None),
    ("V for Vendetta", 2005, [a_film("V for Vendetta", 2005)], a_film("V for Vendetta", 2005)),
    ("1917", 2019, [a_film("1917", 2019), a_film("1918", 2019)], a_film("1917", 2019)),

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
    ("The Office (US)", None, [OFFICE_UK, OFFICE_US], OFFICE_US),
    ("The Office US", 2005, [OFFICE_UK, OFFICE_US], OFFICE_US),
    ("The Office", 2001, [OFFICE_US, OFFICE_UK], OFFICE_UK),

    # Nothing to choose from
    ("Heat", 1995, [], None),
    ("", None, [ALIEN], None),
    ("!!!", None, [a_film("???", 2000)], None),
    ("???", 2000, [a_film("???", 2000)], a_film("???", 2000)),
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
    chosen = choose(title, year, candidates)

    assert (chosen and chosen[0]) == expected


@pytest.mark.parametrize(("title", "spelling"), SPELLINGS)
def test_a_title_is_compared_in_one_spelling(title: str, spelling: str) -> None:
    assert normalised(title) == spelling


def test_an_equal_title_of_the_same_year_is_certain() -> None:
    chosen = choose("Heat", 1995, [a_film("Heat", 1995)])

    assert chosen is not None
    assert chosen[1].score == 1.0
    assert chosen[1].parts == {"title": 1.0, "year": 1.0}
    assert chosen[1].runners_up == ()


def test_popularity_never_lends_a_point() -> None:
    unknown = choose("Heat", 1995, [a_film("Heat", 1995, popularity=0.0)])
    famous = choose("Heat", 1995, [a_film("Heat", 1995, popularity=999.0)])

    assert unknown is not None
    assert famous is not None
    assert unknown[1].score == famous[1].score


def test_popularity_never_beats_a_better_title() -> None:
    chosen = choose("Thing", None, [a_film("The Thing", 1982, popularity=99.0), a_film("Thing", 2001)])

    assert chosen is not None
    assert chosen[0].year == 2001


def test_one_of_several_equals_is_taken_with_doubt() -> None:
    alone = choose("Dune", None, [DUNE_21])
    among = choose("Dune", None, [DUNE_84, DUNE_21])

    assert alone is not None
    assert among is not None
    assert THRESHOLD <= among[1].score < alone[1].score
    assert "doubt" in among[1].parts


def test_a_candidate_named_twice_is_no_reason_to_doubt() -> None:
    chosen = choose("Dune", None, [DUNE_21, DUNE_21])

    assert chosen is not None
    assert "doubt" not in chosen[1].parts


def test_at_most_five_runners_up_are_kept_the_best_first() -> None:
    others = [a_film("Dune", 2021 - years) for years in range(1, 9)]

    chosen = choose("Dune", 2021, [*reversed(others), DUNE_21])

    assert chosen is not None
    assert chosen[0] == DUNE_21
    assert len(chosen[1].runners_up) == 5
    assert chosen[1].runners_up[0] == {"title": "Dune", "year": 2020, "externalId": "Dune 2020", "score": 0.9}


def test_the_order_of_the_candidates_changes_nothing() -> None:
    candidates = [DUNE_84, DUNE_21, DUNE_PART_ONE, a_film("Dune", 2000, popularity=90.0)]

    answers = [choose("Dune", None, order) for order in permutations(candidates)]

    assert all(answer == answers[0] for answer in answers)


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
def test_whatever_is_offered_the_score_stays_between_the_threshold_and_one(
    title: str, year: int | None, candidates: list[Candidate]
) -> None:
    chosen = choose(title, year, candidates)

    assert chosen is None or (chosen[0] in candidates and THRESHOLD <= chosen[1].score <= 1.0)


@given(st.text(max_size=60))
def test_normalising_twice_is_normalising_once(title: str) -> None:
    assert normalised(normalised(title)) == normalised(title)

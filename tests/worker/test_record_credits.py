"""Who made a title, as it is recorded: each person once, also when several workers name them at once."""

import random
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from shared.database import Database
from shared.kinds import MatchStatus, Role, Source
from shared.models import Credit as CreditRow
from shared.models import Media, Person, SearchText
from tests.builders import a_movie
from worker.providers.base import Credit, Match, Metadata
from worker.record import credits as record_credits
from worker.record.metadata import identified

PACINO = Credit("Al Pacino", Role.ACTOR, "Vincent Hanna")
DE_NIRO = Credit("Robert De Niro", Role.ACTOR, "Neil McCauley")
MANN = Credit("Michael Mann", Role.DIRECTOR)


def a_title(database: Database) -> str:
    with database.begin() as session:
        return a_movie(session, match_status=MatchStatus.PENDING).media_id


def tell(database: Database, media_id: str, *credited: Credit, ids: dict[Source, str] | None = None) -> str:
    answer = Metadata("tmdb", Match(1.0), title="Heat", ids=ids or {}, credits=credited)
    with database.begin() as session:
        return identified(session, media_id, answer)


def credits_of(database: Database, media_id: str) -> list[tuple[str, str, str | None]]:
    """Return names, roles and characters in their order."""
    with database.read() as session:
        rows = session.execute(
            select(Person.name, CreditRow.role, CreditRow.character)
            .join(CreditRow.person)
            .where(CreditRow.media_id == media_id)
            .order_by(CreditRow.position)
        )
        return [(name, role, character) for name, role, character in rows]


def people(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Person.name).order_by(Person.key)))


def findable(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Person.name).join(SearchText, SearchText.person_id == Person.id)))


def test_a_titles_people_are_recorded_in_their_order(database: Database) -> None:
    media_id = a_title(database)

    tell(database, media_id, PACINO, DE_NIRO, MANN)

    assert credits_of(database, media_id) == [
        ("Al Pacino", "actor", "Vincent Hanna"),
        ("Robert De Niro", "actor", "Neil McCauley"),
        ("Michael Mann", "director", None),
    ]


def test_everybody_who_is_recorded_can_be_found(database: Database) -> None:
    heat, insider = a_title(database), a_title(database)

    tell(database, heat, PACINO, DE_NIRO)
    tell(database, insider, PACINO, MANN)

    assert sorted(findable(database)) == ["Al Pacino", "Michael Mann", "Robert De Niro"]


def test_who_is_spelled_alike_is_one_person_under_the_name_that_came_first(database: Database) -> None:
    heat, insider = a_title(database), a_title(database)

    tell(database, heat, Credit("Amélie J. Doe", Role.ACTOR))
    tell(database, insider, Credit("AMELIE J DOE", Role.DIRECTOR))

    assert people(database) == ["Amélie J. Doe"]
    assert credits_of(database, insider) == [("Amélie J. Doe", "director", None)]


def test_one_person_may_have_several_roles_but_each_only_once(database: Database) -> None:
    media_id = a_title(database)

    tell(
        database,
        media_id,
        Credit("Ida Dunn", Role.ACTOR, "The Mother"),
        Credit("IDA DUNN", Role.ACTOR, "The Daughter"),
        PACINO,
        Credit("Ida Dunn", Role.WRITER),
    )

    assert credits_of(database, media_id) == [
        ("Ida Dunn", "actor", "The Mother"),
        ("Al Pacino", "actor", "Vincent Hanna"),
        ("Ida Dunn", "writer", None),
    ]


def test_a_later_answer_replaces_the_credits_of_its_title_alone(database: Database) -> None:
    heat, insider = a_title(database), a_title(database)
    tell(database, heat, PACINO, DE_NIRO)
    tell(database, insider, PACINO, MANN)

    tell(database, heat, MANN, PACINO)

    assert [name for name, _, _ in credits_of(database, heat)] == ["Michael Mann", "Al Pacino"]
    assert [name for name, _, _ in credits_of(database, insider)] == ["Al Pacino", "Michael Mann"]
    assert people(database) == ["Al Pacino", "Michael Mann", "Robert De Niro"]


def test_an_answer_without_people_leaves_none(database: Database) -> None:
    media_id = a_title(database)
    tell(database, media_id, PACINO)

    tell(database, media_id)

    assert credits_of(database, media_id) == []


def test_what_can_be_no_name_is_passed_over(database: Database) -> None:
    media_id = a_title(database)
    # Random, so that no database can make it short enough for its index.
    endless = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz", k=100_000))

    # The last one is short, and has eighteen letters each when it is spelled out.
    tell(database, media_id, Credit(endless, Role.ACTOR), Credit(" ", Role.ACTOR), MANN, Credit("ﷺ" * 200, Role.ACTOR))

    assert credits_of(database, media_id) == [("Michael Mann", "director", None)]


def test_a_title_that_turns_out_to_be_another_one_leaves_no_credits_behind(database: Database) -> None:
    heat, again = a_title(database), a_title(database)
    tell(database, heat, PACINO, ids={Source.TMDB: "949"})
    tell(database, again, DE_NIRO)

    owner = tell(database, again, PACINO, MANN, ids={Source.TMDB: "949"})

    assert owner == heat
    assert [name for name, _, _ in credits_of(database, heat)] == ["Al Pacino", "Michael Mann"]
    assert credits_of(database, again) == []


def test_a_removed_title_takes_its_credits_along_and_leaves_the_people(database: Database) -> None:
    media_id = a_title(database)
    tell(database, media_id, PACINO)

    with database.begin() as session:
        session.delete(session.get_one(Media, media_id))

    assert credits_of(database, media_id) == []
    assert people(database) == ["Al Pacino"]


def test_workers_that_name_the_same_people_at_once_never_stop_each_other(database: Database) -> None:
    workers, titles_each, rounds = 4, 4, 5
    titles = [[a_title(database) for _ in range(titles_each)] for _ in range(workers)]
    names = [[f"Person {number:02}-{turn}" for number in range(60)] for turn in range(rounds)]
    together = threading.Barrier(workers, timeout=20)

    def cast(worker: int, turn: int) -> list[Sequence[Credit]]:
        """Make the casts of a batch, each worker's in another order."""
        shuffled = random.Random(worker).sample(names[turn], k=60)
        return [[Credit(name, Role.ACTOR) for name in shuffled[start::titles_each]] for start in range(titles_each)]

    def record(worker: int) -> None:
        for turn in range(rounds):
            casts = cast(worker, turn)
            together.wait()
            with database.begin() as session:
                record_credits.people(session, [credit for credited in casts for credit in credited])
            with database.begin() as session:
                for media_id, credited in zip(titles[worker], casts, strict=True):
                    record_credits.record(session, {media_id: credited})

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(record, range(workers)))

    assert len(people(database)) == len(findable(database)) == 60 * rounds
    for worker in range(workers):
        for media_id, credited in zip(titles[worker], cast(worker, rounds - 1), strict=True):
            assert [name for name, _, _ in credits_of(database, media_id)] == [credit.name for credit in credited]

"""Many rows are inserted by one statement, on either database, and are there as they were given."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from shared.database import Database
from shared.dialects import insert_for, insert_new, insert_rows
from shared.kinds import MatchStatus, MediaType
from shared.models import Episode, Media, SearchText, Season, TVShow
from shared.models.base import new_id

INSTANT = datetime(2026, 2, 28, 23, 59, 59, 123456, UTC)
#: What somebody may call a film: quotes, a backslash, a line, signs beyond the first 65,536.
ODD = 'L\'"Été" \\ 100 % :of\n🎬 {"a": [1]}'


def a_row(title: str, **more: object) -> dict[str, object]:
    row = {
        "id": new_id(),
        "type": MediaType.TV_SHOW,
        "title": title,
        "search_title": title,
        "guessed_title": title,
        "match_status": MatchStatus.PENDING,
        "created_at": INSTANT,
        "updated_at": INSTANT,
    }
    return row | more


def test_rows_are_inserted_as_they_are_with_what_columns_have_where_nothing_is_said(database: Database) -> None:
    detail = {"parts": {ODD: None}}
    whole = a_row(ODD, genres=["Drama", ODD], match_detail=detail, rating=7.25, guessed_year=None)
    empty = a_row("", genres=[], match_detail={}, rating=None, guessed_year=1999)
    with database.begin() as session:
        insert_rows(session, insert_for(session, Media), [whole, empty])
        insert_rows(session, insert_for(session, Media), [])

    with database.read() as session:
        second, first = session.scalars(select(Media).order_by(Media.guessed_year.is_(None)))
    assert (first.title, first.genres, first.match_detail, first.rating) == (ODD, ["Drama", ODD], detail, 7.25)
    assert (first.created_at, first.guessed_year, first.locked_fields, first.is_doubtful) == (INSTANT, None, [], False)
    assert (second.title, second.genres, second.rating, second.guessed_year) == ("", [], None, 1999)


def test_each_row_gets_an_id_and_numbers_of_its_own(database: Database) -> None:
    media = a_row("Show")
    with database.begin() as session:
        insert_new(session, Media, [media])
        insert_new(session, TVShow, [{"media_id": media["id"]}])
        show_id = session.scalars(select(TVShow.id)).one()
        insert_new(session, Season, [{"tv_show_id": show_id, "season_number": number} for number in (1, 2)])
        season_id = session.scalars(select(Season.id).where(Season.season_number == 1)).one()
        episodes = [
            {"season_id": season_id, "episode_number": number, "title": ODD, "air_date": date(2024, 2, 29)}
            for number in range(300)
        ]
        insert_new(session, Episode, episodes)
        insert_new(session, Episode, episodes[:5])
        ids = session.scalars(select(Episode.id)).all()
        insert_rows(session, insert_for(session, SearchText), [{"episode_id": each, "text": ODD} for each in ids])

    with database.read() as session:
        assert len(set(session.scalars(select(Season.id)))) == 2
        assert len(set(ids)) == 300
        assert set(session.scalars(select(Episode.air_date))) == {date(2024, 2, 29)}
        assert len(set(session.scalars(select(SearchText.id)))) == 300


def test_a_text_that_can_not_be_stored_is_an_error_that_says_so_and_costs_no_other_row(database: Database) -> None:
    with database.begin() as session:
        insert_new(session, Media, [a_row("there")])
        with pytest.raises(ValueError, match="surrogate"), session.begin_nested():
            insert_new(session, Media, [a_row("fine"), a_row("\ud800")])

    with database.read() as session:
        assert session.scalars(select(Media.title)).all() == ["there"]

"""GET /api/v1/tvshows and /api/v1/tvshows/{id}."""

from flask.testing import FlaskClient

from shared.database import Database
from shared.kinds import Role
from tests.api.conftest import CountQueries
from tests.builders import a_credit, a_day, a_file, a_library, a_movie, a_season, a_show, an_episode

SHOWS = "/api/v1/tvshows"


def test_a_show_in_a_list_is_what_the_wire_contract_says(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        show = a_show(session, "The Wire", creator="David Simon", network="HBO", release_date=a_day("2002-06-02"))
        a_movie(session, "No show")

    answer = client.get(SHOWS).json

    assert answer["meta"]["total"] == 1
    (shown,) = answer["data"]
    assert set(shown) == {"id", "creator", "network", "mediaId", "media"}
    assert (shown["id"], shown["creator"], shown["network"]) == (show.id, "David Simon", "HBO")
    assert shown["mediaId"] == shown["media"]["id"] == show.media_id
    assert shown["media"]["type"] == "TV_SHOW"
    assert shown["media"]["releaseDate"] == "2002-06-02T00:00:00.000Z"


def test_shows_come_newest_first_ten_by_default(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        for number in range(11):
            a_show(session, f"Show {number}")

    shown = [show["media"]["title"] for show in client.get(SHOWS).json["data"]]

    assert shown == [f"Show {number}" for number in range(10, 0, -1)]


def test_shows_are_sorted_and_filtered_like_films(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        a_show(session, "Lost", genres=["Drama"])
        a_show(session, "Dark", genres=["Drama"])
        a_show(session, "Fargo", genres=["Crime"])

    shown = client.get(f"{SHOWS}?genre=drama&sort=title&order=asc").json["data"]

    assert [show["media"]["title"] for show in shown] == ["Dark", "Lost"]


def test_seasons_and_episodes_come_in_order_and_specials_are_season_0(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        show = a_show(session)
        for number in (10, 2, 0, 1):
            season = a_season(session, show, number)
            for episode in (10, 9, 100, 1):
                an_episode(session, season, episode)

    seasons = client.get(f"{SHOWS}/{show.id}").json["data"]["seasons"]

    assert [season["seasonNumber"] for season in seasons] == [0, 1, 2, 10]
    assert [season["name"] for season in seasons] == ["Specials", "Season 1", "Season 2", "Season 10"]
    for season in seasons:
        assert [episode["episodeNumber"] for episode in season["episodes"]] == [1, 9, 10, 100]
        assert {episode["seasonNumber"] for episode in season["episodes"]} == {season["seasonNumber"]}


def test_an_episode_is_what_the_wire_contract_says(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        show = a_show(session)
        season = a_season(session, show, 1, name="One", overview="Baltimore.", air_date=a_day("2002-06-02"))
        episode = an_episode(
            session,
            season,
            1,
            "The Target",
            overview="McNulty.",
            air_date=a_day("2002-06-02"),
            runtime=62,
            still_source="https://example.org/still.jpg",
        )
        file = a_file(session, "/media/tv/S01E01.mkv", episodes=[episode], size=1234)

    shown = client.get(f"{SHOWS}/{show.id}").json["data"]["seasons"][0]

    (shown_episode,) = shown.pop("episodes")
    (shown_file,) = shown_episode.pop("files")
    assert shown == {
        "id": season.id,
        "seasonNumber": 1,
        "name": "One",
        "overview": "Baltimore.",
        "airDate": "2002-06-02T00:00:00.000Z",
        "posterUrl": None,
        "tvShowId": show.id,
    }
    assert shown_episode == {
        "id": episode.id,
        "episodeNumber": 1,
        "seasonNumber": 1,
        "title": "The Target",
        "overview": "McNulty.",
        "airDate": "2002-06-02T00:00:00.000Z",
        "runtime": 62,
        "stillUrl": "https://example.org/still.jpg",
        "filePath": "/media/tv/S01E01.mkv",
        "fileSize": "1234",
        "seasonId": season.id,
        "streamUrl": f"http://localhost/api/v1/stream/{episode.id}",
    }
    assert shown_file["id"] == file.id


def test_a_show_names_its_people_in_their_order(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        show, other = a_show(session), a_show(session, "Treme")
        creator = a_credit(session, show.media_id, "David Simon", role=Role.CREATOR, position=1)
        actor = a_credit(session, show.media_id, "Dominic West", character="McNulty", position=0)
        a_credit(session, other.media_id, "David Simon", role=Role.CREATOR)

    shown = client.get(f"{SHOWS}/{show.id}").json["data"]

    assert shown["credits"] == [
        {"personId": actor.person_id, "name": "Dominic West", "role": "actor", "character": "McNulty"},
        {"personId": creator.person_id, "name": "David Simon", "role": "creator", "character": None},
    ]


def test_a_file_with_two_episodes_stands_under_both(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        show = a_show(session)
        season = a_season(session, show, 1)
        both = [an_episode(session, season, 1), an_episode(session, season, 2)]
        alone = an_episode(session, season, 3)
        file = a_file(session, "/media/tv/S01E01-E02.mkv", episodes=both)

    (shown,) = client.get(f"{SHOWS}/{show.id}").json["data"]["seasons"]

    assert [[held["id"] for held in episode["files"]] for episode in shown["episodes"]] == [[file.id], [file.id], []]
    assert [episode["filePath"] for episode in shown["episodes"]] == [file.path, file.path, None]
    assert shown["episodes"][2]["id"] == alone.id
    assert shown["episodes"][2]["streamUrl"] is None


def test_two_files_of_an_episode_stand_under_it_the_better_first(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        show = a_show(session)
        episode = an_episode(session, a_season(session, show))
        library = a_library(session)
        a_file(session, "/tv/a.mkv", library=library, episodes=[episode], probe={"height": 480})
        a_file(session, "/tv/b.mkv", library=library, episodes=[episode], probe={"height": 1080})

    (shown,) = client.get(f"{SHOWS}/{show.id}").json["data"]["seasons"][0]["episodes"]

    assert [file["filePath"] for file in shown["files"]] == ["/tv/b.mkv", "/tv/a.mkv"]
    assert shown["filePath"] == "/tv/b.mkv"


def test_a_long_show_takes_as_many_queries_as_a_short_one(
    client: FlaskClient, database: Database, queries_of: CountQueries
) -> None:
    def of(seasons: int, episodes: int) -> str:
        with database.begin() as session:
            show = a_show(session, external_ids={"TMDB": f"{seasons}"})
            library = a_library(session)
            for position in range(episodes):
                a_credit(session, show.media_id, f"Extra {position}", position=position)
            for number in range(seasons):
                season = a_season(session, show, number)
                for episode in range(episodes):
                    a_file(session, library=library, episodes=[an_episode(session, season, episode)])
            return show.id

    short, long = of(1, 1), of(5, 10)
    client.get(f"{SHOWS}/{short}")

    assert queries_of(client, f"{SHOWS}/{short}") == queries_of(client, f"{SHOWS}/{long}") <= 8


def test_a_page_of_fifty_shows_takes_as_many_queries_as_a_page_of_one(
    client: FlaskClient, database: Database, queries_of: CountQueries
) -> None:
    with database.begin() as session:
        for number in range(50):
            a_show(session, external_ids={"TMDB": str(number)})
    counts = [queries_of(client, f"{SHOWS}?limit={limit}") for limit in (1, 1, 50)]

    assert counts[1] == counts[2] <= 6

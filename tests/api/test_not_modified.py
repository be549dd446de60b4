"""What a client has already is not sent again, and what has changed is."""

import pytest
from flask.testing import FlaskClient

from shared.database import Database
from shared.models import Media
from tests.builders import a_credit, a_file, a_library, a_movie


@pytest.mark.parametrize(
    "path", ["/api/v1/movies", "/api/v1/movies/{id}", "/api/v1/search?query=heat", "/api/v1/library"]
)
def test_an_answer_that_a_client_has_is_not_sent_again_until_it_changes(
    client: FlaskClient, database: Database, path: str
) -> None:
    with database.begin() as session:
        movie = a_movie(session, "Heat", library=a_library(session))
    url = path.format(id=movie.id)
    first = client.get(url)
    known = {"If-None-Match": first.headers["ETag"]}

    again = client.get(url, headers=known)
    assert (again.status_code, again.get_data(), again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert again.headers["X-API-Version"] == first.headers["X-API-Version"]

    with database.begin() as session:
        session.get_one(Media, movie.media_id).title = "Heat 2"
        a_movie(session, "Heat 3", library=a_library(session))
    changed = client.get(url, headers=known)
    assert changed.status_code == 200
    assert changed.json != first.json


def test_a_page_of_details_changes_with_everything_that_it_shows(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        movie = a_movie(session, "Heat")
    tags = [client.get(f"/api/v1/movies/{movie.id}").headers["ETag"]]
    for add in (
        lambda session: a_file(session, movie=movie),
        lambda session: a_credit(session, movie.media_id, "Al Pacino"),
    ):
        with database.begin() as session:
            add(session)
        tags.append(client.get(f"/api/v1/movies/{movie.id}").headers["ETag"])

    assert len(set(tags)) == 3


def test_errors_and_answers_to_other_methods_have_no_tag(client: FlaskClient) -> None:
    assert "ETag" not in client.get("/api/v1/movies/nonsense").headers
    assert "ETag" not in client.post("/api/v1/scan/cleanup").headers
    assert "ETag" in client.head("/api/v1/movies").headers

"""GET and PUT /api/v1/settings, and what puts them back."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.database import Database
from shared.kinds import MatchStatus
from shared.models import Enrichment, ProviderRow, Setting
from shared.scan_jobs import EnrichmentStatus
from tests.api.conftest import MakeClient
from tests.builders import a_movie, a_season, a_show, an_enrichment, an_episode

SETTINGS = "/api/v1/settings"
KEY = "0123456789abcdef0123456789abcdef"
SCAN_DEFAULTS = {"mediaTypeDepth": {}, "rescan": False, "followSymlinks": True}
DEFAULTS = {
    "port": 3001,
    "enableRouteGuards": False,
    "firstRun": True,
    "scanSettings": SCAN_DEFAULTS,
    "metadataLanguage": "en-US",
    "metadataCountry": "US",
    "preferLocalArtwork": True,
    "missingGraceDays": 7,
    "removeMissingAfterDays": 0,
    "maxMissingPercent": 50,
}
SCAN_SETTINGS = {
    "mediaType": "tv",
    "maxDepth": 5,
    "mediaTypeDepth": {"movie": 2, "tv": 0},
    "fileExtensions": [".mkv", "mp4"],
    "filenamePattern": r"\.mkv$",
    "directoryPattern": "^[^.]",
    "rescan": True,
    "followSymlinks": False,
}


def tmdb(database: Database) -> tuple[bool, dict[str, Any]]:
    with database.read() as session:
        row = session.scalars(select(ProviderRow).where(ProviderRow.name == "tmdb")).one()
        return row.enabled, row.config


def test_before_anything_is_set_there_are_the_defaults_and_no_key(client: FlaskClient) -> None:
    answer = client.get(SETTINGS)

    assert answer.json["data"] == DEFAULTS


def test_the_key_goes_out_masked(client: FlaskClient, database: Database) -> None:
    answer = client.put(SETTINGS, json={"tmdbApiKey": KEY})

    assert answer.status_code == 200
    for shown in (answer, client.get(SETTINGS)):
        assert KEY not in shown.text
        assert shown.json["data"]["tmdbApiKey"] == "••••••••cdef"
    assert tmdb(database) == (True, {"apiKey": KEY})


def test_of_a_short_key_nothing_is_shown(client: FlaskClient) -> None:
    client.put(SETTINGS, json={"tmdbApiKey": "abcdefgh"})

    assert client.get(SETTINGS).json["data"]["tmdbApiKey"] == "••••••••"


@pytest.mark.parametrize("changed", [{}, {"missingGraceDays": 3, "scanSettings": SCAN_SETTINGS}], ids=repr)
def test_what_was_read_may_come_back_and_changes_nothing(
    client: FlaskClient, database: Database, redis: Redis, changed: dict[str, Any]
) -> None:
    client.put(SETTINGS, json=changed | {"tmdbApiKey": KEY})
    with database.begin() as session:
        a_movie(session, match_status=MatchStatus.UNMATCHED)
    shown = client.get(SETTINGS).json["data"]

    answer = client.put(SETTINGS, json=shown)

    assert answer.status_code == 200
    assert answer.json["data"] == shown
    assert tmdb(database) == (True, {"apiKey": KEY})
    assert redis.llen("metadata") == 0
    with database.read() as session:
        assert session.scalars(select(Enrichment)).all() == []
        assert {row.key for row in session.scalars(select(Setting))} == set(changed)


def test_what_is_not_named_stays(client: FlaskClient, database: Database) -> None:
    client.put(SETTINGS, json={"tmdbApiKey": KEY, "firstRun": False})

    client.put(SETTINGS, json={"missingGraceDays": 3})

    shown = client.get(SETTINGS).json["data"]
    assert (shown["firstRun"], shown["missingGraceDays"]) == (False, 3)
    assert tmdb(database) == (True, {"apiKey": KEY})


def test_no_key_at_all_changes_nothing(client: FlaskClient, database: Database) -> None:
    client.put(SETTINGS, json={"tmdbApiKey": KEY})

    assert client.put(SETTINGS, json={"tmdbApiKey": None}).status_code == 200
    assert client.put(SETTINGS, json={}).status_code == 200

    assert tmdb(database) == (True, {"apiKey": KEY})


def test_a_key_sends_what_no_provider_knew_to_be_asked_again(
    client: FlaskClient, database: Database, redis: Redis
) -> None:
    with database.begin() as session:
        film = a_movie(session, match_status=MatchStatus.UNMATCHED).media_id
        show = a_show(session, match_status=MatchStatus.UNMATCHED).media_id
        an_enrichment(session, media_id=show, status=EnrichmentStatus.SETTLED, attempts=3)
        matched = a_movie(
            session, match_status=MatchStatus.MATCHED, poster_source="https://x/p.jpg", description="All there."
        ).media_id
        bare = a_movie(session, match_status=MatchStatus.MATCHED).media_id

    client.put(SETTINGS, json={"tmdbApiKey": KEY})

    with database.read() as session:
        found = {row.media_id: (row.status, row.attempts) for row in session.scalars(select(Enrichment))}
    assert found == dict.fromkeys((film, show, bare), (EnrichmentStatus.METADATA, 0))
    assert matched not in found
    assert redis.llen("metadata") == 1


@pytest.mark.parametrize("empty", ["", "   "])
def test_an_empty_key_disables_the_provider(client: FlaskClient, database: Database, redis: Redis, empty: str) -> None:
    client.put(SETTINGS, json={"tmdbApiKey": KEY})
    with database.begin() as session:
        a_movie(session, match_status=MatchStatus.UNMATCHED)

    answer = client.put(SETTINGS, json={"tmdbApiKey": empty})

    assert "tmdbApiKey" not in answer.json["data"]
    assert "tmdbApiKey" not in client.get(SETTINGS).json["data"]
    enabled, config = tmdb(database)
    assert enabled is False
    assert KEY not in config.values()
    assert redis.llen("metadata") == 0


def test_a_key_of_a_provider_that_is_disabled_is_still_shown_and_comes_back_without_effect(
    client: FlaskClient, database: Database
) -> None:
    client.put(SETTINGS, json={"tmdbApiKey": KEY})
    client.put(f"{SETTINGS}/providers/tmdb", json={"enabled": False})

    shown = client.get(SETTINGS).json["data"]
    client.put(SETTINGS, json=shown)

    assert shown["tmdbApiKey"] == "••••••••cdef"
    assert tmdb(database) == (False, {"apiKey": KEY})


def test_a_key_makes_the_provider_that_was_deleted_and_an_empty_one_does_not(
    client: FlaskClient, database: Database
) -> None:
    client.delete(f"{SETTINGS}/providers/tmdb")

    client.put(SETTINGS, json={"tmdbApiKey": ""})
    none = client.get(f"{SETTINGS}/providers/tmdb").status_code
    client.put(SETTINGS, json={"tmdbApiKey": KEY})

    assert none == 404
    assert tmdb(database) == (True, {"apiKey": KEY})


def test_an_empty_key_disables_the_provider_also_before_there_was_one(client: FlaskClient, database: Database) -> None:
    client.put(SETTINGS, json={"tmdbApiKey": ""})

    assert tmdb(database)[0] is False


def test_a_key_after_none_enables_the_provider_again(client: FlaskClient, database: Database) -> None:
    for key in (KEY, "", KEY):
        client.put(SETTINGS, json={"tmdbApiKey": key})

    assert tmdb(database) == (True, {"apiKey": KEY})


def test_spaces_around_a_key_are_not_part_of_it(client: FlaskClient, database: Database) -> None:
    client.put(SETTINGS, json={"tmdbApiKey": f" {KEY}\n"})

    assert tmdb(database)[1] == {"apiKey": KEY}


def test_the_key_does_not_touch_what_else_the_provider_is_configured_by(
    client: FlaskClient, database: Database
) -> None:
    with database.begin() as session:
        row = session.scalars(select(ProviderRow).where(ProviderRow.name == "tmdb")).one()
        row.config = {"language": "de"}

    client.put(SETTINGS, json={"tmdbApiKey": KEY})

    assert tmdb(database)[1] == {"language": "de", "apiKey": KEY}


def test_no_other_secret_is_ever_shown(client: FlaskClient, database: Database) -> None:
    with database.begin() as session:
        session.add(Setting(key="jwtSecret", value="hunter2"))
        session.add(ProviderRow(name="tvdb", priority=20, config={"apiKey": "hunter2", "pin": "hunter2"}))

    read = client.get(SETTINGS)
    written = client.put(SETTINGS, json={"firstRun": False})

    for answer in (read, written):
        assert "hunter2" not in answer.text
        assert "ecret" not in answer.text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"jwtSecret": "mine"}, "jwtSecret"),
        ({"databaseUrl": "sqlite:///x"}, "databaseUrl"),
        ({"tmdbApiKey": KEY, "tmdb_api_key": KEY}, "tmdb_api_key"),
        ({"tmdbApiKey": 5}, "tmdbApiKey"),
        ({"tmdbApiKey": ["x"]}, "tmdbApiKey"),
        ({"tmdbApiKey": "x" * 1001}, "tmdbApiKey"),
        ({"tmdbApiKey": "a\0b"}, "tmdbApiKey"),
        ({"tmdbApiKey": "\ud800"}, "tmdbApiKey"),
        ({"tmdbKey": None}, "tmdbKey"),
        ({"firstRun": "perhaps"}, "firstRun"),
        ({"firstRun": "true"}, "firstRun"),
        ({"firstRun": 1}, "firstRun"),
        ({"enableRouteGuards": {}}, "enableRouteGuards"),
        ({"port": 4000}, "port"),
        ({"port": 0}, "port"),
        ({"port": 65536}, "port"),
        ({"port": "http"}, "port"),
        ({"scanSettings": []}, "scanSettings"),
        ({"scanSettings": {"mediaType": "music"}}, "scanSettings.mediaType"),
        ({"scanSettings": {"maxDepth": 11}}, "scanSettings.maxDepth"),
        ({"scanSettings": {"maxDepth": True}}, "scanSettings.maxDepth"),
        ({"scanSettings": {"mediaTypeDepth": {"movie": -1}}}, "scanSettings.mediaTypeDepth.movie"),
        ({"scanSettings": {"fileExtensions": ["m/kv"]}}, "scanSettings.fileExtensions.0"),
        ({"scanSettings": {"fileExtensions": "mkv"}}, "scanSettings.fileExtensions"),
        ({"scanSettings": {"filenamePattern": "("}}, "scanSettings.filenamePattern"),
        ({"scanSettings": {"directoryPattern": "x" * 501}}, "scanSettings.directoryPattern"),
        ({"scanSettings": {"rescan": "yes"}}, "scanSettings.rescan"),
        ({"metadataLanguage": "english"}, "metadataLanguage"),
        ({"metadataLanguage": ""}, "metadataLanguage"),
        ({"metadataLanguage": "en-"}, "metadataLanguage"),
        ({"metadataLanguage": "en_US"}, "metadataLanguage"),
        ({"metadataLanguage": "e\u0301-US"}, "metadataLanguage"),
        ({"metadataCountry": "USA"}, "metadataCountry"),
        ({"metadataCountry": "ßß"}, "metadataCountry"),
        ({"preferLocalArtwork": "yes"}, "preferLocalArtwork"),
        ([], "body"),
        ("x", "body"),
    ],
    ids=repr,
)
def test_a_wrong_setting_is_refused_and_nothing_changes(
    client: FlaskClient, database: Database, body: Any, field: str
) -> None:
    wanted = {"enableRouteGuards": True} | body if isinstance(body, dict) else body

    answer = client.put(SETTINGS, json=wanted)

    assert answer.status_code == 400
    assert answer.json["error"] == "Validation failed"
    assert [detail["field"] for detail in answer.json["details"]] == [field]
    assert client.get(SETTINGS).json["data"] == DEFAULTS
    assert tmdb(database) == (True, {})


def test_language_and_country_are_understood_in_any_case(client: FlaskClient) -> None:
    changed = {"metadataLanguage": " DE-at ", "metadataCountry": "at", "preferLocalArtwork": False}

    shown = client.put(SETTINGS, json=changed).json["data"]

    assert shown == DEFAULTS | {"metadataLanguage": "de-AT", "metadataCountry": "AT", "preferLocalArtwork": False}
    assert client.get(SETTINGS).json["data"] == shown


@pytest.mark.parametrize(
    ("changed", "is_fetched"),
    [
        ({"metadataLanguage": "de"}, True),
        ({"metadataCountry": "DE"}, True),
        ({"metadataLanguage": "en-US", "metadataCountry": "US", "firstRun": False}, False),
        ({"preferLocalArtwork": True}, False),
    ],
    ids=repr,
)
def test_only_another_language_or_country_has_what_is_matched_fetched_again(
    client: FlaskClient, database: Database, redis: Redis, changed: dict[str, Any], *, is_fetched: bool
) -> None:
    with database.begin() as session:
        matched = [a_movie(session).media_id, a_show(session).media_id]
        a_movie(session, match_status=MatchStatus.PENDING)

    client.put(SETTINGS, json=changed)

    with database.read() as session:
        found = {row.media_id: (row.status, row.is_asked) for row in session.scalars(select(Enrichment))}
    assert found == (dict.fromkeys(matched, (EnrichmentStatus.METADATA, True)) if is_fetched else {})
    assert redis.llen("metadata") == is_fetched


def test_pictures_that_go_first_or_no_longer_have_those_titles_fetched_again_that_it_concerns(
    client: FlaskClient, database: Database
) -> None:
    local = "file:///media/poster.jpg"
    with database.begin() as session:
        shown_by_it = [
            a_movie(session, poster_source=local).media_id,
            a_movie(session, backdrop_source=local).media_id,
            a_show_with_still(session, local),
        ]
        others = [a_movie(session, poster_source="https://x/p.jpg").media_id, a_show(session).media_id]

    client.put(SETTINGS, json={"preferLocalArtwork": False})
    once = asked_for(database)
    client.put(SETTINGS, json={"preferLocalArtwork": True})

    assert once == set(shown_by_it)
    assert asked_for(database) == {*shown_by_it, *others}


def a_show_with_still(session: Session, still: str) -> str:
    show = a_show(session)
    season = a_season(session, show)
    an_episode(session, season, still_source=still)
    return show.media_id


def asked_for(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.scalars(select(Enrichment.media_id).where(Enrichment.is_asked)))


def test_a_reset_to_another_language_has_what_is_matched_fetched_again(client: FlaskClient, database: Database) -> None:
    client.put(SETTINGS, json={"metadataLanguage": "de"})
    with database.begin() as session:
        media_id = a_movie(session, poster_source="https://x/p.jpg", description="All there.").media_id

    client.post(f"{SETTINGS}/reset")

    with database.read() as session:
        assert session.get_one(Enrichment, media_id).is_asked


def test_the_port_that_is_in_force_may_come_back(make_client: MakeClient) -> None:
    client = make_client(PORT="8123")

    same = client.put(SETTINGS, json={"port": 8123, "firstRun": False})
    another = client.put(SETTINGS, json={"port": 3001})

    assert (same.status_code, same.json["data"]["port"], same.json["data"]["firstRun"]) == (200, 8123, False)
    assert another.status_code == 400


def test_settings_of_scans_are_kept_and_shown_as_they_were_sent(client: FlaskClient) -> None:
    answer = client.put(SETTINGS, json={"scanSettings": SCAN_SETTINGS})

    assert answer.status_code == 200
    assert answer.json["data"]["scanSettings"] == SCAN_SETTINGS
    assert client.get(SETTINGS).json["data"]["scanSettings"] == SCAN_SETTINGS


def test_settings_of_scans_that_are_not_named_or_say_nothing_go_back_to_their_defaults(client: FlaskClient) -> None:
    client.put(SETTINGS, json={"scanSettings": SCAN_SETTINGS})
    silent = {"maxDepth": None, "filenamePattern": "", "directoryPattern": None, "fileExtensions": []}

    client.put(SETTINGS, json={"scanSettings": silent | {"batchScan": True, "followSymlinks": False}})

    shown = client.get(SETTINGS).json["data"]["scanSettings"]
    assert shown == SCAN_DEFAULTS | {"followSymlinks": False}


def test_completing_the_first_run_changes_that_alone(client: FlaskClient) -> None:
    client.put(SETTINGS, json={"missingGraceDays": 3})

    answers = [client.post(f"{SETTINGS}/first-run-complete") for _ in range(2)]

    for answer in answers:
        assert answer.status_code == 200
        assert answer.json["data"] == DEFAULTS | {"missingGraceDays": 3, "firstRun": False}


def test_a_reset_leaves_what_a_new_installation_has_and_all_media(client: FlaskClient, database: Database) -> None:
    fresh = [{**row, "id": ""} for row in client.get(f"{SETTINGS}/providers").json["data"]]
    client.put(
        SETTINGS,
        json={"tmdbApiKey": KEY, "firstRun": False, "missingGraceDays": 3, "scanSettings": SCAN_SETTINGS}
        | {"metadataLanguage": "de", "metadataCountry": "AT", "preferLocalArtwork": False},
    )
    client.put(f"{SETTINGS}/providers/tmdb", json={"enabled": False, "priority": 3})
    client.delete(f"{SETTINGS}/providers/nfo")
    with database.begin() as session:
        session.add(ProviderRow(name="tvdb", priority=20, config={"apiKey": "hunter2"}))
        session.add(Setting(key="jwtSecret", value="hunter2"))
        a_movie(session)

    answer = client.post(f"{SETTINGS}/reset")

    assert answer.status_code == 200
    assert answer.json["data"] == DEFAULTS
    assert client.get(SETTINGS).json["data"] == DEFAULTS
    assert [{**row, "id": ""} for row in client.get(f"{SETTINGS}/providers").json["data"]] == fresh
    assert tmdb(database) == (True, {})
    assert len(client.get("/api/v1/movies").json["data"]) == 1
    with database.read() as session:
        assert {row.name for row in session.scalars(select(ProviderRow))} == {"nfo", "tmdb", "tvmaze"}
        assert session.get(Setting, "jwtSecret") is not None


def test_a_reset_fetches_only_what_a_provider_can_say_anew(
    client: FlaskClient, database: Database, redis: Redis
) -> None:
    with database.begin() as session:
        a_movie(session, match_status=MatchStatus.UNMATCHED)
    client.post(f"{SETTINGS}/reset")
    untouched = redis.llen("metadata")
    client.put(f"{SETTINGS}/providers/nfo", json={"enabled": False})

    client.post(f"{SETTINGS}/reset")

    assert (untouched, redis.llen("metadata")) == (0, 1)


def test_a_reset_of_scan_settings_leaves_the_others(client: FlaskClient, database: Database) -> None:
    client.put(SETTINGS, json={"tmdbApiKey": KEY, "firstRun": False, "scanSettings": SCAN_SETTINGS})

    answer = client.post(f"{SETTINGS}/reset-scan")

    assert answer.status_code == 200
    assert answer.json["data"] == DEFAULTS | {"firstRun": False, "tmdbApiKey": "••••••••cdef"}
    assert tmdb(database) == (True, {"apiKey": KEY})


def test_scan_settings_of_a_client_that_knows_more_of_them_are_taken_without_those(client: FlaskClient) -> None:
    answer = client.put("/api/v1/settings", json={"scanSettings": {"excludePattern": "x", "maxDepth": 3}})

    assert answer.status_code == 200
    assert answer.json["data"]["scanSettings"]["maxDepth"] == 3
    assert "excludePattern" not in answer.json["data"]["scanSettings"]


def test_null_means_not_said(client: FlaskClient) -> None:
    before = client.get("/api/v1/settings").json["data"]

    answer = client.put(
        "/api/v1/settings",
        json={"tmdbApiKey": None, "port": None, "firstRun": None, "enableRouteGuards": None, "scanSettings": None},
    )

    assert answer.status_code == 200
    assert answer.json["data"] == before


@pytest.mark.parametrize("key", ["two words", "a\nb", "schlüssel", "\u202e0123"])
def test_a_key_that_no_header_can_carry_is_refused(client: FlaskClient, key: str) -> None:
    for path, body in (
        ("/api/v1/settings", {"tmdbApiKey": key}),
        ("/api/v1/settings/providers/tmdb", {"config": {"apiKey": key}}),
    ):
        answer = client.put(path, json=body)
        assert answer.status_code == 400
        assert "piKey" in answer.json["details"][0]["field"]
    assert client.put("/api/v1/settings", json={"tmdbApiKey": " 0123abc \n"}).status_code == 200

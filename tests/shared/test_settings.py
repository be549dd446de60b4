"""Settings in the database, and how scans go by them."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from shared import settings
from shared.database import Database
from shared.kinds import MediaType
from shared.models import Setting
from shared.scan_options import ScanOptions

MOVIE, TV = MediaType.MOVIE, MediaType.TV_SHOW


def for_scan(
    database: Database, media_type: MediaType | None, said: dict[str, Any], stored: dict[str, Any]
) -> tuple[MediaType, ScanOptions]:
    with database.begin() as session:
        settings.write(session, {"scan_settings": stored})
    with database.read() as session:
        return settings.for_scan(session, media_type, said)


def test_without_any_settings_a_scan_goes_as_its_options_are_by_themselves(database: Database) -> None:
    assert for_scan(database, None, {}, {}) == (MOVIE, ScanOptions())


@pytest.mark.parametrize(
    ("media_type", "said", "stored", "depth"),
    [
        (MOVIE, {}, {"max_depth": 5}, 5),
        (MOVIE, {}, {"max_depth": 5, "media_type_depth": {"movie": 2}}, 2),
        (TV, {}, {"max_depth": 5, "media_type_depth": {"movie": 2}}, 5),
        (TV, {}, {"media_type_depth": {"movie": 2}}, None),
        (TV, {}, {"media_type_depth": {"tv": 0}}, 0),
        (MOVIE, {"max_depth": 7}, {"media_type_depth": {"movie": 2}}, 7),
        (MOVIE, {"max_depth": 0}, {"max_depth": 5}, 0),
        (MOVIE, {"max_depth": None}, {"max_depth": 5}, None),
        (MOVIE, {"max_depth": 7, "media_type_depth": {"movie": 3}}, {"max_depth": 5}, 3),
        (MOVIE, {"media_type_depth": {"tv": 3}}, {"media_type_depth": {"movie": 2}}, 2),
    ],
)
def test_the_depth_is_what_the_request_says_and_else_what_the_settings_say(
    database: Database, media_type: MediaType, said: dict[str, Any], stored: dict[str, Any], depth: int | None
) -> None:
    assert for_scan(database, media_type, said, stored)[1].max_depth == depth


def test_each_option_that_the_request_names_goes_before_that_of_the_settings(database: Database) -> None:
    stored = {
        "media_type": TV,
        "file_extensions": [".MKV", "mp4"],
        "rescan": True,
        "follow_symlinks": False,
        "filename_pattern": "stored",
        "directory_pattern": "stored",
    }

    silent = for_scan(database, None, {}, stored)
    said = for_scan(database, MOVIE, {"rescan": False, "filename_pattern": None, "file_extensions": []}, stored)

    assert silent == (
        TV,
        ScanOptions(
            file_extensions=(".mkv", ".mp4"),
            rescan=True,
            follow_symlinks=False,
            filename_pattern="stored",
            directory_pattern="stored",
        ),
    )
    assert said == (MOVIE, ScanOptions(follow_symlinks=False, directory_pattern="stored"))


def test_writing_what_is_in_force_writes_nothing(database: Database) -> None:
    with database.begin() as session:
        settings.write(session, settings.read(session))

    with database.read() as session:
        assert session.scalars(select(Setting)).all() == []


def test_a_reset_of_one_setting_leaves_the_others(database: Database) -> None:
    with database.begin() as session:
        settings.write(session, {"first_run": False, "enable_route_guards": True})
        settings.reset(session, "first_run")

        assert settings.read(session) == settings.DEFAULTS | {"enable_route_guards": True}


def test_settings_that_are_first_written_at_once_are_all_written(database: Database) -> None:
    start = Barrier(4)

    def write(_: int) -> None:
        start.wait()
        with database.begin() as session:
            settings.write(session, {"first_run": False, "enable_route_guards": True})

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(4)))

    with database.read() as session:
        in_force = settings.read(session)
    assert (in_force["first_run"], in_force["enable_route_guards"]) == (False, True)


@pytest.mark.parametrize(
    ("secret", "shown"),
    [("", "••••••••"), ("a" * 16, "••••••••"), ("a" * 13 + "cdef", "••••••••cdef"), ("ключ" * 5, "••••••••ключ")],
)
def test_of_a_secret_only_the_end_of_a_long_one_is_shown(secret: str, shown: str) -> None:
    assert settings.masked(secret) == shown
    assert settings.is_masked(settings.masked(secret))


def test_writing_and_resetting_name_what_is_different(database: Database) -> None:
    with database.begin() as session:
        assert settings.write(session, {"metadata_language": "de", "first_run": True}) == {"metadata_language"}
        assert settings.write(session, {"metadata_language": "de"}) == set()
        assert settings.reset(session, "first_run") == set()
        assert settings.reset(session) == {"metadata_language"}
        assert settings.read(session)["metadata_language"] == "en-US"

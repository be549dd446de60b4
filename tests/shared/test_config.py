"""Every setting of the environment: what it is when nobody sets it, and what it may not be."""

from pathlib import Path

import pytest

from shared.config import ConfigError, load


def test_without_any_setting_there_are_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    config = load({})

    assert (config.host, config.port) == ("0.0.0.0", 3001)
    assert config.data_dir == tmp_path.resolve() / "data"
    assert config.images_dir == config.data_dir / "images"
    assert config.database_url == f"sqlite:///{config.data_dir}/dester.db"
    assert config.redis_url == ""
    assert config.media_roots == ()
    assert (config.host_media_path, config.container_media_path) == ("", "")
    assert config.tmdb_base_url == "https://api.themoviedb.org"
    assert config.tmdb_image_base_url == "https://image.tmdb.org"
    assert config.tmdb_rate_limit == 40
    assert config.tvmaze_base_url == "https://api.tvmaze.com"
    assert (config.rate_limit_max, config.rate_limit_window_ms) == (100, 900_000)
    assert config.log_level == "info"


def test_an_empty_setting_is_one_that_is_not_set() -> None:
    names = ["HOST", "PORT", "DATA_DIR", "DATABASE_URL", "REDIS_URL", "MEDIA_ROOTS", "TMDB_BASE_URL", "LOG_LEVEL"]

    assert load(dict.fromkeys(names, "")) == load(dict.fromkeys(names, "  ")) == load({})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "1.5"),
        ("PORT", "http"),
        ("PORT", "0x10"),
        ("PORT", "３００１"),  # noqa: RUF001 - full-width digits
        ("PORT", "1_000"),
        ("PORT", "99999999999999999999"),
        ("TMDB_RATE_LIMIT", "-1"),
        ("TMDB_RATE_LIMIT", "10001"),
        ("TMDB_RATE_LIMIT", "fast"),
        ("RATE_LIMIT_MAX", "0"),
        ("RATE_LIMIT_MAX", "many"),
        ("RATE_LIMIT_WINDOW_MS", "0"),
        ("RATE_LIMIT_WINDOW_MS", "999"),
        ("RATE_LIMIT_WINDOW_MS", "15min"),
        ("FLOWER_BASIC_AUTH", "somebody"),
        ("FLOWER_BASIC_AUTH", ":password"),
        ("FLOWER_BASIC_AUTH", "somebody:"),
        ("FLOWER_BASIC_AUTH", "somebody:password,"),
        ("FLOWER_HTTP_PORT", "tcp://10.0.0.1:5555"),
        ("LOG_LEVEL", "loud"),
        ("LOG_LEVEL", "trace"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("DATABASE_URL", "postgres"),
        ("DATABASE_URL", "postgresql://"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "/var/lib/dester.db"),
        ("DATABASE_URL", "postgresql://user:hunter2@host:port/name"),
        ("REDIS_URL", "localhost:6379"),
        ("REDIS_URL", "http://localhost:6379"),
        ("REDIS_URL", "redis"),
        ("REDIS_URL", "redis://localhost:port/0"),
        ("REDIS_URL", "redis://[::1"),
        ("TMDB_BASE_URL", "api.themoviedb.org"),
        ("TMDB_BASE_URL", "ftp://api.themoviedb.org"),
        ("TMDB_BASE_URL", "https://"),
        ("TMDB_BASE_URL", "https://[::1"),
        ("TVMAZE_BASE_URL", "api.tvmaze.com"),
        ("TMDB_IMAGE_BASE_URL", "image"),
        ("TMDB_IMAGE_BASE_URL", "file:///etc"),
        ("MEDIA_ROOTS", "media"),
        ("MEDIA_ROOTS", "./media"),
        ("MEDIA_ROOTS", "/media:films"),
        ("MEDIA_ROOTS", "/media/../etc"),
        ("HOST_MEDIA_PATH", "/Volumes/Media"),
        ("CONTAINER_MEDIA_PATH", "/media"),
        ("DATA_DIR", "a\0b"),
        ("DATA_DIR", "~nobody-of-this-name/data"),
        ("HOST", "\0"),
    ],
)
def test_a_wrong_value_is_refused_in_a_sentence_that_names_the_setting(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name) as refused:
        load({name: value})

    assert str(refused.value).endswith(".")
    assert "hunter2" not in str(refused.value)


def test_a_relative_path_in_the_container_is_refused() -> None:
    with pytest.raises(ConfigError, match="CONTAINER_MEDIA_PATH"):
        load({"HOST_MEDIA_PATH": "/Volumes/Media", "CONTAINER_MEDIA_PATH": "media"})


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL"])
def test_a_refusal_does_not_repeat_a_password(name: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load({name: "http://user:hunter2@host/0"})

    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgres_means_the_driver_that_we_have(scheme: str) -> None:
    config = load({"DATABASE_URL": f"{scheme}://user:p%40ss@host:5432/name?sslmode=require"})

    assert config.database_url == "postgresql+psycopg://user:p%40ss@host:5432/name?sslmode=require"


def test_values_are_read_as_they_are_meant() -> None:
    config = load(
        {
            "PORT": " 8080 ",
            "LOG_LEVEL": "DEBUG",
            "MEDIA_ROOTS": "/media/films:/media/tv::",
            "HOST_MEDIA_PATH": "/Volumes/Media/",
            "CONTAINER_MEDIA_PATH": "/media/",
            "TMDB_BASE_URL": "http://localhost:8000/",
            "REDIS_URL": "rediss://:secret@redis:6379/1",
            "TMDB_RATE_LIMIT": "0",
            "DATABASE_URL": "sqlite:////data/dester.db",
        }
    )

    assert config.port == 8080
    assert config.log_level == "debug"
    assert config.media_roots == (Path("/media/films"), Path("/media/tv"))
    assert (config.host_media_path, config.container_media_path) == ("/Volumes/Media", "/media")
    assert config.tmdb_base_url == "http://localhost:8000"
    assert config.redis_url == "rediss://:secret@redis:6379/1"
    assert config.tmdb_rate_limit == 0
    assert config.database_url == "sqlite:////data/dester.db"

"""Every setting of the environment, read once, checked, with its default. The same names stand in .env.example."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from shared.sealing_keys import keys_in

#: Front proxies that the API knows how to leave the sending of files to; none: it sends them itself.
FRONT_PROXIES = ("none", "nginx")
LOG_LEVELS = ("error", "warn", "info", "http", "debug")
#: What is said where Flower would run and may not.
FLOWER_NEEDS_AUTH = "Flower is not started: FLOWER_BASIC_AUTH names no user and password."


class ConfigError(Exception):
    """A setting has a value that can't work; the message is one sentence that names it."""


@dataclass(frozen=True, slots=True)
class Config:
    """What the environment says. Paths are absolute; URLs have no trailing slash."""

    host: str
    port: int
    data_dir: Path
    #: A SQLAlchemy URL.
    database_url: str
    #: Empty: the server starts a Redis of its own.
    redis_url: str
    #: Empty: any folder that is not a system root.
    media_roots: tuple[Path, ...]
    host_media_path: str
    container_media_path: str
    tmdb_base_url: str
    tmdb_image_base_url: str
    #: Requests per second of all workers together; 0 is no limit.
    tmdb_rate_limit: int
    tvmaze_base_url: str
    #: The newest first. Empty: those in ``DATA_DIR/secrets.key``.
    secrets_keys: tuple[str, ...] = field(repr=False)
    #: One of ``FRONT_PROXIES``.
    front_proxy: str
    #: ``user:password``, or several of them with commas between; empty: Flower does not run.
    flower_basic_auth: str
    flower_port: int
    rate_limit_window_ms: int
    rate_limit_max: int
    log_level: str

    @property
    def images_dir(self) -> Path:
        return self.data_dir / "images"


def load(environ: Mapping[str, str]) -> Config:
    """Read and check every setting.

    Raises:
        ConfigError: a value can't work.

    """
    data_dir = _data_dir(environ)
    host_media_path = _text(environ, "HOST_MEDIA_PATH", "")
    container_media_path = _text(environ, "CONTAINER_MEDIA_PATH", "")
    if container_media_path and not Path(container_media_path).is_absolute():
        raise ConfigError(f"CONTAINER_MEDIA_PATH must be an absolute path, not {container_media_path!r}.")
    if bool(host_media_path) != bool(container_media_path):
        raise ConfigError("HOST_MEDIA_PATH and CONTAINER_MEDIA_PATH go together: set both or neither.")
    return Config(
        host=_text(environ, "HOST", "0.0.0.0"),  # noqa: S104 - clients are on the local network
        port=_number(environ, "PORT", 3001, 1, 65535),
        data_dir=data_dir,
        database_url=_database_url(environ, data_dir),
        redis_url=_redis_url(environ),
        media_roots=_media_roots(environ),
        host_media_path=host_media_path.rstrip("/"),
        container_media_path=container_media_path.rstrip("/"),
        tmdb_base_url=_web_url(environ, "TMDB_BASE_URL", "https://api.themoviedb.org"),
        tmdb_image_base_url=_web_url(environ, "TMDB_IMAGE_BASE_URL", "https://image.tmdb.org"),
        tmdb_rate_limit=_number(environ, "TMDB_RATE_LIMIT", 40, 0, 10_000),
        tvmaze_base_url=_web_url(environ, "TVMAZE_BASE_URL", "https://api.tvmaze.com"),
        secrets_keys=_secrets_keys(environ),
        front_proxy=_choice(environ, "FRONT_PROXY", "none", FRONT_PROXIES),
        flower_basic_auth=_flower_basic_auth(environ),
        flower_port=_number(environ, "FLOWER_HTTP_PORT", 5555, 1, 65535),
        rate_limit_window_ms=_number(environ, "RATE_LIMIT_WINDOW_MS", 15 * 60 * 1000, 1000, 24 * 3600 * 1000),
        rate_limit_max=_number(environ, "RATE_LIMIT_MAX", 100, 1, 1_000_000),
        log_level=_choice(environ, "LOG_LEVEL", "info", LOG_LEVELS),
    )


def _text(environ: Mapping[str, str], name: str, default: str) -> str:
    value = environ.get(name, "").strip()
    if "\0" in value:
        raise ConfigError(f"{name} holds a NUL character.")
    return value or default


def _number(environ: Mapping[str, str], name: str, default: int, lowest: int, highest: int) -> int:
    value = _text(environ, name, str(default))
    if not (value.isascii() and value.isdigit()) or not lowest <= int(value) <= highest:
        raise ConfigError(f"{name} must be a whole number from {lowest} to {highest}, not {value!r}.")
    return int(value)


def _choice(environ: Mapping[str, str], name: str, default: str, choices: tuple[str, ...]) -> str:
    value = _text(environ, name, default).lower()
    if value not in choices:
        raise ConfigError(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def _data_dir(environ: Mapping[str, str]) -> Path:
    value = _text(environ, "DATA_DIR", "./data")
    try:
        return Path(value).expanduser().resolve()
    except (RuntimeError, OSError):
        raise ConfigError(f"DATA_DIR names a folder that can't be found: {value!r}.") from None


def _is_url(value: str, schemes: set[str]) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _web_url(environ: Mapping[str, str], name: str, default: str) -> str:
    value = _text(environ, name, default)
    if not _is_url(value, {"http", "https"}):
        raise ConfigError(f"{name} must be a URL such as {default}, not {value!r}.")
    return value.rstrip("/")


def _redis_url(environ: Mapping[str, str]) -> str:
    value = _text(environ, "REDIS_URL", "")
    if value and not _is_url(value, {"redis", "rediss"}):
        raise ConfigError("REDIS_URL must be a URL such as redis://localhost:6379/0.")
    return value


def _secrets_keys(environ: Mapping[str, str]) -> tuple[str, ...]:
    try:
        return keys_in(_text(environ, "SECRETS_KEY", ""))
    except ValueError as error:
        # What was meant to be a key isn't repeated.
        raise ConfigError(f"SECRETS_KEY can't be used. {error}") from None


def _database_url(environ: Mapping[str, str], data_dir: Path) -> str:
    """``postgres://`` and ``postgresql://``, as people write them, mean the driver that we ship."""
    value = _text(environ, "DATABASE_URL", f"sqlite:///{data_dir / 'dester.db'}")
    scheme, separator, rest = value.partition("://")
    if scheme in {"postgres", "postgresql", "postgresql+psycopg"} and rest:
        # `dester up` reads the settings, and on SQLite needs nothing of SQLAlchemy for as long as it runs.
        from sqlalchemy import make_url  # noqa: PLC0415
        from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

        try:
            return make_url(f"postgresql+psycopg://{rest}").render_as_string(hide_password=False)
        except (ArgumentError, ValueError):
            rest = ""
    if scheme == "sqlite" and separator and rest.strip("/") not in {"", ":memory:"}:
        return value
    # The value may hold a password, so it isn't repeated.
    raise ConfigError("DATABASE_URL must be postgresql://user:password@host/name or sqlite:////path/to/file.")


def _flower_basic_auth(environ: Mapping[str, str]) -> str:
    value = _text(environ, "FLOWER_BASIC_AUTH", "")
    if value and not all(re.fullmatch("[^:]+:.+", account) for account in value.split(",")):
        raise ConfigError("FLOWER_BASIC_AUTH must be user:password.")
    return value


def _media_roots(environ: Mapping[str, str]) -> tuple[Path, ...]:
    roots = tuple(Path(part) for part in _text(environ, "MEDIA_ROOTS", "").split(":") if part)
    for root in roots:
        if not root.is_absolute() or ".." in root.parts:
            raise ConfigError(f"MEDIA_ROOTS must be absolute paths with ':' between them; {str(root)!r} is not one.")
    return roots

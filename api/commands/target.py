"""Which server a command talks to: the one that the settings describe, or the one of ``--url``."""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click
from dotenv import load_dotenv

from shared import config
from shared.config import Config

if TYPE_CHECKING:
    from api.client import Client

#: Addresses to listen on that are none to connect to, and what stands for them.
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - they are looked up, not listened on
_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class Target:
    """The server that is meant."""

    #: What ``--url`` says; empty: the server of this folder's settings.
    given: str = ""
    #: By which it is asked; empty: by none.
    api_key: str = ""

    @property
    def url(self) -> str:
        """Return its address.

        Raises:
            ConfigError: the settings can't work.

        """
        return self.given or address(settings())

    @property
    def is_here(self) -> bool:
        """Whether it sees the files that this machine has."""
        return not self.given or urlsplit(self.given).hostname in _THIS_MACHINE

    def client(self) -> "Client":
        # `dester up` reads its settings here, and talks to no server for as long as it runs.
        from api.client import Client  # noqa: PLC0415

        return Client(self.url, self.api_key)


def settings() -> Config:
    """Read the settings from the environment and `.env`.

    Raises:
        ConfigError: they can't work.

    """
    load_dotenv(".env")
    return config.load(os.environ)


def address(settings_in_force: Config) -> str:
    """Return the URL at which a server with these settings answers on this machine."""
    host = _ANY.get(settings_in_force.host, settings_in_force.host)
    return f"http://[{host}]:{settings_in_force.port}" if ":" in host else f"http://{host}:{settings_in_force.port}"


def checked_url(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """Check what ``--url`` says."""
    try:
        parts = urlsplit(value)
        is_one = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_one = False
    if value and not is_one:
        raise click.BadParameter(f"{value!r} is no URL such as http://nas.local:3001.")
    return value.rstrip("/")

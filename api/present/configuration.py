"""Settings and providers as clients read them."""

from collections.abc import Mapping
from typing import Any

from shared.kinds import MediaType
from shared.models import ProviderRow
from shared.providers import KNOWN
from shared.settings import masked
from shared.wire import camel


def settings(values: Mapping[str, Any], *, port: int, tmdb_key: str | None) -> dict[str, Any]:
    """Present the settings in force; what has no value is absent."""
    shown: dict[str, Any] = {"port": port}
    shown |= {camel(name): value for name, value in values.items()}
    shown["scanSettings"] = _scan_settings(values["scan_settings"])
    return shown | {"tmdbApiKey": masked(tmdb_key)} if tmdb_key else shown


def provider(row: ProviderRow) -> dict[str, Any]:
    """Present a provider, its secrets masked."""
    secrets = {key: row.config[key] for key in KNOWN[row.name].secrets if row.config.get(key)}
    return {
        "id": row.id,
        "name": row.name,
        "enabled": row.enabled,
        "priority": row.priority,
        "config": {key: masked(secret) for key, secret in secrets.items()},
    }


def _scan_settings(values: Mapping[str, Any]) -> dict[str, Any]:
    shown = {camel(name): value for name, value in values.items()}
    if "mediaType" in shown:
        shown["mediaType"] = "tv" if shown["mediaType"] == MediaType.TV_SHOW else "movie"
    return shown

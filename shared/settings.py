"""What users set at run time; in force for the next request and task of every process."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared.dialects import insert_for
from shared.kinds import MediaType, ProviderName
from shared.models import ProviderRow, Setting
from shared.scan_options import ScanOptions
from shared.wire import camel

#: What a scan does where neither its request nor the user's settings say anything. What has no value here has no bound.
SCAN_DEFAULTS: dict[str, Any] = {"media_type_depth": {}, "rescan": False, "follow_symlinks": True}

GUARDS = "enable_route_guards"

#: The settings and what they are until somebody changes them. In the database they have the names of the wire.
DEFAULTS: dict[str, Any] = {
    GUARDS: False,
    "first_run": True,
    "scan_settings": SCAN_DEFAULTS,
    #: In which language titles and overviews are wanted, and for which country certifications: BCP 47 and ISO 3166.
    "metadata_language": "en-US",
    "metadata_country": "US",
    #: Whether pictures that lie beside the files go before those of providers.
    "prefer_local_artwork": True,
    #: For so many days a file that vanished is still listed; after so many, if any, it is removed from the catalogue.
    "missing_grace_days": 7,
    "remove_missing_after_days": 0,
    #: A scan that misses more than this share of a library's files marks none of them missing.
    "max_missing_percent": 50,
}

#: The key that TMDB gave the user lies in the provider's own row, so that there is one truth.
API_KEY = "apiKey"

MASK = "•"
_SHOWN = 4


def read(session: Session) -> dict[str, Any]:
    """Return every setting but the keys of providers."""
    stored = {row.key: row.value for row in session.scalars(select(Setting))}
    in_force = {name: stored.get(camel(name), default) for name, default in DEFAULTS.items()}
    return in_force | {"scan_settings": SCAN_DEFAULTS | in_force["scan_settings"]}


def write(session: Session, values: Mapping[str, Any]) -> set[str]:
    """Change the settings that are named, and return the names of those that are different now.

    Those of scans are one: what they don't name goes back to its default.
    """
    wanted = dict(values)
    if "scan_settings" in wanted:
        wanted["scan_settings"] = SCAN_DEFAULTS | _without_blanks(wanted["scan_settings"])
    in_force = read(session)
    # In the order of their names: two requests that set the same then never wait for each other.
    different = sorted(name for name, value in wanted.items() if in_force[name] != value)
    for name in different:
        insert = insert_for(session, Setting).values(key=camel(name), value=wanted[name])
        session.execute(
            insert.on_conflict_do_update(index_elements=[Setting.key], set_={"value": insert.excluded.value})
        )
    return set(different)


def are_guards_on(session: Session) -> bool:
    """Whether whoever asks has to be known."""
    row = session.get(Setting, camel(GUARDS))
    return bool(row.value) if row else bool(DEFAULTS[GUARDS])


def reset(session: Session, *names: str) -> set[str]:
    """Put the settings that are named, or all, back to their defaults; return the names of those that are different.

    Whether guards are on is none of all: nobody who wants other settings means to open the server to everybody.
    """
    names = names or tuple(name for name in DEFAULTS if name != GUARDS)
    before = read(session)
    session.execute(delete(Setting).where(Setting.key.in_([camel(name) for name in names])))
    return {name for name in names if before[name] != DEFAULTS[name]}


def for_scan(session: Session, media_type: MediaType | None, said: Mapping[str, Any]) -> tuple[MediaType, ScanOptions]:
    """Settle how to scan: what the request says goes before the user's settings, and those before the defaults.

    ``said`` has the members of ``ScanOptions`` that the request names, and ``media_type_depth``, which goes before
    ``max_depth``: ``{"max_depth": 3, "media_type_depth": {"tv": 4}}``.
    """
    stored = read(session)["scan_settings"]
    media_type = media_type or MediaType(stored.get("media_type", MediaType.MOVIE))
    settled = stored | said
    extensions = settled.get("file_extensions") or ()
    return media_type, ScanOptions(
        max_depth=_depth(said, media_type) if _says_depth(said, media_type) else _depth(stored, media_type),
        file_extensions=tuple(f".{extension.strip().lower().lstrip('.')}" for extension in extensions),
        rescan=settled["rescan"],
        follow_symlinks=settled["follow_symlinks"],
        filename_pattern=settled.get("filename_pattern"),
        directory_pattern=settled.get("directory_pattern"),
        accept_missing=said.get("accept_missing", False),
    )


def tmdb_key(session: Session) -> str | None:
    """Return the TMDB key that is set, whether TMDB is enabled or not; None while there is none."""
    row = session.scalar(select(ProviderRow).where(ProviderRow.name == ProviderName.TMDB))
    return row.config.get(API_KEY) or None if row else None


def masked(secret: str) -> str:
    """Show that there is a secret, and of a long one its end."""
    return MASK * 8 + (secret[-_SHOWN:] if len(secret) > 4 * _SHOWN else "")


def is_masked(secret: str) -> bool:
    """Whether a secret is one that we masked."""
    return MASK in secret


def _without_blanks(scan: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what says nothing; a depth of 0 and a False say something."""
    return {name: value for name, value in scan.items() if value is not None and value not in ("", [])}


def _says_depth(scan: Mapping[str, Any], media_type: MediaType) -> bool:
    return "max_depth" in scan or _of_type(media_type) in scan.get("media_type_depth", {})


def _depth(scan: Mapping[str, Any], media_type: MediaType) -> int | None:
    depth: int | None = scan.get("media_type_depth", {}).get(_of_type(media_type), scan.get("max_depth"))
    return depth


def _of_type(media_type: MediaType) -> str:
    return "tv" if media_type is MediaType.TV_SHOW else "movie"

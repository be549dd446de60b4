"""The providers in force, asked in order of their priority."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from sqlalchemy.orm import Session

from shared import providers as configured
from shared import settings
from shared.kinds import ProviderName
from worker.providers.base import Metadata, Provider, ProviderError, Wanted
from worker.providers.circuit import Circuit, Guarded
from worker.providers.inquiry import Answer, Inquiry
from worker.providers.nfo import NfoProvider
from worker.providers.tmdb import TmdbProvider
from worker.providers.tvmaze import TvmazeProvider
from worker.resources import Resources

__all__ = ["MAKERS", "Answer", "ask", "in_force", "ordered", "signature"]

log = logging.getLogger(__name__)

#: Bytes of a question's digest.
_DIGEST = 16


def in_force(session: Session, resources: Resources) -> list[Provider]:
    """Make the providers that are enabled and configured, first to be asked first."""
    chosen = settings.read(session)
    return [MAKERS[row.name](row.config, chosen, resources) for row in configured.in_force(session)]


def ordered(providers: Sequence[Provider], names: Sequence[str] | None) -> list[Provider]:
    """Put the providers into a library's own order, without those that it does not name; None: as they are."""
    if names is None:
        return list(providers)
    by_name = {provider.name: provider for provider in providers}
    return [by_name[name] for name in dict.fromkeys(names) if name in by_name]


def signature(providers: Sequence[Provider], wanted: Wanted) -> str:
    """Digest a question and what else its answer depends on; while it stays, so would the answer."""
    asked = [
        wanted.type,
        wanted.title,
        wanted.year,
        wanted.other_titles,
        sorted(wanted.ids.items()),
        wanted.is_chosen,
        sorted(
            {
                (held.season, held.episode, str(held.air_date), held.is_absolute, held.title or "")
                for held in wanted.episodes
            }
        ),
        [(provider.name, provider.signature(wanted)) for provider in providers if wanted.type in provider.types],
    ]
    return blake2b(json.dumps(asked).encode(), digest_size=_DIGEST).hexdigest()


def ask(
    providers: Sequence[Provider],
    wanted: Wanted,
    *,
    brief: bool,
    local_artwork_wins: bool,
    order: Sequence[str] | None = None,
) -> Answer:
    """Ask one provider after the other, each for what is missing still, until nothing is.

    A provider that fails costs its own part of the answer, not what the others know. Once one that is online named the
    title, no other is asked online. Where ``local_artwork_wins`` is false, pictures that lie beside the files are taken
    only where no provider has one. ``order`` names whom the title's library wants asked, where it has an order of its
    own: a key that nobody there needs is missed by nobody.
    """
    is_in_force = any(provider.name == ProviderName.TMDB for provider in providers)
    inquiry = Inquiry(
        wanted, local_artwork_wins, misses_tmdb=not is_in_force and (order is None or ProviderName.TMDB in order)
    )
    for provider in providers:
        if inquiry.is_enough():
            break
        if inquiry.is_for(provider):
            try:
                inquiry.take(provider, _fetched(provider, inquiry.question(), brief=brief))
            except ProviderError as error:
                inquiry.fail(error)
    return inquiry.answer()


def _fetched(provider: Provider, wanted: Wanted, *, brief: bool) -> Metadata | None:
    """Ask one provider; whatever goes wrong is a ProviderError."""
    try:
        return provider.fetch(wanted, brief=brief)
    except ProviderError:
        raise
    except Exception as error:
        # A bug in a provider, or an answer that nobody thought of: it costs this title, not the batch.
        log.exception("Provider %s failed over %r.", provider.name, wanted.title)
        why = f"The provider {provider.name} failed over this title; the log says why."
        raise ProviderError(why, cause="provider-failed", permanent=True) from error


def _nfo(_config: Mapping[str, Any], _chosen: Mapping[str, Any], resources: Resources) -> Provider:
    return NfoProvider(resources.opener)


def _tmdb(config: Mapping[str, Any], chosen: Mapping[str, Any], resources: Resources) -> Provider:
    tmdb = TmdbProvider(
        config[settings.API_KEY],
        base_url=resources.config.tmdb_base_url,
        image_base_url=resources.config.tmdb_image_base_url,
        budget=resources.tmdb_budget,
        session=resources.session,
        language=chosen["metadata_language"],
        country=chosen["metadata_country"],
    )
    return Guarded(tmdb, Circuit(resources.redis, tmdb.name))


def _tvmaze(_config: Mapping[str, Any], _chosen: Mapping[str, Any], resources: Resources) -> Provider:
    tvmaze = TvmazeProvider(
        base_url=resources.config.tvmaze_base_url, budget=resources.tvmaze_budget, session=resources.session
    )
    return Guarded(tvmaze, Circuit(resources.redis, tvmaze.name))


#: Who makes each provider that there is: of how it is configured, and of the user's settings.
MAKERS: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any], Resources], Provider]] = {
    ProviderName.NFO: _nfo,
    ProviderName.TMDB: _tmdb,
    ProviderName.TVMAZE: _tvmaze,
}
